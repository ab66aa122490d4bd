package numpack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import numpack.memory.Memory;
import numpack.memory.Runs;

/** The ways in which the elements of an array can lie in memory: an array looks the same in all of them. */
enum Layout {
    HEAP(false, false),
    MAPPED(true, false),
    HEAP_PIECES(false, true),
    MAPPED_PIECES(true, true);

    private final boolean mapped;
    private final boolean inPieces;

    Layout(boolean mapped, boolean inPieces) {
        this.mapped = mapped;
        this.inPieces = inPieces;
    }

    /** An array that holds copies of the items of a primitive array. */
    NDArray array(DType dtype, Object items, long... shape) {
        long[] given = shape.length == 0 ? new long[] {Array.getLength(items) / dtype.itemsPerElement()} : shape;
        return new NDArray(dtype, given, inPieces ? pieces(dtype, items) : piece(dtype, items));
    }

    private Runs piece(DType dtype, Object items) {
        int n = Array.getLength(items);
        if (n == 0) {
            return Runs.empty(dtype.kind());
        }
        Memory memory = memory(dtype, n);
        memory.write(0, items, 0, n);
        return Runs.of(memory);
    }

    /** Pieces of 1, 2, 3, 1 … elements, with gaps between them, in two memories in turn. */
    private Runs pieces(DType dtype, Object items) {
        int n = Array.getLength(items);
        int unit = dtype.itemsPerElement();
        List<Memory> memories = List.of(memory(dtype, 2L * n + 8), memory(dtype, 2L * n + 8));
        List<Runs> parts = new ArrayList<>(List.of(Runs.empty(dtype.kind())));
        int place = 0;
        for (int from = 0, k = 0, length; from < n; from += length, k++) {
            length = Math.min(n - from, (k % 3 + 1) * unit);
            Memory memory = memories.get(k % 2);
            memory.write(place, items, from, length);
            parts.add(Runs.of(memory, place, length));
            place += length + unit;
        }
        return Runs.concat(parts);
    }

    private Memory memory(DType dtype, long items) {
        return mapped ? mapped(dtype.kind(), items, true) : Memory.allocate(dtype, items / dtype.itemsPerElement());
    }

    /** Zeros in a file that is gone by name already. */
    static Memory mapped(DType.Kind kind, long items, boolean writable) {
        try {
            Path file = Files.createTempFile("numpack", ".items");
            try {
                Memory.allocateFile(file, items * kind.bytes());
                return Memory.map(file, kind, items * kind.bytes(), writable);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

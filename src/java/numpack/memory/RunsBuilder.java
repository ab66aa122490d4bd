package numpack.memory;

import java.util.Arrays;
import java.util.IdentityHashMap;
import numpack.DType;

/** Puts runs together from stretches; those that touch become one. */
final class RunsBuilder {
    private final DType.Kind kind;
    private final IdentityHashMap<Memory, Integer> memories = new IdentityHashMap<>();
    private int[] owners = new int[4];
    private long[] starts = new long[4];
    private long[] offsets = new long[5];
    private int count;
    private Memory last;
    private int owner;

    RunsBuilder(DType.Kind kind) {
        this.kind = kind;
    }

    void add(Memory memory, long offset, long length) {
        if (length == 0) {
            return;
        }
        if (memory == last && starts[count - 1] + offsets[count] - offsets[count - 1] == offset) {
            offsets[count] += length;
            return;
        }
        if (count == starts.length) {
            owners = Arrays.copyOf(owners, count * 2);
            starts = Arrays.copyOf(starts, count * 2);
            offsets = Arrays.copyOf(offsets, count * 2 + 1);
        }
        if (memory != last) {
            Integer known = memories.putIfAbsent(memory, memories.size());
            owner = known == null ? memories.size() - 1 : known;
        }
        owners[count] = owner;
        starts[count] = offset;
        offsets[count + 1] = offsets[count] + length;
        count++;
        last = memory;
    }

    Runs build(boolean readOnly) {
        Memory[] distinct = new Memory[memories.size()];
        memories.forEach((memory, place) -> distinct[place] = memory);
        return new Runs(
                kind,
                distinct,
                distinct.length > 1 ? Arrays.copyOf(owners, count) : null,
                Arrays.copyOf(starts, count),
                Arrays.copyOf(offsets, count + 1),
                readOnly);
    }
}

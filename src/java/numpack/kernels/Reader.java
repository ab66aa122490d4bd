package numpack.kernels;

import numpack.DType;
import numpack.memory.Memory;
import numpack.memory.PrimitiveArrays;
import numpack.memory.Runs;

/**
 * Reads short stretches of runs as primitive arrays: where they lie if they are in one piece of heap memory and in the primitive
 * asked for, else through a scratch array. For one thread.
 */
final class Reader {
    /** What a reader gives: the stored primitives, or one of the two of {@link Codec}. */
    enum Lane {
        STORED,
        LONGS,
        DOUBLES,
        /** Complex numbers as pairs of doubles; real ones with an imaginary part of zero, so that one of their items counts as two. */
        PAIRS
    }

    private final DType type;
    private final Runs runs;
    private final Lane lane;
    private Object stored;
    private final Object converted;
    private Memory memory;
    private long pieceFrom;
    private long pieceTo;
    private long pieceStart;
    private Object array;
    private int from;

    Reader(DType type, Runs runs, Lane lane) {
        this.type = type;
        this.runs = runs;
        this.lane = lane;
        converted = switch (lane) {
            case STORED -> null;
            case LONGS -> type.kind() == DType.Kind.LONG ? null : new long[Blocks.SIZE];
            case DOUBLES, PAIRS -> type.kind() == DType.Kind.DOUBLE && !spreads() ? null : new double[Blocks.SIZE];
        };
    }

    /** {@return a reader of the same for another thread} */
    Reader another() {
        return new Reader(type, runs, lane);
    }

    private boolean spreads() {
        return lane == Lane.PAIRS && !type.isComplex();
    }

    /** {@return how many items there are, as this reader counts} */
    long size() {
        return spreads() ? 2 * runs.size() : runs.size();
    }

    /** Makes {@code count} items (at most {@link Blocks#SIZE}) available in {@link #array()}, beginning at {@link #from()}. */
    void read(long item, int count) {
        if (spreads()) {
            locate(item / 2, count / 2);
            spread(count / 2);
            return;
        }
        locate(item, count);
        if (converted != null) {
            if (lane == Lane.LONGS) {
                Codec.of(type).toLongs(array, from, (long[]) converted, count);
            } else {
                Codec.of(type).toDoubles(array, from, (double[]) converted, count);
            }
            array = converted;
            from = 0;
        }
    }

    private void spread(int count) {
        double[] pairs = (double[]) converted;
        Codec.of(type).toDoubles(array, from, pairs, count);
        for (int i = count - 1; i >= 0; i--) {
            pairs[2 * i] = pairs[i];
            pairs[2 * i + 1] = 0;
        }
        array = pairs;
        from = 0;
    }

    private void locate(long item, int count) {
        if (item < pieceFrom || item >= pieceTo) {
            int piece = runs.find(item);
            memory = runs.memory(piece);
            pieceFrom = runs.offset(piece);
            pieceTo = pieceFrom + runs.length(piece);
            pieceStart = runs.start(piece);
        }
        long at = pieceStart + item - pieceFrom;
        boolean inOnePiece = item + count <= pieceTo;
        if (inOnePiece && memory.array() != null) {
            array = memory.array();
            from = (int) at;
            return;
        }
        if (stored == null) {
            stored = PrimitiveArrays.zeros(type.kind(), Blocks.SIZE);
        }
        if (inOnePiece) {
            memory.read(at, stored, 0, count);
        } else {
            runs.read(item, stored, 0, count);
        }
        array = stored;
        from = 0;
    }

    /** {@return the array of the last read: of longs or doubles if that was asked for; may be the memory itself, so only for reading} */
    Object array() {
        return array;
    }

    /** {@return where in the array the last read begins} */
    int from() {
        return from;
    }
}

package numpack;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import numpack.commit.StoredArray;
import numpack.format.Entry;
import numpack.format.Shape;

/**
 * What is known about an array without reading its elements.
 *
 * @param name its name
 * @param dtype its dtype
 * @param shape its logical shape; dropped rows do not count
 * @param rows shape[0]
 * @param size number of elements
 * @param nbytes bytes of these elements
 * @param deletedRows rows that were dropped and not yet compacted
 * @param segmented whether its file is split into segments
 * @param lastModified when it was last committed
 * @param recovered whether it was cut to the whole rows that a power cut had left
 * @param mapped whether {@code load} here gives memory that is mapped from a file
 * @param readOnly whether it can only be read here
 * @param fault why it can only be renamed and deleted here, as another program wrote it, and what to do; null if it can be used
 */
public record ArrayInfo(
        String name,
        DType dtype,
        long[] shape,
        long rows,
        long size,
        long nbytes,
        long deletedRows,
        boolean segmented,
        Instant lastModified,
        boolean recovered,
        boolean mapped,
        boolean readOnly,
        String fault) {

    /** What is known of an array as it is stored. */
    static ArrayInfo of(StoredArray stored, boolean readOnly) {
        Entry entry = stored.entry();
        long[] shape = stored.shape();
        long size = Shape.product(shape);
        return new ArrayInfo(
                entry.name(),
                entry.dtype(),
                shape,
                stored.rows(),
                size,
                size * entry.dtype().itemSize(),
                entry.rows() - stored.rows(),
                entry.isSegmented(),
                modified(entry),
                stored.isRecovered(),
                false,
                readOnly,
                entry.fault());
    }

    /** What is known of an array that a batch has used; it has no entry if it is new. */
    static ArrayInfo of(String name, NDArray array, Entry entry) {
        return new ArrayInfo(
                name,
                array.dtype(),
                array.shape(),
                array.rows(),
                array.size(),
                array.nbytes(),
                0,
                false,
                entry == null ? Instant.now() : modified(entry),
                false,
                array.isMapped(),
                false,
                null);
    }

    private static Instant modified(Entry entry) {
        return Instant.EPOCH.plus(entry.lastModified(), ChronoUnit.MICROS);
    }

    /** The same for who edits the mapped file. */
    ArrayInfo mappedToWrite() {
        return new ArrayInfo(
                name,
                dtype,
                shape,
                rows,
                size,
                nbytes,
                deletedRows,
                segmented,
                lastModified,
                recovered,
                true,
                false,
                fault);
    }

    /** {@return a copy of its logical shape} */
    @Override
    public long[] shape() {
        return shape.clone();
    }

    private List<Object> withoutShape() {
        return Arrays.asList(
                name,
                dtype,
                rows,
                size,
                nbytes,
                deletedRows,
                segmented,
                lastModified,
                recovered,
                mapped,
                readOnly,
                fault);
    }

    /** {@return whether the other says the same} */
    @Override
    public boolean equals(Object other) {
        return other instanceof ArrayInfo info
                && Arrays.equals(shape, info.shape)
                && withoutShape().equals(info.withoutShape());
    }

    /** {@return a hash of all of it} */
    @Override
    public int hashCode() {
        return 31 * withoutShape().hashCode() + Arrays.hashCode(shape);
    }

    /** {@return all of it, with the shape as {@code [3 2]}} */
    @Override
    public String toString() {
        return "ArrayInfo[name=" + name + ", dtype=" + dtype + ", shape=" + Shape.text(shape) + ", rows=" + rows
                + ", size=" + size + ", nbytes=" + nbytes + ", deletedRows=" + deletedRows + ", segmented=" + segmented
                + ", lastModified=" + lastModified + ", recovered=" + recovered + ", mapped=" + mapped + ", readOnly="
                + readOnly + (fault == null ? "" : ", fault=" + fault) + "]";
    }
}

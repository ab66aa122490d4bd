package numpack;

import java.time.Instant;

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
        boolean readOnly) {}

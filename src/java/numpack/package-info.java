/**
 * Packs: directories of named n-d arrays that Java, Clojure and Python open. {@link numpack.NumPack} opens one; it and the two scopes,
 * {@link numpack.Batch} and {@link numpack.WritableBatch}, are {@linkplain numpack.ArraySource sources} of arrays, and all but the last
 * {@linkplain numpack.ArrayEditor edit} them by name. {@link numpack.NDArray} is an array in memory, on the heap or over a mapped file.
 * Every error is a {@link numpack.NumPackException}.
 *
 * <p>All that users see lives here, and nothing else is public API. The packages below this one know of it only {@link numpack.DType},
 * {@link numpack.Reduction}, {@link numpack.Rows}, {@link numpack.Durability} and the exceptions.
 */
package numpack;

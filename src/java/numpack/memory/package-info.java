/**
 * Where items lie: {@code Memory} is one stretch of primitives on the heap, off it, or mapped from a file; {@code Runs} is an ordered
 * sequence of items in one or several such stretches. How files get into memory stands behind {@code Mapper}. What is computed with
 * items is the business of {@code numpack.kernels}. Internal: what is public here may change in any release.
 */
package numpack.memory;

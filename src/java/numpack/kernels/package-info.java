/**
 * What is computed with items, wherever they lie: element-wise operations in place, conversion from dtype to dtype, reductions. Loops
 * run over short stretches of primitive arrays, which the compiler vectorises; what a dtype means stands in {@code Codec}. Internal:
 * what is public here may change in any release.
 */
package numpack.kernels;

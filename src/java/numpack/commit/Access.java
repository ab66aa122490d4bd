package numpack.commit;

import numpack.Durability;

/**
 * How a handle has a pack open.
 *
 * @param create whether the directory may be missing
 * @param writes whether it may write
 * @param durability what its commits must survive
 * @param allowRemote whether it may write on a remote file system
 */
public record Access(boolean create, boolean writes, Durability durability, boolean allowRemote) {}

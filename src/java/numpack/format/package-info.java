/**
 * Codecs between the bytes of a pack's files and immutable values: {@link numpack.format.Metadata} and its
 * {@link numpack.format.Entry entries}, {@link numpack.format.DeletionBitmap}, {@link numpack.format.SegmentManifest}, and the rules for
 * {@link numpack.format.ArrayNames names}. Nothing here touches a file; paths are only for messages. Bytes are not trusted: whatever
 * the format does not allow is a {@link numpack.CorruptPackException} that names the file, the offset and the field.
 */
package numpack.format;

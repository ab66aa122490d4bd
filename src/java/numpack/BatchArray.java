package numpack;

import java.util.Arrays;
import numpack.commit.Store;
import numpack.commit.StoredArray;
import numpack.format.DeletionBitmap;
import numpack.format.Entry;
import numpack.memory.Memory;
import numpack.memory.Runs;

/**
 * An array in a batch: the rows that are left of the committed one (the head), then rows the batch added (the tail). New contents
 * are all tail. Memory that was handed out is never moved or replaced, so whoever holds it goes on editing the same array.
 */
final class BatchArray {
    /** Items that are allocated ahead at most when rows are appended. */
    private static final long SPARE = 1 << 23;

    /** The committed array this one comes from; null for a new one. */
    final String origin;
    /** The entry it had at first use; null for a new one. */
    final Entry base;
    /** Which of the committed rows are left; null for a new array. */
    private DeletionBitmap kept;
    /** The committed elements when they were loaded, mapped; null while they are not, or none are left. */
    private Runs original;
    /** Where {@code original} was loaded to. */
    private Runs cached;

    private long hash;
    private boolean isReplaced;
    private boolean isEdited;
    private DType dtype;
    private long[] shape;
    private Runs head;
    private Runs tail;
    private Memory free;
    private long freeFrom;
    private NDArray whole;
    boolean compact;

    private BatchArray(String origin, Entry base, DType dtype, long[] shape, Runs head, Runs tail) {
        this.origin = origin;
        this.base = base;
        this.dtype = dtype;
        this.shape = shape;
        this.head = head;
        this.tail = tail;
    }

    static BatchArray committed(StoredArray stored) {
        Entry entry = stored.entry();
        BatchArray array = new BatchArray(
                entry.name(),
                entry,
                entry.dtype(),
                stored.shape(),
                stored.elements(),
                Runs.empty(entry.dtype().kind()));
        array.kept = DeletionBitmap.allActive(stored.rows());
        return array;
    }

    /** New contents for a committed array whose files are damaged. */
    static BatchArray restored(Entry base, NDArray contents) {
        BatchArray array = new BatchArray(base.name(), base, null, null, null, null);
        array.replace(contents);
        return array;
    }

    static BatchArray fresh(DType dtype, long[] shape, Runs contents) {
        return new BatchArray(null, null, dtype, shape, Runs.empty(dtype.kind()), contents);
    }

    // ---- what it is

    DType dtype() {
        return dtype;
    }

    long[] shape() {
        long[] now = shape.clone();
        now[0] = rows();
        return now;
    }

    private long rowItems() {
        long items = dtype.itemsPerElement();
        for (int i = 1; i < shape.length; i++) {
            items *= shape[i];
        }
        return items;
    }

    private long headRows() {
        return isReplaced || kept == null ? 0 : kept.activeRows();
    }

    private long rows() {
        return shape[0];
    }

    /** Whether {@code load} would have to read the committed rows first. */
    boolean isLoaded() {
        return headRows() == 0 || original != null;
    }

    /** The array as it is now; read-only as long as committed rows are not loaded. */
    NDArray whole() {
        if (whole == null) {
            whole = new NDArray(dtype, shape(), Runs.concat(java.util.List.of(head, tail)));
        }
        return whole;
    }

    // ---- edits

    /** Reads the committed rows into memory of the batch. */
    void load(String name, BatchMemory memory, Store store) {
        if (isLoaded()) {
            return;
        }
        original = head;
        cached = memory.allocate(name, dtype, head.size() / dtype.itemsPerElement());
        store.atOneMoment(() -> {
            original.copyTo(cached);
            return null;
        });
        cached.clearChanged();
        hash = Hash64.of(cached);
        head = cached;
        whole = null;
    }

    /** Gives the array other contents, which the batch owns. */
    void replace(NDArray contents) {
        isReplaced = true;
        dtype = contents.dtype();
        shape = contents.shape();
        head = Runs.empty(dtype.kind());
        tail = contents.runs();
        free = null;
        whole = contents;
    }

    /** Copies rows into memory of the batch. They belong to the array when the result runs, which cannot fail. */
    Runnable appending(String name, NDArray rows, BatchMemory memory) {
        Runs source = rows.runs();
        Runs grown = tail;
        Memory space = free;
        long from = freeFrom;
        while (source.size() > 0) {
            if (space == null || from == space.length()) {
                long items = Math.max(source.size(), Math.min(grown.size(), SPARE));
                space = memory.allocate(name, dtype, items / dtype.itemsPerElement())
                        .memory(0);
                from = 0;
            }
            long n = Math.min(source.size(), space.length() - from);
            Runs place = Runs.of(space, from, n);
            source.slice(0, n).copyTo(place);
            grown = Runs.concat(java.util.List.of(grown, place));
            from += n;
            source = source.slice(n, source.size());
        }
        long total = Math.addExact(shape[0], rows.rows());
        Runs newTail = grown;
        Memory newFree = space;
        long newFreeFrom = from;
        return () -> {
            tail = newTail;
            free = newFree;
            freeFrom = newFreeFrom;
            shape[0] = total;
            whole = null;
        };
    }

    void drop(long[] rows) {
        long[] sorted = Arrays.stream(rows).sorted().distinct().toArray();
        long heads = headRows();
        int split = Arrays.binarySearch(sorted, heads);
        split = split < 0 ? -split - 1 : split;
        if (split > 0) {
            long[] fromHead = Arrays.copyOf(sorted, split);
            head = without(head, heads, fromHead);
            kept = kept.delete(fromHead);
        }
        if (split < sorted.length) {
            long[] fromTail = Arrays.stream(sorted, split, sorted.length)
                    .map(r -> r - heads)
                    .toArray();
            tail = without(tail, rows() - heads, fromTail);
        }
        shape[0] -= sorted.length;
        whole = null;
    }

    private Runs without(Runs elements, long rows, long[] dropped) {
        long[][] active = DeletionBitmap.allActive(rows).delete(dropped).activeRuns(rowItems());
        return elements.pick(active[0], active[1]);
    }

    /** What is in memory is what calls of the batch made of it: what is written there from now on is an edit in place. */
    void settle() {
        if (cached != null) {
            isEdited |= cached.isChanged();
            cached.clearChanged();
        }
        tail.clearChanged();
    }

    /** Whether it was edited in place since it was loaded or settled; finds edits that were not noted by comparing it, once. */
    boolean settleEdits(Store store) {
        boolean inHead = !isAnew()
                && original != null
                && (cached.isChanged() || !isEdited && !isAsCommitted(store) && Hash64.of(cached) != hash);
        boolean inPlace = inHead || tail.isChanged();
        isEdited |= inHead;
        settle();
        return inPlace;
    }

    // ---- what is to be committed

    /** Whether elements that were committed are different now, as far as {@link #settleEdits} has found: edited, or all new. */
    boolean isModified() {
        return isAnew() || isEdited;
    }

    /** Whether all its contents were given to it in the batch. */
    boolean isAnew() {
        return base == null || isReplaced;
    }

    private boolean isAsCommitted(Store store) {
        try {
            return base.equals(store.metadata().find(origin)) && store.translating(() -> original.sameContents(cached));
        } catch (CorruptPackException e) {
            return false; // the file was cut short: the hash tells
        }
    }

    /** The committed rows that were dropped, by their number when the array was first used. */
    long[] dropped() {
        return kept == null ? new long[0] : kept.deletedRows();
    }

    /** The rows that were added behind the committed ones. */
    NDArray appended() {
        long[] added = shape();
        added[0] -= headRows();
        return new NDArray(dtype, added, tail);
    }
}

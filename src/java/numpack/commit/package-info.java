/**
 * The one place that reads and writes a pack's files. {@link numpack.commit.Store} is its face: what all handles on one pack share
 * within the process. An {@link numpack.commit.Edit} says what is asked; laid out under the lock it becomes steps, the steps a record
 * in the journal, and the record is what a commit applies, or whoever finds it after its process died.
 */
package numpack.commit;

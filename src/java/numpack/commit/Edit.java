package numpack.commit;

import numpack.DType;
import numpack.Rows;
import numpack.format.Entry;
import numpack.memory.Runs;

/**
 * One change of one array, as an operation or a scope asks for it. It lays itself out against the state found under the lock, so that
 * edits of several processes add up.
 */
public sealed interface Edit {
    /** {@return the name of the array} */
    String array();

    /**
     * Prepares it before the lock is taken: what is large is written to the disk.
     *
     * @param state the pack
     * @param staged takes what is written
     * @return the same edit, never null
     */
    default Edit prepared(PackState state, StagedFiles staged) {
        return this;
    }

    /**
     * Does what must be done before any edit is laid out.
     *
     * @param plan the plan
     */
    default void begin(Plan plan) {}

    /**
     * Adds what it changes to a plan.
     *
     * @param plan the plan
     */
    void layOut(Plan plan);

    /** The contents of an array: elements, or a file that holds exactly those, or zeros. */
    sealed interface Body permits Elements, StagedFile, Zeros {
        /**
         * The contents as a staged file.
         *
         * @param array the array they are for
         * @param files takes the file if it has to be written
         * @return the file, never null
         */
        StagedFile staged(String array, StagedFiles files);
    }

    /**
     * Elements in memory.
     *
     * @param runs the elements
     */
    record Elements(Runs runs) implements Body {
        @Override
        public StagedFile staged(String array, StagedFiles files) {
            return files.add(array, runs);
        }
    }

    /**
     * Zeros.
     *
     * @param bytes how many bytes of them
     */
    record Zeros(long bytes) implements Body {
        @Override
        public StagedFile staged(String array, StagedFiles files) {
            return files.zeros(array, bytes);
        }
    }

    /**
     * New contents for a new or an existing array.
     *
     * @param array its name
     * @param dtype its dtype
     * @param shape its shape
     * @param body its contents
     * @param expected what it must find
     */
    record Save(String array, DType dtype, long[] shape, Body body, Expected expected) implements Edit {
        @Override
        public Edit prepared(PackState state, StagedFiles staged) {
            return body instanceof Elements elements && Disk.bytes(elements.runs) > FileMoves.INLINE
                    ? new Save(array, dtype, shape, body.staged(array, staged), expected)
                    : this;
        }

        @Override
        public void layOut(Plan plan) {
            plan.check(array, expected);
            plan.save(array, dtype, shape, body);
        }
    }

    /**
     * An array of a name that is free.
     *
     * @param array its name
     * @param dtype its dtype
     * @param shape its shape
     * @param body its contents
     */
    record Create(String array, DType dtype, long[] shape, Body body) implements Edit {
        /**
         * An array full of zeros.
         *
         * @param array its name
         * @param dtype its dtype
         * @param shape its shape
         * @return the edit, never null
         */
        public static Create zeros(String array, DType dtype, long... shape) {
            long bytes = Entry.of(array, dtype, shape, 0).sizeBytes();
            return new Create(array, dtype, shape, new Zeros(bytes));
        }

        @Override
        public void layOut(Plan plan) {
            plan.create(array, dtype, shape, body);
        }
    }

    /**
     * An array of a name that is free, with the contents of another one.
     *
     * @param from the other one
     * @param array its name
     */
    record Copy(String from, String array) implements Edit {
        @Override
        public Edit prepared(PackState state, StagedFiles staged) {
            return state.read(
                    from,
                    true,
                    source -> Disk.bytes(source.elements()) > FileMoves.INLINE
                            ? new Create(array, source.dtype(), source.shape(), staged.add(array, source.elements()))
                            : this);
        }

        @Override
        public void layOut(Plan plan) {
            PlannedArray source = plan.existing(from);
            plan.create(array, source.after().dtype(), source.shape(), new Elements(source.elements()));
        }
    }

    /**
     * New rows behind the last one.
     *
     * @param array its name
     * @param rows how many
     * @param source their elements, given the entry they go to; checks dtype and row shape
     * @param expected what it must find
     */
    record Append(String array, long rows, Source source, Expected expected) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.check(array, expected);
            PlannedArray planned = plan.existing(array);
            Runs elements = source.elements(planned.after().dtype(), planned.shape());
            if (rows > 0) {
                planned.append(rows, elements);
            }
        }
    }

    /**
     * New contents for some rows.
     *
     * @param array its name
     * @param rows which
     * @param source their elements, given the entry they go to; checks dtype, row shape and count
     */
    record Replace(String array, Rows rows, Source source) implements Edit {
        @Override
        public void layOut(Plan plan) {
            PlannedArray planned = plan.existing(array);
            Runs elements = source.elements(planned.after().dtype(), planned.shape());
            long[] at = rows.resolve(planned.shape()[0]);
            if (at.length > 0) {
                planned.replace(at, elements);
            }
        }
    }

    /**
     * Rows to hide.
     *
     * @param array its name
     * @param rows which
     * @param expected what it must find
     */
    record Drop(String array, Rows rows, Expected expected) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.check(array, expected);
            PlannedArray planned = plan.existing(array);
            long[] at = rows.resolve(planned.shape()[0]);
            if (at.length > 0) {
                planned.drop(at);
            }
        }
    }

    /**
     * An array to remove.
     *
     * @param array its name
     * @param expected what it must find
     */
    record Delete(String array, Expected expected) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.check(array, expected);
            plan.delete(array);
        }
    }

    /**
     * A new name.
     *
     * @param array the former name
     * @param to the new one
     * @param expected what it must find
     */
    record Rename(String array, String to, Expected expected) implements Edit {
        @Override
        public void begin(Plan plan) {
            plan.check(array, expected);
            plan.giveUpName(array);
        }

        @Override
        public void layOut(Plan plan) {
            plan.takeName(array, to);
        }
    }

    /**
     * An array to rewrite as one file without dropped rows.
     *
     * @param array its name
     */
    record Compact(String array) implements Edit {
        @Override
        public Edit prepared(PackState state, StagedFiles staged) {
            return state.read(
                    array,
                    true,
                    stored -> stored.isCompact()
                            ? this
                            : new Rewritten(array, stored.entry(), staged.add(array, stored.elements())));
        }

        @Override
        public void layOut(Plan plan) {
            plan.compact(array);
        }
    }

    /**
     * An array that was rewritten already, unless it has changed since.
     *
     * @param array its name
     * @param seen what was rewritten
     * @param contents the result
     */
    record Rewritten(String array, Entry seen, StagedFile contents) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.compact(array, seen, contents);
        }
    }

    /**
     * Elements that were edited through a mapped view: only the time of the last change is committed.
     *
     * @param array its name
     */
    record Touch(String array) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.existing(array).touch();
        }
    }

    /**
     * By which call of its scope an array was edited last: arrays that one call edited are modified at one time, others at others.
     *
     * @param array its name
     * @param call the number of the call, higher than those of earlier ones
     * @param isDescribed whether what describes it is still right, although it is edited
     */
    record EditedBy(String array, long call, boolean isDescribed) implements Edit {
        @Override
        public void layOut(Plan plan) {
            plan.editedBy(array, call, isDescribed);
        }
    }

    /**
     * An array that is not edited, but must be as a scope saw it. It comes before edits that give up names.
     *
     * @param array its name
     * @param expected what it must find
     */
    record Unchanged(String array, Expected expected) implements Edit {
        @Override
        public void begin(Plan plan) {
            plan.check(array, expected);
        }

        @Override
        public void layOut(Plan plan) {}
    }

    /** Elements whose dtype may depend on the array they go to. */
    @FunctionalInterface
    interface Source {
        /**
         * The elements for an array.
         *
         * @param dtype the array's dtype
         * @param shape its logical shape
         * @return the elements, never null
         */
        Runs elements(DType dtype, long[] shape);
    }
}

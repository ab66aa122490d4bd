(ns numpack.core
  "Packs: directories of named n-d arrays, which Python's NumPack opens too.

    (require '[numpack.core :as npk])

    (with-open [pack (npk/open \"data.npk\")]
      (npk/save! pack {:features [[1.0 2.0] [3.0 4.0]] :labels [0 1]})
      (:features pack)                                   ; read-only, mapped, no copy
      (npk/with-batch [b pack]                           ; a heap cache, one atomic commit at the end
        (npk/mul! (:features b) 2.0)
        (npk/append! b {:features [[5.0 6.0]] :labels [1]}))
      (npk/with-writable-batch [{:keys [features]} pack] ; straight over the mapped file
        (npk/add! features 1.0)))

  A `source` is a pack, a batch or a writable batch; an `editor` is a pack or a batch, and each edit through a pack is a
  commit of its own. Arrays are named by strings, keywords or symbols. Options are a trailing map or keyword arguments; an
  unknown one throws InvalidOptionException. Every edit returns what it edited. Errors are NumPackExceptions, whose
  ex-data tells :numpack/error; an index out of range is an IndexOutOfBoundsException."
  (:refer-clojure :exclude [load])
  (:require [clojure.core.protocols :as protocols]
            [numpack.arguments :as arg]
            [numpack.chunks :as chunks]
            [numpack.columns.companions :as companions])
  (:import [java.io Writer]
           [numpack ArrayInfo ArraySource Batch BatchOptions Change Chunks Durability InvalidOptionException NDArray NumPack
            OnConflict OnError ScopeBody ScopeOpenException ShapeMismatchException WritableBatch]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(def ^:private on-error {:commit OnError/COMMIT, :discard OnError/DISCARD})

(defn- hand-out [^ArraySource source as array]
  (if as
    (.apply (arg/presenter as) array)
    (.present source array)))

;; packs

(defn open
  "Opens a pack, a directory of named arrays; one that does not exist is an empty pack and appears with the first commit.

  path  a string, File or Path

  Options:
    :create?         whether the directory may be missing; default true
    :drop-if-exists? whether to remove every array that is there; default false
    :read-only?      whether every edit is refused; the pack must exist then; default false
    :durability      what a commit survives: :process, the death of the process (default), or :power, a power cut too
    :on-error        what batches do with their changes when their body throws: :commit (default) or :discard
    :as              what is handed out, here and in the scopes: :auto (default), a dtype-next tensor where dtype-next
                     is on the class path and has the dtype, else an NDArray; :tensor; :ndarray
    :allow-remote?   whether to write on a remote file system, whose locks may fail; default false

  Throws PackNotFoundException, NotAPackException, CorruptPackException, InvalidOptionException.

  Example:
    (with-open [pack (npk/open path {:read-only? true})]
      (npk/names pack)) ;=> [\"features\" \"labels\"]"
  {:arglists '(^numpack.NumPack [path & {:as options}])}
  ^numpack.NumPack [path & options]
  (let [{:keys [create? drop-if-exists? read-only? durability as allow-remote?]
         policy :on-error
         :or   {create? true, durability :process, as :auto, policy :commit}}
        (arg/trailing-options "open" [:create? :drop-if-exists? :read-only? :durability :on-error :as :allow-remote?] options)]
    (-> (NumPack/builder (arg/path path))
        (.create (boolean create?))
        (.dropIfExists (boolean drop-if-exists?))
        (.readOnly (boolean read-only?))
        (.allowRemote (boolean allow-remote?))
        (.durability (arg/choice :durability {:process Durability/PROCESS, :power Durability/POWER} durability))
        (.onError (arg/choice :on-error on-error policy))
        (.present (arg/presenter as))
        (.open))))

(defn close
  "Closes a pack, or ends a batch or a writable batch and commits it; again it does nothing.

  A batch opened with :on-error :discard commits only by commit!. Lazy arrays of a pack stay readable. Returns nil.

  Options, for a pack:
    :discard-scopes?  whether to end every scope that is open on the pack in this process, by whatever handle and thread,
                      without a commit; for scopes that got lost, and are in the way of others. What was edited in a writable
                      batch is in the files already; default false

  Example:
    (let [pack (npk/open path)]
      (npk/batch pack)                                ; nobody can end this one
      (npk/close pack {:discard-scopes? true})
      (npk/close pack)) ;=> nil"
  {:arglists '([pack-or-scope & {:as options}])}
  [pack-or-scope & options]
  (let [{:keys [discard-scopes?]} (arg/trailing-options "close" [:discard-scopes?] options)]
    (when discard-scopes?
      (.discardScopes (arg/pack pack-or-scope "discard its scopes")))
    (.close ^java.lang.AutoCloseable (arg/source pack-or-scope))))

(defn sync!
  "Makes everything committed to the pack so far survive a power cut.

  Throws ReadOnlyException, StorageException.

  Example:
    (-> pack (npk/save! :x [1 2 3]) npk/sync! npk/names) ;=> [\"features\" \"labels\" \"x\"]"
  [pack]
  (.sync (arg/pack pack "be synced"))
  pack)

(defn names
  "The names of the arrays, a vector of strings in the order in which they were added.

  Example:
    (npk/names pack) ;=> [\"features\" \"labels\"]"
  [source]
  (vec (.names (arg/source source))))

(defn exists?
  "Whether the source has an array of that name.

  Example:
    (npk/exists? pack :labels) ;=> true"
  [source name]
  (.exists (arg/source source) (arg/array-name name)))

(defn- array-info [^NDArray array]
  (array-map :dtype (arg/dtype-keyword (.dtype array)), :shape (vec (.shape array)), :rows (.rows array), :size (.size array),
             :nbytes (.nbytes array), :mapped? (.isMapped array), :read-only? (.isReadOnly array)))

(defn- described-info [array]
  (when-let [{:keys [dtype shape read-only?]} (arg/description array)]
    (let [size (long (reduce * shape))]
      (array-map :dtype dtype, :shape shape, :rows (first shape), :size size, :nbytes (* size (.itemSize (arg/dtype dtype))),
                 :mapped? false, :read-only? read-only?))))

(defn- stored-info [^ArrayInfo info]
  (cond-> (array-map :name (.name info), :dtype (arg/dtype-keyword (.dtype info)), :shape (vec (.shape info)), :rows (.rows info),
                     :size (.size info), :nbytes (.nbytes info), :deleted-rows (.deletedRows info), :segmented? (.segmented info),
                     :last-modified (.lastModified info), :recovered? (.recovered info), :mapped? (.mapped info),
                     :read-only? (.readOnly info))
    (.fault info) (assoc :fault (.fault info))))

(defn info
  "What is known about arrays without reading their elements.

  (info source)       a vector of maps, one for each array, in order; clojure.pprint/print-table takes it
  (info source name)  a map of :name :dtype :shape :rows :size (elements) :nbytes :deleted-rows (dropped, not yet
                      compacted) :segmented? :last-modified (an Instant) :recovered? (cut short by a power cut)
                      :mapped? (whether load gives mapped memory) :read-only?; and :fault (why, and what to do) for an
                      array of another program that can only be renamed and deleted here
  (info array)        a map of :dtype :shape :rows :size :nbytes :mapped? :read-only?

  Shapes and sizes do not count dropped rows. Throws ArrayNotFoundException.

  Example:
    (:shape (npk/info pack :features))        ;=> [3 2]
    (map :dtype (npk/info pack))              ;=> [:float32 :int64]
    (:nbytes (npk/info (npk/ndarray [1 2 3]))) ;=> 24"
  ([source-or-array]
   (if (instance? ArraySource source-or-array)
     (mapv stored-info (.info ^ArraySource source-or-array))
     (or (described-info source-or-array) (array-info (arg/->ndarray source-or-array)))))
  ([source name]
   (stored-info (.info (arg/source source) (arg/array-name name)))))

(defn shape
  "The shape of an array of the source, or of any array: a vector of lengths. Dropped rows do not count.

  Throws ArrayNotFoundException.

  Example:
    (npk/shape pack :features)   ;=> [3 2]
    (npk/shape (:features pack)) ;=> [3 2]
    (npk/shape [[1 2] [3 4]])    ;=> [2 2]"
  ([array]
   (or (:shape (arg/description array)) (vec (.shape (arg/->ndarray array)))))
  ([source name]
   (vec (.shape (arg/source source) (arg/array-name name)))))

(defn dtype
  "The dtype of an array of the source, or of any array, as a keyword with dtype-next's name, such as :float32 or :boolean.

  Throws ArrayNotFoundException.

  Example:
    (npk/dtype pack :features)       ;=> :float32
    (npk/dtype (double-array [1 2])) ;=> :float64"
  ([array]
   (or (:dtype (arg/description array)) (arg/dtype-keyword (.dtype (arg/->ndarray array)))))
  ([source name]
   (arg/dtype-keyword (.dtype (arg/source source) (arg/array-name name)))))

;; arrays of a pack or scope

(defn load
  "Loads an array: from a pack an independent, writable copy on the heap; from a batch its cached array, from a writable
  batch a writable view of the mapped file, the same one on every call.

  Edits in place of what a scope loaded belong to the scope and need no save!.

  Options:
    :dtype  converts to this dtype; in a scope, too, the result is then an independent copy unless it has that dtype already
    :as     :auto, :tensor or :ndarray; default as the pack was opened

  Throws ArrayNotFoundException, DTypeMismatchException if a value does not fit :dtype, InsufficientMemoryException before it
  reads what cannot fit the heap (see lazy and chunks).

  Example:
    (seq (npk/load pack :labels))                           ;=> (0 1 1)
    (npk/dtype (npk/load pack :features {:dtype :float64})) ;=> :float64"
  {:arglists '([source name & {:as options}])}
  [source name & options]
  (let [{:keys [dtype as]} (arg/trailing-options "load" [:dtype :as] options)
        source (arg/source source)
        name   (arg/array-name name)]
    (hand-out source as (if dtype
                          (.load source name (arg/dtype dtype))
                          (.load source name)))))

(defn lazy
  "An array without copying or caching it: read-only, over the mapped file where it lies in one. Any size takes no heap.

  What look-up in a pack gives, `(:features pack)`, is lazy, too. In a batch it shows the batch's edits.

  Options:
    :as  :auto, :tensor or :ndarray; default as the pack was opened

  Throws ArrayNotFoundException.

  Example:
    (npk/reduce-axis (npk/lazy pack :features) :sum) ;=> 21.0
    (get pack :missing :none)                        ;=> :none"
  {:arglists '([source name & {:as options}])}
  [source name & options]
  (let [{:keys [as]} (arg/trailing-options "lazy" [:as] options)
        source (arg/source source)]
    (hand-out source as (.lazy source (arg/array-name name)))))

(defn select-rows
  "Copies rows of an array to the heap, in the order asked.

  rows  an integer (the row axis stays: shape [1 …]), a sequence, range or array of integers (negative ones count from
        the end), or a mask: booleans, as many as there are rows

  Options:
    :as  :auto, :tensor or :ndarray; default as the pack was opened

  Throws ArrayNotFoundException, IndexOutOfBoundsException, ShapeMismatchException for a mask of another length.

  Example:
    (seq (npk/select-rows pack :labels [-1 0]))            ;=> (1 0)
    (npk/shape (npk/select-rows pack :features 1))         ;=> [1 2]
    (seq (npk/select-rows pack :labels [true false true])) ;=> (0 1)"
  {:arglists '([source name rows & {:as options}])}
  [source name rows & options]
  (let [{:keys [as]} (arg/trailing-options "select-rows" [:as] options)
        source (arg/source source)]
    (hand-out source as (.selectRows source (arg/array-name name) (arg/rows rows)))))

(defn chunks
  "An array in pieces of n rows, or several arrays in lockstep, for what exceeds the memory.

  names  one name: the chunks are arrays; a collection of names: they are maps {name array}, with the names as given
  n      rows of a chunk, at least 1; the last one may have fewer

  The result is reducible (a reduced value ends the reading), counted, and a sequence for doseq and pmap that reads one
  chunk at a time. Chunks do not share memory with each other; in a writable batch they are writable views, else
  copies. Each has the metadata {:numpack/rows [from to]}.

  Options:
    :as  :auto, :tensor or :ndarray; default as the pack was opened

  Throws ArrayNotFoundException, ShapeMismatchException if the arrays differ in rows.

  Example:
    (transduce (map #(npk/reduce-axis % :sum)) + 0.0 (npk/chunks pack :features 2)) ;=> 21.0
    (mapv (comp :numpack/rows meta) (npk/chunks pack [:features :labels] 2))        ;=> [[0 2] [2 3]]"
  {:arglists '([source names n & {:as options}])}
  [source names n & options]
  (let [{:keys [as]} (arg/trailing-options "chunks" [:as] options)
        source  (arg/source source)
        chunks  (fn [name] (.chunks source (arg/array-name name) (arg/whole "chunks" "the rows of a chunk are" n)))
        piece   (fn [^Chunks c ^long i]
                  (hand-out source as (.withMeta (.get c i) {:numpack/rows [(.from c i) (.to c i)]})))]
    (if (arg/single-name? names)
      (let [^Chunks c (chunks names)]
        (chunks/on-demand (str "Chunks of " names) (.count c) (fn [i] (piece c i))))
      (let [names (arg/array-names names :by identity)
            rows (mapv #(.rows (.info source (arg/array-name %))) names)
            by-name (mapv (juxt identity chunks) names)]
        (when-not (and (seq rows) (apply = rows))
          (throw (ShapeMismatchException. (str "chunks of several arrays need as many rows in each, got " (zipmap names rows))
                                          (object-array ["found" (zipmap names rows)]))))
        (let [^Chunks c (second (first by-name))]
          (chunks/on-demand (str "Chunks of " (vec names)) (.count c)
                            (fn [^long i]
                              (with-meta (into {} (map (fn [[name chunks]] [name (piece chunks i)])) by-name)
                                {:numpack/rows [(.from c i) (.to c i)]}))))))))

;; edits

(defn- arrays-and-options
  "Reads [arrays & more] or [name array & more] as [pairs more], pairs being what by-name takes."
  [caller arrays more]
  (if (arg/single-name? arrays)
    (if (seq more)
      [[[arrays (first more)]] (rest more)]
      (throw (arg/invalid (str caller " got the name " (pr-str arrays) " but no array") arrays)))
    [arrays more]))

(defn- contents-for [source]
  (fn [name array] (arg/contents-for source name array)))

(defn save!
  "Saves arrays, new or in place of older ones, in one commit.

  arrays  {name array}, or [[name array] …] to tell the order of new arrays; one alone also as `name array`
  array   an NDArray, a primitive array, nested primitive arrays, or nested vectors and seqs: of numbers, where integers
          become int64, numbers with a double among them float64 and booleans boolean, or of arrays of one dtype and shape

  In a batch it edits the batch, and is not needed for an array of the batch that was edited in place. In a writable batch
  it copies into the view, whose shape and dtype stay.

  Options:
    :dtype  the dtype of all of them; default that of the contents

  Throws ShapeMismatchException for ragged contents and scalars, DTypeMismatchException if a value does not fit,
  InvalidNameException, ReadOnlyException, ConflictException.

  Example:
    (npk/save! pack {:a [[1 2] [3 4]] :b (float-array 5)})
    (npk/save! pack :c (range 10) {:dtype :uint8})
    (map (juxt :name :dtype :shape) (drop 2 (npk/info pack))) ;=> [[\"a\" :int64 [2 2]] [\"b\" :float32 [5]] [\"c\" :uint8 [10]]]"
  {:arglists '([editor arrays & {:as options}] [editor name array & {:as options}])}
  [editor arrays & more]
  (let [[pairs more] (arrays-and-options "save!" arrays more)
        dtype        (some-> (:dtype (arg/trailing-options "save!" [:dtype] more)) arg/dtype)
        arrays       (arg/by-name (if (instance? WritableBatch editor) (contents-for editor) (fn [_ array] (arg/contents array dtype)))
                                  pairs)]
    (if (instance? WritableBatch editor)
      (doseq [[name contents] arrays]
        (.save ^WritableBatch editor name (if dtype (arg/->ndarray contents dtype) contents)))
      (.save (arg/editor editor "save") ^java.util.Map arrays dtype))
    editor))

(defn create!
  "Creates an array full of zeros, of any size, allocated on disk without using memory; a writable batch can fill it.

  Options:
    :shape  its lengths, e.g. [1000 10]; required
    :dtype  default :float64

  Throws ArrayExistsException, InvalidOptionException, InsufficientSpaceException; in a writable batch ReadOnlyException.

  Example:
    (npk/create! pack :out {:shape [1000 10] :dtype :float32})
    (npk/with-writable-batch [{:keys [out]} pack]
      (npk/fill! out 0.5))
    (npk/reduce-axis (:out pack) :sum) ;=> 5000.0"
  {:arglists '([editor name & {:as options}])}
  [editor name & options]
  (let [{:keys [shape dtype] :or {dtype :float64}} (arg/trailing-options "create!" [:shape :dtype] options)]
    (when-not shape
      (throw (InvalidOptionException. "create! needs the option :shape, such as {:shape [1000 10]}" (object-array 0))))
    (.create (arg/editor editor "create arrays") (arg/array-name name) (arg/dtype dtype) (arg/shape shape))
    editor))

(defn append!
  "Appends rows to arrays that are there, in one commit.

  arrays  {name rows} or [[name rows] …]; one alone also as `name rows`. Rows have the array's rank and row shape; typed
          ones have its dtype, vectors and seqs are converted to it

  Throws ArrayNotFoundException, ShapeMismatchException, DTypeMismatchException; in a writable batch ReadOnlyException.

  Example:
    (npk/append! pack {:features [[7 8] [9 10]] :labels [0 0]})
    (npk/shape pack :features) ;=> [5 2]"
  {:arglists '([editor arrays] [editor name rows])}
  [editor arrays & more]
  (let [[pairs more] (arrays-and-options "append!" arrays more)
        rows         (arg/by-name (contents-for editor) pairs)]
    (arg/trailing-options "append!" [] more)
    (.append (arg/editor editor "append rows") ^java.util.Map rows)
    editor))

(defn replace-rows!
  "Replaces rows of arrays, in one commit; in a writable batch it writes them into the view.

  arrays  {name rows} or [[name rows] …]; one alone also as `name rows`
  rows    which rows, as in select-rows; where one is named twice the last one counts

  Throws ArrayNotFoundException, ShapeMismatchException if the contents are not as many, IndexOutOfBoundsException,
  DTypeMismatchException.

  Example:
    (npk/replace-rows! pack :labels [7 8] [0 -1])
    (seq (:labels pack)) ;=> (7 1 8)"
  {:arglists '([source arrays rows] [source name array rows])}
  [source arrays & more]
  (let [[pairs [rows & more]] (arrays-and-options "replace-rows!" arrays more)
        arrays                (arg/by-name (contents-for source) pairs)]
    (when (nil? rows)
      (throw (arg/invalid "replace-rows! needs the rows to replace, as its last argument" nil)))
    (arg/trailing-options "replace-rows!" [] more)
    (if (instance? WritableBatch source)
      (doseq [[name contents] arrays]
        (let [view (.load ^WritableBatch source name)]
          (.setRows view (arg/fitting contents (.dtype view)) (arg/rows rows))))
      (.replaceRows (arg/editor source "replace rows") ^java.util.Map arrays (arg/rows rows)))
    source))

(defn drop-rows!
  "Drops the same rows of one or several arrays, in one commit. They are hidden, not erased: compact! gives the space back.

  names  a name or a collection of names
  rows   which rows, as in select-rows; :all drops those of arrays of different lengths

  Throws ArrayNotFoundException, IndexOutOfBoundsException; in a writable batch ReadOnlyException.

  Example:
    (npk/drop-rows! pack [:features :labels] 0)
    (seq (:labels pack)) ;=> (1 1)"
  [editor names rows]
  (.dropRows (arg/editor editor "drop rows") (arg/array-names names) (arg/rows rows))
  editor)

(defn delete!
  "Removes arrays and their files, in one commit; with a column of a dataset what lies beside it.

  names  a name or a collection of names; `(delete! pack (names pack))` empties the pack

  Throws ArrayNotFoundException; in a writable batch ReadOnlyException.

  Example:
    (npk/names (npk/delete! pack :labels)) ;=> [\"features\"]"
  [editor names]
  (let [editor (arg/editor editor "delete arrays")]
    (.delete editor (companions/along editor (arg/array-names names))))
  editor)

(defn rename!
  "Renames an array, and with a column of a dataset what lies beside it, in one commit; it keeps its place in the order.

  Throws ArrayNotFoundException, ArrayExistsException, InvalidNameException; in a writable batch ReadOnlyException.

  Example:
    (npk/names (npk/rename! pack :features :x)) ;=> [\"x\" \"labels\"]"
  [editor from to]
  (let [editor (arg/editor editor "rename arrays")]
    (.rename editor (companions/renamed editor (arg/array-name from) (arg/array-name to))))
  editor)

(defn compact!
  "Rewrites arrays without their dropped rows, as one file each, and gives the space back to the disk.

  names  a name or a collection of names; default all arrays but those with a :fault in info

  Throws ArrayNotFoundException, InsufficientSpaceException; in a writable batch ReadOnlyException.

  Example:
    (-> pack (npk/drop-rows! :labels 0) (npk/compact! :labels) (npk/info :labels) :deleted-rows) ;=> 0"
  ([editor]
   (compact! editor (for [^ArrayInfo info (.info (arg/editor editor "compact arrays")) :when (nil? (.fault info))]
                      (.name info))))
  ([editor names]
   (.compact (arg/editor editor "compact arrays") (arg/array-names names))
   editor))

;; scopes

(defn- batch-options ^BatchOptions [caller options]
  (let [{:keys [memory-limit on-conflict as] policy :on-error :or {on-conflict :fail}}
        (arg/trailing-options caller [:memory-limit :on-error :on-conflict :as] options)
        conflict ^OnConflict (arg/choice :on-conflict {:fail OnConflict/FAIL, :overwrite OnConflict/OVERWRITE} on-conflict)
        error    (some->> policy (arg/choice :on-error on-error))
        options  (-> (BatchOptions/defaults) (.onConflict conflict) (.onError error) (.present (some-> as arg/presenter)))]
    (cond
      (nil? memory-limit)    options
      (string? memory-limit) (.memoryLimit options ^String memory-limit)
      (int? memory-limit)    (.memoryLimit options (long memory-limit))
      :else (throw (arg/invalid (str ":memory-limit is a size such as \"1GB\" or a number of bytes, got " (pr-str memory-limit))
                                memory-limit)))))

(defn- writable-batch-options
  "Whether to sync, and what to hand out."
  [caller options]
  (let [{:keys [sync? as] :or {sync? true}} (arg/trailing-options caller [:sync? :as] options)]
    [sync? (some-> as arg/presenter)]))

(defn- scope-open [message]
  (ScopeOpenException. message (object-array 0)))

(defn- refuse-scope [x what]
  (cond
    (instance? Batch x)
    (throw (scope-open (str what " cannot be opened on a batch, whose arrays lie in memory; commit the batch first, or edit its arrays "
                            "in place: they need no writable batch")))
    (instance? WritableBatch x)
    (throw (scope-open (str what " cannot be opened on a writable batch; use the writable batch itself, or end it first")))))

(defn batch
  "Opens a batch: a private heap cache over a pack, whose changes are committed at once when it is closed.

  It suits work across REPL evaluations and with-open; with-batch does the same around a body. What is loaded (look-up
  loads) may be edited in place without saving it, what is only read is not written. changes previews, commit! and
  discard! end it. The thread that opened it edits the pack only through it until then.

  Options:
    :memory-limit  bytes of heap it may hold, such as \"1GB\", \"64 MB\" or a number; an array that would exceed it is staged
                   in a file, with the same results; default no limit
    :on-error      when the body throws, :commit what was changed so far or :discard it; with :discard close commits
                   nothing without commit!; default as the pack was opened
    :on-conflict   when somebody else changed an array that was changed here, too: :fail (default) or :overwrite
    :as            :auto, :tensor or :ndarray; default as the pack was opened

  Throws ScopeOpenException if this thread has a scope open on the pack, ReadOnlyException, PackClosedException.

  Example:
    (let [b (npk/batch pack {:memory-limit \"1GB\"})]
      (npk/mul! (:features b) 10)
      (npk/commit! b)
      (npk/mget (:features pack) 2 1)) ;=> 60.0"
  {:arglists '(^numpack.Batch [pack & {:as options}])}
  ^numpack.Batch [pack & options]
  (let [options (batch-options "batch" options)]
    (refuse-scope pack "a batch")
    (.batch (arg/pack pack "have a batch") options)))

(defn writable-batch
  "Opens a writable batch: writable views straight over the mapped files, of any size and with almost no heap.

  with-writable-batch does the same around a body. Look-up and load map an array, which is claimed until the scope ends:
  nobody else can edit it in place or change its shape. Shapes are fixed; with-batch changes them. Edits are in the file at
  once and cannot be discarded. An array that outlives the scope throws ScopeEndedException.

  Options:
    :sync?  whether its end waits until the edits have reached the disk; default true
    :as     :auto, :tensor or :ndarray; default as the pack was opened

  Throws ScopeOpenException if this thread has a scope open on the pack, ReadOnlyException, PackClosedException.

  Example:
    (with-open [w (npk/writable-batch pack)]
      (npk/mul! (:features w) 10))
    (npk/mget (:features pack) 2 1) ;=> 60.0"
  {:arglists '(^numpack.WritableBatch [pack & {:as options}])}
  ^numpack.WritableBatch [pack & options]
  (let [[sync? present] (writable-batch-options "writable-batch" options)]
    (refuse-scope pack "a writable batch")
    (.writableBatch (arg/pack pack "have a writable batch") (boolean sync?) present)))

(defn call-with-batch
  "Calls f once with a batch on the pack, commits what it changed, and returns what it returned.

  When f throws, what was changed so far is committed, unless :on-error is :discard, and the exception goes on, with a
  failure of the commit added to its suppressed ones. An interrupt or an error of the virtual machine always discards. On a
  batch f is called with that one (its own options apply), and the outermost scope commits.

  Options: those of batch.

  Throws what f throws, ConflictException, ScopeOpenException, ReadOnlyException, PackClosedException.

  Example:
    (npk/call-with-batch pack (fn [b] (npk/add! (:labels b) 1) :done)) ;=> :done"
  {:arglists '([pack f & {:as options}])}
  [pack f & options]
  (let [options (batch-options "with-batch" options)
        f       (arg/body f)]
    (if (instance? Batch pack)
      (do (.names ^Batch pack)
          (f pack))
      (do (when (instance? WritableBatch pack)
            (refuse-scope pack "a batch"))
          (.withBatch (arg/pack pack "have a batch") options
                      (reify ScopeBody
                        (run [_ batch] (f batch))))))))

(defn call-with-writable-batch
  "Calls f once with a writable batch on the pack, ends that, and returns what f returned.

  When f throws, its edits are in the files and stay, and the exception goes on.

  Options: those of writable-batch.

  Throws what f throws, ScopeOpenException, ReadOnlyException, PackClosedException, StorageException.

  Example:
    (npk/call-with-writable-batch pack (fn [w] (npk/add! (:labels w) 1) (npk/mget (:labels w) 0))) ;=> 1"
  {:arglists '([pack f & {:as options}])}
  [pack f & options]
  (let [[sync? present] (writable-batch-options "with-writable-batch" options)
        f (arg/body f)]
    (refuse-scope pack "a writable batch")
    (.withWritableBatch (arg/pack pack "have a writable batch") (boolean sync?) present
                        (reify ScopeBody
                          (run [_ batch] (f batch))))))

(defn- scope-form [macro call tag bindings body]
  (when-not (and (vector? bindings) (<= 2 (count bindings) 3))
    (throw (IllegalArgumentException.
            (str macro " takes a vector [binding pack options?] and a body, got " (pr-str bindings) "; for example "
                 "(" macro " [{:keys [features]} pack] …)"))))
  (let [[binding pack & options] bindings
        scope   (with-meta (gensym "scope") {:tag tag})
        binding (if (and (symbol? binding) (not (:tag (meta binding)))) (vary-meta binding assoc :tag tag) binding)]
    (when-not (or (simple-symbol? binding) (map? binding) (vector? binding))
      (throw (IllegalArgumentException.
              (str macro " binds a symbol or a destructuring form, got " (pr-str binding) "; for example (" macro " [b pack] …)"))))
    ;; finally makes a recur in the body an error, as in with-open: it would run the body again
    `(~call ~pack
            (^{:once true} fn* [~scope]
             (let [~binding ~scope]
               (try ~@body (finally))))
            ~@options)))

(defmacro with-batch
  "Evaluates body once with a batch on the pack bound, commits what it changed, and returns the body's value.

  binding  a symbol, or a destructuring form whose look-ups load: {:keys [features labels] :or {labels nil}}
  pack     a pack, or a batch, which is joined

  `[pack pack]` shadows the pack, through which the thread cannot edit meanwhile. Options, exceptions and errors as in
  call-with-batch; batch tells the options.

  Example:
    (npk/with-batch [b pack {:memory-limit \"64 MB\"}]
      (npk/mul! (:features b) 2.0)
      (npk/append! b {:features [[0 0]] :labels [0]})
      (npk/shape b :features)) ;=> [4 2]"
  {:arglists '([[binding pack options?] & body])}
  [bindings & body]
  (scope-form "with-batch" `call-with-batch `Batch bindings body))

(defmacro with-writable-batch
  "Evaluates body once with a writable batch on the pack bound, ends that, and returns the body's value.

  binding  a symbol, or a destructuring form whose look-ups map: {:keys [features labels]}

  Options, exceptions and errors as in call-with-writable-batch; writable-batch tells the options.

  Example:
    (npk/with-writable-batch [{:keys [features]} pack]
      (npk/mul! features 10)
      (npk/reduce-axis features :max)) ;=> 60.0"
  {:arglists '([[binding pack options?] & body])}
  [bindings & body]
  (scope-form "with-writable-batch" `call-with-writable-batch `WritableBatch bindings body))

(defn- no-scope [x]
  (arg/invalid (str "expected a batch or a writable batch, got " (pr-str (class x)) "; edits through a pack are commits of their own") x))

(defn commit!
  "Commits what a batch or writable batch changed, ends it and returns it.

  Throws ConflictException, upon which a batch stays open; ScopeEndedException; StorageException.

  Example:
    (let [b (npk/batch pack)]
      (npk/append! b :labels [5])
      (npk/commit! b)
      (npk/shape pack :labels)) ;=> [4]"
  [scope]
  (cond
    (instance? Batch scope) (.commit ^Batch scope)
    (instance? WritableBatch scope) (.commit ^WritableBatch scope)
    :else (throw (no-scope scope)))
  scope)

(defn discard!
  "Ends a batch without committing anything and returns it; of a writable batch, whose edits are in the files already, it
  ends the scope at once.

  Throws ScopeEndedException.

  Example:
    (let [b (npk/batch pack)]
      (npk/append! b :labels [5])
      (npk/discard! b)
      (npk/shape pack :labels)) ;=> [3]"
  [scope]
  (cond
    (instance? Batch scope) (.discard ^Batch scope)
    (instance? WritableBatch scope) (.discard ^WritableBatch scope)
    :else (throw (no-scope scope)))
  scope)

(defn changes
  "What a scope would commit now: a vector of maps of :array (its name), :kind (:save :create :append :drop :rename :delete
  :compact or :edit), :rows (written or dropped) and for a rename :from.

  Throws ScopeEndedException.

  Example:
    (npk/with-batch [b pack]
      (npk/append! b :labels [5 6])
      (npk/changes b)) ;=> [{:array \"labels\" :kind :append :rows 2}]"
  [scope]
  (mapv (fn [^Change c]
          (cond-> {:array (.array c), :kind (keyword (.toLowerCase (str (.kind c)) java.util.Locale/ROOT)), :rows (.rows c)}
            (.from c) (assoc :from (.from c))))
        (cond
          (instance? Batch scope) (.changes ^Batch scope)
          (instance? WritableBatch scope) (.changes ^WritableBatch scope)
          :else (throw (no-scope scope)))))

;; arrays

(defn ndarray
  "An NDArray of the data: a primitive array (wrapped, not copied), nested primitive arrays, or nested vectors and seqs of
  numbers or booleans, or of arrays of one dtype and shape. An NDArray is returned as it is.

  Options:
    :dtype  default that of the data: int64 for integers, float64 if a double is among them, boolean for booleans
    :shape  a vector of lengths, one of which may be -1; default that of the data

  Throws ShapeMismatchException for ragged data and scalars, DTypeMismatchException if a value does not fit.

  Example:
    (npk/info (npk/ndarray (range 6) {:dtype :float32 :shape [2 -1]}))
    ;=> {:dtype :float32 :shape [2 3] :rows 2 :size 6 :nbytes 24 :mapped? false :read-only? false}"
  {:arglists '(^numpack.NDArray [data & {:as options}])}
  ^numpack.NDArray [data & options]
  (let [{:keys [dtype shape]} (arg/trailing-options "ndarray" [:dtype :shape] options)]
    (cond-> (if dtype (arg/->ndarray data (arg/dtype dtype)) (arg/->ndarray data))
      shape (as-> ^NDArray array (.reshape array (arg/shape shape))))))

(defn zeros
  "An NDArray of zeros on the heap.

  shape  a vector of lengths, or one length

  Options:
    :dtype  default :float64

  Throws InsufficientMemoryException; create! makes arrays on disk, of any size.

  Example:
    (seq (npk/zeros 3 {:dtype :int32})) ;=> (0 0 0)"
  {:arglists '(^numpack.NDArray [shape & {:as options}])}
  ^numpack.NDArray [shape & options]
  (let [{:keys [dtype] :or {dtype :float64}} (arg/trailing-options "zeros" [:dtype] options)]
    (NDArray/zeros (arg/dtype dtype) (arg/shape shape))))

(defn reshape
  "The same elements in another shape: a view, which shares the memory.

  shape  a vector of lengths, one of which may be -1

  Throws ShapeMismatchException.

  Example:
    (npk/shape (npk/reshape (:features pack) [-1 3])) ;=> [2 3]"
  [array shape]
  (arg/alike array (.reshape (arg/->ndarray array) (arg/shape shape))))

(defn- sub-view ^NDArray [^NDArray array indexes]
  (reduce (fn [^NDArray a ^long i] (.row a i)) array indexes))

(defn mget
  "An element: a long, a double, a boolean, or [re im] of a complex array; a uint64 beyond 2^63-1 is a BigInteger. With fewer
  indexes than axes, a view of what they select.

  Throws IndexOutOfBoundsException, ShapeMismatchException for more indexes than axes.

  Example:
    (npk/mget (:features pack) 2 1)       ;=> 6.0
    (seq (npk/mget (:features pack) 2))   ;=> (5.0 6.0)"
  [array i & more]
  (let [elements (arg/->ndarray array)
        index    (arg/index "mget" (cons i more))]
    (if (< (count index) (.rank elements))
      (arg/alike array (sub-view elements index))
      (.get elements (long-array index)))))

(defn mset!
  "Sets an element and returns the array. With fewer indexes than axes, everything they select: to a number, or to contents of
  its shape.

  value  a number that fits the dtype, a boolean, or [re im]

  Throws IndexOutOfBoundsException, ShapeMismatchException, DTypeMismatchException, ReadOnlyException, ScopeEndedException.

  Example:
    (let [x (npk/load pack :features)]
      (npk/mset! x 0 0 9.5)
      (npk/mset! x 1 [7 8])
      (mapv seq x)) ;=> [(9.5 2.0) (7.0 8.0) (5.0 6.0)]"
  {:arglists '([array i value] [array i j value] [array i j & more])}
  [array i value & more]
  (let [args  (list* i value more)
        index (arg/index "mset!" (butlast args))
        value (last args)]
    (arg/edit array
              (fn [^NDArray a]
                (if (< (count index) (.rank a))
                  (let [view (sub-view a index)]
                    (if (or (number? value) (boolean? value))
                      (.fill view value)
                      (.set view (arg/fitting value (.dtype view)))))
                  (.set a value (long-array index)))))))

;; in place

(defn add!
  "Adds in place, as numpy's +=, and returns the target.

  target   a writable array, or a primitive array
  operand  a number ([re im] for complex ones), or an array or nested vectors of the same shape, or of the shape of a row

  The dtype stays: integers wrap, booleans are or-ed, and a floating operand for integers is an error, even 2.0.

  Throws DTypeMismatchException, ShapeMismatchException, ReadOnlyException, ScopeEndedException; then nothing was changed.

  Example:
    (mapv seq (npk/add! (npk/load pack :features) [10 20])) ;=> [(11.0 22.0) (13.0 24.0) (15.0 26.0)]"
  [target operand]
  (arg/edit target #(.add ^NDArray % (arg/contents operand))))

(defn sub!
  "Subtracts in place, as numpy's -=, and returns the target. Arguments and errors as for add!.

  Example:
    (vec (npk/sub! (double-array [3 4]) 1)) ;=> [2.0 3.0]"
  [target operand]
  (arg/edit target #(.sub ^NDArray % (arg/contents operand))))

(defn mul!
  "Multiplies in place, as numpy's *=, and returns the target; booleans are and-ed. Arguments and errors as for add!.

  Example:
    (npk/with-batch [b pack]
      (npk/mul! (:features b) 2))
    (npk/mget (:features pack) 0 1) ;=> 4.0"
  [target operand]
  (arg/edit target #(.mul ^NDArray % (arg/contents operand))))

(defn div!
  "Divides in place, as numpy's /=, and returns the target; not for integers. Arguments and errors as for add!.

  Example:
    (vec (npk/div! (float-array [3 4]) 2)) ;=> [1.5 2.0]"
  [target operand]
  (arg/edit target #(.div ^NDArray % (arg/contents operand))))

(defn pow!
  "Raises to a power in place, as numpy's **=, and returns the target; the exponent for integers is an integer, 0 or more.
  Arguments and errors as for add!.

  Example:
    (vec (npk/pow! (long-array [3 4]) 2)) ;=> [9 16]"
  [target operand]
  (arg/edit target #(.pow ^NDArray % (arg/contents operand))))

(defn clip!
  "Limits elements to lo … hi in place and returns the target; nil is no limit. NaN stays. Errors as for add!.

  Example:
    (vec (npk/clip! (long-array [1 5 9]) 2 nil)) ;=> [2 5 9]"
  [target lo hi]
  (arg/edit target #(.clip ^NDArray % lo hi)))

(defn fill!
  "Sets every element to a value and returns the target. It takes the values that mset! and save! take, those that the dtype
  has: 2.0 fits int64, 1e300 does not fit float32; operands of arithmetic follow numpy's rules instead. Errors as for mset!.

  Example:
    (vec (npk/fill! (boolean-array 2) true)) ;=> [true true]"
  [target value]
  (arg/edit target #(.fill ^NDArray % value)))

(defn map!
  "Applies a function to every element in place and returns the target.

  f  :neg :abs :sign :square, on any numbers; :floor :ceil :round :reciprocal :sqrt :exp :expm1 :log :log2 :log10 :log1p
     :sin :cos :tan :asin :acos :atan :sinh :cosh :tanh on floating ones; or a function of one double (hint it ^double for
     speed), on floating ones

  Throws InvalidOptionException for an unknown name, and as add!.

  Example:
    (vec (npk/map! (double-array [1 4 9]) :sqrt))                             ;=> [1.0 2.0 3.0]
    (vec (npk/map! (double-array [1 4 9]) (fn ^double [^double x] (/ x 2.0)))) ;=> [0.5 2.0 4.5]"
  [target f]
  (arg/edit target (if (or (ident? f) (string? f))
                     #(.map ^NDArray % (arg/word "a function" :sqrt f))
                     #(.map ^NDArray % (arg/elementwise f)))))

(defn reduce-axis
  "Reduces an array to a number, or along an axis to an array without that axis.

  op  :sum :mean :std :var (of the population) :min :max :norm (Euclidean)

  Floating sums are accumulated in double, pairwise; integer sums are exact. dtypes are numpy's: sums of integers are 64 bits
  wide, means of integers float64.

  Options:
    :axis  the axis, negative ones count from the end; default all of them

  Throws InvalidOptionException for an unknown op, IndexOutOfBoundsException, DTypeMismatchException, ShapeMismatchException for
  :min and :max of nothing.

  Example:
    (npk/reduce-axis (:features pack) :mean)                 ;=> 3.5
    (seq (npk/reduce-axis (:features pack) :sum {:axis 0}))  ;=> (9.0 12.0)
    (seq (npk/reduce-axis (:features pack) :max {:axis -1})) ;=> (2.0 4.0 6.0)"
  {:arglists '([array op & {:as options}])}
  [array op & options]
  (let [{:keys [axis]} (arg/trailing-options "reduce-axis" [:axis] options)
        elements (arg/->ndarray array)
        op       (arg/word "a reduction" :sum op)]
    (if (or (nil? axis) (and (= 1 (.rank elements)) (contains? #{0 -1} axis)))
      (.reduce elements op)
      (arg/alike array (.reduceAxis elements op (arg/whole "reduce-axis" "an axis is" axis))))))

;; data for tools that browse: a pack is a map of descriptions, each of which leads to its array, which leads to its rows

(defn- described [^ArraySource source]
  (with-meta (apply array-map (mapcat (juxt :name identity) (info source)))
    {`protocols/nav (fn [_ name _] (lazy source name))}))

(defn- rows-of [^NDArray array]
  (with-meta (map #(.nth array (int %)) (range (count array)))
    (array-info array)))

(extend-protocol protocols/Datafiable
  NumPack       (datafy [pack] (described pack))
  Batch         (datafy [batch] (described batch))
  WritableBatch (datafy [batch] (described batch))
  NDArray       (datafy [array] (rows-of array)))

;; printing

(doseq [printed [NumPack Batch WritableBatch Chunks]]
  (defmethod print-method printed [x ^Writer w]
    (.write w (str x))))

(defmethod print-method NDArray [^NDArray array ^Writer w]
  (.write w (if *print-length*
              (.toString array (int *print-length*))
              (str array))))

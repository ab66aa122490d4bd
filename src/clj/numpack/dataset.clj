(ns numpack.dataset
  "Packs as datasets of tech.ml.dataset, and datasets as packs.

    (require '[numpack.core :as npk] '[numpack.dataset :as npd] '[tech.v3.dataset :as ds])

    (npd/save-dataset! pack (ds/->dataset \"flowers.csv\" {:key-fn keyword}))
    (npd/dataset pack)                          ; over the mapped files: nothing is copied, nothing is scanned
    (npd/dataset pack [:petal-length :species]) ; some arrays of the pack
    (npd/dataset-chunks pack nil 100000)        ; what exceeds the memory, in pieces

  A column is an array of its name, which Python reads too. What an array cannot say lies in further arrays beside it, which
  this namespace writes, reads and hides; for a column :city these are

    city.column   the text of an EDN map with the column's dtype, name and metadata; only if the array does not tell them
    city.missing  bool, one for each row: whether the value is missing
    city.strings  the distinct strings in UTF-8, one after the other, uint8; city itself then holds their numbers, int32
    city.offsets  where each of these strings begins, and where the last one ends, int64

  An array that was saved otherwise is a column, too; one of rank 2 is a column for each number of a row, and one of higher
  rank a column of tensors."
  (:require [numpack.arguments :as arg]
            [numpack.chunks :as chunks]
            [numpack.columns.strings :as strings]
            [numpack.core :as npk]
            [numpack.dataset.reading :refer [at-one-moment beside build changed-meanwhile check-rows claim! common-rows
                                             dataset-name edited head layouts reading-arguments reading-options view]]
            [numpack.dataset.writing :refer [append-columns! appending beaten check-dataset in-batch replace! save-columns! tries]]
            [tech.v3.dataset :as ds])
  (:import [clojure.lang IReduceInit]
           [java.util Collection]
           [numpack ArraySource Batch ConflictException]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn dataset
  "The arrays of a pack or scope as a dataset, whose columns lie over the arrays' own memory, all of one moment.

  names  a name or a collection of names, in the order of the columns; default (nil) all arrays that are columns

  An array of rank 1 is a column. One of rank 2 is a column for each number of a row, features-0, features-1, …, or as
  :column-names says; one of higher rank a column of tensors, one for each row. No element is copied or looked at but the strings
  of columns of strings, and the flags of values that were missing when a column was saved: NaN stays NaN.

  Columns can be read only, and go on being readable when the pack is closed; they show later edits in place, as lazy arrays do.
  In a writable batch they are its writable views, except for columns of strings or with missing values.

  Options:
    :key-fn          from the string name of a column to its name; default the name with which it was saved, else keyword
    :column-names    {array [name …]}, names for the columns of some arrays
    :tensor-columns  arrays of rank 2 (a name, several, or true for all) that become one column of row tensors each
    :copy?           whether the columns are copied to the heap, so that no later edit changes them and they can be written to;
                     default false
    :dataset-name    default the directory of the pack

  Throws ShapeMismatchException if the arrays differ in rows, ArrayNotFoundException, InvalidNameException if two columns had
  one name, CorruptPackException, DTypeMismatchException if an array is not what was saved as a column, OutOfStepException if
  what lies beside a column may not belong to it any more, as it was edited apart.

  Example:
    (ds/column-names (npd/dataset pack))             ;=> [:features-0 :features-1 :labels]
    (vec (:labels (npd/dataset pack [:labels])))     ;=> [0 1 1]
    (ds/row-count (npd/dataset pack {:copy? true})) ;=> 3"
  {:arglists '([source] [source names & {:as options}])}
  [source & arguments]
  (let [[names {:keys [copy?] :as options}] (reading-arguments "dataset" (conj reading-options :copy?) arguments)
        source  (arg/source source)
        options (assoc options :dataset-name (dataset-name source options))]
    (claim! source names options)
    (at-one-moment source
                   (fn []
                     (let [layouts (layouts source names options)
                           edited  (edited source layouts)
                           rows    (common-rows source edited layouts)
                           fetch   (fn [name] (cond-> (head (view source edited name) rows) copy? .copy))]
                       (build layouts fetch (fn [name] (delay (strings/pool source name))) copy? options))))))

(defn dataset-chunks
  "The arrays of a pack or scope as datasets of n rows, for what exceeds the memory.

  names, options  as for dataset, without :copy?
  n               rows of a chunk, at least 1; the last one may have fewer

  The result is reducible, counted, and a sequence for doseq and pmap that reads one chunk at a time, as that of
  numpack.core/chunks. The datasets do not share memory with each other, but for the strings; in a writable batch their columns
  are writable views, else copies. Each is of one moment, and has the metadata {:numpack/rows [from to]}.

  Throws as dataset, and ConflictException from a chunk if somebody else saved other columns or fewer rows meanwhile.

  Example:
    (transduce (map #(dfn/sum (:labels %))) + 0.0 (npd/dataset-chunks pack [:labels] 2)) ;=> 2.0
    (map ds/row-count (npd/dataset-chunks pack nil 2))                                   ;=> (2 1)"
  [source names n & {:as options}]
  (when-not (and (int? n) (pos? (long n)))
    (throw (arg/invalid (str "a chunk of a dataset has at least 1 row, got " (pr-str n)) n)))
  (let [options (arg/options "dataset-chunks" reading-options options)
        source  ^ArraySource (arg/source source)
        options (assoc options :dataset-name (dataset-name source options))
        look    (fn []
                  (let [layouts (layouts source names options)]
                    {:layouts layouts
                     :beside  (beside source layouts)
                     :pools   (into {} (for [{:keys [name words]} layouts :when words] [name (strings/pool source name)]))}))
        _       (claim! source names options)
        seen    (atom (at-one-moment source look))
        edited  (edited source (:layouts @seen))
        rows    (or (common-rows source edited (:layouts @seen))
                    (ffirst (map :shape (:layouts @seen)))
                    (throw (arg/invalid "dataset-chunks needs an array that is a column" names)))
        n       (min (long n) (max 1 (long rows)))
        current (fn []
                  (if (= (:beside @seen) (beside source (:layouts @seen)))
                    @seen
                    (let [now  (look)
                          same #(mapv (juxt :name :kind :dtype :words :columns (comp rest :shape)) (:layouts %))]
                      (when-not (= (same @seen) (same now))
                        (throw (changed-meanwhile)))
                      (reset! seen now))))
        row-types (into {} (map (juxt :name (juxt :dtype (comp rest :shape)))) (:layouts @seen))
        piece   (fn [name ^long from ^long to]
                  (let [array    (view source edited name)
                        expected (row-types name)]
                    (when (or (< (.rows array) to)
                              (and expected (not= expected [(arg/dtype-keyword (.dtype array)) (rest (.shape array))])))
                      (throw (changed-meanwhile)))
                    (cond-> (.rows array from to) (not (edited name)) .copy)))]
    (check-rows (map (juxt identity (comp first :shape)) (:layouts @seen)))
    (chunks/on-demand "Datasets" (quot (+ (long rows) (dec n)) n)
                      (fn [^long i]
                        (let [from (* i n)
                              to   (min (long rows) (+ from n))]
                          (vary-meta (at-one-moment source
                                                    (fn []
                                                      (let [{:keys [layouts pools]} (current)]
                                                        (build layouts #(piece % from to) (fn [name] (delay (pools name))) false options))))
                                     assoc :numpack/rows [from to]))))))

(defn save-dataset!
  "Saves the columns of a dataset as arrays, in one commit, in place of the columns that have their names.

  A column's array has the column's name; of a namespaced keyword :a/b it is a.b. Numbers and booleans are saved as they are,
  times as the numbers in which dtype-next packs them, strings, text, keywords, symbols and UUIDs by codes and the distinct
  strings, tensors of one shape (also vectors of numbers) as rows. Where a value is missing the array holds the least signed
  integer, 0 of unsigned ones, NaN, false or the empty string. Columns that lay together in an array of rank 2 go back into it.

  dataset gives the columns back in their order, with names, dtypes, missing sets, categorical maps, and what else of their
  metadata EDN can write. Datasets that are open over the arrays that were there go on showing those.

  Options:
    :as  the name of one array of rank 2 for all numeric columns, in place of what has that name; they have its dtype then, the
         widest of theirs

  Throws DTypeMismatchException, which names the column, for one that arrays cannot hold, ShapeMismatchException for tensors of
  several shapes, InvalidNameException, ArrayExistsException if an array that belongs to no column has the name of one that is
  needed beside a column, ReadOnlyException, ScopeOpenException.

  Example:
    (npd/save-dataset! pack (ds/->dataset {:city [\"Oslo\" nil \"Rome\"]}))
    (vec (:city (npd/dataset pack :city))) ;=> [\"Oslo\" nil \"Rome\"]
    (seq (npk/load pack :city))            ;=> (1 0 2)"
  [editor dataset & {:as options}]
  (let [{:keys [as]} (arg/options "save-dataset!" [:as] options)]
    (check-dataset dataset)
    (in-batch editor "save a dataset" tries
              (fn [^Batch batch]
                (save-columns! batch dataset as (if (identical? batch editor)
                                                  replace!
                                                  (fn [^Batch batch ^Collection stale arrays]
                                                    (.delete batch stale)
                                                    (.adopt batch arrays))))))
    editor))

(defn append-dataset!
  "Appends the rows of a dataset to the columns of its names, in one commit.

  Every column that has as many rows as these must be given, in any order. Values take the dtype of the array and must fit it;
  only floats are rounded to narrower ones. Strings that are new, and the first missing value of a column, are no exception;
  a column whose values are all missing so far becomes what comes. Others may append at the same time: it adds up.

  Throws ArrayNotFoundException for a column that is not there, ShapeMismatchException for one that is not given,
  DTypeMismatchException, which names the column, for values that do not fit or stand for other categories, ReadOnlyException,
  ScopeOpenException.

  Example:
    (npd/append-dataset! pack (ds/->dataset {:features-0 [7.0] :features-1 [8.0] :labels [1]}))
    (npk/shape pack :features) ;=> [4 2]"
  [editor dataset]
  (check-dataset dataset)
  (in-batch editor "append a dataset" tries
            (fn [batch]
              (append-columns! batch (appending batch nil dataset {}))))
  editor)

(defn write-chunks!
  "Saves a sequence of datasets in a pack, one below the other, in one commit, with only one of them in memory.

  datasets  anything that reduces: a sequence, an eduction, an Iterable, such as what tech.v3.dataset.io.csv/csv->dataset-seq
            reads from a file of any size. The first one decides on columns and dtypes, those that follow are appended as by
            append-dataset!

  Rows that were written wait in files of the coming commit, so the disk holds them twice for a moment. What stays in memory are
  the distinct strings, up to half a million or 32 MB of each column; those beyond are not looked for again.

  Options:
    :as            as for save-dataset!
    :progress      a function that is called after each dataset with {:chunks n :rows n}, the numbers so far
    :memory-limit  bytes of heap for rows that wait, such as \"64 MB\", which is the default

  Returns the pack. Throws as save-dataset! and append-dataset!, ConflictException if somebody else changed the columns meanwhile,
  and what datasets throws; the pack is unchanged then.

  Example:
    (npd/write-chunks! pack (map (fn [i] (ds/->dataset {:i (range i (+ i 100))})) (range 0 1000 100)))
    (npk/shape pack :i) ;=> [1000]"
  [pack datasets & {:as options}]
  (let [{:keys [as progress memory-limit]} (arg/options "write-chunks!" [:as :progress :memory-limit] options)
        progress (or progress identity)
        written? (volatile! false)
        write    (fn [^Batch batch {:keys [names dictionaries]} dataset]
                   (check-dataset dataset)
                   (if names
                     {:names names, :dictionaries (append-columns! batch (appending batch names dataset dictionaries))}
                     (let [[layouts dictionaries] (save-columns! batch dataset as replace!)]
                       {:names (mapv :name layouts), :dictionaries dictionaries})))]
    (when-not (ifn? progress)
      (throw (arg/invalid (str ":progress is a function of a map, got " (pr-str progress)) progress)))
    (when (ds/dataset? datasets)
      (throw (arg/invalid "expected a sequence of datasets, got one; put it into a vector, or save it with save-dataset!" datasets)))
    (when-not (or (nil? datasets) (instance? IReduceInit datasets) (instance? Iterable datasets) (seqable? datasets))
      (throw (arg/invalid (str "expected a sequence of datasets, got " (.getName (class datasets))) datasets)))
    (arg/pack pack "save datasets in a commit of its own")
    (try
      (npk/call-with-batch pack
                           (^{:once true} fn* [batch]
                            (reduce (fn [{:keys [chunks rows] :as so-far} dataset]
                                      (let [written (write batch so-far dataset)
                                            numbers {:chunks (inc (long chunks)), :rows (+ (long rows) (ds/row-count dataset))}]
                                        (progress numbers)
                                        (merge written numbers)))
                                    {:chunks 0, :rows 0}
                                    datasets)
                            (vreset! written? true))
                           {:on-error :discard, :memory-limit (or memory-limit "64 MB")})
      (catch ConflictException e
        (throw (if @written? (beaten e) e))))
    pack))

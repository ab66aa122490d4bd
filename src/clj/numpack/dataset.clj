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
  (:require [clojure.string :as str]
            [numpack.arguments :as arg]
            [numpack.columns :as columns]
            [numpack.core :as npk]
            [tech.v3.dataset :as ds])
  (:import [java.util Collection LinkedHashMap]
           [numpack ArrayExistsException ArrayNotFoundException ArraySource Batch Chunks DType InvalidNameException InvalidOptionException NDArray
            NumPack ShapeMismatchException WritableBatch]
           [numpack.format ArrayNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; reading

(defn- selected
  "The layouts of the named arrays, or of all that are columns."
  [^ArraySource source names]
  (let [all       (vec (.names source))
        described (columns/descriptions source all)
        names     (if (nil? names)
                    (remove #(columns/companion? described %) all)
                    (distinct (arg/array-names names)))]
    (mapv #(columns/layout source % (described %)) names)))

(defn- every-name? [x]
  (or (nil? x) (true? x) (false? x)))

(defn- with-tensors
  "Layouts in which the arrays named by :tensor-columns are columns of tensors."
  [layouts tensor-columns]
  (let [named (if (every-name? tensor-columns)
                (constantly tensor-columns)
                (set (arg/array-names tensor-columns)))]
    (mapv (fn [{:keys [kind name] :as layout}]
            (if (and (= :table kind) (named name))
              (assoc layout :kind :tensor, :columns [{:string name}])
              layout))
          layouts)))

(defn- with-names
  "Layouts whose columns have the names that :column-names gives."
  [layouts column-names]
  (let [given (into {} (map (fn [[k v]] [(arg/array-name k) v])) column-names)]
    (when-let [unknown (first (remove (set (map :name layouts)) (keys given)))]
      (throw (InvalidOptionException. (str ":column-names names the columns of the array \"" unknown "\", which is not in the dataset")
                                      (object-array ["found" unknown "expected" (mapv :name layouts)]))))
    (mapv (fn [{:keys [name columns] :as layout}]
            (if-let [names (given name)]
              (if (= (count names) (count columns))
                (assoc layout :columns (mapv #(assoc %1 :given %2) columns names))
                (throw (ShapeMismatchException. (str ":column-names has " (count names) " names for the array \"" name "\", which has "
                                                     (count columns) " columns")
                                                (object-array ["array" name "expected" (count columns) "found" (count names)]))))
              layout))
          layouts)))

(def ^:private reading-options [:key-fn :column-names :tensor-columns :dataset-name])

(defn- layouts [source names {:keys [tensor-columns column-names]}]
  (-> (selected source names) (with-tensors tensor-columns) (with-names column-names)))

(defn- call-text [names]
  (str "(npd/dataset pack [" (str/join " " (map #(if (re-matches #"[a-zA-Z][\w*+!?-]*" %) (str ":" %) (pr-str %)) names)) "])"))

(defn- check-rows [layouts arrays]
  (let [rows (mapv (fn [{:keys [name]} ^NDArray array] [name (.rows array)]) layouts arrays)
        most (first (sort-by (comp - count) (vals (group-by second rows))))]
    (when (< 1 (count (distinct (map second rows))))
      (throw (ShapeMismatchException. (str "the columns of a dataset have the same number of rows, but there are "
                                           (str/join ", " (map (fn [[name n]] (str name " " n)) (take 30 rows)))
                                           (when (< 30 (count rows)) ", …")
                                           "; choose those that belong together, such as " (call-text (map first most)))
                                      (object-array ["found" (into {} rows)]))))))

(defn- check-mask [{:keys [name]} ^NDArray array ^NDArray mask]
  (when-not (and (= DType/BOOL (.dtype mask)) (= (.rows array) (.rows mask)) (or (= 1 (.rank mask)) (= (.rank array) (.rank mask))))
    (throw (ShapeMismatchException. (str "array \"" name "\" has " (.rows array) " rows, but \"" name ".missing\", which tells its missing "
                                         "values, has " (.rows mask) "; append with append-dataset!, and drop the rows of both")
                                    (object-array ["array" name "expected" (.rows array) "found" (.rows mask)])))))

(defn- check-distinct [names]
  (when-not (or (empty? names) (apply distinct? names))
    (let [twice (ffirst (filter #(< 1 (long (val %))) (frequencies names)))]
      (throw (InvalidNameException. (str "two columns would be named " (pr-str twice) "; choose other names with :column-names or :key-fn")
                                    (object-array ["found" twice]))))))

(defn- naming [key-fn]
  (fn [{:keys [given own string]}]
    (cond
      (some? given) given
      key-fn        (key-fn string)
      (some? own)   own
      :else         (keyword string))))

(defn- build
  "The dataset of these layouts. Arrays are asked for by (fetch name), strings by (pool name)."
  [layouts fetch pool {:keys [key-fn dataset-name]}]
  (let [arrays  (mapv (comp fetch :name) layouts)
        columns (doall (mapcat (fn [{:keys [name missing?] :as layout} ^NDArray array]
                                 (let [mask (when missing? (fetch (str name ".missing")))]
                                   (when mask
                                     (check-mask layout array mask))
                                   (columns/read-columns layout (if (columns/fixed? layout) (.readOnly array) array) mask (pool name)
                                                         (naming key-fn))))
                               layouts arrays))]
    (check-rows layouts arrays)
    (check-distinct (map :tech.v3.dataset/name columns))
    (ds/new-dataset {:dataset-name dataset-name} columns)))

(defn- dataset-name [source options]
  (or (:dataset-name options)
      (when (instance? NumPack source)
        (str (.getFileName (.path ^NumPack source))))
      "_unnamed"))

(defn- fetching
  "A function from the name of an array to the array as the columns of a dataset are to lie over it."
  [^ArraySource source layouts copy?]
  (let [edited (into #{} (comp (remove columns/fixed?) (map :name)) layouts)]
    (fn [^String name]
      (cond
        copy? (if (instance? NumPack source) (.load source name) (.copy (.lazy source name)))
        (and (instance? WritableBatch source) (edited name)) (.load source name)
        :else (.lazy source name)))))

(defn- state-of
  "What changes when somebody commits an edit of the arrays."
  [^ArraySource source names]
  (mapv (fn [^String name]
          (when (.exists source name)
            [(.lastModified (.info source name)) (.rows (.info source name))]))
        names))

(defn- at-one-moment
  "Calls f again while others commit edits of the arrays."
  [^ArraySource source names f]
  (loop [tries 100]
    (let [before (state-of source names)
          result (f)]
      (if (or (zero? tries) (= before (state-of source names)))
        result
        (recur (dec tries))))))

(defn- reading-arguments [caller valid names options]
  (if (and (map? names) (nil? options))
    [nil (arg/options caller valid names)]
    [names (arg/options caller valid options)]))

(defn dataset
  "The arrays of a pack or scope as a dataset, whose columns lie over the arrays' own memory: nothing is copied or scanned.

  names  a name or a collection of names, in the order of the columns; default (nil) all arrays that are columns

  An array of rank 1 is a column. One of rank 2 is a column for each number of a row, features-0, features-1, …, or as
  :column-names says; one of higher rank a column of tensors, one for each row. Columns of strings are read by their codes;
  missing values are those that were missing when the column was saved: an array saved otherwise has none, and NaN stays NaN.

  Columns can be read only, and go on being readable when the pack is closed; they show later edits of the pack, as lazy arrays do.
  In a writable batch they are its writable views, except for columns of strings or with missing values.

  Options:
    :key-fn          from the string name of a column to its name; default the name with which it was saved, else keyword
    :column-names    {array [name …]}, names for the columns of some arrays
    :tensor-columns  arrays of rank 2 (a name, several, or true for all) that become one column of row tensors each
    :copy?           whether the columns are copied to the heap, at one moment, so that no later edit changes them; default false
    :dataset-name    default the directory of the pack

  Throws ShapeMismatchException if the arrays differ in rows, ArrayNotFoundException, InvalidNameException if two columns had one
  name, CorruptPackException, DTypeMismatchException if an array is not what was saved as a column.

  Example:
    (ds/column-names (npd/dataset pack))             ;=> [:features-0 :features-1 :labels]
    (vec (:labels (npd/dataset pack [:labels])))     ;=> [0 1 1]
    (ds/row-count (npd/dataset pack {:copy? true})) ;=> 3"
  ([source]
   (dataset source nil))
  ([source names & {:as options}]
   (let [[names {:keys [copy?] :as options}] (reading-arguments "dataset" (conj reading-options :copy?) names options)
         source  (arg/source source)
         options (assoc options :dataset-name (dataset-name source options))
         layouts (layouts source names options)
         read    #(build layouts (fetching source layouts copy?) (fn [name] (delay (columns/pool source name))) options)]
     (if (and copy? (instance? NumPack source))
       (at-one-moment source (mapcat (fn [{:keys [name]}] (cons name (columns/companions source name))) layouts) read)
       (read)))))

(defn dataset-chunks
  "The arrays of a pack or scope as datasets of n rows, for what exceeds the memory.

  names, options  as for dataset, without :copy?
  n               rows of a chunk, at least 1; the last one may have fewer

  The result is reducible, counted, and a sequence for doseq and pmap that reads one chunk at a time, as that of
  numpack.core/chunks. The datasets do not share memory with each other, but for the strings; in a writable batch their columns
  are writable views, else copies. Each has the metadata {:numpack/rows [from to]}.

  Throws as dataset.

  Example:
    (transduce (map #(dfn/sum (:labels %))) + 0.0 (npd/dataset-chunks pack [:labels] 2)) ;=> 2.0
    (map ds/row-count (npd/dataset-chunks pack nil 2))                                   ;=> (2 1)"
  [source names n & {:as options}]
  (let [options (arg/options "dataset-chunks" reading-options options)
        source  (arg/source source)
        options (assoc options :dataset-name (dataset-name source options))
        layouts (layouts source names options)
        chunks  (into {} (for [{:keys [name missing?]} layouts
                               array (cond-> [name] missing? (conj (str name ".missing")))]
                           [array (.chunks source array (long n))]))
        pools   (into {} (for [{:keys [name]} layouts] [name (delay (columns/pool source name))]))]
    (check-rows layouts (map #(.lazy source (:name %)) layouts))
    (let [^Chunks first-chunks (or (get chunks (:name (first layouts)))
                                   (throw (arg/invalid "dataset-chunks needs an array that is a column" names)))]
      (npk/pieces "Datasets" (.count first-chunks)
                  (fn [^long i]
                    (vary-meta (build layouts (fn [array] (.get ^Chunks (chunks array) i)) pools options)
                               assoc :numpack/rows [(.from first-chunks i) (.to first-chunks i)]))))))

;; writing

(defn- arrays-of
  "The layouts in which a dataset is to be saved, with the columns of each: [[layout columns] …]."
  [dataset as]
  (let [cs      (vec (ds/columns dataset))
        table   (when as (filterv columns/numeric? cs))
        packed? (set (map (comp :name meta) table))]
    (when (and as (empty? table))
      (throw (arg/invalid (str ":as " (pr-str as) " packs numeric columns into one array, but the dataset has none") as)))
    (concat (when as
              [[(columns/table-layout (arg/array-name as) table) table]])
            (for [c cs :when (not (packed? (:name (meta c))))]
              [(columns/column-layout c) [c]]))))

(defn- check-names [layouts]
  (let [names (mapcat (fn [{:keys [name] :as layout}]
                        (concat [name]
                                (when (columns/description-of layout) [(str name ".column")])
                                (when (:missing? layout) [(str name ".missing")])
                                (when (:words layout) [(str name ".strings") (str name ".offsets")])))
                      layouts)]
    (when-let [twice (ffirst (filter #(< 1 (long (val %))) (frequencies names)))]
      (throw (InvalidNameException. (str "two columns would be saved as array \"" twice "\"; rename one of them, with "
                                         "tech.v3.dataset/rename-columns")
                                    (object-array ["array" twice]))))))

(defn- check-dataset [x]
  (when-not (ds/dataset? x)
    (throw (arg/invalid (str "expected a dataset of tech.ml.dataset, got " (if (nil? x) "nil" (.getName (class x)))
                             "; tech.v3.dataset/->dataset makes one") x))))

(defn- check-free
  "Refuses to write over arrays that belong to no column."
  [^Batch batch arrays]
  (doseq [^String array arrays]
    (ArrayNames/check array)
    (when (.exists batch array)
      (throw (ArrayExistsException. (str "array \"" array "\" is needed for a column, but there is one of that name that belongs to none; rename or "
                                         "delete it, or rename the column")
                                    (object-array ["array" array]))))))

(defn- save-columns!
  "Saves columns as new arrays of a batch, in their order, and returns the dictionaries by the name of the array."
  [^Batch batch layouts-and-columns save]
  (check-names (map first layouts-and-columns))
  (let [dictionaries (into {} (for [[{:keys [name words]}] layouts-and-columns :when words] [name (columns/new-dictionary)]))
        stale        (into #{} (mapcat (fn [[{:keys [name]}]]
                                         (concat (when (.exists batch name) [name]) (columns/companions batch name))))
                           layouts-and-columns)
        arrays       (LinkedHashMap.)]
    (doseq [[{:keys [name] :as layout} cs] layouts-and-columns]
      (doseq [[array contents] (columns/write-columns layout cs (dictionaries name) nil)]
        (.put arrays array contents))
      (when-let [description (columns/description-of layout)]
        (.put arrays (str name ".column") (columns/description-array description))))
    (check-free batch (remove stale (keys arrays)))
    (.delete batch ^Collection (vec stale))
    (save batch arrays)
    dictionaries))

(defn- in-batch
  "Calls f with a batch: the editor itself, or one on the pack, which is committed only if f returns."
  [editor what options f]
  (if (instance? Batch editor)
    (f editor)
    (npk/call-with-batch (arg/editor editor what) f (assoc options :on-error :discard))))

(defn save-dataset!
  "Saves the columns of a dataset as arrays, in one commit, in place of arrays and columns that have their names.

  A column's array has the column's name; of a namespaced keyword :a/b it is a.b. Numbers and booleans are saved as they are, times as
  the numbers in which dtype-next packs them, strings, text, keywords, symbols and UUIDs by codes and the distinct strings,
  tensors of one shape (also vectors of numbers) as rows. Where a value is missing the array holds the least signed integer, 0 of
  unsigned ones, NaN, false or the empty string.

  dataset gives the columns back in their order, with names, dtypes, missing sets, categorical maps, and what else of their metadata
  can be written as EDN. Datasets that are open over the arrays that were there go on showing those.

  Options:
    :as  the name of one array of rank 2 for all numeric columns, which have its dtype then: the widest of theirs

  Throws DTypeMismatchException, which names the column, for one that arrays cannot hold, InvalidNameException, ArrayExistsException
  if an array that belongs to no column has the name of one that is needed beside a column,
  ShapeMismatchException for tensors of several shapes, ReadOnlyException, ScopeOpenException, ConflictException if the columns were
  changed by somebody else meanwhile.

  Example:
    (npd/save-dataset! pack (ds/->dataset {:city [\"Oslo\" nil \"Rome\"]}))
    (vec (:city (npd/dataset pack :city))) ;=> [\"Oslo\" nil \"Rome\"]
    (seq (npk/load pack :city))            ;=> (1 0 2)"
  [editor dataset & {:as options}]
  (let [{:keys [as]} (arg/options "save-dataset!" [:as] options)]
    (check-dataset dataset)
    (in-batch editor "save a dataset" {}
              (fn [^Batch batch]
                (save-columns! batch (arrays-of dataset as)
                               (if (identical? batch editor)
                                 (fn [^Batch batch arrays] (.save batch ^LinkedHashMap arrays))
                                 (fn [^Batch batch arrays] (.adopt batch arrays))))))
    editor))

(defn- check-whole
  "Refuses to append to some columns of a dataset, since the others would fall behind."
  [layouts-and-columns layouts ^ArraySource source]
  (let [rows   (fn [{:keys [name]}] (.rows (.info source name)))
        given  (into #{} (map (comp :name first)) layouts-and-columns)
        n      (some-> (ffirst layouts-and-columns) rows)
        behind (remove given (map :name (filter #(= n (rows %)) layouts)))]
    (check-rows (map first layouts-and-columns) (map #(.lazy source (:name (first %))) layouts-and-columns))
    (when (seq behind)
      (throw (ShapeMismatchException. (str "the dataset has no rows for " (str/join ", " behind) ", which have " n " rows as the others: they would "
                                           "fall behind. Add them to the dataset, or append to single arrays with numpack.core/append!")
                                      (object-array ["expected" n "found" (vec behind)]))))))

(defn- columns-for
  "The columns of a dataset by the layouts of the arrays to which they are to be appended: [[layout columns] …]."
  [layouts dataset source]
  (let [given  (into {} (map (juxt #(columns/name-text (:name (meta %))) identity)) (ds/columns dataset))
        fits   (fn [{:keys [kind name columns] :as layout}]
                 (if (and (= :table kind) (given name))
                   [(first (with-tensors [layout] true)) [(given name)]]
                   [layout (mapv (comp given :string) columns)]))
        found  (filter (fn [[_ cs]] (some some? cs)) (map fits layouts))
        known  (into #{} (mapcat (fn [[layout _]] (map :string (:columns layout)))) found)]
    (when-let [unknown (first (remove known (keys given)))]
      (throw (ArrayNotFoundException. (str "there is no column " (pr-str unknown) " to append to; there are "
                                           (str/join ", " (mapcat #(map :string (:columns %)) layouts)) "; save-dataset! saves new columns")
                                      (object-array ["array" unknown]))))
    (doseq [[{:keys [name columns]} cs] found]
      (when-let [absent (seq (keep (fn [[column c]] (when-not c (:string column))) (map vector columns cs)))]
        (throw (ShapeMismatchException. (str "array \"" name "\" has " (count columns) " columns, and rows for " (str/join ", " absent)
                                             " are not given")
                                        (object-array ["array" name "found" (vec absent)])))))
    (check-whole found layouts source)
    found))

(defn- begin-mask!
  "Gives the array of a layout, in which no value was missing, a mask that says so."
  [^Batch batch {:keys [name kind columns] :as layout}]
  (let [stale  (columns/companions batch name)
        rows   (.rows (.info batch name))
        arrays (doto (LinkedHashMap.)
                 (.put (str name ".missing") (NDArray/zeros DType/BOOL (long-array (if (= :table kind) [rows (count columns)] [rows]))))
                 (.put (str name ".column") (columns/description-array (columns/description-of layout))))]
    (check-free batch (remove (set stale) (keys arrays)))
    (.delete batch ^Collection (filterv #(.containsKey arrays %) stale))
    (.save batch arrays)))

(defn- append-columns!
  "Appends columns to arrays of a batch. dictionaries is an atom of {array dictionary}."
  [^Batch batch layouts-and-columns dictionaries]
  (let [dictionary (fn [name]
                     (or (@dictionaries name)
                         (get (swap! dictionaries assoc name (columns/known-dictionary batch name)) name)))
        written    (vec (for [[{:keys [name words missing?] :as layout} cs] layouts-and-columns
                              :let [begins? (and (not missing?) (boolean (some #(seq (ds/missing %)) cs)))
                                    layout  (cond-> layout begins? (assoc :missing? true))]]
                          [layout begins? (columns/write-columns layout cs (when words (dictionary name)) (rest (.shape (.info batch name))))]))
        rows       (LinkedHashMap.)]
    (doseq [[layout begins?] written :when begins?]
      (begin-mask! batch layout))
    (doseq [[_ _ arrays] written, [array ^NDArray contents] arrays :when (pos? (.rows contents))]
      (.put rows array contents))
    (.append batch rows)))

(defn append-dataset!
  "Appends the rows of a dataset to the columns of its names, in one commit.

  Every column that has as many rows as these must be given, in any order. Values take the dtype of the array, and are refused
  if that would change them. Strings that are new, and the first missing value of a column, are no exception.

  Throws ArrayNotFoundException for a column that is not there, ShapeMismatchException for one that is not given,
  DTypeMismatchException, which names the column, for values that do not fit, ReadOnlyException, ScopeOpenException, ConflictException if the
  columns were changed by somebody else meanwhile.

  Example:
    (npd/append-dataset! pack (ds/->dataset {:features-0 [7.0] :features-1 [8.0] :labels [1]}))
    (npk/shape pack :features) ;=> [4 2]"
  [editor dataset]
  (check-dataset dataset)
  (in-batch editor "append a dataset" {}
            (fn [batch]
              (append-columns! batch (columns-for (selected batch nil) dataset batch) (atom {}))))
  editor)

(defn write-chunks!
  "Saves a sequence of datasets one below the other, in one commit, with only one of them in memory: what tech.v3.dataset reads from
  files of any size, such as (tech.v3.dataset.io.csv/csv->dataset-seq file).

  datasets  anything that reduces: a sequence, an eduction, an Iterable. The first one decides on columns and dtypes, those that follow
            are appended as by append-dataset!

  Rows that were written wait in files of the coming commit, so the disk holds them twice for a moment. What stays in memory are the distinct
  strings, up to a million of each column; those beyond are not looked for again.

  Options:
    :as            as for save-dataset!
    :progress      a function that is called after each dataset with {:chunks n :rows n}, the numbers so far
    :memory-limit  bytes of heap for rows that wait, such as \"64 MB\"; default \"64 MB\"; a batch keeps its own

  Returns the editor. Throws as save-dataset! and append-dataset!, and what datasets throws; the pack is unchanged then.

  Example:
    (npd/write-chunks! pack (map (fn [i] (ds/->dataset {:i (range i (+ i 100))})) (range 0 1000 100)))
    (npk/shape pack :i) ;=> [1000]"
  [editor datasets & {:as options}]
  (let [{:keys [as progress memory-limit] :or {progress identity, memory-limit "64 MB"}}
        (arg/options "write-chunks!" [:as :progress :memory-limit] options)
        dictionaries (atom {})
        write        (fn [^Batch batch arrays dataset]
                       (check-dataset dataset)
                       (if arrays
                         (do (append-columns! batch (columns-for (selected batch arrays) dataset batch) dictionaries)
                             arrays)
                         (let [new (arrays-of dataset as)]
                           (reset! dictionaries (save-columns! batch new (fn [^Batch batch arrays] (.save batch ^LinkedHashMap arrays))))
                           (mapv (comp :name first) new))))]
    (in-batch editor "save datasets" {:memory-limit memory-limit}
              (^{:once true} fn* [batch]
               (reduce (fn [{:keys [arrays chunks rows]} dataset]
                         (let [arrays (write batch arrays dataset)
                               so-far {:chunks (inc (long chunks)), :rows (+ (long rows) (ds/row-count dataset))}]
                           (progress so-far)
                           (assoc so-far :arrays arrays)))
                       {:chunks 0, :rows 0}
                       datasets)))
    editor))

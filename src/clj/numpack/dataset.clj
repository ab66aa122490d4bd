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
            [numpack.chunks :as chunks]
            [numpack.columns :as columns]
            [numpack.columns.descriptions :as descriptions]
            [numpack.columns.strings :as strings]
            [numpack.core :as npk]
            [tech.v3.dataset :as ds])
  (:import [clojure.lang IReduceInit]
           [java.util Collection LinkedHashMap]
           [java.util.function Supplier]
           [numpack ArrayExistsException ArrayInfo ArrayNotFoundException ArraySource Batch ConflictException DType
            DTypeMismatchException InvalidNameException InvalidOptionException NDArray NumPack NumPackException
            ShapeMismatchException WritableBatch]
           [numpack.format ArrayNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; reading

(defn- array-names
  "The arrays of columns, named by one name or a collection of names."
  [names]
  (arg/array-names names :by columns/name-text))

(defn- selected
  "The layouts of the named arrays, or of all that are columns."
  [^ArraySource source names]
  (if (nil? names)
    (let [all       (for [^ArrayInfo info (.info source) :when (nil? (.fault info))] (.name info))
          described (descriptions/descriptions source all)]
      (mapv #(columns/layout source % (described %)) (remove (descriptions/all-companions described) all)))
    (mapv #(columns/layout source % (descriptions/described source %)) (distinct (array-names names)))))

(defn- check-known [option names layouts]
  (when-let [unknown (first (remove (set (map :name layouts)) names))]
    (throw (InvalidOptionException. (str option " has the array \"" unknown "\", which is not in the dataset; its arrays are "
                                         (str/join ", " (map :name layouts)))
                                    (object-array ["found" unknown "expected" (mapv :name layouts)])))))

(defn- with-tensors
  "Layouts in which the arrays named by :tensor-columns are columns of tensors. There a NaN is no missing value but NaN."
  [layouts tensor-columns]
  (let [every? (or (nil? tensor-columns) (boolean? tensor-columns))
        named  (when-not every? (set (array-names tensor-columns)))]
    (check-known ":tensor-columns" named layouts)
    (mapv (fn [{:keys [kind name dtype] :as layout}]
            (if (and (= :table kind) (if every? tensor-columns (named name)))
              (cond-> (assoc layout :kind :tensor, :columns [{:string name}])
                (.isFloating (arg/dtype dtype)) (assoc :missing? false))
              layout))
          layouts)))

(defn- with-names
  "Layouts whose columns have the names that :column-names gives."
  [layouts column-names]
  (when-not (and (or (nil? column-names) (map? column-names)) (every? sequential? (vals column-names)))
    (throw (arg/invalid (str ":column-names is a map of arrays to lists of names, such as {:features [:a :b]}, got " (pr-str column-names))
                        column-names)))
  (let [given (into {} (map (fn [[k v]] [(columns/name-text k) v])) column-names)]
    (check-known ":column-names" (keys given) layouts)
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

(defn- naming [key-fn]
  (fn [{:keys [given own string]}]
    (cond
      (some? given) given
      key-fn        (key-fn string)
      (some? own)   own
      :else         (keyword string))))

(defn- call-text
  "A call that works: without the layouts that have a column of a name that is there already."
  [layouts]
  (let [[names] (reduce (fn [[names seen] {:keys [name columns]}]
                          (let [columns (map (comp (naming nil) #(dissoc % :given)) columns)]
                            (if (some seen columns)
                              [names seen]
                              [(conj names name) (into seen columns)])))
                        [[] #{}] layouts)]
    (str "(npd/dataset pack [" (str/join " " (map #(if (re-matches #"[a-zA-Z][\w*+!?-]*" %) (str ":" %) (pr-str %)) names)) "])")))

(defn- check-rows
  "Checks that layouts, given as [[layout rows] …], have the same number of rows."
  [rows]
  (let [most  (first (sort-by (comp - count) (vals (group-by second rows))))
        named (map (fn [[{:keys [name]} n]] [name n]) rows)]
    (when (< 1 (count (distinct (map second rows))))
      (throw (ShapeMismatchException. (str "the columns of a dataset have the same number of rows, but there are "
                                           (str/join ", " (map (fn [[name n]] (str name " " n)) (take 30 named)))
                                           (when (< 30 (count rows)) ", …")
                                           "; choose those that belong together, such as " (call-text (map first most)))
                                      (object-array ["found" (into {} named)]))))))

(defn- check-mask
  "Checks the dtype and shape of the mask of an array of that shape."
  [{:keys [name table?]} shape mask-dtype mask-shape]
  (let [expected (vec (take (if table? 2 1) shape))
        found    (vec mask-shape)]
    (when-not (and (= DType/BOOL mask-dtype) (= expected found))
      (throw (ShapeMismatchException. (str "array \"" name "\" has the shape " (vec shape) ", but \"" name ".missing\", which tells "
                                           "its missing values, " found " instead of " expected "; append to both, with append-dataset!, "
                                           "and drop rows of both; now append the flags that it lacks, or save the column again")
                                      (object-array ["array" name "expected" expected "found" found]))))))

(defn- check-distinct [names]
  (when-not (or (empty? names) (apply distinct? names))
    (let [twice (ffirst (filter #(< 1 (long (val %))) (frequencies names)))]
      (throw (InvalidNameException. (str "two columns would be named " (pr-str twice) "; choose other names with :column-names")
                                    (object-array ["found" twice]))))))

(defn- build
  "The dataset of these layouts. Arrays are asked for by (fetch name), strings by (pool name)."
  [layouts fetch pool own? {:keys [key-fn dataset-name]}]
  (let [arrays  (mapv (comp fetch :name) layouts)
        columns (doall (mapcat (fn [{:keys [name missing?] :as layout} ^NDArray array]
                                 (let [^NDArray mask (when missing? (fetch (str name ".missing")))]
                                   (when mask
                                     (check-mask layout (.shape array) (.dtype mask) (.shape mask)))
                                   (columns/read-columns layout (if (and (columns/fixed? layout) (not own?)) (.readOnly array) array)
                                                         own? mask (pool name) (naming key-fn))))
                               layouts arrays))]
    (check-rows (mapv (fn [layout ^NDArray array] [layout (.rows array)]) layouts arrays))
    (check-distinct (map :tech.v3.dataset/name columns))
    (ds/new-dataset {:dataset-name dataset-name} columns)))

(defn- dataset-name [source options]
  (or (:dataset-name options)
      (when (instance? NumPack source)
        (str (.getFileName (.path ^NumPack source))))
      "_unnamed"))

(defn- at-one-moment [^ArraySource source f]
  (.atOneMoment source (reify Supplier (get [_] (f)))))

(defn- edited
  "The names of the arrays that a writable batch is to edit through columns."
  [source layouts]
  (if (instance? WritableBatch source)
    (into #{} (comp (remove columns/fixed?) (map :name)) layouts)
    #{}))

(defn- claim!
  "Loads the arrays that a writable batch is to edit, which nobody else can replace from then on."
  [^ArraySource source names options]
  (when (instance? WritableBatch source)
    (run! #(.load source ^String %) (edited source (layouts source names options)))))

(defn- view
  "The array as columns are to lie over it."
  ^NDArray [^ArraySource source edited ^String name]
  (if (edited name)
    (.load source name)
    (.lazy source name)))

(defn- common-rows
  "The rows of the columns in a writable batch, whose views stay as they were when others append to all of the columns; else nil.
  Columns of which only some views still have the rows that others dropped are refused."
  [^ArraySource source edited layouts]
  (when-let [dropped (when (next layouts)
                       (first (filter #(.hasDroppedRows ^WritableBatch source %) edited)))]
    (throw (ConflictException. (str "rows of array \"" dropped "\" were dropped by somebody else since this writable batch first used it; "
                                    "they are still in its view, but not in other columns. Open another writable batch")
                               (object-array ["array" dropped]))))
  (when (and (seq edited) (apply = (map (comp first :shape) layouts)))
    (reduce min (map #(.rows (.load source ^String %)) edited))))

(defn- head
  "The first n rows of an array."
  ^NDArray [^NDArray array n]
  (if (and n (< (long n) (.rows array)))
    (.rows array 0 (long n))
    array))

(defn- reading-arguments
  "The names and the options among the arguments after the source."
  [caller valid arguments]
  (let [options? (or (map? (first arguments))
                     (and (even? (count arguments)) (some #{(first arguments)} valid)))]
    [(when-not options? (first arguments))
     (arg/trailing-options caller valid (if options? arguments (rest arguments)))]))

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
  one name, CorruptPackException, DTypeMismatchException if an array is not what was saved as a column.

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

(defn- changed-meanwhile []
  (ConflictException. "the columns were saved again by somebody else while they were read in chunks; begin again" (object-array 0)))

(defn- beside
  "What is known about the arrays beside those of the layouts; it changes when somebody saves or appends columns."
  [^ArraySource source layouts]
  (vec (for [{:keys [name]} layouts
             ^String companion (descriptions/possible-companions name)
             :when (.exists source companion)
             :let [runs (.runs (.lazy source companion))]]
         [companion (.size runs)
          (if (instance? Batch source) ; whose new arrays are modified whenever they are looked at
            (when (pos? (.count runs)) (.memory runs 0))
            (.lastModified (.info source companion)))])))

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

;; writing

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
      (throw (ArrayExistsException. (str "array \"" array "\" is needed for a column, but there is one of that name that belongs to none; "
                                         "rename or delete it, or rename the column")
                                    (object-array ["array" array]))))))

(defn- there
  "The layouts of the arrays that are columns, and {name description}. What is damaged has neither."
  [^Batch batch]
  (let [names     (vec (.names batch))
        described (into {} (keep (fn [name]
                                   (try
                                     (when-let [description (descriptions/described batch name)]
                                       [name description])
                                     (catch NumPackException _ [name {}]))))
                        names)
        hidden    (descriptions/all-companions described)]
    [(vec (keep (fn [name]
                  (try
                    (columns/layout batch name (described name))
                    (catch NumPackException _ nil)))
                (remove hidden names)))
     described]))

(defn- by-name-text [cs]
  (reduce (fn [result c]
            (let [text (columns/name-text (:name (meta c)))]
              (when (result text)
                (throw (InvalidNameException. (str "two columns would be saved as array \"" text "\"; rename one of them, with "
                                                   "tech.v3.dataset/rename-columns")
                                              (object-array ["array" text]))))
              (assoc result text c)))
          {} cs))

(defn- whole
  "Those of the layouts whose columns are all given. One of which only some are given is refused, unless it is to be replaced."
  [layouts given as]
  (filterv (fn [{:keys [name columns]}]
             (let [[absent present] ((juxt remove filter) given (map :string columns))]
               (when (and (seq absent) (seq present) (not= as name))
                 (throw (InvalidNameException. (str "the columns " (str/join ", " present) " lie in the array \"" name "\" together with "
                                                    (str/join ", " absent) ", which are not given; give them too, rename the columns, "
                                                    "or delete that array before")
                                               (object-array ["array" name "found" (vec present)]))))
               (and (empty? absent) (seq present))))
           layouts))

(defn- check-real
  "Refuses to save columns of real numbers in place of the complex array that they were read from."
  [name dtype columns]
  (when (.isComplex (arg/dtype dtype))
    (throw (DTypeMismatchException. (str "the columns " (str/join ", " columns) " are those of the complex array \"" name "\", as which "
                                         "they cannot be saved; leave them out of the dataset, or delete that array before")
                                    (object-array ["array" name "found" dtype])))))

(defn- tables
  "{name columns} of the arrays of rank 2 as which numeric columns are to be saved: the one named by :as, else those where they are."
  [cs as given replaced]
  (if as
    (let [table (filterv columns/numeric? cs)]
      (when (empty? table)
        (throw (arg/invalid (str ":as " (pr-str as) " packs numeric columns into one array, but the dataset has none") as)))
      {as table})
    (into {} (for [{:keys [kind name dtype columns]} replaced
                   :let [cs (mapv (comp given :string) columns)]
                   :when (and (= :table kind) (or (every? columns/numeric? cs) (every? columns/boolean? cs)))]
               (do (check-real name dtype (map :string columns))
                   [name cs])))))

(defn- saving
  "How a dataset is to be saved: :new, a list of [layout columns] in the order of the columns, and :stale, the arrays that they replace."
  [^Batch batch cs as]
  (let [given               (by-name-text cs)
        as                  (some-> as arg/array-name)
        [layouts described] (there batch)
        replaced            (whole layouts given as)
        tables              (tables cs as given replaced)
        table-of            (into {} (for [[name cs] tables, c cs] [(:name (meta c)) name]))
        new                 (for [c cs
                                  :let [table (table-of (:name (meta c)))]
                                  :when (or (nil? table) (identical? c (first (tables table))))]
                              (if table
                                [(columns/table-layout table (tables table)) (tables table)]
                                [(columns/column-layout c) [c]]))
        names               (distinct (concat (map :name replaced) (map (comp :name first) new)))
        tensors             (into #{} (comp (map first) (filter #(= :tensor (:kind %))) (map :name)) new)]
    (doseq [{:keys [name dtype]} layouts :when (tensors name)]
      (check-real name dtype [name]))
    {:new   (vec new)
     :stale (into #{} (comp (mapcat (fn [name] (cons name (descriptions/companions name (described name)))))
                            (filter #(.exists batch %)))
                  names)}))

(defn- description-of
  "The array beside that of a layout which describes it, as [[name array]], if it needs one."
  [{:keys [name] :as layout}]
  (when-let [description (columns/description-of layout)]
    [[(str name ".column") (descriptions/description-array description)]]))

(defn- replace! [^Batch batch stale arrays]
  (.replace batch stale arrays))

(defn- needed
  "The arrays that the columns of a layout are saved as."
  [{:keys [name] :as layout}]
  (cons name (descriptions/companions name (columns/description-of layout))))

(defn- watched [layouts]
  (mapcat (fn [{:keys [name]}] (cons name (descriptions/possible-companions name))) layouts))

(defn- save-columns!
  "Saves a dataset in a batch by (replace batch stale arrays), and returns the layouts and the dictionaries by the name of the array."
  [^Batch batch dataset as replace]
  (let [cs                  (mapv columns/typed (ds/columns dataset))
        {:keys [new stale]} (at-one-moment batch (fn []
                                                   (let [{:keys [new stale] :as result} (saving batch cs as)]
                                                     (check-free batch (remove stale (mapcat (comp needed first) new)))
                                                     (.watch batch (concat stale (watched (map first new))))
                                                     result)))
        dictionaries        (into {} (for [[{:keys [name words]}] new :when words] [name (strings/new-dictionary)]))
        arrays              (LinkedHashMap.)
        put!                (fn [^String array contents]
                              (when (.containsKey arrays array)
                                (throw (InvalidNameException. (str "two columns need an array \"" array "\"; rename one of them, with "
                                                                   "tech.v3.dataset/rename-columns")
                                                              (object-array ["array" array]))))
                              (.put arrays array contents))]
    (doseq [[{:keys [name] :as layout} cs] new]
      (doseq [[array contents] (concat (columns/write-columns layout cs (dictionaries name)) (description-of layout))]
        (put! array contents)))
    (replace batch stale arrays)
    [(mapv first new) dictionaries]))

(defn- state-of [^NumPack pack]
  (mapv (fn [^ArrayInfo info] [(.name info) (.rows info) (.lastModified info)]) (.info pack)))

(defn- in-batch
  "Calls f with a batch: the editor itself, to which no other thread gets meanwhile, or one on the pack. That is committed only if
  f returns, and begun again so many times if others changed the pack meanwhile."
  [editor what tries f]
  (if (instance? Batch editor)
    (locking editor
      (f editor))
    (let [pack   (arg/editor editor what)
          before (state-of pack)
          result (try
                   (npk/call-with-batch pack f {:on-error :discard})
                   (catch NumPackException e
                     (if (and (pos? (long tries)) (or (instance? ConflictException e) (not= before (state-of pack))))
                       ::again
                       (throw e))))]
      (if (= ::again result)
        (recur editor what (dec (long tries)) f)
        result))))

(def ^:private tries 100)

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

(defn- check-whole
  "Refuses to append to some columns of a dataset, since the others would fall behind."
  [layouts-and-columns layouts]
  (let [rows   (comp first :shape)
        given  (into #{} (map (comp :name first)) layouts-and-columns)
        n      (some-> (ffirst layouts-and-columns) rows)
        behind (remove given (map :name (filter #(= n (rows %)) layouts)))]
    (check-rows (mapv (fn [[layout]] [layout (rows layout)]) layouts-and-columns))
    (when (seq behind)
      (throw (ShapeMismatchException. (str "the dataset has no rows for " (str/join ", " behind) ", which have " n " rows as the others: "
                                           "they would fall behind. Add them to the dataset, or append to single arrays with "
                                           "numpack.core/append!")
                                      (object-array ["expected" n "found" (vec behind)]))))))

(defn- columns-for
  "The columns by the layouts of the arrays to which they are to be appended: [[layout columns] …]."
  [layouts cs]
  (let [given (by-name-text cs)
        fits  (fn [{:keys [kind name columns] :as layout}]
                [layout (if (and (= :table kind) (given name))
                          (columns/spread layout (given name))
                          (mapv (comp given :string) columns))])
        found (filterv (fn [[_ cs]] (some some? cs)) (map fits layouts))
        known (into #{} (mapcat (fn [[{:keys [name columns]}]] (cons name (map :string columns)))) found)]
    (when-let [unknown (first (remove known (keys given)))]
      (throw (ArrayNotFoundException. (str "there is no column " (pr-str unknown) " to append to; there are "
                                           (or (not-empty (str/join ", " (mapcat #(map :string (:columns %)) layouts))) "none")
                                           "; save-dataset! saves new columns")
                                      (object-array ["array" unknown]))))
    (doseq [[{:keys [name columns] :as layout} cs] found]
      (when-let [absent (seq (keep (fn [[column c]] (when-not c (:string column))) (map vector columns cs)))]
        (throw (ShapeMismatchException. (str "array \"" name "\" has " (count columns) " columns, and rows for " (str/join ", " absent)
                                             " are not given")
                                        (object-array ["array" name "found" (vec absent)]))))
      (columns/check-categories layout cs))
    (check-whole found layouts)
    found))

(defn- appending
  "What a dataset is to be appended to: the layouts with its columns, and the dictionaries, those given and those that are needed, too."
  [^Batch batch names dataset dictionaries]
  (let [cs (mapv columns/typed (ds/columns dataset))]
    (at-one-moment batch
                   (fn []
                     (let [found (columns-for (selected batch names) cs)]
                       (doseq [[{:keys [name missing? shape] :as layout}] found :when missing?]
                         (let [mask (.info batch (str name ".missing"))]
                           (check-mask layout shape (.dtype mask) (.shape mask))))
                       (.watch batch (watched (map first found)))
                       [found (into dictionaries (for [[{:keys [name words]}] found :when (and words (not (dictionaries name)))]
                                                   [name (strings/known-dictionary batch name)]))])))))

(defn- nothing-yet?
  "Whether all values of the array are missing."
  [^Batch batch {:keys [name shape missing? table?]}]
  (let [rows (first shape)]
    (and (not table?)
         (or (= 0 rows)
             (and missing? (= rows (.reduce (.lazy batch (str name ".missing")) "sum")))))))

(defn- of-another-kind
  "What makes an array, all whose values are missing, one of the kind of a column: its new layout and dictionary, and the arrays to save."
  [{:keys [name columns] [rows] :shape} c]
  (let [{:keys [own string]} (first columns)
        layout     (-> (columns/column-layout c)
                       (assoc :name name, :missing? (not= 0 rows))
                       (update-in [:columns 0] assoc :own own, :string string))
        dictionary (when (:words layout) (strings/new-dictionary))
        example    (when (= :tensor (:kind layout)) (second (first (columns/write-columns layout [c] nil))))
        layout     (cond-> layout example (assoc :dtype (npk/dtype example), :shape (npk/shape example)))]
    [layout dictionary (columns/write-columns layout [(columns/nothing string rows)] dictionary)]))

(defn- appended
  "How columns are appended to an array of a batch: :before, arrays to save first, :rows to append then, and the :dictionary."
  [^Batch batch dictionaries [{:keys [name kind columns] [rows] :shape :as layout} cs]]
  (let [[layout dictionary before] (if (or (= :table kind) (columns/alike? layout (first cs) (= 0 rows)) (not (nothing-yet? batch layout)))
                                     [layout (dictionaries name) []]
                                     (of-another-kind layout (first cs)))
        begins?  (and (not (:missing? layout)) (boolean (some #(seq (ds/missing %)) cs)))
        layout   (cond-> layout begins? (assoc :missing? true))
        mask     (str name ".missing")
        flags    (if (:table? layout) [rows (count columns)] [rows])]
    {:name       name
     :dictionary dictionary
     :before     (cond-> (vec before)
                   begins?                   (conj [mask (NDArray/zeros DType/BOOL (long-array flags))])
                   (or begins? (seq before)) (into (description-of layout)))
     :rows       (columns/write-columns layout cs dictionary)}))

(defn- prepared
  "The arrays that are stale, and those to save, before rows are appended to a column."
  [^Batch batch {:keys [name before]}]
  (let [own    (set (descriptions/companions name (descriptions/described batch name)))
        arrays (into {} before)]
    (check-free batch (remove (conj own name) (keys arrays)))
    [(when (arrays name) (remove arrays own)) arrays]))

(defn- append-columns!
  "Appends columns to arrays of a batch, and returns the dictionaries."
  [^Batch batch [layouts-and-columns dictionaries]]
  (let [written (mapv #(appended batch dictionaries %) layouts-and-columns)
        before  (into [] (comp (filter (comp seq :before)) (map #(prepared batch %))) written)
        rows    (LinkedHashMap.)]
    (when (seq before)
      (replace! batch (mapcat first before) (into {} (map second) before)))
    (doseq [{arrays :rows} written, [array ^NDArray contents] arrays :when (pos? (.rows contents))]
      (.put rows array contents))
    (.append batch rows)
    (into dictionaries (keep (fn [{:keys [name dictionary]}] (when dictionary [name dictionary]))) written)))

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

(defn- beaten [conflict]
  (let [array (:array (ex-data conflict))]
    (ConflictException. (str "array \"" array "\" was changed by somebody else while datasets were written; nothing was committed. Begin "
                             "again, with the sequence from its start")
                        (object-array ["array" array]))))

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

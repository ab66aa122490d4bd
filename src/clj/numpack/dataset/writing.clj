(ns ^:no-doc numpack.dataset.writing
  "How the columns of datasets become arrays of a batch, new, in place of others, or behind them."
  (:require [clojure.string :as str]
            [numpack.arguments :as arg]
            [numpack.columns.companions :as companions]
            [numpack.columns.descriptions :as descriptions]
            [numpack.columns.layouts :as layouts]
            [numpack.columns.strings :as strings]
            [numpack.columns.writing :as writing]
            [numpack.core :as npk]
            [numpack.dataset.reading :refer [at-one-moment check-mask check-rows layouts selected]]
            [tech.v3.dataset :as ds])
  (:import [java.util LinkedHashMap]
           [numpack ArrayExistsException ArrayInfo ArrayNotFoundException Batch ConflictException DType DTypeMismatchException
            InvalidNameException NDArray NumPack NumPackException ShapeMismatchException]
           [numpack.format ArrayNames ColumnNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn check-dataset [x]
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
        hidden    (companions/all-companions described)]
    [(vec (keep (fn [name]
                  (try
                    (layouts/layout batch name (described name))
                    (catch NumPackException _ nil)))
                (remove hidden names)))
     described]))

(defn- by-name-text [cs]
  (reduce (fn [result c]
            (let [text (layouts/name-text (:name (meta c)))]
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
    (let [table (filterv layouts/numeric? cs)]
      (when (empty? table)
        (throw (arg/invalid (str ":as " (pr-str as) " packs numeric columns into one array, but the dataset has none") as)))
      {as table})
    (into {} (for [{:keys [kind name dtype columns]} replaced
                   :let [cs (mapv (comp given :string) columns)]
                   :when (and (= :table kind) (or (every? layouts/numeric? cs) (every? layouts/boolean? cs)))]
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
                                [(layouts/table-layout table (tables table)) (tables table)]
                                [(layouts/column-layout c) [c]]))
        names               (distinct (concat (map :name replaced) (map (comp :name first) new)))
        tensors             (into #{} (comp (map first) (filter #(= :tensor (:kind %))) (map :name)) new)]
    (doseq [{:keys [name dtype]} layouts :when (tensors name)]
      (check-real name dtype [name]))
    {:new   (vec new)
     :stale (into #{} (comp (mapcat (fn [name] (cons name (companions/companions name (described name)))))
                            (filter #(.exists batch %)))
                  names)}))

(defn- description-of
  "The array beside that of a layout which describes it, as [[name array]], if it needs one."
  [{:keys [name] :as layout}]
  (when-let [description (layouts/description-of layout)]
    [[(ColumnNames/description name) (descriptions/description-array description)]]))

(defn replace! [^Batch batch stale arrays]
  (.replace batch stale arrays))

(defn- needed
  "The arrays that the columns of a layout are saved as."
  [{:keys [name] :as layout}]
  (cons name (companions/companions name (layouts/description-of layout))))

(defn- watched [layouts]
  (mapcat (fn [{:keys [name]}] (cons name (companions/possible-companions name))) layouts))

(defn save-columns!
  "Saves a dataset in a batch by (replace batch stale arrays), and returns the layouts and the dictionaries by the name of the array."
  [^Batch batch dataset as replace]
  (let [cs                  (mapv layouts/typed (ds/columns dataset))
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
      (doseq [[array contents] (concat (writing/write-columns layout cs (dictionaries name)) (description-of layout))]
        (put! array contents)))
    (replace batch stale arrays)
    [(mapv first new) dictionaries]))

(defn- state-of [^NumPack pack]
  (mapv (fn [^ArrayInfo info] [(.name info) (.rows info) (.lastModified info)]) (.info pack)))

(defn in-batch
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

(def tries 100)

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
                          (writing/spread layout (given name))
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
      (writing/check-categories layout cs))
    (check-whole found layouts)
    found))

(defn appending
  "What a dataset is to be appended to: the layouts with its columns, and the dictionaries, those given and those that are needed, too."
  [^Batch batch names dataset dictionaries]
  (let [cs (mapv layouts/typed (ds/columns dataset))]
    (at-one-moment batch
                   (fn []
                     (let [found (columns-for (selected batch names) cs)]
                       (doseq [[{:keys [name missing? shape] :as layout}] found :when missing?]
                         (let [mask (.info batch (ColumnNames/mask name))]
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
             (and missing? (= rows (.reduce (.lazy batch (ColumnNames/mask name)) "sum")))))))

(defn- of-another-kind
  "What makes an array, all whose values are missing, one of the kind of a column: its new layout and dictionary, and the arrays to save."
  [{:keys [name columns] [rows] :shape} c]
  (let [{:keys [own string]} (first columns)
        layout     (-> (layouts/column-layout c)
                       (assoc :name name, :missing? (not= 0 rows))
                       (update-in [:columns 0] assoc :own own, :string string))
        dictionary (when (:words layout) (strings/new-dictionary))
        example    (when (= :tensor (:kind layout)) (second (first (writing/write-columns layout [c] nil))))
        layout     (cond-> layout example (assoc :dtype (npk/dtype example), :shape (npk/shape example)))]
    [layout dictionary (writing/write-columns layout [(writing/nothing string rows)] dictionary)]))

(defn- appended
  "How columns are appended to an array of a batch: :before, arrays to save first, :rows to append then, and the :dictionary."
  [^Batch batch dictionaries [{:keys [name kind columns] [rows] :shape :as layout} cs]]
  (let [[layout dictionary before] (if (or (= :table kind) (layouts/alike? layout (first cs) (= 0 rows)) (not (nothing-yet? batch layout)))
                                     [layout (dictionaries name) []]
                                     (of-another-kind layout (first cs)))
        begins?  (and (not (:missing? layout)) (boolean (some #(seq (ds/missing %)) cs)))
        layout   (cond-> layout begins? (assoc :missing? true))
        mask     (ColumnNames/mask name)
        flags    (if (:table? layout) [rows (count columns)] [rows])]
    {:name       name
     :dictionary dictionary
     :before     (cond-> (vec before)
                   begins?                   (conj [mask (NDArray/zeros DType/BOOL (long-array flags))])
                   (or begins? (seq before)) (into (description-of layout)))
     :rows       (writing/write-columns layout cs dictionary)}))

(defn- prepared
  "The arrays that are stale, and those to save, before rows are appended to a column."
  [^Batch batch {:keys [name before]}]
  (let [own    (set (companions/companions name (descriptions/described batch name)))
        arrays (into {} before)]
    (check-free batch (remove (conj own name) (keys arrays)))
    [(when (arrays name) (remove arrays own)) arrays]))

(defn append-columns!
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

(defn beaten [conflict]
  (let [array (:array (ex-data conflict))]
    (ConflictException. (str "array \"" array "\" was changed by somebody else while datasets were written; nothing was committed. Begin "
                             "again, with the sequence from its start")
                        (object-array ["array" array]))))

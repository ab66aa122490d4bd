(ns ^:no-doc numpack.dataset.reading
  "Which columns a dataset has, and the dataset over their arrays."
  (:require [clojure.string :as str]
            [numpack.arguments :as arg]
            [numpack.columns.companions :as companions]
            [numpack.columns.descriptions :as descriptions]
            [numpack.columns.layouts :as layouts]
            [numpack.columns.reading :as reading]
            [tech.v3.dataset :as ds])
  (:import [java.util.function Supplier]
           [numpack ArrayInfo ArraySource ConflictException DType InvalidNameException InvalidOptionException NDArray NumPack
            OutOfStepException ShapeMismatchException WritableBatch]
           [numpack.format ColumnNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn- array-names
  "The arrays of columns, named by one name or a collection of names."
  [names]
  (arg/array-names names :by layouts/name-text))

(defn- check-found
  "Refuses arrays that may be a column whose name has gone, as when it was renamed without the arrays beside it."
  [^ArraySource source layouts]
  (doseq [name  (keep #(ColumnNames/described %) (.names source))
          :when (not (.exists source name))
          :let  [description  (descriptions/described source name)
                 beside       (filterv #(.exists source %) (companions/companions name description))
                 mask         (ColumnNames/mask name)
                 rows         (when (some #{mask} beside) (.rows (.info source mask)))
                 found        (when (:together description)
                                (first (filter #(layouts/may-be? % description rows) layouts)))]
          :when found]
    (throw (OutOfStepException. (str "the column \"" name "\" is described, but there is no array of that name; if \"" (:name found)
                                     "\" is that array, rename what lay beside it, too (" (str/join ", " beside)
                                     "); else delete that, or save the column with save-dataset!")
                                (object-array ["array" (:name found) "found" beside])))))

(defn- checked
  "The layouts, if their arrays belong together."
  [source layouts]
  (run! #(companions/check-together source %) layouts)
  (check-found source layouts)
  layouts)

(defn selected
  "The layouts of the named arrays, or of all that are columns."
  [^ArraySource source names]
  (checked source
           (if (nil? names)
             (let [all       (for [^ArrayInfo info (.info source) :when (nil? (.fault info))] (.name info))
                   described (descriptions/descriptions source all)]
               (mapv #(layouts/layout source % (described %)) (remove (companions/all-companions described) all)))
             (mapv #(layouts/layout source % (descriptions/described source %)) (distinct (array-names names))))))

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
  (let [given (into {} (map (fn [[k v]] [(layouts/name-text k) v])) column-names)]
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

(def reading-options [:key-fn :column-names :tensor-columns :dataset-name])

(defn layouts [source names {:keys [tensor-columns column-names]}]
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

(defn check-rows
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

(defn check-mask
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

(defn build
  "The dataset of these layouts. Arrays are asked for by (fetch name), strings by (pool name)."
  [layouts fetch pool own? {:keys [key-fn dataset-name]}]
  (let [arrays  (mapv (comp fetch :name) layouts)
        columns (doall (mapcat (fn [{:keys [name missing?] :as layout} ^NDArray array]
                                 (let [^NDArray mask (when missing? (fetch (ColumnNames/mask name)))]
                                   (when mask
                                     (check-mask layout (.shape array) (.dtype mask) (.shape mask)))
                                   (reading/read-columns layout (if (and (layouts/fixed? layout) (not own?)) (.readOnly array) array)
                                                         own? mask (pool name) (naming key-fn))))
                               layouts arrays))]
    (check-rows (mapv (fn [layout ^NDArray array] [layout (.rows array)]) layouts arrays))
    (check-distinct (map :tech.v3.dataset/name columns))
    (ds/new-dataset {:dataset-name dataset-name} columns)))

(defn dataset-name [source options]
  (or (:dataset-name options)
      (when (instance? NumPack source)
        (str (.getFileName (.path ^NumPack source))))
      "_unnamed"))

(defn at-one-moment [^ArraySource source f]
  (.atOneMoment source (reify Supplier (get [_] (f)))))

(defn edited
  "The names of the arrays that a writable batch is to edit through columns."
  [source layouts]
  (if (instance? WritableBatch source)
    (into #{} (comp (remove layouts/fixed?) (map :name)) layouts)
    #{}))

(defn claim!
  "Loads the arrays that a writable batch is to edit, which nobody else can replace from then on."
  [^ArraySource source names options]
  (when (instance? WritableBatch source)
    (run! #(.load source ^String %) (edited source (layouts source names options)))))

(defn view
  "The array as columns are to lie over it."
  ^NDArray [^ArraySource source edited ^String name]
  (if (edited name)
    (.load source name)
    (.lazy source name)))

(defn common-rows
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

(defn head
  "The first n rows of an array."
  ^NDArray [^NDArray array n]
  (if (and n (< (long n) (.rows array)))
    (.rows array 0 (long n))
    array))

(defn reading-arguments
  "The names and the options among the arguments after the source."
  [caller valid arguments]
  (let [options? (or (map? (first arguments))
                     (and (even? (count arguments)) (some #{(first arguments)} valid)))]
    [(when-not options? (first arguments))
     (arg/trailing-options caller valid (if options? arguments (rest arguments)))]))

(defn changed-meanwhile []
  (ConflictException. "the columns were saved again by somebody else while they were read in chunks; begin again" (object-array 0)))

(defn beside
  "What is known about the arrays beside those of the layouts; it changes when somebody saves or appends columns."
  [^ArraySource source layouts]
  (vec (for [{:keys [name]} layouts
             ^String companion (companions/possible-companions name)
             :when (.exists source companion)
             :when (nil? (.fault (.info source companion)))]
         [companion (.rows (.info source companion)) (.lastEdit source companion)])))

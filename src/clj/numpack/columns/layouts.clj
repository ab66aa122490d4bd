(ns ^:no-doc numpack.columns.layouts
  "How the columns of a dataset lie in the arrays of a pack; numpack.dataset tells the names of these arrays.

  A layout is a map that tells it for one array, the same for arrays that are there and for columns that are to be saved:

    :name     of the array
    :kind     :plain, elements of the array's dtype; :time, a packed number; :words, codes of strings; :table, a column for
              each number of a row; :tensor, a tensor for each row
    :dtype    of the array
    :shape    of the array, if it is there
    :columns  a vector of a map for each column: :string, which its name is made of; :own, its name, where that is known;
              :dtype; :metadata
    :words    what the strings stand for, :string :text :keyword :symbol :uuid or :char
    :missing? whether a mask tells missing values
    :table?   whether that mask has a flag for each number of a row
    :described?  of an array that is there, whether it has a description
    :together?   whether the times of its arrays tell that they were edited together"
  (:refer-clojure :exclude [boolean?])
  (:require [numpack.arguments :as arg]
            [numpack.columns.descriptions :as descriptions]
            [numpack.columns.strings :as strings]
            [numpack.columns.times :refer [time-format]]
            [numpack.tensor.elements :as elements]
            [tech.v3.dataset.column :as column]
            [tech.v3.dataset.impl.column-base :as column-base]
            [tech.v3.dataset.protocols :as ds-proto]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.casting :as casting]
            [tech.v3.datatype.packing :as packing])
  (:import [java.time Duration Instant LocalDate LocalDateTime LocalTime]
           [numpack ArraySource DType DTypeMismatchException InvalidNameException NDArray]
           [org.roaringbitmap RoaringBitmap]
           [tech.v3.dataset.impl.column Column]
           [tech.v3.dataset.string_table StringTable]
           [tech.v3.datatype NDBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn refused
  "The exception for what is found in a column, in one row of it or (nil) in all. For one row, why tells what the others are."
  [c row found why]
  (let [name (ds-proto/column-name c)]
    (DTypeMismatchException. (if row
                               (str "column " (pr-str name) " has at row " row " " (pr-str found) ", which is no " why " as the others "
                                    "are; convert all of them to one type with tech.v3.dataset/column-map, or a file as it is "
                                    "read with the option :parser-fn")
                               (str "column " (pr-str name) " " why))
                             (object-array ["array" (str name) "found" found]))))

(defn name-text
  "The name of the array of a column."
  [column-name]
  (cond
    (string? column-name)  column-name
    (ident? column-name)   (if-let [space (namespace column-name)] (str space "." (name column-name)) (name column-name))
    (integer? column-name) (str column-name)
    :else (throw (InvalidNameException. (str "a column is named by a string, a keyword, a symbol or an integer, got " (pr-str column-name)
                                             "; see tech.v3.dataset/rename-columns")
                                        (object-array ["found" column-name])))))

(defn- expected-array
  "The dtype and rank that the array of a described column must have."
  [{:keys [dtype words columns tensor] :as description}]
  (cond
    (empty? (dissoc description :version :missing :together)) [nil nil]
    words   [:int32 1]
    columns [nil 2]
    tensor  [nil nil]
    dtype   [(or (:store (time-format dtype)) dtype) 1]
    :else   [nil 1]))

(defn layout
  "How the columns lie in the array of that name."
  [^ArraySource source ^String name {:keys [dtype words columns tensor metadata missing] :as description}]
  (let [info    (.info source name)
        stored  (arg/dtype-keyword (.dtype info))
        shape   (cond-> (vec (.shape info)) (.isComplex (.dtype info)) (conj 2))
        rank    (count shape)
        [expected-dtype expected-rank] (expected-array description)]
    (when-not (and (contains? #{nil stored} expected-dtype) (contains? #{nil rank} expected-rank)
                   (or (nil? columns) (= (count columns) (shape 1))))
      (throw (DTypeMismatchException. (str "array \"" name "\" is of dtype " stored " and shape " (vec (.shape info))
                                           ", which is not what \"" name ".column\" describes; delete that array, or save the column "
                                           "with save-dataset!")
                                      (object-array ["array" name "found" stored "expected" expected-dtype]))))
    {:name       name
     :described? (some? description)
     :together?  (:together description)
     :dtype      stored
     :shape      (vec (.shape info))
     :words      words
     :missing?   (boolean missing)
     :table?     (and (= 2 rank) (not tensor))
     :kind       (cond
                   words                      :words
                   (some-> dtype time-format) :time
                   (or tensor (< 2 rank))     :tensor
                   (= 2 rank)                 :table
                   :else                      :plain)
     :columns    (cond
                   columns                       (mapv #(assoc % :string (name-text (:name %)) :own (:name %)) columns)
                   (and (= 2 rank) (not tensor)) (mapv #(hash-map :string (str name "-" %)) (range (shape 1)))
                   :else                         [{:string name, :own (:name description), :dtype dtype, :metadata metadata}])}))

(defn may-be?
  "Whether an array that nothing describes may be the one that a description is of; mask-rows are those of its mask, or nil."
  [{:keys [described? dtype shape]} description mask-rows]
  (let [[expected-dtype expected-rank] (expected-array description)]
    (and (not described?)
         (contains? #{nil dtype} expected-dtype)
         (contains? #{nil (count shape)} expected-rank)
         (contains? #{nil (first shape)} mask-rows))))

(defn fixed?
  "Whether columns can only be read, also in a writable batch: an edit would have to change several arrays."
  [{:keys [missing? kind columns]}]
  (or missing? (= :words kind) (and (= :time kind) (not (packing/packed-datatype? (:dtype (first columns)))))))

(defn column-data
  "The values of a column without its missing set."
  [c]
  (if (instance? Column c)
    (.-data ^Column c)
    (dtype/->reader c)))

(defn missing
  "The missing set of a column, only to be read."
  ^RoaringBitmap [c]
  (ds-proto/missing c))

(defn all-missing? [c]
  (= (dtype/ecount c) (.getLongCardinality (missing c))))

(defn- first-present [c]
  (let [missing (missing c)
        values  (dtype/->reader (column-data c))]
    (first (keep #(when-not (.contains missing (int %)) (values %)) (range (dtype/ecount values))))))

(defn tensor-row? [x]
  (or (instance? NDBuffer x) (instance? NDArray x) (sequential? x) (some-> x class .isArray)
      (and (dtype/reader? x) (not (instance? RoaringBitmap x)))))

(defn- known?
  "Whether the dtype of a column tells what its values are."
  [dtype]
  (or (elements/dtypes dtype) (time-format dtype) (strings/words dtype)))

(defn sentinel
  "What stands where a value is missing: as in tech.ml.dataset the least of the signed integers, NaN, 0 or false."
  [^DType dtype]
  (cond
    (.isFloating dtype)    Double/NaN
    (= DType/BOOL dtype)   false
    (.isUnsigned dtype)    0
    (= DType/INT8 dtype)   Byte/MIN_VALUE
    (= DType/INT16 dtype)  Short/MIN_VALUE
    (= DType/INT32 dtype)  Integer/MIN_VALUE
    :else                  Long/MIN_VALUE))

(defn packed-numbers
  "The numbers of packed times over the primitive array in which they lie; nil for what lies elsewhere."
  ^NDArray [data]
  (let [dtype (dtype/elemwise-datatype data)]
    (when (packing/packed-datatype? dtype)
      (elements/over-array data (arg/dtype (casting/un-alias-datatype dtype))))))

(defn- without-nil?
  "Whether none of the numbers of packed times stands for nil, which is the least one."
  [^NDArray numbers]
  (or (zero? (.size numbers))
      (not= (sentinel (.dtype numbers)) (.reduce numbers "min"))))

(defn- with-nils-missing
  "A column in which each nil is a missing value, as it is not in those of tech.v3.dataset/ensure-array-backed."
  [c]
  (let [data    (column-data c)
        dtype   (dtype/elemwise-datatype data)
        missing (missing c)
        values  (dtype/->reader data)
        nils    (RoaringBitmap.)]
    (when-not (or (elements/dtypes dtype) (instance? StringTable data) (some-> (packed-numbers data) without-nil?))
      (dotimes [i (.lsize values)]
        (when-not (or (.contains missing i) (some? (.readObject values i)))
          (.add nils i))))
    (if (.isEmpty nils)
      c
      (column/new-column
       #:tech.v3.dataset{:name (ds-proto/column-name c), :data data, :missing (RoaringBitmap/or missing nils), :metadata (meta c)
                         :force-datatype? true}))))

(def ^:private value-dtypes
  {Boolean :boolean, Byte :int8, Short :int16, Integer :int32, Long :int64, Float :float32, Double :float64
   Instant :instant, LocalDate :local-date, LocalTime :local-time, LocalDateTime :local-date-time, Duration :duration})

(defn typed
  "A column of objects as a column of their dtype, if they are all booleans, or numbers or times of one class."
  [c]
  (let [c     (with-nils-missing c)
        data  (column-data c)
        dtype (dtype/elemwise-datatype data)
        x     (when-not (known? dtype) (first-present c))]
    (if-let [target (value-dtypes (class x))]
      (let [missing (missing c)
            values  (dtype/->reader data)
            absent  (when (elements/dtypes target) (if (instance? Boolean x) false 0))]
        (column/new-column
         #:tech.v3.dataset{:name            (ds-proto/column-name c)
                           :data            (dtype/make-container target (mapv (fn [i]
                                                                                 (if (.contains missing (int i))
                                                                                   absent
                                                                                   (let [v (values i)]
                                                                                     (when-not (instance? (class x) v)
                                                                                       (throw (refused c i v (.getSimpleName (class x)))))
                                                                                     v)))
                                                                               (range (dtype/ecount values))))
                           :missing         (.clone missing)
                           :metadata        (dissoc (meta c) :categorical?)
                           :force-datatype? true}))
      c)))

(defn- kind-of
  "How the values of a column are stored: {:kind :dtype :words}."
  [c dtype]
  (let [x (when-not (known? dtype) (first-present c))]
    (cond
      (elements/dtypes dtype)    {:kind :plain, :dtype dtype}
      (time-format dtype)      {:kind :time, :dtype (:store (time-format dtype))}
      (strings/words dtype)    {:kind :words, :dtype :int32, :words dtype}
      (all-missing? c)         {:kind :words, :dtype :int32, :words :string}
      (strings/word-classes (class x)) {:kind :words, :dtype :int32, :words (strings/word-classes (class x))}
      (tensor-row? x)          {:kind :tensor}
      :else
      (throw (refused c nil dtype
                      (str "is of dtype " dtype " and holds " (if (nil? x) "nil" (.getName (class x))) "; arrays hold numbers, booleans, "
                           "times, strings, and tensors of one shape. "
                           (if (= :zoned-date-time dtype)
                             (str "Turn it into instants, (ds/column-map ds name #(some-> % .toInstant) [name]), and keep the zones in "
                                  "a column of their own")
                             "Convert it with tech.v3.dataset/update-column, or leave it out with remove-columns")))))))

(defn- metadata-of [c dtype]
  (let [metadata (dissoc (meta c) :name :datatype :n-elems)
        implied  (when (column-base/column-datatype-categorical? dtype) [:categorical? true])]
    (doseq [k [:categorical-map :one-hot-map]]
      (when-not (descriptions/edn? (k metadata))
        (throw (refused c nil (k metadata)
                        (str "has a " k " that cannot be written as text; its values must be strings, keywords, numbers or booleans. Turn "
                             "it back with tech.v3.dataset.categorical, or remove the metadata")))))
    (into {} (filter (fn [entry] (and (not= implied entry) (descriptions/edn? entry)))) metadata)))

(defn- column-map [c dtype]
  (let [own    (ds-proto/column-name c)
        string (name-text own)]
    {:string string, :own own, :dtype dtype, :metadata (metadata-of c dtype)}))

(defn column-layout
  "How a column is to be saved."
  [c]
  (let [dtype (dtype/elemwise-datatype (column-data c))
        column (column-map c dtype)]
    (assoc (kind-of c dtype)
           :name (:string column), :columns [column], :missing? (not (.isEmpty (missing c))))))

(defn alike?
  "Whether the values of a column are of the kind that an array with that layout holds. The dtype of an array that was made empty
  stands, that of one whose values are all missing must hold those of the column."
  [{:keys [kind dtype words columns]} c empty?]
  (or (all-missing? c)
      (let [given (column-layout c)]
        (and (= [kind words] [(:kind given) (:words given)])
             (case kind
               :plain (and (= (= :boolean dtype) (= :boolean (:dtype given)))
                           (or empty? (= dtype (casting/widest-datatype dtype (:dtype given)))))
               :time  (= (packing/unpack-datatype (:dtype (first columns)))
                         (packing/unpack-datatype (:dtype (first (:columns given)))))
               true)))))

(defn table-layout
  "How numeric columns are to be saved as one array of that name."
  [name columns]
  (let [dtype  (reduce casting/widest-datatype (map #(dtype/elemwise-datatype (column-data %)) columns))
        some-missing? (boolean (some #(not (.isEmpty (missing %))) columns))]
    {:name name, :kind :table, :dtype dtype, :missing? some-missing?
     :columns (mapv #(column-map % dtype) columns)}))

(defn boolean?
  "Whether a column consists of booleans."
  [c]
  (= :boolean (dtype/elemwise-datatype (column-data c))))

(defn numeric?
  "Whether a column consists of numbers."
  [c]
  (and (elements/dtypes (dtype/elemwise-datatype (column-data c))) (not (boolean? c))))

(defn- described-name [{:keys [own string]}]
  (when-not (or (nil? own) (= own (keyword string)))
    {:name own}))

(defn- with-times
  "A description that says that the times of the arrays count, if it matters whether they were edited together; nil instead of none."
  [description]
  (cond-> (not-empty description)
    (or (:missing description) (descriptions/coded? description)) (assoc :together true)))

(defn description-of
  "The description that an array with that layout needs, or nil if the array tells everything."
  [{:keys [name kind words missing? columns]}]
  (let [{:keys [dtype metadata] :as column} (first columns)]
    (with-times
     (merge (when missing? {:missing true})
            (if (= :table kind)
              (when-not (every? (fn [[{:keys [own string metadata]} j]]
                                  (and (= string (str name "-" j)) (contains? #{nil (keyword string)} own) (empty? metadata)))
                                (map vector columns (range)))
                {:columns (mapv (fn [{:keys [own string metadata]}]
                                  (merge {:name (if (some? own) own (keyword string))} (when (seq metadata) {:metadata metadata})))
                                columns)})
              (merge (described-name column)
                     (when (seq metadata) {:metadata metadata})
                     (case kind
                       :words  {:dtype dtype, :words words}
                       :time   {:dtype dtype}
                       :tensor {:tensor true}
                       nil)))))))

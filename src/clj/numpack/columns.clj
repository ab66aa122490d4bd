(ns ^:no-doc numpack.columns
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
    :table?   whether that mask has a flag for each number of a row"
  (:refer-clojure :exclude [boolean?])
  (:require [clojure.string :as str]
            [numpack.arguments :as arg]
            [numpack.columns.descriptions :as descriptions]
            [numpack.columns.strings :as strings]
            [numpack.tensor :as tensor]
            [numpack.tensor.elements :as elements]
            [tech.v3.dataset.column :as column]
            [tech.v3.dataset.impl.column-base :as column-base]
            [tech.v3.dataset.protocols :as ds-proto]
            [tech.v3.dataset.string-table :as string-table]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.casting :as casting]
            [tech.v3.datatype.packing :as packing]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt])
  (:import [java.time DateTimeException Duration Instant LocalDate LocalDateTime LocalTime]
           [java.time.temporal ChronoUnit]
           [java.util List Objects]
           [numpack ArraySource DType DTypeMismatchException InvalidNameException NDArray NumPackException ShapeMismatchException]
           [numpack.columns.strings Codes]
           [numpack.tensor.elements Elements]
           [org.roaringbitmap RoaringBitmap]
           [tech.v3.dataset.impl.column Column]
           [tech.v3.dataset.string_table StringTable]
           [tech.v3.datatype BooleanBuffer Buffer DoubleBuffer LongBuffer NDBuffer ObjectReader PackingMutListBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn- refused
  "The exception for what is found in a column, in one row of it or (nil) in all. For one row, why tells what the others are."
  [c row found why]
  (let [name (ds-proto/column-name c)]
    (DTypeMismatchException. (if row
                               (str "column " (pr-str name) " has at row " row " " (pr-str found) ", which is no " why " as the others "
                                    "are; convert all of them to one type with tech.v3.dataset/column-map, or a file as it is "
                                    "read with the option :parser-fn")
                               (str "column " (pr-str name) " " why))
                             (object-array ["array" (str name) "found" found]))))

;; times: dtype-next's packed numbers

(def ^:private epoch (LocalDateTime/of 1970 1 1 0 0))

(defn- micros [t]
  (if t (.between ChronoUnit/MICROS epoch ^LocalDateTime t) Long/MIN_VALUE))

(defn- date-time [^long micros]
  (when-not (= micros Long/MIN_VALUE)
    (.plus ^LocalDateTime epoch micros ChronoUnit/MICROS)))

(defn- unit-of
  "The unit of the numbers that stand for times of a dtype."
  [dtype]
  (case (packing/unpack-datatype dtype)
    :local-date "days"
    :duration "nanoseconds"
    (if (= :packed-milli-instant dtype) "milliseconds" "microseconds")))

(defn- time-format
  "{:pack :unpack :store} of a dtype for times, packed or not; nil for others."
  [dtype]
  (if (= :local-date-time dtype)
    {:pack micros, :unpack date-time, :store :int64}
    (let [packed (packing/pack-datatype dtype)]
      (when (packing/packed-datatype? packed)
        (let [[pack unpack] (packing/packing-pair packed)]
          {:pack pack, :unpack unpack, :store (casting/un-alias-datatype packed)})))))

;; layouts of arrays that are there

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
    (or (nil? description) (= #{:version :missing} (set (keys description)))) [nil nil]
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
    {:name     name
     :dtype    stored
     :shape    (vec (.shape info))
     :words    words
     :missing? (boolean missing)
     :table?   (and (= 2 rank) (not tensor))
     :kind     (cond
                 words                          :words
                 (some-> dtype time-format)     :time
                 (or tensor (< 2 rank))         :tensor
                 (= 2 rank)                     :table
                 :else                          :plain)
     :columns  (cond
                 columns                         (mapv #(assoc % :string (name-text (:name %)) :own (:name %)) columns)
                 (and (= 2 rank) (not tensor))   (mapv #(hash-map :string (str name "-" %)) (range (shape 1)))
                 :else                           [{:string name, :own (:name description), :dtype dtype, :metadata metadata}])}))

;; columns over arrays

(defn- bits
  "The rows in which flag j is true, of a mask with n flags in each row."
  ^RoaringBitmap [^NDArray mask ^long n ^long j]
  (let [result (RoaringBitmap.)
        runs   (.runs mask)
        size   (.size runs)
        flags  (byte-array (min size (* n (max 1 (quot 65536 n)))))]
    (loop [from 0]
      (when (< from size)
        (let [count (min (alength flags) (- size from))]
          (.read runs from flags 0 count)
          (loop [at j, row (quot from n)]
            (when (< at count)
              (when-not (zero? (aget flags at))
                (.add result (int row)))
              (recur (+ at n) (inc row))))
          (recur (+ from count)))))
    result))

(defn- row-bits
  "The rows of a mask in which all of the n flags are true. A row in which only some are is refused."
  ^RoaringBitmap [name mask ^long n]
  (let [[rows :as columns] (mapv #(bits mask n %) (range n))]
    (when-not (apply = rows columns)
      (throw (DTypeMismatchException. (str "array \"" name "\" has rows in which some values are missing and some are there, which no "
                                           "tensor of its dtype can tell; read it as columns, without :tensor-columns")
                                      (object-array ["array" name]))))
    rows))

(defn- timed [^Buffer numbers dtype]
  (let [{:keys [pack unpack]} (time-format dtype)]
    (if (packing/packed-datatype? dtype)
      (PackingMutListBuffer. numbers (.allowsWrite numbers) dtype pack unpack)
      (let [n (.lsize numbers)]
        (reify ObjectReader
          (elemwiseDatatype [_] dtype)
          (lsize [_] n)
          (readObject [_ i] (unpack (.readLong numbers i)))
          (writeObject [_ _ x] (throw (strings/read-only x))))))))

(defn- row-tensors
  "The rows of an array as tensors; those of complex numbers in one row are pairs."
  [^NDArray array]
  (let [n   (.rows array)
        row (if (= 1 (.rank array))
              #(dtt/select (tensor/tensor array) %)
              #(tensor/tensor (.row array %)))]
    (reify ObjectReader
      (elemwiseDatatype [_] :object)
      (lsize [_] n)
      (allowsWrite [_] (not (.isReadOnly array)))
      (readObject [_ i] (row i))
      (writeObject [_ i x] (tensor/edit (row i) #(.set ^NDArray % (arg/->ndarray x)))))))

(defmacro ^:private strided [interface read write]
  `(reify
     dtype-proto/PToWriter
     (convertible-to-writer? [_#] (.allowsWrite ~'elements))
     (->writer [this#] this#)

     ~interface
     (elemwiseDatatype [_#] (.elemwiseDatatype ~'elements))
     (lsize [_#] ~'n)
     (allowsRead [_#] true)
     (allowsWrite [_#] (.allowsWrite ~'elements))
     (~read [_# i#] (~(symbol (str "." read)) ~'elements (+ ~'j (* ~'k (Objects/checkIndex i# ~'n)))))
     (~write [_# i# v#] (~(symbol (str "." write)) ~'elements (+ ~'j (* ~'k (Objects/checkIndex i# ~'n))) v#))))

(defn- every-kth
  "Column j of a table with k columns: a selection of a tensor finds each element by its index path, which takes five times as long."
  ^Buffer [^Buffer elements ^long j ^long k]
  (let [n     (quot (.lsize elements) k)
        dtype (.elemwiseDatatype elements)]
    (cond
      (casting/float-type? dtype) (strided DoubleBuffer readDouble writeDouble)
      (= :boolean dtype)          (strided BooleanBuffer readObject writeObject)
      :else                       (strided LongBuffer readLong writeLong))))

(defn fixed?
  "Whether columns can only be read, also in a writable batch: an edit would have to change several arrays."
  [{:keys [missing? kind columns]}]
  (or missing? (= :words kind) (and (= :time kind) (not (packing/packed-datatype? (:dtype (first columns)))))))

(defn- writable
  "A reader of objects as a container that can be written to."
  [reader]
  (dtype/make-container :jvm-heap (dtype/elemwise-datatype reader) reader))

(defn read-columns
  "The columns of an array as maps that tech.v3.dataset/new-dataset takes without looking at the elements.

  own?     whether the array is a copy for these columns alone
  mask     the array that tells missing values, or nil
  pool     a delay of its strings
  named    gives the name of a column from its map"
  [{:keys [name kind columns] :as layout} ^NDArray array own? mask pool named]
  (let [t        (tensor/tensor array)
        elements (dtype/->reader (.buffer t))
        width    (count columns)
        {:keys [dtype]} (first columns)
        datas    (case kind
                   :plain  [(.buffer t)]
                   :time   [(cond-> (timed elements dtype) (and own? (not (packing/packed-datatype? dtype))) writable)]
                   :words  (cond
                             (not= [:string :string] [dtype (:words layout)])
                             [(cond-> (strings/decoded elements @pool dtype (:words layout)) own? writable)]
                             own? [(strings/own-table @pool array elements)]
                             :else [(strings/shared-table @pool elements)])
                   :table  (map #(every-kth elements % width) (range width))
                   :tensor [(row-tensors array)])
        flags    (when mask (max 1 (quot (.size ^NDArray mask) (max 1 (.rows ^NDArray mask)))))]
    (map (fn [column data ^long j]
           #:tech.v3.dataset{:name            (named column)
                             :data            data
                             :missing         (cond
                                                (nil? mask)     (RoaringBitmap.)
                                                (= :table kind) (bits mask flags j)
                                                :else           (row-bits name mask flags))
                             :metadata        (or (:metadata column) {})
                             :force-datatype? true})
         columns datas (range))))

;; layouts of columns that are to be saved

(defn- column-data
  "The values of a column without its missing set."
  [c]
  (if (instance? Column c)
    (.-data ^Column c)
    (dtype/->reader c)))

(defn- missing
  "The missing set of a column, only to be read."
  ^RoaringBitmap [c]
  (ds-proto/missing c))

(defn- all-missing? [c]
  (= (dtype/ecount c) (.getLongCardinality (missing c))))

(defn- first-present [c]
  (let [missing (missing c)
        values  (dtype/->reader (column-data c))]
    (first (keep #(when-not (.contains missing (int %)) (values %)) (range (dtype/ecount values))))))

(defn- tensor-row? [x]
  (or (instance? NDBuffer x) (instance? NDArray x) (sequential? x) (some-> x class .isArray)
      (and (dtype/reader? x) (not (instance? RoaringBitmap x)))))

(defn- known?
  "Whether the dtype of a column tells what its values are."
  [dtype]
  (or (elements/dtypes dtype) (time-format dtype) (strings/words dtype)))

(defn- sentinel
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

(defn- packed-numbers
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

(defn description-of
  "The description that an array with that layout needs, or nil if the array tells everything."
  [{:keys [name kind words missing? columns]}]
  (let [{:keys [dtype metadata] :as column} (first columns)]
    (not-empty
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

;; elements of columns

(defn- set-missing! [^NDArray array ^RoaringBitmap missing value]
  (let [i (.getIntIterator missing)]
    (while (.hasNext i)
      (.flatSet array (Integer/toUnsignedLong (.next i)) value))
    array))

(defn- check-roundings
  "Refuses integers that a floating dtype could only round."
  [^NDArray array ^DType dtype c]
  (when (and (.isFloating dtype) (.isInteger (.dtype array)) (pos? (.size array)))
    (let [limit (bit-shift-left 1 (condp = dtype DType/FLOAT64 53, DType/FLOAT32 24, 11))]
      (when-not (<= (- limit) (.reduce array "min") (.reduce array "max") limit)
        (throw (refused c nil (arg/dtype-keyword (.dtype array))
                        (str "has integers beyond " limit ", which " (arg/dtype-keyword dtype) " would round; keep it as integers, in an "
                             "array of its own")))))))

(defn- exact
  "The elements in that dtype, every one the same number; floats may be rounded to narrower ones."
  ^NDArray [^NDArray array ^DType dtype c]
  (check-roundings array dtype c)
  (try
    (NDArray/from array dtype)
    (catch DTypeMismatchException e
      (throw (refused c nil (arg/dtype-keyword (.dtype array))
                      (str "does not fit the array's dtype " (arg/dtype-keyword dtype) ": " (ex-message e) ". Save the column with a wider "
                           "dtype; a reader of files has the option :parser-fn for that"))))))

(defn- in-memory? [data]
  (or (instance? Elements data) (dtype-proto/convertible-to-array-buffer? data) (dtype-proto/convertible-to-native-buffer? data)))

(defn- numbers
  "The numbers or booleans of a column; those that are missing are 0 or false, and are not computed."
  ^NDArray [c]
  (let [missing (missing c)
        data    (column-data c)
        dtype   (dtype/elemwise-datatype data)
        n       (dtype/ecount data)
        absent  (if (= :boolean dtype) false 0)]
    (cond
      (.isEmpty missing)
      (arg/->ndarray data)

      (in-memory? data)
      (set-missing! (.copy (arg/->ndarray data)) missing absent)

      :else
      (let [values (dtype/->reader data)
            result (NDArray/zeros (arg/dtype dtype) (long-array [n]))
            target (dtype/->reader (tensor/bits result))]
        (dotimes [i n]
          (when-not (.contains missing i)
            (.writeObject target i (.readObject values i))))
        result))))

(defn- plain-elements
  "The numbers or booleans of a column in that dtype."
  ^NDArray [c ^DType dtype]
  (let [given (dtype/elemwise-datatype (column-data c))]
    (cond
      (all-missing? c)
      (.fill (NDArray/zeros dtype (long-array [(dtype/ecount c)])) (sentinel dtype))

      (or (not (elements/dtypes given)) (not= (= :boolean given) (= DType/BOOL dtype)))
      (throw (refused c nil given (str "is of dtype " given ", but the array of dtype " (arg/dtype-keyword dtype) "; convert it, or save "
                                       "the columns anew with save-dataset!")))

      :else
      (let [elements (exact (numbers c) dtype c)
            missing  (missing c)]
        (if (.isEmpty missing)
          elements
          (set-missing! elements missing (sentinel dtype)))))))

(defn- time-elements ^NDArray [c ^DType dtype column-dtype]
  (let [data    (column-data c)
        given   (dtype/elemwise-datatype data)
        missing (missing c)
        {:keys [pack unpack]} (time-format column-dtype)
        packed? (and (packing/packed-datatype? given) (= given (packing/pack-datatype column-dtype)))
        values  (dtype/->reader data)
        n       (.lsize values)
        number  (fn [i]
                  (let [t (.readObject values i)]
                    (or (try
                          (let [number (long (pack t))]
                            (when (and (= t (unpack number)) (or (= DType/INT64 dtype) (= number (unchecked-int number))))
                              number))
                          (catch ArithmeticException _ nil)
                          (catch IllegalArgumentException _ nil)
                          (catch DateTimeException _ nil))
                        (throw (refused c nil t (str "has at row " i " the time " t ", which " (arg/dtype-keyword dtype) " numbers of "
                                                     (name column-dtype) " cannot tell: they are whole " (unit-of column-dtype)
                                                     " in a limited range. Round the times, such as by (.truncatedTo t ChronoUnit/MICROS), "
                                                     "or save them as strings"))))))]
    (when-not (or (= (packing/unpack-datatype given) (packing/unpack-datatype column-dtype)) (all-missing? c))
      (throw (refused c nil given (str "is of dtype " given ", but the array holds " column-dtype "; convert it, or save the columns anew "
                                       "with save-dataset!"))))
    (if-let [numbers (when packed? (packed-numbers data))]
      (set-missing! (.copy numbers) missing (pack nil))
      (let [array (NDArray/zeros dtype (long-array [n]))]
        (dotimes [i n]
          (.flatSetLong array i (long (cond
                                        (.contains missing i) (pack nil)
                                        packed?               (.readLong values i)
                                        :else                 (number i)))))
        array))))

(defn- word-elements ^NDArray [c kind ^Codes dictionary]
  (let [data     (column-data c)
        missing  (missing c)
        [encode] (strings/words kind)
        n        (dtype/ecount data)
        codes    (int-array n)
        code     (fn [x i]
                   (when-not (= kind (strings/word-classes (class x)))
                     (throw (refused c i x (name kind))))
                   (let [s (encode x)]
                     (when-not (or (seq s) (contains? #{:string :text} kind))
                       (throw (refused c i x (str (name kind) " with a name"))))
                     (try
                       (.codeOf dictionary s)
                       (catch DTypeMismatchException e
                         (throw (refused c nil x (str "has at row " i " " (ex-message e))))))))]
    (cond
      (all-missing? c) nil

      (and (= :string kind) (instance? StringTable data))
      (let [^Buffer numbers (dtype/->reader (string-table/indices data))
            ^List strings   (string-table/int->string data)
            known           (int-array (.size strings) -1)]
        (dotimes [i n]
          (when-not (.contains missing i)
            (let [number (int (.readLong numbers i))]
              (when (neg? (aget known number))
                (aset known number (int (code (.get strings number) i))))
              (aset codes i (aget known number))))))

      :else
      (let [values (dtype/->reader data)]
        (dotimes [i n]
          (when-not (.contains missing i)
            (aset codes i (int (code (.readObject values i) i)))))))
    (NDArray/of codes (long-array 0))))

(defn- row-dtype [rows c]
  (let [dtypes (into #{} (map #(.dtype ^NDArray %)) rows)]
    (cond
      (= 1 (count dtypes))                         (first dtypes)
      (every? #{DType/INT64 DType/FLOAT64} dtypes) DType/FLOAT64
      :else (throw (refused c nil (mapv arg/dtype-keyword dtypes)
                            (str "has tensors of the dtypes " (str/join ", " (map arg/dtype-keyword dtypes)) "; give them one"))))))

(defn- tensor-elements
  "The tensors of a column as one array; shape and dtype of a row may be given."
  ^NDArray [c shape dtype]
  (let [column  (ds-proto/column-name c)
        missing (missing c)
        values  (dtype/->reader (column-data c))
        n       (dtype/ecount values)
        rows    (mapv (fn [i]
                        (when-not (.contains missing (int i))
                          (let [x (values i)]
                            (when-not (tensor-row? x)
                              (throw (refused c i x "tensor")))
                            (try
                              (arg/->ndarray x)
                              (catch NumPackException e
                                (throw (refused c nil x (str "has at row " i " what is no tensor: " (ex-message e)))))))))
                      (range n))
        present (remove nil? rows)
        dtype   ^DType (or dtype (row-dtype present c))
        shape   (vec (or shape (.shape ^NDArray (first present))))
        result  (NDArray/zeros dtype (long-array (cons n shape)))]
    (dotimes [i n]
      (if-some [^NDArray row (rows i)]
        (do (when-not (= shape (vec (.shape row)))
              (throw (ShapeMismatchException. (str "column " (pr-str column) " has at row " i " a tensor of shape " (vec (.shape row))
                                                   ", but the others have " shape "; pad them to one shape, or split the column")
                                              (object-array ["array" (str column) "expected" shape "found" (vec (.shape row))]))))
            (.set (.row result i) (exact row dtype c)))
        (.fill (.row result i) (sentinel dtype))))
    result))

(defn- table-elements ^NDArray [cs ^DType dtype]
  (when (.isComplex dtype)
    (throw (refused (first cs) nil (arg/dtype-keyword dtype)
                    "belongs to an array of complex numbers; append to it, and to the others in the same call, with numpack.core/append!")))
  (let [n      (dtype/ecount (first cs))
        result (NDArray/zeros dtype (long-array [n (count cs)]))
        t      (tensor/bits result)]
    (doseq [[j c] (map-indexed vector cs)]
      (dtype/copy! (tensor/bits (plain-elements c dtype)) (dtt/select t :all j)))
    result))

(defn spread
  "A column of tensors as the columns of the table with that layout."
  [{:keys [dtype columns]} c]
  (let [rows (tensor/tensor (tensor-elements c [(count columns)] (arg/dtype dtype)))]
    (mapv (fn [{:keys [string]} j]
            (column/new-column #:tech.v3.dataset{:name string, :data (dtt/select rows :all j),
                                                 :missing (.clone (missing c)), :force-datatype? true}))
          columns (range))))

(defn nothing
  "A column of that name whose n values are missing."
  [name n]
  (column/new-column #:tech.v3.dataset{:name name, :data (dtype/const-reader 0 n), :missing (doto (RoaringBitmap.) (.add 0 (long n)))
                                       :force-datatype? true}))

(defn check-categories
  "Refuses columns whose numbers stand for other categories than those that are there."
  [{:keys [columns]} cs]
  (let [categories (fn [metadata]
                     (not-empty (into {} (keep (fn [[k table]] (when-let [m (k metadata)] [k (into {} (table m))])))
                                      [[:categorical-map :lookup-table] [:one-hot-map :one-hot-table]])))]
    (doseq [[column c] (map vector columns cs)
            :let [given (categories (meta c))]
            :when (and given (not= given (categories (:metadata column))))]
      (throw (refused c nil given (str "has numbers that stand for " given ", but those that are there for "
                                       (or (categories (:metadata column)) "no categories")
                                       "; fit one categorical map for all of them"))))))

(defn- mask
  "The missing sets of columns as an array of bools."
  [cs rank]
  (let [n     (dtype/ecount (first cs))
        k     (count cs)
        flags (byte-array (Math/multiplyExact n k))]
    (doseq [[j c] (map-indexed vector cs)]
      (let [i (.getIntIterator (missing c))]
        (while (.hasNext i)
          (aset flags (+ (long j) (* k (Integer/toUnsignedLong (.next i)))) (byte 1)))))
    (NDArray/wrap DType/BOOL flags (long-array (if (= 2 rank) [n k] [n])))))

(defn write-columns
  "The elements of columns as [[name array] …]: the array's own and those beside it, but for the description.

  dictionary  of the strings, or nil; those that are new in it are among the result"
  [{:keys [name kind dtype shape columns missing?] :as layout} cs ^Codes dictionary]
  (let [c     (first cs)
        dtype (some-> dtype arg/dtype)
        array (case kind
                :plain  (plain-elements c dtype)
                :time   (time-elements c dtype (:dtype (first columns)))
                :words  (word-elements c (:words layout) dictionary)
                :tensor (tensor-elements c (some-> shape rest) dtype)
                :table  (table-elements cs dtype))
        [strings offsets] (when dictionary (.added dictionary))]
    (cond-> [[name array]]
      missing?   (conj [(str name ".missing") (mask cs (if (= :table kind) 2 1))])
      dictionary (conj [(str name ".strings") strings] [(str name ".offsets") offsets]))))

(ns ^:no-doc numpack.columns.writing
  "The arrays that columns are saved as, as their layout says."
  (:require [clojure.string :as str]
            [numpack.arguments :as arg]
            [numpack.columns.layouts :refer [all-missing? column-data missing packed-numbers refused sentinel tensor-row?]]
            [numpack.columns.strings :as strings]
            [numpack.columns.times :refer [time-format unit-of]]
            [numpack.tensor :as tensor]
            [numpack.tensor.elements :as elements]
            [tech.v3.dataset.column :as column]
            [tech.v3.dataset.protocols :as ds-proto]
            [tech.v3.dataset.string-table :as string-table]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.packing :as packing]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt])
  (:import [java.time DateTimeException]
           [java.util List]
           [numpack DType DTypeMismatchException NDArray NumPackException ShapeMismatchException]
           [numpack.columns.strings Codes]
           [numpack.format ColumnNames]
           [numpack.tensor.elements Elements]
           [org.roaringbitmap RoaringBitmap]
           [tech.v3.dataset.string_table StringTable]
           [tech.v3.datatype Buffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

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
      missing?   (conj [(ColumnNames/mask name) (mask cs (if (= :table kind) 2 1))])
      dictionary (conj [(ColumnNames/strings name) strings] [(ColumnNames/offsets name) offsets]))))

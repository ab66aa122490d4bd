(ns ^:no-doc numpack.columns.reading
  "Columns over the arrays of a pack, as their layout says."
  (:require [numpack.arguments :as arg]
            [numpack.columns.strings :as strings]
            [numpack.columns.times :refer [time-format]]
            [numpack.tensor :as tensor]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.casting :as casting]
            [tech.v3.datatype.packing :as packing]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt])
  (:import [java.util Objects]
           [numpack DTypeMismatchException NDArray]
           [org.roaringbitmap RoaringBitmap]
           [tech.v3.datatype BooleanBuffer Buffer DoubleBuffer LongBuffer ObjectReader PackingMutListBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

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

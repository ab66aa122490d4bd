(ns numpack.tensor
  "Arrays as dtype-next tensors over the same memory, and dtype-next's arrays as contents of packs.

  numpack.core loads this namespace at the first array that it hands out or takes where dtype-next is on the class path; scopes,
  load, lazy and look-up then give tensors (:as :auto). To require it makes NDArray take part in dtype-next: reader, writer,
  copy!, reductions, ensure-tensor. It works with dtype-next 10.x and 11.x, in which it repairs some functions for the whole process;
  the system property numpack.dtype-next.repairs=off leaves them as they are.

    (require '[numpack.tensor :as tensor] '[tech.v3.datatype.functional :as dfn] '[tech.v3.tensor :as dtt])

    (dfn/mean (tensor/tensor (npk/ndarray [[1 2] [3 4]]))) ;=> 2.5"
  (:require [numpack.tensor.elements :as elements :refer [buffer-of dtypes over-memory]]
            [numpack.tensor.forms :as forms]
            [numpack.tensor.protocols :as protocols]
            [numpack.tensor.repairs]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.base :as dtype-base]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt]
            [tech.v3.tensor.dimensions :as dims])
  (:import [java.util List]
           [numpack DType DTypeMismatchException NDArray]
           [numpack.tensor.elements Elements]
           [tech.v3.datatype Buffer NDBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; tensors

(defn- make-tensor [^NDArray array]
  (let [part (elements/fact (.dtype array) :part)]
    (dtt/construct-tensor (elements/->buffer (or part (.dtype array)) (.runs array))
                          (dims/dimensions (cond-> (vec (.shape array)) part (conj 2)))
                          (meta array))))

(defn tensor
  "The array as a dtype-next tensor (a tech.v3.datatype.NDBuffer) over the same memory, always the same one.

  On the heap it lies over the primitive array, in a mapped file over the file, which stays mapped as long as the tensor or any
  view of it is reachable. Elements of a read-only array throw ReadOnlyException when they are written.

  bool becomes :boolean, float16 a :float32 tensor that converts as it reads and writes, complex numbers a last axis of 2
  (real and imaginary part), and uint64 dtype-next's :uint64, which reads as a signed long.

  Example:
    (dtt/mget (tensor/tensor (npk/ndarray [[1 2] [3 4]])) 1 0) ;=> 3"
  ^tech.v3.datatype.NDBuffer [^NDArray array]
  (or (.cached array)
      (locking array
        (or (.cached array)
            (let [t (make-tensor array)]
              (.cache array t)
              t)))))

(defn ^:no-doc presented
  "What :as :auto hands out: the tensor, but the array itself where dtype-next has no such dtype."
  [^NDArray array]
  (if (elements/in-dtype-next? (.dtype array))
    (tensor array)
    array))

(defn ^:no-doc alike
  "The array as a tensor if that is what was given."
  [given array]
  (if (instance? NDBuffer given)
    (presented array)
    array))

;; dtype-next's arrays as contents

(defn ^:no-doc bits
  "The array as a tensor to copy elements of its dtype to: uint64 as int64, since dtype-next refuses to write the upper half."
  [^NDArray array]
  (tensor (if (elements/fact (.dtype array) :signed?)
            (NDArray/over DType/INT64 (.runs array) (.shape array))
            array)))

(defn- column?
  "Whether x is a column of tech.ml.dataset, which is not loaded for that."
  [x]
  (= "tech.v3.dataset.impl.column.Column" (.getName (class x))))

(defn- missing
  "The missing set of a column whose dtype cannot say that a value is missing."
  [x dtype]
  (when (and (not (#{:float32 :float64} dtype)) (column? x))
    (seq ((requiring-resolve 'tech.v3.dataset.protocols/missing) x))))

(defn- paths
  "Every index path of a shape, in C order."
  [shape]
  (reduce (fn [paths n] (for [path paths, i (range n)] (conj path i))) [[]] shape))

(defn- copy-selection!
  "Up to 11.020 dtype-next reads some selections wrongly, such as one column of shape [n 1 m], except by their index. The reader
  of a bitmap is a list of ham-fisted, which it cannot copy."
  [x ^Buffer target]
  (if (= (dtype/ecount (dtype/->reader x)) (.lsize target))
    (dtype/copy! (if (instance? NDBuffer x) x (dtype-base/->buffer (dtype/->reader x))) target)
    (doseq [[i path] (map-indexed vector (paths (dtype/shape x)))]
      (.writeObject target (long i) (apply dtt/mget x path)))))

(defn- gathered
  "x, of any layout, as a new NDArray in C order."
  ^NDArray [x]
  (let [dtype (dtype/elemwise-datatype x)]
    (when-let [rows (missing x dtype)]
      (throw (DTypeMismatchException. (str "a column of dtype " dtype " has " (count rows) " missing values, which no array can "
                                           "hold; numpack.dataset/save-dataset! keeps them. Else replace them, drop the rows, or make "
                                           "it a :float64 column")
                                      (object-array ["found" (vec (take 10 rows))]))))
    (let [result (NDArray/zeros (dtypes dtype) (long-array (dtype/shape x)))]
      (when (pos? (.size result))
        (copy-selection! x (dtype-proto/->buffer (bits result))))
      result)))

(defn- typed?
  "Whether x is a tensor, reader, buffer, lazy expression or column of a dtype that packs have."
  [x]
  (and (or (instance? NDBuffer x) (dtype/reader? x))
       (contains? dtypes (dtype/elemwise-datatype x))))

(defn ^:no-doc contents
  "x as an NDArray, over the same memory if that can be, and the arrays in a list, too; what is no array of dtype-next comes back
  as it is."
  [x]
  (cond
    (typed? x)             (or (over-memory x) (gathered x))
    (instance? NDBuffer x) (dtt/->jvm x)
    (instance? List x)     (mapv contents x)
    :else                  x))

(defn ^:no-doc computed?
  "Whether the elements of x are computed when they are read. The dtype of such an expression is that in which dtype-next
  computes, float64 for float32 in 11.x."
  [x]
  (let [buffer (or (buffer-of x) x)]
    (and (typed? x) (not (instance? Elements buffer)) (not (dtype/writer? buffer)))))

(defn ^:no-doc description
  "The :dtype, :shape and :read-only? of an array of dtype-next whose elements lie elsewhere or nowhere; else nil."
  [x]
  (when (and (typed? x) (not (over-memory x)))
    {:dtype (dtype/elemwise-datatype x), :shape (vec (dtype/shape x)), :read-only? (not (dtype/writer? x))}))

(defn ^:no-doc edit
  "Calls f with the elements of x as an NDArray, which end up in x. False if x is no array of dtype-next."
  [x f]
  (cond
    (not (typed? x)) false
    (column? x)      (recur ((requiring-resolve 'tech.v3.dataset.protocols/column-data) x) f) ; missing values stay so
    :else
    (do (if-let [array (over-memory x)]
          (f array)
          (let [array (if (dtype-base/writer? x) (gathered x) (throw (forms/read-only)))]
            (f array)
            (dtype/copy! (.buffer (tensor array)) x)))
        true)))

(protocols/extend-ndarray! tensor)

(ns numpack.tensor
  "Arrays as dtype-next tensors over the same memory, and dtype-next's arrays as contents of packs.

  numpack.core loads this namespace at the first array that it hands out or takes where dtype-next is on the class path; scopes,
  load, lazy and look-up then give tensors (:as :auto). To require it makes NDArray take part in dtype-next: reader, writer,
  copy!, reductions, ensure-tensor. It works with dtype-next 10.x and 11.x.

    (require '[numpack.tensor :as tensor] '[tech.v3.datatype.functional :as dfn] '[tech.v3.tensor :as dtt])

    (dfn/mean (tensor/tensor (npk/ndarray [[1 2] [3 4]]))) ;=> 2.5"
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.array-buffer :as array-buffer]
            [tech.v3.datatype.base :as dtype-base]
            [tech.v3.datatype.copy]
            [tech.v3.datatype.native-buffer :as native-buffer]
            [tech.v3.datatype.pprint :as dtype-pp]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt]
            [tech.v3.tensor.dimensions :as dims])
  (:import [ham_fisted ArrayLists$ArrayOwner ArraySection Casts Reductions Transformables]
           [java.util List Objects]
           [numpack DType DType$Kind DTypeMismatchException NDArray ReadOnlyException]
           [numpack.kernels Float16]
           [numpack.memory Memory Runs]
           [tech.v3.datatype BooleanBuffer Buffer DoubleBuffer LongBuffer NDBuffer]
           [tech.v3.datatype.array_buffer ArrayBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; buffers over the memory of an array

(definterface Elements
  (^numpack.DType getDType [])
  (^numpack.memory.Runs getRuns [])
  (^Object copied [^long from ^long count ^Object array]))

(declare elements)

(defn- read-only []
  (ReadOnlyException. (str "this tensor can only be read; take a copy (dtype/clone), or load the array in a batch or a writable "
                           "batch to edit it in place")
                      (object-array 0)))

(defn- no-address []
  (ReadOnlyException. (str "only elements that may be written, and lie in one piece of native memory as their dtype is, have a native "
                           "buffer; take a copy (dtype/clone)")
                      (object-array 0)))

(defn- fixed-size []
  (UnsupportedOperationException. "the elements of an array of a pack are a list of fixed size; append! adds rows"))

(defn- misfit [value dtype]
  (DTypeMismatchException. (str value " does not fit " dtype) (object-array ["expected" (name dtype) "found" value])))

(defn- items-of
  "Some items as a primitive array, a copy at the speed of memcpy: in the array given, or in a new one."
  [^Runs runs ^long from ^long n array]
  (let [n     (Math/toIntExact n)
        array (or array
                  (condp identical? (.kind runs)
                    DType$Kind/BYTE   (byte-array n)
                    DType$Kind/SHORT  (short-array n)
                    DType$Kind/INT    (int-array n)
                    DType$Kind/LONG   (long-array n)
                    DType$Kind/FLOAT  (float-array n)
                    DType$Kind/DOUBLE (double-array n)))]
    (.read runs from array 0 n)
    array))

(defn- booleans-of [runs from n flags]
  (let [^bytes bytes    (items-of runs from n nil)
        ^booleans flags (or flags (boolean-array n))]
    (dotimes [i (alength bytes)]
      (if (zero? (aget bytes i))
        (aset flags i false)
        (aset flags i true)))
    flags))

(defn- floats-of [runs from n floats]
  (let [^shorts halves (items-of runs from n nil)
        ^floats floats (or floats (float-array n))]
    (dotimes [i (alength halves)]
      (aset floats i (Float16/toFloat (aget halves i))))
    floats))

(defn- native
  "A native buffer over the address of the items, which keeps them mapped."
  [^Runs runs dtype]
  (let [memory  ^Memory (.memory runs 0)
        width   (long (.bytes (.kind runs)))
        address (+ (.addressToWrite memory) (* width (.start runs 0)))]
    (native-buffer/wrap-address address (* width (.size runs)) dtype :little-endian memory)))

(defn- values-of
  "A list of elements as a buffer to read them from."
  ^Buffer [values]
  (if (dtype/reader? values)
    (dtype/->reader values)
    (dtype/->reader (vec values))))

(defn- primitives
  "The primitive array and the index in it, where the values lie in one that is stored as the dtype is; else nil."
  [values dtype]
  (when (and dtype
             (= dtype (dtype/elemwise-datatype values))
             (dtype-proto/convertible-to-array-buffer? values))
    (let [^ArrayBuffer b (dtype-proto/->array-buffer values)]
      [(.-ary-data b) (.-offset b)])))

(defmacro ^:private item
  "Evaluates form with m bound to the memory that holds element i, and at to its place there."
  [i form]
  `(let [i# (Objects/checkIndex ~i ~'n)]
     (if (nil? ~'memory)
       (let [k#   (.find ~'runs i#)
             ~'m  (.memory ~'runs k#)
             ~'at (+ (.start ~'runs k#) (- i# (.offset ~'runs k#)))]
         ~form)
       (let [~'m  ~'memory
             ~'at (+ ~'start i#)]
         ~form))))

(defmacro ^:private writing [i form]
  `(if ~'writable
     (item ~i (do (.markChanged ~'m) ~form nil))
     (throw (read-only))))

(defn- reduction
  "A loop that reduces the elements, given by the form get, run by run; call makes the form that calls f."
  [f init get call]
  (let [acc (gensym "acc"), rf (gensym "f")]
    `(let [~rf ~f]
       (loop [k# 0, ~acc ~init]
         (if (and (< k# (.count ~'runs)) (not (reduced? ~acc)))
           (let [~'m  (.memory ~'runs k#)
                 end# (+ (.start ~'runs k#) (.length ~'runs k#))]
             (recur (inc k#)
                    (loop [~'at (.start ~'runs k#), ~acc ~acc]
                      (if (and (< ~'at end#) (not (reduced? ~acc)))
                        (recur (inc ~'at) ~(call rf acc get))
                        ~acc))))
           (Reductions/unreduce ~acc))))))

(defn- fill-method [dtype write read]
  `(~'fillRange [this# ~'from ~'values]
    (let [count# (.size ~(with-meta 'values {:tag `List}))]
      (when-not ~'writable
        (throw (read-only)))
      (Objects/checkFromIndexSize ~'from (long count#) ~'n)
      (if-let [[array# at#] (primitives ~'values ~dtype)]
        (.write ~'runs ~'from array# (int at#) count#)
        (let [source# (values-of ~'values)]
          (dotimes [i# count#]
            (~write this# (+ ~'from i#) (~read source# i#))))))))

(defn- primitive-methods [dtype value ->reduction get put]
  (let [[read write] (if (= `long value) '[readLong writeLong] '[readDouble writeDouble])]
    [`(~read [_# ~'i] (item ~'i (~value ~get)))
     `(~write [_# ~'i ~'v] (writing ~'i ~put))
     (fill-method dtype (symbol (str "." write)) (symbol (str "." read)))
     `(~'reduce [_# ~'f ~'init]
       ~(reduction `(~->reduction ~'f) 'init get (fn [f acc get] `(.invokePrim ~f ~acc (~value ~get)))))]))

(defn- boolean-methods [get put]
  [`(~'readObject [_# ~'i] (item ~'i ~get))
   `(~'readLong [_# ~'i] (item ~'i (if ~get 1 0)))
   `(~'readDouble [_# ~'i] (item ~'i (if ~get 1.0 0.0)))
   `(~'writeObject [_# ~'i ~'x] (let [~'v (Casts/booleanCast ~'x)] (writing ~'i ~put)))
   `(~'writeLong [_# ~'i ~'x] (let [~'v (not (zero? ~'x))] (writing ~'i ~put)))
   `(~'writeDouble [_# ~'i ~'x] (let [~'v (not (zero? ~'x))] (writing ~'i ~put)))
   (fill-method nil '.writeObject '.readObject)
   `(~'reduce [_# ~'f ~'init] ~(reduction 'f 'init get (fn [f acc get] `(~f ~acc ~get))))])

(defmacro ^:private defelements
  "A buffer of one dtype: get and put are forms over the memory m, the place at and the value v.

  Every index is checked, so that no reader or writer leaves the memory, and what cannot be written throws. Where the elements are
  not stored as the dtype is, copy makes primitive arrays of them. Of other, writable native memory dtype-next may have the
  address (it copies to and from it by memcpy); of what cannot be written never."
  [type dtype numpack-dtype interface {:keys [get put copy]}]
  (let [stored (when-not copy dtype)
        copy   (or copy `items-of)]
    `(do
       (deftype ~type [~(with-meta 'memory {:tag `Memory})
                       ~(with-meta 'start {:tag 'long})
                       ~(with-meta 'n {:tag 'long})
                       ~(with-meta 'runs {:tag `Runs})
                       ~'writable ~'metadata]
         Object
         (toString [this#] (dtype-pp/buffer->string this# "numpack"))
         (equals [this# other#] (.equiv this# other#))
         (hashCode [this#] (.hasheq this#))

         Elements
         (getDType [_#] ~numpack-dtype)
         (getRuns [_#] ~'runs)
         (copied [_# from# count# array#] (~copy ~'runs from# count# array#))

         dtype-proto/PECount
         (ecount [_#] ~'n)

         dtype-proto/PToBuffer
         (convertible-to-buffer? [_#] true)
         (->buffer [this#] this#)

         dtype-proto/PToReader
         (convertible-to-reader? [_#] true)
         (->reader [this#] this#)

         dtype-proto/PToNativeBuffer
         (convertible-to-native-buffer? [_#] ~(if stored `(boolean (and ~'writable ~'memory)) false))
         (->native-buffer [this#]
           (if (dtype-proto/convertible-to-native-buffer? this#)
             (native ~'runs ~dtype)
             (throw (no-address))))

         dtype-proto/PToWriter
         (convertible-to-writer? [_#] (boolean ~'writable))
         (->writer [this#] (if ~'writable this# (throw (read-only))))

         dtype-proto/PSetConstant
         (set-constant! [this# offset# count# value#]
           (.fillRange this# (long offset#) (+ (long offset#) (long count#)) value#)
           this#)

         ~interface
         (meta [_#] ~'metadata)
         (withMeta [_# m#] (new ~type ~'memory ~'start ~'n ~'runs ~'writable m#))
         (elemwiseDatatype [_#] ~dtype)
         (lsize [_#] ~'n)
         (allowsRead [_#] true)
         (allowsWrite [_#] (boolean ~'writable))
         (subBuffer [this# from# to#]
           (if (and (zero? from#) (= to# ~'n))
             this#
             (elements ~numpack-dtype (.slice ~'runs from# to#) ~'writable ~'metadata)))
         ~@(condp = interface
             'LongBuffer    (primitive-methods stored `long `Transformables/toLongReductionFn get put)
             'DoubleBuffer  (primitive-methods stored `double `Transformables/toDoubleReductionFn get put)
             'BooleanBuffer (boolean-methods get put))
         (add [_# _x#] (throw (fixed-size)))
         (cloneList [this#] (array-buffer/array-buffer (.copied this# 0 ~'n nil) ~dtype))
         ~@(when-let [->array ('{:int32 toIntArray, :int64 toLongArray, :float32 toFloatArray, :float64 toDoubleArray} dtype)]
             [`(~->array [this#] (.copied this# 0 ~'n nil))])

         ArrayLists$ArrayOwner
         (getArraySection [this#] (ArraySection. (.copied this# 0 ~'n nil) 0 (Math/toIntExact ~'n)))
         (copyOf [this# to#] (.copied this# 0 to# nil))
         (copyOfRange [this# from# to#] (.copied this# from# (- to# from#) nil))
         (fill [this# from# to# x#] (.fillRange this# (long from#) (long to#) x#))
         (move [_# _from# _to# _count#] (throw (UnsupportedOperationException.))))
       (dtype-pp/implement-tostring-print ~type))))

(defmacro ^:private fitting [lo hi dtype]
  `(if (<= ~lo ~'v ~hi) ~'v (throw (misfit ~'v ~dtype))))

(defelements Booleans :boolean DType/BOOL BooleanBuffer
  {:get  (not (zero? (.getByte m at)))
   :put  (.putByte m at (if v (byte 1) (byte 0)))
   :copy booleans-of})

(defelements Int8s :int8 DType/INT8 LongBuffer
  {:get (.getByte m at)
   :put (.putByte m at (unchecked-byte (fitting -0x80 0x7f :int8)))})

(defelements UInt8s :uint8 DType/UINT8 LongBuffer
  {:get (bit-and (long (.getByte m at)) 0xff)
   :put (.putByte m at (unchecked-byte (fitting 0 0xff :uint8)))})

(defelements Int16s :int16 DType/INT16 LongBuffer
  {:get (.getShort m at)
   :put (.putShort m at (unchecked-short (fitting -0x8000 0x7fff :int16)))})

(defelements UInt16s :uint16 DType/UINT16 LongBuffer
  {:get (bit-and (long (.getShort m at)) 0xffff)
   :put (.putShort m at (unchecked-short (fitting 0 0xffff :uint16)))})

(defelements Int32s :int32 DType/INT32 LongBuffer
  {:get (.getInt m at)
   :put (.putInt m at (unchecked-int (fitting -0x80000000 0x7fffffff :int32)))})

(defelements UInt32s :uint32 DType/UINT32 LongBuffer
  {:get (bit-and (long (.getInt m at)) 0xffffffff)
   :put (.putInt m at (unchecked-int (fitting 0 0xffffffff :uint32)))})

(defelements Int64s :int64 DType/INT64 LongBuffer
  {:get (.getLong m at)
   :put (.putLong m at v)})

(defelements UInt64s :uint64 DType/UINT64 LongBuffer
  {:get (.getLong m at)
   :put (.putLong m at v)})

(defelements Float16s :float32 DType/FLOAT16 DoubleBuffer
  {:get  (Float16/toFloat (.getShort m at))
   :put  (.putShort m at (Float16/fromFloat (unchecked-float v)))
   :copy floats-of})

(defelements Float32s :float32 DType/FLOAT32 DoubleBuffer
  {:get (.getFloat m at)
   :put (.putFloat m at (unchecked-float v))})

(defelements Float64s :float64 DType/FLOAT64 DoubleBuffer
  {:get (.getDouble m at)
   :put (.putDouble m at v)})

(defn- elements [^DType dtype ^Runs runs writable metadata]
  (let [memory (when (= 1 (.count runs)) (.memory runs 0))
        memory (when (and memory (nil? (.array memory))) memory)
        start  (if memory (.start runs 0) 0)
        n      (.size runs)]
    (condp identical? dtype
      DType/BOOL    (Booleans. memory start n runs writable metadata)
      DType/INT8    (Int8s. memory start n runs writable metadata)
      DType/UINT8   (UInt8s. memory start n runs writable metadata)
      DType/INT16   (Int16s. memory start n runs writable metadata)
      DType/UINT16  (UInt16s. memory start n runs writable metadata)
      DType/INT32   (Int32s. memory start n runs writable metadata)
      DType/UINT32  (UInt32s. memory start n runs writable metadata)
      DType/INT64   (Int64s. memory start n runs writable metadata)
      DType/UINT64  (UInt64s. memory start n runs writable metadata)
      DType/FLOAT16 (Float16s. memory start n runs writable metadata)
      DType/FLOAT32 (Float32s. memory start n runs writable metadata)
      DType/FLOAT64 (Float64s. memory start n runs writable metadata))))

;; tensors

(def ^:no-doc dtypes
  "The dtypes that dtype-next and packs have, by the names of dtype-next."
  {:boolean DType/BOOL
   :int8    DType/INT8,   :int16   DType/INT16,  :int32   DType/INT32,  :int64  DType/INT64
   :uint8   DType/UINT8,  :uint16  DType/UINT16, :uint32  DType/UINT32, :uint64 DType/UINT64
   :float32 DType/FLOAT32 :float64 DType/FLOAT64})

(def ^:private keywords
  (into {} (map (fn [[k dtype]] [dtype k])) dtypes))

(defn- over-heap
  "dtype-next's own buffer over the primitive array, where it has one that writes what it reads."
  [^DType dtype ^Runs runs]
  (let [memory (when (= 1 (.count runs)) (.memory runs 0))]
    (when (and memory (.array memory) (.isWritable runs) (not (#{DType/BOOL DType/FLOAT16 DType/UINT64} dtype)))
      (dtype-proto/sub-buffer (array-buffer/array-buffer (.array memory) (keywords dtype)) (.start runs 0) (.size runs)))))

(defn- make-tensor [^NDArray array]
  (let [runs     (.runs array)
        complex? (.isComplex (.dtype array))
        dtype    (condp identical? (.dtype array)
                   DType/COMPLEX64  DType/FLOAT32
                   DType/COMPLEX128 DType/FLOAT64
                   (.dtype array))]
    (dtt/construct-tensor (or (over-heap dtype runs)
                              (elements dtype runs (.isWritable runs) nil))
                          (dims/dimensions (cond-> (vec (.shape array)) complex? (conj 2)))
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

(def ^:private not-in-dtype-next
  #{DType/FLOAT16 DType/COMPLEX64 DType/COMPLEX128 DType/UINT64})

(defn ^:no-doc presented
  "What :as :auto hands out: the tensor, but the array itself where dtype-next has no such dtype."
  [^NDArray array]
  (if (contains? not-in-dtype-next (.dtype array))
    array
    (tensor array)))

(defn ^:no-doc alike
  "The array as a tensor if that is what was given."
  [given array]
  (if (instance? NDBuffer given)
    (presented array)
    array))

;; dtype-next's arrays as contents

(defn- size ^long [shape]
  (long (reduce * 1 shape)))

(defn- buffer-of
  "The buffer below a tensor; of anything else that itself."
  [x]
  (if (instance? NDBuffer x) (.buffer ^NDBuffer x) x))

(defn ^:no-doc bits
  "The array as a tensor to copy elements of its dtype to: uint64 as int64, since dtype-next refuses to write the upper half."
  [^NDArray array]
  (tensor (if (= DType/UINT64 (.dtype array))
            (NDArray/over DType/INT64 (.runs array) (.shape array))
            array)))

(defn ^:no-doc over-array
  "x as an NDArray of that dtype, which its elements are stored as, over the primitive array in which they lie; nil if they do not."
  ^NDArray [x dtype]
  (when (dtype-proto/convertible-to-array-buffer? x)
    (let [^ArrayBuffer b (dtype-proto/->array-buffer x)
          n              (.-n-elems b)]
      (NDArray/over dtype (Runs/of (Memory/of (.-ary-data b)) (.-offset b) n) (long-array [n])))))

(defn- over-memory
  "x as an NDArray over the same memory; nil unless its elements lie in C order in memory of ours or in a primitive array."
  ^NDArray [x]
  (let [tensor? (instance? NDBuffer x)
        buffer  (buffer-of x)
        shape   (when (and buffer (or (not tensor?) (dims/native? (.dimensions ^NDBuffer x))))
                  (dtype/shape x))]
    (when (and shape (= (size shape) (long (dtype/ecount buffer))))
      (if (instance? Elements buffer)
        (NDArray/over (.getDType ^Elements buffer) (.getRuns ^Elements buffer) (long-array shape))
        (when-let [dtype (dtypes (dtype/elemwise-datatype buffer))]
          (when-not (= DType/BOOL dtype)
            (some-> (over-array buffer dtype) (.reshape (long-array shape)))))))))

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
          (let [array (if (dtype-base/writer? x) (gathered x) (throw (read-only)))]
            (f array)
            (dtype/copy! (.buffer (tensor array)) x)))
        true)))

;; NDArray in dtype-next's protocols

(def ^:private extend-class
  "From 11.000 on the protocols are ham-fisted's, to which clojure.core's extend does not apply."
  (if (:method-caches dtype-proto/PToReader)
    (requiring-resolve 'ham-fisted.defprotocol/extend)
    extend))

(defn- buffer ^Buffer [array]
  (dtype-proto/->buffer (tensor array)))

(extend-class
 NDArray
 dtype-proto/PElemwiseDatatype
 {:elemwise-datatype (fn [array] (dtype-proto/elemwise-datatype (tensor array)))}
 dtype-proto/PElemwiseReaderCast
 {:elemwise-reader-cast (fn [array dtype] (dtype-proto/elemwise-reader-cast (tensor array) dtype))}
 dtype-proto/PElemwiseCast
 {:elemwise-cast (fn [array dtype] (dtype-proto/elemwise-cast (tensor array) dtype))}
 dtype-proto/PDatatype
 {:datatype (fn [_] :ndarray)}
 dtype-proto/PECount
 {:ecount (fn ^long [array] (.lsize (tensor array)))}
 dtype-proto/PShape
 {:shape (fn [array] (dtype-proto/shape (tensor array)))}
 dtype-proto/PClone
 {:clone (fn [array] (dtype-proto/clone (tensor array)))}
 dtype-proto/PSubBuffer
 {:sub-buffer (fn [array ^long offset ^long length] (dtype-proto/sub-buffer (buffer array) offset length))}
 dtype-proto/PSetConstant
 {:set-constant! (fn [array offset n value] (dtype-proto/set-constant! (buffer array) offset n value) array)}
 dtype-proto/PToNativeBuffer
 {:convertible-to-native-buffer? (fn [array] (dtype-proto/convertible-to-native-buffer? (tensor array)))
  :->native-buffer               (fn [array] (dtype-proto/->native-buffer (tensor array)))}
 dtype-proto/PToArrayBuffer
 {:convertible-to-array-buffer? (fn [array] (dtype-proto/convertible-to-array-buffer? (tensor array)))
  :->array-buffer               (fn [array] (dtype-proto/->array-buffer (tensor array)))}
 dtype-proto/PToBuffer
 {:convertible-to-buffer? (fn [_] true)
  :->buffer               buffer}
 dtype-proto/PToReader
 {:convertible-to-reader? (fn [_] true)
  :->reader               buffer}
 dtype-proto/PToWriter
 {:convertible-to-writer? (fn [^NDArray array] (not (.isReadOnly array)))
  :->writer               buffer}
 dtype-proto/PToTensor
 {:as-tensor tensor}
 dtype-proto/PTensor
 {:reshape   (fn [array shape] (dtype-proto/reshape (tensor array) shape))
  :select    (fn [array args] (dtype-proto/select (tensor array) args))
  :transpose (fn [array order] (dtype-proto/transpose (tensor array) order))
  :broadcast (fn [array shape] (dtype-proto/broadcast (tensor array) shape))
  :rotate    (fn [array offsets] (dtype-proto/rotate (tensor array) offsets))
  :slice     (fn [array n right?] (dtype-proto/slice (tensor array) n right?))
  :mget      (fn [array index] (dtype-proto/mget (tensor array) index))
  :mset!     (fn [array index value] (dtype-proto/mset! (tensor array) index value))})

;; dtype-next moves memory only between buffers that give their array or address away, and all else one element after the other,
;; without asking a protocol that could do better. What cannot be written must not be given away, so copy-blocks! goes first, in every
;; version that has the function it goes in front of.

(def ^:private ^:const block 0x8000)

(defn- copy-through-array! [^Elements source target]
  (let [dtype (dtype-base/elemwise-datatype source)
        n     (dtype-base/ecount source)]
    (loop [i 0, array nil]
      (when (< i n)
        (let [count (min block (- n i))
              array (.copied source i count array)]
          (dtype/copy! (dtype-base/sub-buffer (array-buffer/array-buffer array dtype) 0 count) (dtype-base/sub-buffer target i count))
          (recur (+ i count) array))))))

(defn- copy-blocks!
  "Copies src to dst if it lies in C order in memory of ours, and dst in memory of the same dtype. Whether it did so."
  [src dst]
  (let [src    (if (instance? NDArray src) (tensor src) src)
        source (buffer-of src)
        from   (when (instance? Elements source) (over-memory src))]
    (when (and from
               (= (.size from) (dtype-base/ecount dst))
               (= (dtype-base/elemwise-datatype source) (dtype-base/elemwise-datatype dst)))
      (let [to (over-memory dst)]
        (if (and to (= (.dtype from) (.dtype to)))
          (do (.copyTo (.runs (if (.overlaps (.runs from) (.runs to)) (.copy from) from)) (.runs to))
              true)
          (when-let [target (dtype-base/as-concrete-buffer dst)]
            (copy-through-array! source target)
            true))))))

(defonce ^:private copy-one-by-one!
  (some-> (resolve 'tech.v3.datatype.copy/generic-copy!) deref))

(when copy-one-by-one!
  (alter-var-root (resolve 'tech.v3.datatype.copy/generic-copy!)
                  (constantly (fn [src dst]
                                (if (copy-blocks! src dst)
                                  dst
                                  (copy-one-by-one! src dst))))))

;; Up to 11.020 set-constant! of a tensor over an array calls itself until the stack ends, and a negative offset of one over
;; native memory writes, or after sub-buffer reads, what lies in front of it.

(def ^:private implementation
  (if (:method-caches dtype-proto/PToReader)
    (requiring-resolve 'ham-fisted.defprotocol/find-protocol-method)
    find-protocol-method))

(def ^:private set-constant-of-any! (implementation dtype-proto/PSetConstant :set-constant! (Object.)))
(def ^:private sub-buffer-of-any (implementation dtype-proto/PSubBuffer :sub-buffer (Object.)))

(defn- over-ours? [^NDBuffer t]
  (let [buffer (.buffer t)]
    (or (instance? Elements buffer) (instance? ArrayBuffer buffer))))

(extend-class
 NDBuffer
 dtype-proto/PSetConstant
 {:set-constant! (fn [t offset n value]
                   (if (over-ours? t)
                     (let [offset (long offset)]
                       (.fillRange (dtype-base/->writer t) offset (+ offset (long n)) value)
                       t)
                     (set-constant-of-any! t offset n value)))}
 dtype-proto/PSubBuffer
 {:sub-buffer (fn [t ^long offset ^long length]
                (if (over-ours? t)
                  (.subBuffer (dtype-proto/->buffer t) offset (+ offset length))
                  (sub-buffer-of-any t offset length)))})

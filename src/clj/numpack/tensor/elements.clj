(ns ^:no-doc numpack.tensor.elements
  "The elements of arrays as buffers of dtype-next, and buffers of dtype-next as elements of arrays. What dtype-next makes of a dtype
  stands here: a new one is a row of the table below."
  (:require [numpack.arguments :as arg]
            [numpack.tensor.forms :as forms]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.array-buffer :as array-buffer]
            [tech.v3.datatype.native-buffer :as native-buffer]
            [tech.v3.datatype.pprint :as dtype-pp]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor.dimensions :as dims])
  (:import [ham_fisted ArrayLists$ArrayOwner ArraySection Transformables]
           [numpack DType DType$Kind DTypeMismatchException NDArray ReadOnlyException]
           [numpack.kernels Float16]
           [numpack.memory Memory Runs]
           [tech.v3.datatype BooleanBuffer Buffer DoubleBuffer LongBuffer NDBuffer]
           [tech.v3.datatype.array_buffer ArrayBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(definterface Elements
  (^numpack.DType getDType [])
  (^numpack.memory.Runs getRuns [])
  (^Object copied [^long from ^long count ^Object array]))

(declare over-runs)

;; refusals

(defn- no-address []
  (ReadOnlyException. (str "only elements that may be written, and lie in one piece of native memory as their dtype is, have a native "
                           "buffer; take a copy (dtype/clone)")
                      (object-array 0)))

(defn- fixed-size []
  (UnsupportedOperationException. "the elements of an array of a pack are a list of fixed size; append! adds rows"))

(defn- misfit [value ^DType dtype]
  (DTypeMismatchException. (str value " does not fit " dtype) (object-array ["expected" dtype "found" value])))

;; copies

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

(defn- address-of
  "A native buffer over the address of the items, which keeps them mapped."
  [^Runs runs dtype]
  (let [memory  (.memory runs 0)
        width   (long (.bytes (.kind runs)))
        address (+ (.addressToWrite memory) (* width (.start runs 0)))]
    (native-buffer/wrap-address address (* width (.size runs)) dtype :little-endian memory)))

(defmacro ^:private fitting
  "v, or an error where that lies beyond lo or hi. They are compared one after the other: a comparison of three boxes them."
  [v lo hi dtype]
  `(if (and (<= ~lo ~v) (<= ~v ~hi)) ~v (throw (misfit ~v ~dtype))))

;; buffers

(defn- buffer-type
  "The type of a row of the table.

  Every index is checked, so that no reader or writer leaves the memory, and what cannot be written throws. Of writable native
  memory dtype-next may have the address (it copies to and from it by memcpy) until the scope ends; of other memory never."
  [dtype {:keys [type as interface get put copy]}]
  (let [stored (when-not copy as)
        copy   (or copy `items-of)
        [memory start n runs writable metadata :as symbols] '[memory start n runs writable metadata]
        fields {:memory memory, :start start, :n n, :runs runs, :writable writable}]
    `(do
       (deftype ~type ~(mapv #(vary-meta %1 assoc :tag %2) symbols [`Memory 'long 'long `Runs nil nil])
         Object
         (toString [this#] (dtype-pp/buffer->string this# "numpack"))
         (equals [this# other#] (.equiv this# other#))
         (hashCode [this#] (.hasheq this#))

         Elements
         (getDType [_#] ~dtype)
         (getRuns [_#] ~runs)
         (copied [_# from# count# array#] (~copy ~runs from# count# array#))

         dtype-proto/PECount
         (ecount [_#] ~n)

         dtype-proto/PToBuffer
         (convertible-to-buffer? [_#] true)
         (->buffer [this#] this#)

         dtype-proto/PToReader
         (convertible-to-reader? [_#] true)
         (->reader [this#] this#)

         dtype-proto/PToNativeBuffer
         (convertible-to-native-buffer? [_#]
           ~(if stored `(boolean (and ~writable ~memory (nil? (.array ~memory)) (.isLive ~memory))) false))
         (->native-buffer [_#]
           ~(if stored
              `(if (and ~writable ~memory (nil? (.array ~memory)))
                 (address-of ~runs ~as) ; asked for while the scope was ending it reads on, as one that was asked for before
                 (throw (no-address)))
              `(throw (no-address))))

         dtype-proto/PToWriter
         (convertible-to-writer? [_#] (boolean ~writable))
         (->writer [this#] (if ~writable this# (throw (forms/read-only))))

         dtype-proto/PSetConstant
         (set-constant! [this# offset# count# value#]
           (.fillRange this# (long offset#) (+ (long offset#) (long count#)) value#)
           this#)

         ~interface
         (meta [_#] ~metadata)
         (withMeta [_# m#] (new ~type ~memory ~start ~n ~runs ~writable m#))
         (elemwiseDatatype [_#] ~as)
         (lsize [_#] ~n)
         (allowsRead [_#] true)
         (allowsWrite [_#] (boolean ~writable))
         (subBuffer [this# from# to#]
           (if (and (zero? from#) (= to# ~n))
             this#
             (over-runs ~dtype (.slice ~runs from# to#) ~writable ~metadata)))
         ~@(condp = interface
             'LongBuffer    (forms/primitive-methods fields stored `long `Transformables/toLongReductionFn get put)
             'DoubleBuffer  (forms/primitive-methods fields stored `double `Transformables/toDoubleReductionFn get put)
             'BooleanBuffer (forms/boolean-methods fields get put))
         (add [_# _x#] (throw (fixed-size)))
         (cloneList [this#] (array-buffer/array-buffer (.copied this# 0 ~n nil) ~as))
         ~@(when-let [->array ('{:int32 toIntArray, :int64 toLongArray, :float32 toFloatArray, :float64 toDoubleArray} as)]
             [`(~->array [this#] (.copied this# 0 ~n nil))])

         ArrayLists$ArrayOwner
         (getArraySection [this#] (ArraySection. (.copied this# 0 ~n nil) 0 (Math/toIntExact ~n)))
         (copyOf [this# to#] (.copied this# 0 to# nil))
         (copyOfRange [this# from# to#] (.copied this# from# (- to# from#) nil))
         (fill [this# from# to# x#] (.fillRange this# (long from#) (long to#) x#))
         (move [_# _from# _to# _count#] (throw (UnsupportedOperationException.))))
       (dtype-pp/implement-tostring-print ~type))))

(defmacro ^:private def-dtypes
  "Defines the type of buffers of each row, and var as a map of the rows, each with :make, which makes such a buffer, and :stored?."
  [var & {:as rows}]
  `(do
     ~@(for [[dtype row] rows :when (:type row)]
         (buffer-type dtype row))
     (def ~(vary-meta var assoc :private true)
       ~(into {} (for [[dtype {:keys [type copy] :as row}] rows]
                   [dtype (cond-> (select-keys row [:as :signed? :digits :part])
                            type (assoc :make (symbol (str "->" type)), :stored? (nil? copy)))])))))

;; Of each dtype:
;;   :type       the type of a buffer of its elements
;;   :as         the dtype that these have for dtype-next; :signed? if it takes unsigned ones for signed ones
;;   :interface  what they are read and written as
;;   :get, :put  templates that read and write one
;;   :copy       makes primitive arrays of them, where they are not stored as dtype-next stores them
;;   :digits     of floating ones, how many binary digits of an integer they keep
;;   :part       of complex ones, the dtype of their parts, in pairs of which they are read

(def-dtypes facts
  DType/BOOL
  {:type Booleans, :as :boolean, :interface BooleanBuffer
   :get  ([m at] (not (zero? (.getByte m at))))
   :put  ([m at v] (.putByte m at (if v (byte 1) (byte 0))))
   :copy booleans-of}
  DType/INT8
  {:type Int8s, :as :int8, :interface LongBuffer
   :get  ([m at] (.getByte m at))
   :put  ([m at v] (.putByte m at (unchecked-byte (fitting v -0x80 0x7f DType/INT8))))}
  DType/UINT8
  {:type UInt8s, :as :uint8, :interface LongBuffer
   :get  ([m at] (bit-and (long (.getByte m at)) 0xff))
   :put  ([m at v] (.putByte m at (unchecked-byte (fitting v 0 0xff DType/UINT8))))}
  DType/INT16
  {:type Int16s, :as :int16, :interface LongBuffer
   :get  ([m at] (.getShort m at))
   :put  ([m at v] (.putShort m at (unchecked-short (fitting v -0x8000 0x7fff DType/INT16))))}
  DType/UINT16
  {:type UInt16s, :as :uint16, :interface LongBuffer
   :get  ([m at] (bit-and (long (.getShort m at)) 0xffff))
   :put  ([m at v] (.putShort m at (unchecked-short (fitting v 0 0xffff DType/UINT16))))}
  DType/INT32
  {:type Int32s, :as :int32, :interface LongBuffer
   :get  ([m at] (.getInt m at))
   :put  ([m at v] (.putInt m at (unchecked-int (fitting v -0x80000000 0x7fffffff DType/INT32))))}
  DType/UINT32
  {:type UInt32s, :as :uint32, :interface LongBuffer
   :get  ([m at] (bit-and (long (.getInt m at)) 0xffffffff))
   :put  ([m at v] (.putInt m at (unchecked-int (fitting v 0 0xffffffff DType/UINT32))))}
  DType/INT64
  {:type Int64s, :as :int64, :interface LongBuffer
   :get  ([m at] (.getLong m at))
   :put  ([m at v] (.putLong m at v))}
  DType/UINT64
  {:type UInt64s, :as :uint64, :signed? true, :interface LongBuffer
   :get  ([m at] (.getLong m at))
   :put  ([m at v] (.putLong m at v))}
  DType/FLOAT16
  {:type Float16s, :as :float32, :interface DoubleBuffer, :digits 11
   :get  ([m at] (Float16/toFloat (.getShort m at)))
   :put  ([m at v] (.putShort m at (Float16/fromFloat (unchecked-float v))))
   :copy floats-of}
  DType/FLOAT32
  {:type Float32s, :as :float32, :interface DoubleBuffer, :digits 24
   :get  ([m at] (.getFloat m at))
   :put  ([m at v] (.putFloat m at (unchecked-float v)))}
  DType/FLOAT64
  {:type Float64s, :as :float64, :interface DoubleBuffer, :digits 53
   :get  ([m at] (.getDouble m at))
   :put  ([m at v] (.putDouble m at v))}
  DType/COMPLEX64  {:part DType/FLOAT32}
  DType/COMPLEX128 {:part DType/FLOAT64})

(def dtypes
  "The dtypes that dtype-next can name, by its name."
  (into {} (keep (fn [[dtype {:keys [as]}]] (when (= as (arg/dtype-keyword dtype)) [as dtype]))) facts))

(defn in-dtype-next?
  "Whether dtype-next has the dtype, and not only something like it."
  [dtype]
  (let [{:keys [as signed?]} (facts dtype)]
    (and (= dtype (dtypes as)) (not signed?))))

(defn stored?
  "Whether dtype-next stores elements of the dtype as they are stored here."
  [dtype]
  (:stored? (facts dtype)))

(defn fact
  "What the table says of a dtype."
  [dtype k]
  (get (facts dtype) k))

;; from memory to a buffer, and back

(defn- over-heap
  "dtype-next's own buffer over the primitive array, where it has one that writes what it reads."
  [dtype ^Runs runs]
  (let [memory (when (= 1 (.count runs)) (.memory runs 0))]
    (when (and memory (.array memory) (.isWritable runs) (stored? dtype) (in-dtype-next? dtype))
      (dtype-proto/sub-buffer (array-buffer/array-buffer (.array memory) (fact dtype :as)) (.start runs 0) (.size runs)))))

(defn- over-runs [dtype ^Runs runs writable metadata]
  (let [memory (when (= 1 (.count runs)) (.memory runs 0))
        start  (if memory (.start runs 0) 0)]
    ((fact dtype :make) memory start (.size runs) runs writable metadata)))

(defn ->buffer
  "The items as a buffer of elements of that dtype, over the same memory."
  [dtype ^Runs runs]
  (or (over-heap dtype runs)
      (over-runs dtype runs (.isWritable runs) nil)))

(defn buffer-of
  "The buffer below a tensor; of anything else that itself."
  [x]
  (if (instance? NDBuffer x) (.buffer ^NDBuffer x) x))

(defn over-array
  "x as an NDArray of that dtype, which its elements are stored as, over the primitive array in which they lie; nil if they do not."
  ^NDArray [x dtype]
  (when (dtype-proto/convertible-to-array-buffer? x)
    (let [^ArrayBuffer b (dtype-proto/->array-buffer x)
          n              (.-n-elems b)]
      (NDArray/over dtype (Runs/of (Memory/of (.-ary-data b)) (.-offset b) n) (long-array [n])))))

(defn over-memory
  "x as an NDArray over the same memory; nil unless its elements lie in C order in memory of ours or in a primitive array."
  ^NDArray [x]
  (let [tensor? (instance? NDBuffer x)
        buffer  (buffer-of x)
        shape   (when (and buffer (or (not tensor?) (dims/native? (.dimensions ^NDBuffer x))))
                  (dtype/shape x))]
    (when (and shape (= (long (reduce * 1 shape)) (long (dtype/ecount buffer))))
      (if (instance? Elements buffer)
        (NDArray/over (.getDType ^Elements buffer) (.getRuns ^Elements buffer) (long-array shape))
        (when-let [dtype (dtypes (dtype/elemwise-datatype buffer))]
          (when (stored? dtype)
            (some-> (over-array buffer dtype) (.reshape (long-array shape)))))))))

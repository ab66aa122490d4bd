(ns ^:no-doc numpack.tensor.repairs
  "What this library replaces in dtype-next, for the whole process: all of it stands here.

  dtype-next moves memory only between buffers that give their array or address away, and all else one element after the other, without
  asking a protocol that could do better. What cannot be written must not be given away, so a copy out of a pack's memory goes in
  front of tech.v3.datatype.copy/generic-copy!.

  Up to 11.020 set-constant! of a tensor over an array calls itself until the stack ends, and a negative offset of one over native
  memory writes, or after sub-buffer reads, what lies in front of it: both are done right for tensors over arrays and packs.

  numpack.tensor makes these repairs when it is loaded, at the first tensor that is handed out or taken: the copies and calls that they
  are for go through dtype-next alone. With the system property numpack.dtype-next.repairs=off, and in versions other than
  10 and 11, dtype-next stays as it is."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [numpack.tensor.elements :as elements]
            [numpack.tensor.protocols :refer [extend-class implementation]]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.array-buffer :as array-buffer]
            [tech.v3.datatype.base :as dtype-base]
            [tech.v3.datatype.copy :as copy]
            [tech.v3.datatype.protocols :as dtype-proto])
  (:import [java.util Properties]
           [numpack DType NDArray]
           [numpack.memory Memory Runs]
           [numpack.tensor.elements Elements]
           [tech.v3.datatype NDBuffer]
           [tech.v3.datatype.array_buffer ArrayBuffer]
           [tech.v3.datatype.native_buffer NativeBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; copies

(def ^:private ^:const block 0x8000)

(defn- copy-through-array!
  "Copies elements that are not stored as dtype-next stores them."
  [^Elements source target]
  (let [dtype (dtype-base/elemwise-datatype source)
        n     (dtype-base/ecount source)]
    (loop [i 0, array nil]
      (when (< i n)
        (let [count (min block (- n i))
              array (.copied source i count array)]
          (dtype/copy! (dtype-base/sub-buffer (array-buffer/array-buffer array dtype) 0 count) (dtype-base/sub-buffer target i count))
          (recur (+ i count) array))))))

(defn- ours? [x]
  (or (instance? NDArray x) (instance? Elements (elements/buffer-of x))))

(defn- array-of ^NDArray [x]
  (if (instance? NDArray x) x (elements/over-memory x)))

(defn- memory-below
  "The memory of ours over whose address a native buffer lies, or nil."
  ^Memory [buffer]
  (loop [x buffer]
    (cond
      (instance? Memory x)       x
      (instance? NativeBuffer x) (recur (.-parent ^NativeBuffer x)))))

(defn- over-address
  "A native buffer of dtype-next as an NDArray of a dtype that is stored as it is there, over the same memory."
  ^NDArray [^NativeBuffer buffer ^DType dtype]
  (let [n      (dtype-base/ecount buffer)
        kind   (.kind dtype)
        memory (memory-below buffer)]
    (NDArray/over dtype
                  (if (and memory (= kind (.kind memory)))
                    (Runs/of memory (quot (- (.-address buffer) (.address memory)) (long (.bytes kind))) n)
                    (Runs/of (Memory/over kind (.-address buffer) n buffer)))
                  (long-array [n]))))

(defn- target-of
  "dst as an NDArray of the dtype, over the same memory; nil if it holds other elements, or none that lie in one piece."
  ^NDArray [dst dtype]
  (if-let [array (array-of dst)]
    (when (= dtype (.dtype array))
      array)
    (let [native (when (elements/stored? dtype) (dtype-base/as-native-buffer dst))]
      (when (and (instance? NativeBuffer native) (= :little-endian (dtype-proto/endianness native)))
        (over-address native dtype)))))

(defn- copied?
  "Copies src to dst if one of them lies in memory of ours, src in C order, and both have one dtype. Whether it did so."
  [src dst]
  (when-let [from (when (and (or (ours? src) (ours? dst))
                             (= (dtype-base/elemwise-datatype src) (dtype-base/elemwise-datatype dst)))
                    (array-of src))]
    (when (= (.size from) (dtype-base/ecount dst))
      (if-let [to (target-of dst (.dtype from))]
        (do (.checkLive (.runs to))
            (.copyTo (.runs (if (.overlaps (.runs from) (.runs to)) (.copy from) from)) (.runs to))
            true)
        (when-let [target (when (ours? src) (dtype-base/as-concrete-buffer dst))]
          (copy-through-array! (elements/->buffer (.dtype from) (.runs from)) target)
          true)))))

(defn- repair-copies! []
  (let [copy-one-by-one! copy/generic-copy!]
    (alter-var-root #'copy/generic-copy! (constantly (fn [src dst]
                                                       (if (copied? src dst)
                                                         dst
                                                         (copy-one-by-one! src dst)))))))

;; indexes

(defn- over-ours? [^NDBuffer t]
  (let [buffer (.buffer t)]
    (or (instance? Elements buffer) (instance? ArrayBuffer buffer))))

(defn- repair-indexes! []
  (let [set-constant-of-any! (implementation dtype-proto/PSetConstant :set-constant! (Object.))
        sub-buffer-of-any    (implementation dtype-proto/PSubBuffer :sub-buffer (Object.))]
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
                      (sub-buffer-of-any t offset length)))})))

;; whether

(defn- version
  "The version of dtype-next, which its jar tells; nil if it came otherwise."
  []
  (when-let [found (io/resource "META-INF/maven/cnuernber/dtype-next/pom.properties")]
    (with-open [in (io/input-stream found)]
      (.getProperty (doto (Properties.) (.load in)) "version"))))

(defn- wanted? []
  (and (not= "off" (System/getProperty "numpack.dtype-next.repairs"))
       (contains? #{nil "10" "11"} (some-> (version) (str/split #"\.") first))
       (= '([src dst]) (:arglists (meta #'copy/generic-copy!)))))

(defonce ^:private made
  (when (wanted?)
    (repair-copies!)
    (repair-indexes!)
    true))

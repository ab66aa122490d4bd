(ns numpack.misuse-writes
  "Every way in which numpack.core, dtype-next, ham-fisted and java.util.List write to a tensor."
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.tensor :as dtt]
            [clojure.string :as str]
            [ham-fisted.api :as hamf]
            [numpack.core :as npk])
  (:import [java.lang.reflect InvocationTargetException Method Modifier]
           [java.util Collection Collections Comparator List ListIterator Random]
           [java.util.function Predicate UnaryOperator]
           [tech.v3.datatype Buffer NDBuffer]))

(defmacro ^:private ways
  "Pairs of a form's text and a function that evaluates the form."
  [& forms]
  (mapv (fn [form] [(pr-str form) `(fn [] ~form)]) forms))

(defn thrown? [f]
  (try (f) false (catch Throwable _ true)))

(defn views
  "[name view] of a tensor of shape [n m]: tensors and buffers over its elements, or over some of them."
  [x]
  (let [[n m] (dtype/shape x)
        rows  (range 1 (dec (long n)))]
    [["tensor" x]
     ["buffer" (dtype/->reader x)]
     ["row" (dtt/select x 1)]
     ["row that was called" (x 2)]
     ["row of rows" (nth (dtt/rows x) 3)]
     ["column of columns" (nth (dtt/columns x) 1)]
     ["slice" (nth (dtt/slice x 1) 4)]
     ["range of rows" (dtt/select x rows)]
     ["picked rows" (dtt/select x [3 1 2])]
     ["column" (dtt/select x :all 1)]
     ["reversed rows" (dtt/select x :lla)]
     ["flat tensor" (dtt/reshape x [(* (long n) (long m))])]
     ["reshaped tensor" (dtt/reshape x [m n])]
     ["transposed tensor" (dtt/transpose x [1 0])]
     ["rotated tensor" (dtt/rotate x [1 1])]
     ["sub-buffer of the tensor" (dtype/sub-buffer x 4 20)]
     ["sub-buffer of the buffer" (.subBuffer ^Buffer (dtype/->reader x) 5 30)]
     ["indexed buffer" (dtype/indexed-buffer (range 3 40) (dtype/->reader x))]
     ["sublist" (.subList ^List (dtype/->reader x) 2 30)]]))

(defn- of-dtype-next [x one]
  (let [dtype (dtype/elemwise-datatype x)
        n     (long (dtype/ecount x))
        zeros (dtype/make-container dtype n)
        rank  (count (dtype/shape x))
        index (vec (repeat rank 0))]
    (into (ways (dtype/set-value! x 0 one)
                (dtype/set-value! x [(range 2)] one)
                (dtype/set-constant! x one)
                (dtype/set-constant! x 0 2 one)
                (dtype/copy! zeros x)
                (dtype/copy! (vec zeros) x)
                (dtype/copy! (dtype/->reader zeros) x)
                (dtype/copy! (dtype/make-container :float64 n) x)
                (dtype/copy! (dtype/make-container :native-heap (if (= :boolean dtype) :int8 dtype) n) x)
                (dtype/copy! (dtype/clone x) x)
                (dtype/copy! (dfn/+ (dtype/elemwise-cast x :float64) 1) x)
                (dtype/copy! [one] (dtype/sub-buffer x 0 1))
                (dtype/copy-raw->item! [one one] x)
                (dtype/coalesce! x [one one])
                (dtype/set-value! (dtype/->writer x) 0 one)
                (.writeObject (dtype/->writer x) 0 one)
                (npk/fill! x one)
                (npk/add! x one)
                (npk/mul! x one))
          (when (instance? NDBuffer x)
            (ways (apply dtt/mset! x (conj index one))
                  (dtt/mset! x 0 (if (next (dtype/shape x)) (first x) one))
                  (dtt/tensor-copy! (dtype/clone x) x)
                  (dtt/mset! (dtt/broadcast x (into [2] (dtype/shape x))) 0 one)
                  (apply npk/mset! x (conj index one)))))))

(defn- of-its-buffer [^Buffer w one]
  (ways (.writeByte w 0 1)
        (.writeLong w 0 1)
        (.writeDouble w 0 1.0)
        (.writeObject w 0 one)
        (.accumPlusLong w 0 1)
        (.accumPlusDouble w 0 1.0)
        (.fillRange w 0 3 one)
        (.fillRange w 0 ^List (vector one one))
        (.fillRange w 0 ^List (dtype/->reader (dtype/make-container (dtype/elemwise-datatype w) [one one])))
        (.fillRangeReducible w 0 [one one])
        (.writeObject (.subBuffer w 1 3) 0 one)
        (.fillRange (.subBuffer w 1 3) 0 2 one)
        (.set (.subList w 1 3) 0 one)))

(defn- of-lists [^List l one]
  (ways (.set l 0 one)
        (.replaceAll l (reify UnaryOperator (apply [_ _] one)))
        (doto ^ListIterator (.listIterator l) (.next) (.set one))
        (Collections/fill l one)
        (Collections/swap l 0 1)
        (Collections/reverse l)
        (Collections/rotate l 1)
        (Collections/shuffle l (Random. 1))
        (.sort l (Collections/reverseOrder))))

(defn- of-growing-lists [^List l one]
  (ways (hamf/add-all! l [one one])
        (hamf/conj! l one)
        (hamf/clear! l)
        (.add l one)
        (.add l 0 one)
        (.addAll l [one one])
        (.addAll l 0 [one one])
        (.remove l (int 0))
        (.removeAll l (vec (take 3 l)))
        (.retainAll l [])
        (.removeIf l (reify Predicate (test [_ _] true)))
        (.clear l)
        (doto (.iterator l) (.next) (.remove))))

(def ^:private writing #"(nd)?(write|Write|set|fill|acc|Accum|sort|shuffle|replace|put|move).*")
(def ^:private growing #"(add|remove|retain|clear).*")

(def ^:private harmless
  "What answers without writing: sortIndirect gives indexes, and remove looks for an element first."
  #{"sortIndirect" "remove"})

(defn- argument [^Class type i one]
  (condp = type
    Integer/TYPE    (int (* 2 (long i)))
    Long/TYPE       (long (* 2 (long i)))
    Double/TYPE     1.0
    Float/TYPE      (float 1)
    Byte/TYPE       (byte 1)
    Boolean/TYPE    true
    Random          (Random. 1)
    Comparator      (Collections/reverseOrder)
    List            [one one]
    Collection      [one one]
    Iterable        [0 0]
    Predicate       (reify Predicate (test [_ _] true))
    UnaryOperator   (reify UnaryOperator (apply [_ _] one))
    Object          one
    nil))

(defn- calling [^Method m x one]
  (let [arguments (object-array (map-indexed (fn [i type] (argument type i one)) (.getParameterTypes m)))]
    (fn []
      (try
        (.invoke m x arguments)
        (catch InvocationTargetException e (throw (ex-cause e)))))))

(defn- of-methods
  "The public methods of such a name."
  [x pattern one]
  (for [^Method m (sort-by str (.getMethods (class x)))
        :when (and (not (Modifier/isStatic (.getModifiers m)))
                   (re-matches pattern (.getName m))
                   (not (harmless (.getName m))))]
    [(str/replace (str m) #"^public | default|abstract " "") (calling m x one)]))

(defn- one-of [x]
  (if (= :boolean (dtype/elemwise-datatype x)) true 1))

(defn element-writes
  "[description f] for the ways to write elements of x, which views gave. Where it may be written none of them throws."
  [x]
  (let [one (one-of x)
        w   (dtype/->reader x)]
    (concat (of-dtype-next x one) (of-its-buffer w one) (of-lists w one))))

(defn writes
  "element-writes, and whatever method says that it writes."
  [x]
  (let [one (one-of x)
        w   (dtype/->reader x)]
    (concat (element-writes x) (of-methods w writing one)
            (when-not (identical? x w)
              (of-methods x writing one)))))

(defn growth
  "[description f] for the ways to add and remove elements, which no memory of a fixed size can do."
  [x]
  (let [one (one-of x)]
    (concat (of-growing-lists x one) (of-methods x growing one))))

(defn outside
  "[description f] that read or write elements of x that lie in front of its memory or behind it."
  [x]
  (let [w ^Buffer (dtype/->reader x)
        n (.lsize w)]
    (mapcat (fn [i]
              (let [i   (long i)
                    end (+ i 5)]
                (map (fn [[form f]] [(str form " with i = " i) f])
                     (ways (.readDouble w i)
                           (.readLong w i)
                           (.readObject w i)
                           (.writeDouble w i 1.0)
                           (.writeLong w i 1)
                           (.subBuffer w i end)
                           (.fillRange w i end 1)
                           (.fillRange w i ^List (dtype/->reader (byte-array 9)))
                           (dtype/set-constant! x i 5 1)
                           (dtype/set-value! x i 1)
                           (dtype/sub-buffer x i 5)))))
            [-1 -5000 -100000000000 n (+ n 100000000000)])))

(defn copies
  "[name copy] of what dtype-next gives as writable copies of a tensor's elements."
  [x]
  (cond-> [["array" (dtype/->array x)]
           ["array buffer" (dtype/->array-buffer x)]
           ["clone" (dtype/clone x)]
           ["tensor clone" (dtt/clone x)]
           ["list's array" (.toArray ^List (dtype/->reader x))]
           ["container" (dtype/make-container (dtype/elemwise-datatype x) (dtype/->reader x))]]
    ;; dtype-next has no native booleans
    (not= :boolean (dtype/elemwise-datatype x)) (into [["float array" (dtype/->float-array x)]
                                                       ["native clone" (dtt/clone x {:container-type :native-heap})]
                                                       ["native tensor" (dtt/ensure-native x)]])))

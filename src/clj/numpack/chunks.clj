(ns ^:no-doc numpack.chunks
  "Chunks that are fetched when they are asked for."
  (:import [clojure.lang Counted IReduce Indexed Seqable]
           [java.io Writer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(defn- lazily [fetch ^long i ^long n]
  (lazy-seq
   (when (< i n)
     (cons (fetch i) (lazily fetch (inc i) n)))))

(defn- reduced-from [from n fetch f init]
  (loop [i (long from), result init]
    (cond
      (reduced? result) @result
      (< i (long n)) (recur (inc i) (f result (fetch i)))
      :else result)))

(deftype ^:private OnDemand [title ^long n fetch]
  Counted
  (count [_] (int n))
  Indexed
  (nth [_ i] (fetch i))
  (nth [_ i not-found] (if (< -1 i n) (fetch i) not-found))
  Seqable
  (seq [_] (seq (lazily fetch 0 n)))
  IReduce
  (reduce [_ f]
    (if (zero? n)
      (f)
      (reduced-from 1 n fetch f (fetch 0))))
  (reduce [_ f init]
    (reduced-from 0 n fetch f init))
  Object
  (toString [_] (str "#<" title ", " n (if (= 1 n) " chunk>" " chunks>"))))

(defmethod print-method OnDemand [chunks ^Writer w]
  (.write w (str chunks)))

(defn on-demand
  "n chunks, counted, indexed, reducible and a sequence, each made by (fetch i) when it is asked for. The title says of what."
  [title n fetch]
  (OnDemand. title n fetch))

(ns numpack.tensor-misuse
  "What a program must not do with tensors, and what must not happen then: no crash, no wrong value, no leak. It runs in a JVM of its
  own, which prints the name of each case before it and ok after it."
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [numpack.core :as npk])
  (:import [java.io RandomAccessFile]
           [java.nio.file Files Path]
           [tech.v3.datatype Buffer]))

(defn- thrown? [f]
  (try (f) false (catch Throwable _ true)))

(defn- check [what x]
  (when-not x
    (throw (AssertionError. (str what)))))

(defn- mappings [path]
  (with-open [lines (Files/lines (Path/of "/proc/self/maps" (make-array String 0)))]
    (count (filterv #(str/includes? % path) (iterator-seq (.iterator lines))))))

(defn- collected?
  "Whether the garbage collector finds all but the last few, to which a stack may still refer."
  [path]
  (loop [n 0]
    (System/gc)
    (Thread/sleep 100)
    (cond (< (mappings path) 5) true
          (< n 50)              (recur (inc n))
          :else                 false)))

(defn- fresh [pack]
  (npk/save! pack :x (npk/ndarray (range 30000) {:dtype :float32 :shape [10000 3]}))
  pack)

(defn- write-everywhere [x]
  (let [w   ^Buffer (dtype/->reader x)
        big (float-array 30000)]
    [#(dtt/mset! x 0 0 1) #(dtt/mset! x 1 2) #(dtype/set-value! x 0 1) #(dtype/set-value! x [0] 1) #(dtype/set-constant! x 1)
     #(dtype/set-constant! x 0 10 1) #(dtype/copy! big x) #(dtype/copy! (dfn/+ x 1) x) #(dtt/tensor-copy! (dtype/clone x) x)
     #(dtype/copy! (dtype/make-container :native-heap :float32 30000) x) #(npk/add! x 1) #(npk/fill! (dtt/select x :all 1) 2)
     #(.writeDouble w 0 1.0) #(.writeLong w 0 1) #(.writeObject w 0 1) #(.fillRange w 0 100 1.0) #(.fillRange w 0 (dtype/->reader big))
     #(.accumPlusDouble w 0 1.0) #(.writeDouble (.subBuffer w 5 10) 0 1.0)]))

(defn- outside [x]
  (let [w ^Buffer (dtype/->reader x)]
    (mapcat (fn [i] [#(.readDouble w i) #(.writeDouble w i 1.0) #(dtype/set-constant! x i 5 1) #(.fillRange w (long i) (long (+ (long i) 5)) 1.0)
                     #(dtype/set-value! x i 1) #(.subBuffer w i (+ (long i) 5)) #(.fillRange w (long i) (dtype/->reader (float-array 9)))])
            [-1 -5000 -100000000000 30000 100000000000])))

(defn- refused-to-a-lazy-tensor [pack _]
  (let [x   (:x pack)
        sum (dfn/sum x)]
    (doseq [[i f] (map-indexed vector (concat (write-everywhere x) (outside x)))]
      (check i (thrown? f)))
    (check "the sum" (= sum (dfn/sum x) (npk/reduce-axis (npk/load pack :x) :sum)))))

(defn- refused-outside-of-the-array [pack _]
  (npk/with-writable-batch [{:keys [x]} pack]
    (doseq [[i f] (map-indexed vector (outside x))]
      (check i (thrown? f))))
  (check "the sum" (= 449985000.0 (dfn/sum (:x pack)))))

(defn- used-after-its-scope [pack _]
  (let [x (npk/with-writable-batch [{:keys [x]} pack] x)]
    (check "read" (= 449985000.0 (dfn/sum x)))
    (run! thrown? (concat (write-everywhere x) (outside x)))
    (check "the file" (= 449985000.0 (dfn/sum (:x pack))))))

(defn- used-after-close [_ path]
  (let [x (with-open [p (npk/open path)] (:x p))]
    (check "read" (= 449985000.0 (dfn/sum x)))
    (check "write" (every? thrown? (write-everywhere x)))))

(defn- used-after-the-file-was-replaced [pack _]
  (doseq [replace [#(npk/save! pack :x [1 2 3]) #(npk/delete! pack :x) #(-> pack (npk/drop-rows! :x (range 5000)) (npk/compact! :x))
                   #(npk/with-batch [b pack] (npk/save! b :x (npk/zeros [20000 3])))]]
    (fresh pack)
    (let [x   (:x pack)
          row (dtt/select x 9999)]
      (replace)
      (dfn/sum x)
      (dtype/clone x)
      (check "row" (= 3 (count (vec row))))
      (check "write" (every? thrown? (write-everywhere x))))))

(defn- used-while-the-scope-ends [pack _]
  (dotimes [_ 100]
    (let [stop   (atom false)
          leaked (promise)
          user   (future (let [x @leaked]
                           (loop [n 0]
                             (when-not @stop
                               (dtt/mset! x (rem n 10000) 1 n)
                               (dtype/set-constant! x 0 300 1)
                               (dfn/sum x)
                               (recur (inc n))))))]
      (npk/with-writable-batch [{:keys [x]} pack {:sync? false}]
        (deliver leaked x)
        (Thread/sleep 2))
      (let [after (dtype/clone (npk/load pack :x))]
        (Thread/sleep 1)
        (check "the file" (= (seq (dtype/->reader after)) (seq (dtype/->reader (npk/load pack :x))))))
      (reset! stop true)
      @user)))

(defn- truncated-by-somebody [pack path]
  (let [x (:x pack)]
    (with-open [f (RandomAccessFile. (io/file path "data_x.npkd") "rw")]
      (.setLength f 100))
    (try
      (dtype/clone x)
      (dtype/copy! x (float-array 30000))
      (check "the last elements" (thrown? #(dotimes [_ 100000] (dtt/mget x 9999 2))))
      (catch InternalError _))))

(defn- leaked-and-collected [pack path]
  (let [sum (fn [] (dfn/sum (npk/with-writable-batch [{:keys [x]} pack {:sync? false}] x)))]
    (let [gc (future (dotimes [_ 50] (System/gc) (Thread/sleep 5)))]
      (dotimes [_ 300]
        (check "sum" (= 449985000.0 (sum))))
      @gc))
  (dotimes [_ 10000]
    (npk/with-writable-batch [{:keys [x]} pack {:sync? false}]
      (dtt/mset! x 0 0 0)))
  (dotimes [_ 1000]
    (dtt/mget (dtt/select (:x pack) 5) 0))
  (check "mappings" (collected? (str path "/data_"))))

(def cases
  [#'refused-to-a-lazy-tensor #'refused-outside-of-the-array #'used-after-its-scope #'used-after-close #'used-after-the-file-was-replaced
   #'used-while-the-scope-ends #'truncated-by-somebody #'leaked-and-collected])

(defn -main [folder]
  (doseq [c cases]
    (print (:name (meta c)) "")
    (flush)
    (let [path (str (io/file folder (str (:name (meta c)) ".npk")))]
      (with-open [pack (npk/open path)]
        (c (fresh pack) path)))
    (println "ok"))
  (shutdown-agents))

(ns numpack.tensor-bench
  "What a tensor over a pack costs beside dtype-next's own over memory of the same size: in a writable batch beside a native buffer, in a
  batch beside a heap array, lazy beside memcpy.

    clojure -M:dtype-next:bench -m numpack.tensor-bench [FOLDER]"
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [clojure.pprint :as pprint]
            [criterium.core :as criterium]
            [numpack.core :as npk])
  (:import [java.io File]
           [tech.v3.datatype NDBuffer]))

(set! *warn-on-reflection* true)

(def ^:private rows 10000)
(def ^:private columns 100)

(defn- seconds [f]
  (first (:mean (criterium/quick-benchmark* f {:warmup-jit-period 1000000000}))))

(defn- ratio
  "The time of (f ours) to that of (f theirs): the geometric mean of two rounds, in which each goes first once."
  [f ours theirs]
  (let [ours-first   (let [a (seconds #(f ours))] (/ a (seconds #(f theirs))))
        theirs-first (let [b (seconds #(f theirs))] (/ (seconds #(f ours)) b))]
    (Math/sqrt (* ours-first theirs-first))))

(def ^:private numbers (float-array (* rows columns)))

(def ^:private work
  [["->reader" (fn [t] (dotimes [_ 1000] (dtype/->reader t)))]
   ["mget" (fn [t] (dotimes [i 1000] (dtt/mget t i 7)))]
   ["mset!" (fn [t] (dotimes [i 1000] (dtt/mset! t i 7 1.5)))]
   ["ndReadDouble" (fn [^NDBuffer t] (dotimes [i rows] (.ndReadDouble t i 7)))]
   ["copy! out" (fn [t] (dtype/copy! t numbers))]
   ["copy! in" (fn [t] (dtype/copy! numbers t))]
   ["dfn/sum" (fn [t] (dfn/sum t))]
   ["dfn/mean" (fn [t] (dfn/mean t))]
   ["dfn/reduce-+" (fn [t] (dfn/reduce-+ t))]])

(defn- plain [container-type]
  (dtt/reshape (dtype/make-container container-type :float32 numbers) [rows columns]))

(defn- delete [^File file]
  (run! io/delete-file (reverse (filter #(.exists ^File %) (file-seq file)))))

(defn -main [& [folder]]
  (let [file (io/file (or folder (System/getProperty "java.io.tmpdir")) "bench-tensors.npk")]
    (dotimes [i (alength ^floats numbers)]
      (aset ^floats numbers i (float (/ i 7.0))))
    (delete file)
    (with-open [pack (npk/open file)]
      (npk/save! pack :x (npk/reshape (npk/ndarray numbers) [rows columns]))
      (println (str "float32 [" rows " " columns "], a pack's tensor to dtype-next's"))
      (let [native   (plain :native-heap)
            heap     (plain :jvm-heap)
            writable (npk/with-writable-batch [{:keys [x]} pack]
                       (mapv (fn [[what f]] [what (ratio f x native)]) work))
            batch    (npk/with-batch [{:keys [x]} pack]
                       (mapv (fn [[_ f]] (ratio f x heap)) work))]
        (pprint/print-table (map (fn [[what w] b] {"" what, "writable batch / native buffer" (format "%.2f" w),
                                                   "batch / heap" (format "%.2f" b)})
                                 writable batch)))
      (let [x      (:x pack)
            target (float-array (* rows columns))
            memcpy (seconds #(System/arraycopy numbers 0 target 0 (alength target)))]
        (println "\nlazy tensor to System/arraycopy")
        (pprint/print-table (for [[what f] [["copy! to an array" #(dtype/copy! x target)]
                                            ["copy! to a heap tensor" (let [t (plain :jvm-heap)] #(dtype/copy! x t))]
                                            ["copy! to a native buffer" (let [t (plain :native-heap)] #(dtype/copy! x t))]
                                            ["clone" #(dtype/clone x)]
                                            ["clone of a heap tensor" (let [t (plain :jvm-heap)] #(dtype/clone t))]]]
                              {"" what, "ratio" (format "%.2f" (/ (seconds f) memcpy))}))))
    (delete file)
    (shutdown-agents)))

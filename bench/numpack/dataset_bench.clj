(ns numpack.dataset-bench
  "What datasets over a pack cost, beside what tech.ml.dataset offers itself.

    clojure -M:dtype-next:bench -m numpack.dataset-bench              in the folder for temporary files
    clojure -M:dtype-next:bench -m numpack.dataset-bench FOLDER ROWS  with so many rows, default 10000000

  The comparison with Arrow runs when org.apache.arrow/arrow-vector (6.0.0) and org.apache.commons/commons-compress
  are on the class path, too; on JDK 17 its mapping needs --add-modules jdk.incubator.foreign --enable-native-access=ALL-UNNAMED
  --add-opens java.base/java.io=ALL-UNNAMED."
  (:require [tech.v3.dataset :as ds]
            [tech.v3.dataset.io.nippy]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.io :as tech-io]
            [clojure.java.io :as io]
            [clojure.pprint :as pprint]
            [criterium.core :as criterium]
            [numpack.core :as npk]
            [numpack.dataset :as npd])
  (:import [java.io File]
           [java.time LocalDate]
           [java.util Random]))

(defn- ms
  "The mean time of a call of f in milliseconds, and what it returned last."
  [f]
  (let [{:keys [mean results]} (criterium/quick-benchmark* f {})]
    [(* 1e3 (double (first mean))) (last results)]))

(defn- delete [^File file]
  (run! io/delete-file (reverse (filter #(.exists ^File %) (file-seq file)))))

(defn- total
  "The sum of the numeric columns of a dataset."
  [d]
  (reduce (fn [sum c] (+ (double sum) (double (dfn/sum c)))) 0.0 (ds/columns d)))

(defn- print-lines [lines]
  (pprint/print-table (map (fn [[what ms ratio]] {"" what, "ms" (format "%.3f" ms), "ratio" (if ratio (format "%.2f" ratio) "")}) lines))
  (flush))

;; many rows

(defn- mapped [folder rows]
  (let [file (io/file folder "bench-columns.npk")]
    (delete file)
    (with-open [pack (npk/open file)]
      (let [column (float-array rows)
            random (Random. 1)]
        (dotimes [i rows]
          (aset column i (.nextFloat random)))
        (dotimes [i 10]
          (npk/save! pack (str "c" i) column)))
      (let [in-memory       (npd/dataset pack {:copy? true})
            chunk           100000
            [creation]      (ms #(npd/dataset pack))
            [heap expected] (ms #(total in-memory))
            [pass whole]    (ms #(total (npd/dataset pack)))
            [chunks pieces] (ms #(reduce (fn [sum d] (+ (double sum) (double (total d)))) 0.0 (npd/dataset-chunks pack nil chunk)))]
        (assert (and (< (abs (- expected whole)) (* 1e-9 expected)) (< (abs (- expected pieces)) (* 1e-9 expected))))
        (println (str "\n" rows " rows of 10 float32 columns"))
        (print-lines [["dataset over the pack" creation]
                      ["dfn/sum of its columns, dataset on the heap" heap 1.0]
                      ["the same over the mapped columns" pass (/ pass heap)]
                      [(str "the same in dataset-chunks of " chunk) chunks (/ chunks heap)]])))
    (delete file)))

;; there and back

(defn- mixed
  "A dataset of 20 columns: 10 float64, 4 int64, 2 float32, 2 of strings, a date, and one with missing values."
  [rows]
  (let [random  (Random. 2)
        doubles (fn [] (double-array (repeatedly rows #(.nextGaussian random))))
        strings (fn [n] (mapv #(str "name " (rem (long %) (long n))) (range rows)))]
    (reduce (fn [d [name values]] (assoc d name values))
            (ds/new-dataset [])
            (concat (for [i (range 10)] [(keyword (str "f" i)) (doubles)])
                    (for [i (range 4)] [(keyword (str "i" i)) (long-array (range rows))])
                    (for [i (range 2)] [(keyword (str "s" i)) (float-array (range rows))])
                    [[:few (strings 100)]
                     [:many (strings 50000)]
                     [:day (mapv #(LocalDate/ofEpochDay (rem (long %) 20000)) (range rows))]
                     [:gaps (mapv #(when-not (zero? (rem (long %) 10)) (long %)) (range rows))]]))))

(defn- look-at-all
  "Reads every value once."
  [d]
  (reduce (fn [n c]
            (let [numeric? (contains? #{:float64 :float32 :int64} (:datatype (meta c)))]
              (+ (double n) (if numeric? (double (dfn/sum c)) (double (reduce (fn [^long n x] (if x (inc n) n)) 0 c))))))
          0.0
          (ds/columns d)))

(defn- arrow []
  (try
    [(requiring-resolve 'tech.v3.libs.arrow/dataset->stream!) (requiring-resolve 'tech.v3.libs.arrow/stream->dataset)]
    (catch Exception e
      (println "\nSkipped Arrow -" (ex-message (or (ex-cause e) e))))))

(defn- round-trips [folder rows]
  (let [d        (mixed rows)
        file     (fn [name] (doto (io/file folder name) (delete)))
        pack     (file "bench-round.npk")
        nippy    (str (file "bench-round.nippy"))
        stream   (str (file "bench-round.arrow"))
        [write-arrow! read-arrow] (arrow)
        ways     (cond-> [["pack"
                           #(do (delete pack) (with-open [p (npk/open pack)] (npd/save-dataset! p d)))
                           #(with-open [p (npk/open pack)] (npd/dataset p))]
                          ["nippy" #(do (delete (io/file nippy)) (tech-io/put-nippy! nippy d)) #(tech-io/get-nippy nippy)]]
                   write-arrow! (conj ["Arrow, mapped"
                                       #(do (delete (io/file stream)) (write-arrow! d stream))
                                       #(read-arrow stream {:open-type :mmap})]))
        expected (look-at-all d)
        lines    (doall (for [[way write read] ways]
                          (let [[writing]     (ms write)
                                [reading]     (ms read)
                                [both result] (ms #(do (write) (look-at-all (read))))]
                            (assert (= expected result) way)
                            [way writing reading both])))
        [[_ _ _ ours]] lines]
    (println (str "\n" rows " rows of 20 mixed columns, written anew each time; "
                  "the ratio is that of writing, reading and looking at every value to "
                  "the pack's"))
    (pprint/print-table (for [[way writing reading both] lines]
                          {"" way, "write ms" (format "%.1f" writing), "read ms" (format "%.3f" reading),
                           "and all values, ms" (format "%.1f" both)
                           "ratio" (format "%.2f" (/ both ours))}))
    (run! delete [pack (io/file nippy) (io/file stream)])))

(defn -main [& [folder rows]]
  (let [folder (or folder (System/getProperty "java.io.tmpdir"))
        rows   (parse-long (or rows "10000000"))]
    (mapped folder rows)
    (round-trips folder (quot rows 10))
    (shutdown-agents)))

(ns quickstart
  "A tour of NumPack for the JVM, to be read from top to bottom.

    mvn -q compile exec:java                 runs it
    mvn -q compile exec:java -Dpack=PATH     prints a pack of your own instead

  Each printed result is computed a second time here, with plain Java arrays from the bytes of the files; the program ends
  with exit status 1 if the two differ. It writes only below target/quickstart, which it removes."
  (:require [clojure.java.io :as io]
            [clojure.pprint :as pprint]
            [clojure.string :as str]
            [numpack.core :as npk])
  (:import [java.io File RandomAccessFile]
           [java.nio ByteBuffer ByteOrder]
           [java.util Arrays]
           [numpack InsufficientMemoryException ScopeEndedException]))

(set! *warn-on-reflection* true)

;; The second opinion: files read with the JDK alone, and what was printed compared with what they say. The tour itself begins
;; below, with print-pack.

(def differences (atom 0))

(defn check
  "Compares a result with the independent one."
  [what expected found]
  (when-not (= expected found)
    (swap! differences inc)
    (println "DIFFERENCE:" what "should be" expected "but is" found)))

(defn close-to? [^double a ^double b]
  (<= (Math/abs (- a b)) (* 1e-4 (max 1.0 (Math/abs b)))))

(defn bytes-of
  "Length bytes of a file from an offset, or all of them."
  (^ByteBuffer [file]
   (bytes-of file 0 (.length (io/file file))))
  (^ByteBuffer [file offset length]
   (with-open [in (RandomAccessFile. (io/file file) "r")]
     (let [bytes (byte-array length)]
       (.seek in offset)
       (.readFully in bytes)
       (.order (ByteBuffer/wrap bytes) ByteOrder/LITTLE_ENDIAN)))))

(defn floats-of [file]
  (let [buffer (.asFloatBuffer (bytes-of file))
        data   (float-array (.remaining buffer))]
    (.get buffer data)
    data))

(defn remove-files [folder]
  (when (.exists (io/file folder))
    (run! io/delete-file (reverse (file-seq (io/file folder))))))

;; A pack is a directory of named arrays; (npk/info pack) is a table of them. A pack that is opened read-only is never written.

(defn print-pack [path]
  (with-open [pack (npk/open path {:read-only? true})]
    (println "The arrays of" (str (.path pack)))
    (pprint/print-table [:name :dtype :shape :nbytes :deleted-rows :last-modified] (npk/info pack))))

(defn check-sizes [path]
  (with-open [pack (npk/open path {:read-only? true})]
    (doseq [{:keys [name nbytes]} (npk/info pack)]
      (check (str "the size of " name) (.length (io/file path (str "data_" name ".npkd"))) nbytes))))

;; Looking an array up by its name reads nothing: the file is mapped, and what is looked at is read. An array of rank 3 is a
;; sequence of arrays of rank 2, these of arrays of rank 1, and these of numbers.

(defn draw [image]
  (doseq [row image]
    (println "   " (str/join (for [pixel row]
                               (let [c (nth " .:-=+*#%" (quot pixel 2))]
                                 (str c c)))))))

(defn look-at [path]
  (with-open [pack (npk/open path {:read-only? true})]
    (let [{:keys [images labels]} pack
          image (nth images 7)]
      (println "\nDigit number 7 is a" (str (npk/mget labels 7) ":"))
      (draw image)
      (let [bytes (bytes-of (io/file path "data_images.npkd") (* 7 64) 64)]
        (check "the image" (repeatedly 64 #(long (.get bytes))) (mapcat seq image)))
      (check "the label" (long (.get (bytes-of (io/file path "data_labels.npkd")) 7)) (npk/mget labels 7))
      (let [mean (npk/reduce-axis images :mean)
            all  (.array (bytes-of (io/file path "data_images.npkd")))]
        (println "The mean of all pixels is" (format "%.4f." mean))
        (check "the mean" (/ (double (areduce all i sum 0 (+ sum (aget all i)))) (alength all)) mean)))))

;; With tech.ml.dataset on the class path the same arrays are the columns of a dataset. Its functions are resolved here since they may
;; be missing; a program that needs them requires them.

(defn look-at-a-dataset [path]
  (if-not (io/resource "tech/v3/dataset.clj")
    (println "\n(With tech.ml.dataset on the class path a dataset over these arrays would be shown here.)")
    (with-open [pack (npk/open path {:read-only? true})]
      (let [columns   [:labels :features-20 :features-28 :features-36]
            dataset   ((requiring-resolve 'numpack.dataset/dataset) pack [:labels :features])
            select    (requiring-resolve 'tech.v3.dataset/select)
            row-count (requiring-resolve 'tech.v3.dataset/row-count)]
        (println "\nThe labels and some features of the first digits, as a dataset over the files:")
        (println (select dataset columns (range 5)))
        (check "the rows of the dataset" (quot (.length (io/file path "data_features.npkd")) (* 4 64)) (row-count dataset))
        (check "a column of the dataset"
               (map float (take-nth 64 (drop 20 (floats-of (io/file path "data_features.npkd")))))
               (map float (:features-20 dataset)))))))

;; A batch loads arrays to the heap, where they are edited in place; rows can be appended, arrays reshaped and added. When its
;; body returns, everything that was changed is committed at once: after a crash the pack has all of it, or none.

(defn edit-in-a-batch [path]
  (let [file   (io/file path "data_features.npkd")
        before ^floats (floats-of file)]
    (with-open [pack (npk/open path)]
      (npk/with-batch [b pack]
        (npk/mul! (:features b) 1/16)
        (npk/append! b {:features (npk/select-rows b :features [0 1 2])
                        :labels   (npk/select-rows b :labels [0 1 2])})
        (npk/save! b :squares (npk/reshape (:features b) [-1 8 8]))
        (println "\nA batch is about to commit:")
        (pprint/print-table [:array :kind :rows] (npk/changes b))
        (check "the changes" [["features" :save 1800] ["labels" :append 3] ["squares" :create 1800]]
               (map (juxt :array :kind :rows) (npk/changes b))))
      (println "\nAfterwards the pack prints as")
      (println pack)
      (check "the shapes" [[1800 64] [1797 8 8] [1800] [1800 8 8]] (map :shape (npk/info pack))))
    (check-sizes path)
    (let [scaled   (float-array (for [x before] (/ (float x) 16)))
          expected (float-array (concat scaled (take (* 3 64) scaled)))]
      (check "the scaled features" true (Arrays/equals expected ^floats (floats-of file)))
      (check "the squares" true (Arrays/equals expected ^floats (floats-of (io/file path "data_squares.npkd")))))))

;; A writable batch maps the files themselves: any size, almost no heap, and what is edited is in the file. Shapes are fixed.
;; An operand may be a number, an array of the same shape, or one row that is applied to all.

(defn standardised
  "The columns of data with mean 0 and standard deviation 1, in plain Clojure."
  [^floats data ^long columns]
  (let [rows   (quot (alength data) columns)
        result (float-array (alength data))]
    (dotimes [column columns]
      (let [values (double-array (map #(aget data (+ column (* columns (long %)))) (range rows)))
            mean   (/ (areduce values i sum 0.0 (+ sum (aget values i))) rows)
            var    (/ (areduce values i sum 0.0 (+ sum (Math/pow (- (aget values i) mean) 2))) rows)
            std    (if (zero? var) 1.0 (Math/sqrt var))]
        (dotimes [row rows]
          (aset result (+ column (* columns row)) (float (/ (- (aget values row) mean) std))))))
    result))

(defn edit-in-place [path]
  (let [file     (io/file path "data_features.npkd")
        expected ^floats (standardised (floats-of file) 64)]
    (with-open [pack (npk/open path)]
      (let [escaped (npk/with-writable-batch [{:keys [features]} pack]
                      (npk/sub! features (npk/reduce-axis features :mean {:axis 0}))
                      (npk/div! features (npk/map! (npk/reduce-axis features :std {:axis 0})
                                                   (fn [std] (if (zero? std) 1.0 std))))
                      features)]
        (println "\nStandardised in place, the first digit begins with" (vec (take 6 (first (:features pack)))))
        (check "the standardised features" true
               (every? true? (map close-to? (floats-of file) expected)))
        (check "the pack's view" (vec (take 6 (floats-of file))) (vec (map float (take 6 (first (:features pack))))))
        (println "\nAn array that escapes from its writable batch says so:")
        (check "using it" :throws (try
                                    (npk/mget escaped 0 0)
                                    (catch ScopeEndedException e
                                      (println "   " (ex-message e))
                                      (println "   " (ex-data e))
                                      :throws)))))))

;; The tables of the user's guide: load, multiply by 1.1, save, so many times; through the pack, in a batch and in a writable
;; batch.

(def max-heap (.maxMemory (Runtime/getRuntime)))

(defn size [bytes]
  (cond
    (< bytes 1e6) (format "%.0f KB" (/ bytes 1e3))
    (< bytes 1e9) (format "%.0f MB" (/ bytes 1e6))
    :else         (format "%.1f GB" (/ bytes 1e9))))

(defn heap-used []
  (System/gc)
  (let [runtime (Runtime/getRuntime)]
    (- (.totalMemory runtime) (.freeMemory runtime))))

(defn pass [source]
  (let [x (npk/load source :x)]
    (npk/mul! x 1.1)
    (npk/save! source :x x)
    x))

(def patience
  "Nanoseconds after which no further pass is begun, where a disk is slow."
  20e9)

(defn run-passes
  "Works n times on the array :x, or fewer if that takes too long. Returns the passes and milliseconds it took, and the bytes of
  heap in use before the scope ended."
  [mode pack n options]
  (let [idle   (long (heap-used))
        start  (System/nanoTime)
        result (volatile! nil)
        work   (fn [source]
                 (loop [done 1]
                   (let [x      (pass source)
                         worked (- (System/nanoTime) start)]
                     (if (and (< done n) (< worked patience))
                       (recur (inc done))
                       (let [heap (max 0 (- (long (heap-used)) idle))]
                         (npk/shape x)
                         (vreset! result {:passes done, :heap heap, :pause (- (System/nanoTime) start worked)}))))))]
    (case mode
      :normal   (work pack)
      :batch    (npk/call-with-batch pack work options)
      :writable (npk/call-with-writable-batch pack work))
    (assoc @result :ms (/ (- (System/nanoTime) start (:pause @result)) 1e6))))

(defn create-x
  "Saves x of n x n doubles, whose rows repeat those of a small array, without ever holding it in memory."
  [pack n ^doubles small]
  (npk/create! pack :x {:shape [n n] :dtype :float64})
  (npk/with-writable-batch [b pack]
    (let [rows    (quot (alength small) n)
          operand (npk/reshape (npk/ndarray (aclone small)) [rows n])]
      (doseq [chunk (npk/chunks b :x rows)]
        (npk/add! chunk operand)))))

(defn multiply [^doubles small passes]
  (dotimes [_ passes]
    (dotimes [i (alength small)]
      (aset small i (* 1.1 (aget small i))))))

(defn consists-of? [file ^doubles small]
  (let [size (* 8 (alength small))
        data (double-array (alength small))]
    (every? (fn [offset]
              (.get (.asDoubleBuffer (bytes-of file offset size)) data)
              (Arrays/equals small data))
            (range 0 (.length (io/file file)) size))))

(defn table [path n passes]
  (let [nbytes (* 8 n n)
        small  (double-array (map #(/ (+ 1.0 (mod % 1000)) 1000) (range (* n (min n 100)))))
        tight? (< max-heap (* 3 nbytes))
        limit  (when tight? {:memory-limit (quot max-heap 8)})
        line   (fn [pack mode options]
                 (try
                   (let [result (run-passes mode pack passes options)]
                     (multiply small (:passes result))
                     (check (str n " x " n ", " (name mode)) true (consists-of? (io/file path "data_x.npkd") small))
                     (assoc result :mode mode))
                   (catch InsufficientMemoryException _
                     {:mode mode})))]
    (println (str "\n" passes " passes over " n " x " n " float64, " (size nbytes)))
    (when limit
      (println "This JVM's heap of" (size max-heap) "is small for that: the batch gets a :memory-limit of" (size (:memory-limit limit))))
    (with-open [pack (npk/open path {:drop-if-exists? true})]
      (create-x pack n small)
      (let [lines    (mapv #(line pack % (when (= :batch %) limit)) [:normal :batch :writable])
            per-pass (fn [{:keys [ms passes]}] (some-> ms (/ passes)))
            base     (per-pass (first lines))]
        (pprint/print-table (for [{:keys [mode passes ms heap] :as line} lines]
                              (if ms
                                {"mode"      (name mode)
                                 "passes"    passes
                                 "time"      (format "%.1f ms" ms)
                                 "per pass"  (format "%.3f ms" (per-pass line))
                                 "speed-up"  (if base (format "%.1f x" (/ base (per-pass line))) "-")
                                 "heap used" (size heap)}
                                {"mode" (name mode), "passes" 0, "time" "beyond the heap"})))))))

(defn tables [path]
  (println "\nLoad, multiply by 1.1, save, so many times:")
  (with-out-str (table path 100 200)) ; lets the JVM compile what it is about to time
  (table path 100 100)
  (table path 1000 50)
  (table path 10000 10))

(def digits "dev/data/digits.npk")
(def work "target/quickstart")

(defn tour []
  (remove-files work)
  (try
    (let [copy (io/file work "digits.npk")]
      (print-pack digits)
      (check-sizes digits)
      (look-at digits)
      (look-at-a-dataset digits)
      (.mkdirs copy)
      (doseq [^File file (.listFiles (io/file digits))]
        (io/copy file (io/file copy (.getName file))))
      (edit-in-a-batch copy)
      (edit-in-place copy)
      (tables (io/file work "passes.npk")))
    (finally
      (remove-files work)))
  (if (zero? @differences)
    (println "\nEvery result agrees with its independent computation.")
    (do (println "\nOf the results," @differences "differ from their independent computation.")
        (flush)
        (System/exit 1))))

(if-let [path (first *command-line-args*)]
  (print-pack path)
  (binding [*warn-on-reflection* false] ; of the libraries that are loaded when they are needed
    (tour)))

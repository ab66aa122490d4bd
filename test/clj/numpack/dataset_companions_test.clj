(ns numpack.dataset-companions-test
  "Edits of the arrays of a column that numpack.dataset did not make: the next dataset is right, or throws and names the cure."
  (:require [tech.v3.dataset :as ds]
            [tech.v3.datatype :as dtype]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [clojure.test.check :as tc]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [numpack.core :as npk]
            [numpack.dataset :as npd]
            [numpack.scratch :refer [error error-of with-folder]])
  (:import [java.time LocalDate]
           [numpack NDArray NumPack NumPackException]))

(defmacro ^:private with-pack [[pack] & body]
  `(with-folder [folder#]
     (with-open [~pack (npk/open (io/file folder# "test.npk"))]
       ~@body)))

(defn- day [n]
  (LocalDate/ofEpochDay n))

(defn- dataset [& {:as columns}]
  (reduce (fn [d k] (assoc d k (columns k))) (ds/new-dataset []) (sort (keys columns))))

(defn- save-example!
  "n has missing values, s strings, w both, d dates, p numbers and t a name that is no keyword."
  [pack]
  (npk/delete! pack (npk/names pack))
  (npd/save-dataset! pack (assoc (dataset :d (mapv day [1 2 3]) :n [1 nil 3] :p [1.5 2.5 3.5] :s ["a" "b" "c"] :w ["a" nil "c"])
                                 "t t" [4 5 6])))

(defn- values [source name]
  (vec (name (npd/dataset source name))))

;; what is noticed

(deftest an-array-that-is-edited-apart-from-its-column-is-noticed
  (with-pack [pack]
    (are [column edit] (do (save-example! pack)
                           edit
                           (and (= :out-of-step (error-of (npd/dataset pack column)) (error-of (npd/dataset pack))
                                   (error-of (npd/append-dataset! pack (dataset :d [(day 4)] :n [4] :p [4.5] :s ["a"] :w ["a"]))))
                                (= [1.5 2.5 3.5] (values pack :p))
                                (do (npd/save-dataset! pack (ds/select-columns (npd/dataset pack :p) []))
                                    (npd/save-dataset! pack (dataset column (repeat 3 "z")))
                                    (= ["z" "z" "z"] (values pack column)))))
      :n (npk/save! pack :n [7 8 9])
      :n (npk/save! pack :n.missing [false false false])
      :n (npk/replace-rows! pack :n [7] [1])
      :n (npk/drop-rows! pack [:n] [0])
      :n (npk/append! pack :n [7])
      :n (npk/with-batch [b pack] (npk/fill! (:n b) 7))
      :n (npk/with-batch [b pack] (dtype/set-value! (:n b) 1 7))
      :n (npk/with-writable-batch [w pack] (npk/fill! (:n w) 7))
      :n (npk/with-writable-batch [w pack] (dtype/set-value! (:n w) 1 7))
      :n (.save ^NumPack pack "n" (long-array [7 8 9]))
      :n (.delete ^NumPack pack ["n.missing"])
      :n (do (.delete ^NumPack pack ["n"]) (npk/save! pack :n [7 8 9]))
      :n (npk/save! pack {:n [7 8 9], :n.missing [true false false]})
      :n (do (npk/drop-rows! pack :n 0) (npk/drop-rows! pack :n.missing 1))
      :n (npk/with-batch [b pack] (npk/drop-rows! b :n 0) (npk/drop-rows! b :n.missing 1))
      :n (do (npk/replace-rows! pack :n [7] [1]) (npk/drop-rows! pack [:n :n.missing] 0))
      :n (npk/with-batch [b pack] (npk/replace-rows! b :n [7] [1]) (npk/drop-rows! b [:n :n.missing] 0))
      :n (npk/with-batch [b pack] (npk/drop-rows! b [:n :n.missing] 0) (npk/fill! (:n b) 7))
      :s (npk/save! pack :s (int-array [2 1 1]))
      :s (npk/save! pack :s.strings (.getBytes "xyz"))
      :s (npk/save! pack :s.offsets (long-array [0 0 1 2 3]))
      :s (npk/delete! pack :s.strings)
      :s (do (.delete ^NumPack pack ["s"]) (npk/save! pack :s (int-array [2 1 1])))
      :w (npk/replace-rows! pack :w (int-array [1]) [1])
      :d (npk/save! pack :d (int-array [7 8 9]))
      :d (npk/with-batch [b pack] (npk/save! b :d (int-array [7 8 9])) (npk/append! b :d (int-array [3]))))))

(deftest an-append-in-the-same-batch-hides-no-edit-in-place
  (with-pack [pack]
    (save-example! pack)
    (npk/with-batch [b pack]
      (npd/append-dataset! b (assoc (dataset :d [(day 4)] :n [4] :p [4.5] :s ["a"] :w ["a"]) "t t" [7]))
      (is (= [1 nil 3 4] (values b :n)))
      (npk/fill! (:n b) 7)
      (is (= :out-of-step (error-of (values b :n))))
      (is (= ["a" nil "c" "a"] (values b :w))))
    (is (= :out-of-step (error-of (values pack :n))))
    (is (= ["a" nil "c" "a"] (values pack :w)))))

(deftest a-writable-batch-notices-its-own-edits
  (with-pack [pack]
    (save-example! pack)
    (npk/with-writable-batch [w pack]
      (npk/fill! (:n w) 7)
      (is (= :out-of-step (error-of (npd/dataset w :n))))
      (dtype/set-value! (:d (npd/dataset w :d)) 0 (day 9))
      (is (= (day 9) (first (values w :d)))))
    (is (= (day 9) (first (values pack :d))))))

(deftest the-error-says-what-to-do
  (with-pack [pack]
    (save-example! pack)
    (npk/mul! (npk/load pack :n) 2)
    (npk/with-batch [b pack] (npk/mul! (:n b) 2))
    (let [[_ message] (error #(npd/dataset pack :n))]
      (is (str/includes? message "array \"n\" was edited apart"))
      (is (str/includes? message "delete \"n.column\", \"n.missing\""))
      (testing "when it is still right"
        (load-string (str "(require '[numpack.core :as npk]) (fn [pack] " (re-find #"\(npk/save! pack .*?\)\)" message) ")"))
        ((load-string (str "(fn [pack] " (re-find #"\(npk/save! pack .*?\)\)" message) ")")) pack)
        (is (= [2 nil 6] (values pack :n))))
      (testing "when it is not"
        (npk/save! pack :n [7 8 9])
        (npk/delete! pack [:n.column :n.missing])
        (is (= [7 8 9] (values pack :n)))))))

;; what goes on being right

(deftest rows-and-elements-may-be-edited-where-that-is-right
  (with-pack [pack]
    (are [column expected edit] (do (save-example! pack) edit (= expected (values pack column)))
      :n  [nil 3]                 (npk/drop-rows! pack [:n :n.missing] 0)
      :n  [1 nil 3 nil]           (npk/append! pack {:n [0], :n.missing [true]})
      :n  [1 7 3]                 (npk/replace-rows! pack {:n [7], :n.missing [false]} [1])
      :n  [1 nil 3]               (npk/compact! pack :n)
      :n  [1 nil 3]               (npk/save! pack {:copy (npk/lazy pack :n)})
      :n  [1 nil 3]               (npk/with-batch [b pack] (vec (:n b)))
      :s  ["b" "c"]               (npk/drop-rows! pack :s 0)
      :s  ["a" "b" "c" "b"]       (npk/append! pack :s (int-array [2]))
      :s  ["a" "a" "c"]           (npk/replace-rows! pack :s (int-array [1]) [1])
      :s  ["b" "b" "b"]           (npk/with-batch [b pack] (npk/fill! (:s b) 2))
      :s  ["b" "b" "b"]           (npk/with-writable-batch [w pack] (npk/fill! (:s w) 2))
      :w  [nil "c"]               (npk/with-batch [b pack] (npk/drop-rows! b [:w :w.missing] 0))
      :w  ["a"]                   (-> pack (npk/drop-rows! [:w :w.missing] [1 2]) npk/compact!)
      :d  [(day 2) (day 3)]       (npk/drop-rows! pack :d 0)
      :d  (mapv day [11 12 13])   (npk/with-batch [b pack] (npk/add! (:d b) 10))
      :d  (mapv day [1 2 3 4])    (npk/append! pack :d (int-array [4]))
      :n  [1 nil 3]               (npk/append! pack {:n [], :n.missing []}))
    (save-example! pack)
    (npk/save! pack "t t" [7 8 9])
    (is (= [7 8 9] (vec ((npd/dataset pack "t t") "t t"))) "a name says nothing about the elements")))

(deftest a-pack-that-is-copied-array-by-array-is-whole-when-one-call-saves-a-column
  (with-pack [pack]
    (save-example! pack)
    (with-open [other (npk/open (io/file (str (.path pack) "-copy")))]
      (npk/save! other (into {} (map (juxt identity #(npk/lazy pack %))) (npk/names pack)))
      (is (= [[1 nil 3] ["a" nil "c"]] [(values other :n) (values other :w)])))))

(deftest descriptions-without-times-are-read-as-before
  (with-pack [pack]
    (save-example! pack)
    (let [text (String. (.toByteArray ^NDArray (npk/load pack :n.column {:as :ndarray})))]
      (is (str/includes? text ":together true"))
      (npk/save! pack :n.column (.getBytes (str/replace text ", :together true" "")) {:dtype :uint8}))
    (npk/replace-rows! pack :n [7] [0])
    (is (= [7 nil 3] (values pack :n)))
    (npk/append! pack :n [8])
    (is (= :shape-mismatch (error-of (values pack :n))))))

;; names

(deftest what-lies-beside-a-column-goes-where-it-goes
  (with-pack [pack]
    (doseq [with-editor [(fn [f] (f pack)) (fn [f] (npk/with-batch [b pack] (f b)))]]
      (save-example! pack)
      (with-editor #(npk/rename! % :w :words))
      (is (= ["a" nil "c"] (values pack :words)))
      (is (= #{"words" "words.missing" "words.strings" "words.offsets" "words.column"}
             (set (filter #(str/starts-with? % "w") (npk/names pack)))))
      (with-editor #(npk/delete! % :words))
      (is (empty? (filter #(str/starts-with? % "w") (npk/names pack))))
      (with-editor #(npk/delete! % [:n :d]))
      (is (= [:p :s "t t"] (ds/column-names (npd/dataset pack)))))
    (testing "but not what only has such a name"
      (npk/delete! pack (npk/names pack))
      (npk/save! pack {:x [1], :x.missing [true], :x.column [1]})
      (npk/rename! pack :x :y)
      (is (= #{"y" "x.missing" "x.column"} (set (npk/names pack)))))))

(deftest a-column-that-lost-what-lay-beside-it-is-noticed
  (with-pack [pack]
    (doseq [column ["s" "d" "n" "w"]]
      (save-example! pack)
      (.rename ^NumPack pack ^String column "new")
      (is (= :out-of-step (error-of (npd/dataset pack)) (error-of (npd/dataset pack :new))) column)
      (is (= (if (= "n" column) :out-of-step :nothing-thrown) (error-of (npd/dataset pack :p))) "n may have been of any dtype")
      (npk/delete! pack (filter #(str/starts-with? % (str column ".")) (npk/names pack)))
      (is (= 3 (count (values pack :new))) column))))

;; anything

(def ^:private columns
  "Of each column the mask, the arrays with its strings, and what its numbers mean."
  (let [strings ["" "a" "b" "c"]]
    {:n {:mask :n.missing, :means identity}
     :s {:strings [:s.strings :s.offsets], :means strings}
     :w {:mask :w.missing, :strings [:w.strings :w.offsets], :means strings}
     :d {:means day}
     :p {:plain? true, :means double}}))

(def ^:private fresh
  {:n {:raw [1 2 0 3], :flags [false false true false]}
   :s {:raw [1 2 3 1]}
   :w {:raw [1 2 0 3], :flags [false false true false]}
   :d {:raw [1 2 3 4]}
   :p {:raw [1 2 3 4]}})

(defn- expected [column {:keys [raw flags]}]
  (mapv (fn [x missing?] (when-not missing? ((get-in columns [column :means]) x))) raw (or flags (repeat false))))

(defn- whole [m names]
  (reduce (fn [d c] (assoc d c (expected c (m c)))) (ds/new-dataset []) names))

(def ^:private modes
  {:pack     (fn [pack f] (f pack))
   :batch    (fn [pack f] (npk/call-with-batch pack f))
   :staged   (fn [pack f] (npk/call-with-batch pack f {:memory-limit 0}))
   :writable (fn [pack f] (npk/call-with-writable-batch pack f))})

(defn- edit!
  "Edits arrays, {array x}, by one call, but in a writable batch and by fill! by one for each. Whether there was anything to edit."
  [source kind arrays i]
  (let [rows     (long (first (npk/shape source (key (first arrays)))))
        contents (update-vals arrays vector)
        there?   (and (or (= :append kind) (pos? rows))
                      (every? #(= rows (first (npk/shape source %))) (keys arrays)))]
    (when there?
      (case kind
        :append  (npk/append! source contents)
        :replace (npk/replace-rows! source contents [(rem (long i) rows)])
        :drop    (npk/drop-rows! source (vec (keys arrays)) [(rem (long i) rows)])
        :fill    (doseq [[array x] arrays] (npk/fill! (npk/load source array {:as :ndarray}) x))
        :save    (npk/save! source (into {} (for [[array x] arrays]
                                              [array (npk/ndarray (vec (repeat rows x)) {:dtype (npk/dtype source array)})])))))
    there?))

(defn- edited [xs kind x i]
  (let [i (when (seq xs) (rem (long i) (count xs)))]
    (case kind
      :append       (conj xs x)
      :replace      (assoc xs i x)
      :drop         (into (subvec xs 0 i) (subvec xs (inc i)))
      (:fill :save) (vec (repeat (count xs) x)))))

(defn- broken [state]
  (assoc state :broken? true))

(def ^:private steps
  "Each does an edit to a source, and gives the columns as they are then, or a keyword for what must not happen."
  {:own
   (fn [source m {:keys [column mode kind x i]}]
     (let [{:keys [mask plain?]} (columns column)]
       (if (edit! source kind {column (if plain? (double x) x)} i)
         (cond-> (update-in m [column :raw] edited kind x i)
           (or mask (and (= :save kind) (not plain?) (not= :writable mode))) (update column broken))
         m)))
   :together
   (fn [source m {:keys [column mode kind x i flag]}]
     (let [{:keys [mask plain?]} (columns column)
           apart? (and mask (or (= :writable mode) (= :fill kind)))]
       (if (edit! source kind (cond-> {column (if plain? (double x) x)} mask (assoc mask flag)) i)
         (cond-> (update-in m [column :raw] edited kind x i)
           mask                                                                (update-in [column :flags] edited kind flag i)
           (or apart? (and (= :save kind) (not plain?) (not= :writable mode))) (update column broken))
         m)))
   :mask
   (fn [source m {:keys [column kind i flag]}]
     (let [{:keys [mask]} (columns column)]
       (cond-> m
         (and mask (edit! source kind {mask flag} i)) (update column broken))))
   :strings
   (fn [source m {:keys [column kind x i flag]}]
     (let [{:keys [strings]} (columns column)]
       (cond-> m
         (and strings (edit! source kind {((if flag first second) strings) x} i)) (update column broken))))
   :again
   (fn [source m {:keys [column]}]
     (let [d (str (name column) ".column")]
       (if (npk/exists? source d)
         (do (npk/save! source d (npk/load source d {:as :ndarray}))
             (update m column #(cond-> % (:broken? %) (assoc :unknown? true))))
         m)))
   :compact
   (fn [source m {:keys [column]}]
     (npk/compact! source column)
     m)
   :rename
   (fn [source m {:keys [column]}]
     (-> source (npk/rename! column :elsewhere) (npk/rename! :elsewhere column))
     m)
   :save-dataset
   (fn [source m {:keys [column]}]
     (npd/save-dataset! source (whole fresh [column]))
     (assoc m column (fresh column)))
   :append-dataset
   (fn [source m {:keys [x]}]
     (let [d (whole (update-vals m (constantly {:raw [x]})) (keys m))]
       (cond
         (not= :nothing-thrown (error-of (npd/append-dataset! source d))) m
         (some #(and (:broken? %) (not (:unknown? %))) (vals m))          :appended-to-what-is-out-of-step
         (not (apply = (map #(count (:raw %)) (vals m))))                 :appended-to-different-rows
         :else (update-vals m #(cond-> (update % :raw conj x) (:flags %) (update :flags conj false))))))})

(def ^:private edits
  (gen/such-that (fn [{:keys [mode kind what]}]
                   (not (or (and (= :writable mode) (or (#{:append :drop} kind) (not (#{:own :together :mask :strings} what))))
                            (and (= :fill kind) (= :pack mode)))))
                 (gen/hash-map :column (gen/elements (keys columns)), :what (gen/elements (keys steps)), :mode (gen/elements (keys modes))
                               :kind (gen/elements [:append :replace :drop :fill :save]), :x (gen/choose 1 3), :i (gen/choose 0 3)
                               :flag gen/boolean)
                 100))

(defn- fault
  "What is wrong with a column: it is not what was expected, or does not throw although it may not be right."
  [source column {:keys [broken? unknown?] :as state}]
  (let [found (try
                (vec (column (npd/dataset source column)))
                (catch NumPackException e (:numpack/error (ex-data e))))]
    (cond
      unknown?         nil
      broken?          (when-not (keyword? found) [column :not-thrown found])
      (keyword? found) [column :thrown found]
      :else            (when-not (= (expected column state) found) [column found :instead-of (expected column state)]))))

(defn- faults [source m]
  (if (map? m)
    (seq (keep (fn [[column state]] (fault source column state)) m))
    [m]))

(defn- run
  "Does edits one after the other, and returns the first faults, with the edit."
  [pack edits]
  (reduce (fn [m {:keys [mode what] :as edit}]
            (let [[inside m] ((modes mode) pack (fn [source]
                                                  (let [m ((steps what) source m edit)]
                                                    [(faults source m) m])))
                  found (or inside (faults pack m))]
              (if found
                (reduced {:faults found, :edit edit})
                m)))
          fresh edits))

(deftest whatever-is-edited-a-dataset-is-right-or-throws
  (let [result (tc/quick-check 150 (prop/for-all [edits (gen/vector edits 1 6)]
                                     (with-pack [pack]
                                       (npd/save-dataset! pack (whole fresh (keys fresh)))
                                       (not (:faults (run pack edits))))))
        edits  (-> result :shrunk :smallest first)]
    (is (:pass? result) (pr-str edits (when edits (with-pack [pack]
                                                    (npd/save-dataset! pack (whole fresh (keys fresh)))
                                                    (run pack edits)))))))

(ns numpack.dataset-test
  (:require [tech.v3.dataset :as ds]
            [tech.v3.dataset.categorical :as categorical]
            [tech.v3.dataset.column :as ds-col]
            [tech.v3.datatype :as dtype]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [clojure.java.shell :as shell]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [numpack.columns.strings :as strings]
            [numpack.core :as npk]
            [numpack.dataset :as npd]
            [numpack.guides :refer [python-blocks run-docstrings run-guide]]
            [numpack.scratch :refer [error error-of with-folder with-odd-pack]]
            [numpack.skips :as skips])
  (:import [java.time Duration Instant LocalDate LocalDateTime LocalTime ZonedDateTime]
           [java.util.concurrent Callable Executors]
           [numpack NDArray NumPack]
           [tech.v3.dataset Text]
           [tech.v3.dataset.string_table StringTable]
           [tech.v3.datatype NDBuffer]))

(defmacro ^:private with-pack [[pack options] & body]
  `(with-folder [folder#]
     (with-open [~pack (npk/open (io/file folder# "test.npk") (or ~options {}))]
       ~@body)))

(defn- columns
  "A dataset of [name values] pairs, in their order."
  [& pairs]
  (reduce (fn [d [name values]] (assoc d name values)) (ds/new-dataset []) (partition 2 pairs)))

(defn- value [x]
  (cond
    (instance? NDBuffer x)          (dtt/->jvm x)
    (some-> x class .isArray)       (vec x)
    (and (double? x) (NaN? x))      :nan
    (instance? Float x)             (double x)
    :else                           x))

(defn- contents
  "What a reader of the dataset sees: [[name dtype values missing] …]."
  [d]
  (for [c (ds/columns d)]
    [(ds-col/column-name c) (dtype/elemwise-datatype c) (mapv value c) (set (ds-col/missing c))]))

(defn- round-trip
  ([d] (round-trip d {}))
  ([d options]
   (with-pack [pack]
     (npd/save-dataset! pack d options)
     (let [found (npd/dataset pack)]
       [(contents found) (mapv #(dissoc (meta %) :name :datatype :n-elems) (ds/columns found))]))))

;; reading

(deftest arrays-of-rank-1-are-columns-over-the-same-memory
  (with-pack [pack]
    (doseq [[name dtype values] [[:i8 :int8 [1 -2 3]] [:u8 :uint8 [1 255 3]] [:i16 :int16 [1 -2 3]] [:u16 :uint16 [1 65535 3]]
                                 [:i32 :int32 [1 -2 3]] [:u32 :uint32 [1 4294967295 3]] [:i64 :int64 [1 -2 Long/MIN_VALUE]]
                                 [:f32 :float32 [1.0 ##NaN 3.0]] [:f64 :float64 [1.0 ##NaN 3.0]] [:b :boolean [true false true]]]]
      (npk/save! pack name values {:dtype dtype})
      (let [d (npd/dataset pack name)]
        (is (= [[name dtype (mapv value values) #{}]] (contents d)))
        (testing "and show what is edited in place"
          (npk/replace-rows! pack name [(if (= :boolean dtype) false 7)] [0])
          (is (= (if (= :boolean dtype) false (if (#{:float32 :float64} dtype) 7.0 7)) (value (first (name d))))))))))

(deftest arrays-that-dtype-next-has-no-dtype-for-are-read-as-their-tensors
  (with-pack [pack]
    (npk/save! pack :h (npk/ndarray [0.5 -2] {:dtype :float16}))
    (npk/save! pack :c (npk/ndarray [[1 0] [2 0]] {:dtype :complex64}))
    (npk/save! pack :u (npk/ndarray [1 18446744073709551615N] {:dtype :uint64}))
    (is (= [[:h :float32 [0.5 -2.0] #{}] [:c-0 :float32 [1.0 2.0] #{}] [:c-1 :float32 [0.0 0.0] #{}] [:u :uint64 [1 -1] #{}]]
           (contents (npd/dataset pack))))
    (is (= [[1.0 0.0] [2.0 0.0]] (mapv value (:c (npd/dataset pack :c {:tensor-columns true})))))))

(deftest an-array-of-rank-2-is-a-column-for-each-number-of-a-row-or-one-of-tensors
  (with-pack [pack]
    (npk/save! pack [[:x [[1 2 3] [4 5 6]]] [:y [7.5 8.5]]])
    (is (= [[:x-0 :int64 [1 4] #{}] [:x-1 :int64 [2 5] #{}] [:x-2 :int64 [3 6] #{}] [:y :float64 [7.5 8.5] #{}]]
           (contents (npd/dataset pack))
           (contents (npd/dataset pack [:x :y]))))
    (is (= [[:y :float64 [7.5 8.5] #{}] [:x :object [[1 2 3] [4 5 6]] #{}]]
           (contents (npd/dataset pack [:y "x"] {:tensor-columns true}))
           (contents (npd/dataset pack [:y :x] {:tensor-columns :x}))
           (contents (npd/dataset pack [:y :x] :tensor-columns [:x]))))
    (is (= [:a "b" 3 :y] (ds/column-names (npd/dataset pack {:column-names {:x [:a "b" 3]}}))))
    (is (= ["x-0" "x-1" "x-2" "y"] (ds/column-names (npd/dataset pack {:key-fn identity}))))
    (testing "higher ranks are always tensors"
      (npk/save! pack :images (npk/ndarray (range 16) {:dtype :uint8}))
      (npk/save! pack :images (npk/reshape (npk/load pack :images) [2 2 2 2]))
      (is (= [[[[0 1] [2 3]] [[4 5] [6 7]]] [[[8 9] [10 11]] [[12 13] [14 15]]]] (mapv value (:images (npd/dataset pack)))))
      (npk/with-writable-batch [w pack]
        (.set ^java.util.List (dtype/->reader (:images (npd/dataset w))) 1 (npk/zeros [2 2 2] {:dtype :uint8})))
      (is (= [[[0 0] [0 0]] [[0 0] [0 0]]] (value (last (:images pack))))))))

(deftest columns-go-through-segments-and-dropped-rows
  (with-pack [pack]
    (npk/save! pack {:x [[0 1] [2 3] [4 5] [6 7]] :y [0 1 2 3]})
    (npk/drop-rows! pack [:x :y] [1 2])
    (is (= [[:x-0 :int64 [0 6] #{}] [:x-1 :int64 [1 7] #{}] [:y :int64 [0 3] #{}]] (contents (npd/dataset pack))))))

(deftest arrays-that-cannot-be-used-are-no-columns
  (with-odd-pack [pack]
    (is (= [:good-0 :good-1] (ds/column-names (npd/dataset pack))))
    (is (= :unsupported-array (error-of (npd/dataset pack :scalar))))))

(deftest an-empty-pack-is-an-empty-dataset
  (with-pack [pack]
    (is (= [0 0] [(ds/column-count (npd/dataset pack)) (ds/row-count (npd/dataset pack))]))
    (npk/save! pack :x (npk/zeros [0] {:dtype :float32}))
    (is (= [[:x :float32 [] #{}]] (contents (npd/dataset pack))))
    (is (= 0 (ds/column-count (npd/dataset pack []))))))

(deftest arrays-of-different-rows-are-no-dataset-and-the-error-prints-a-call-that-works
  (with-pack [pack]
    (npk/save! pack [[:weights [1 2]] [:x [[1 2] [3 4] [5 6]]] ["odd name" [1 2 3]] [:y [1 2 3]]])
    (let [[kind message] (error #(npd/dataset pack))
          call           (re-find #"\(npd/dataset pack (.*?)\)$" message)]
      (is (= :shape-mismatch kind))
      (is (str/includes? message "weights 2, x 3, odd name 3, y 3"))
      (is (= [:x-0 :x-1 (keyword "odd name") :y] (ds/column-names (npd/dataset pack (read-string (second call)))))))))

(deftest wrong-arguments-are-named-errors
  (with-pack [pack]
    (npk/save! pack [[:x [[1 2] [3 4]]] [:x-0 [1 2]] [:y [1 2]]])
    (are [kind body] (= kind (first (error (fn [] body))))
      :array-not-found  (npd/dataset pack [:missing])
      :invalid-option   (npd/dataset pack [:y] {:keyfn identity})
      :invalid-option   (npd/dataset "data.npk")
      :invalid-option   (npd/dataset pack [:y] {:column-names {:z ["a"]}})
      :shape-mismatch   (npd/dataset pack [:x] {:column-names {:x ["a"]}})
      :invalid-name     (npd/dataset pack [:x :x-0])
      :invalid-option   (npd/dataset-chunks pack [] 10)
      :invalid-option   (npd/dataset-chunks pack [:y] 0)
      :invalid-option   (npd/dataset-chunks pack [:y] 2 {:copy? true})
      :invalid-option   (npd/save-dataset! pack {:a [1 2]})
      :invalid-option   (npd/save-dataset! pack (columns :a ["x"]) {:as :features})
      :invalid-option   (npd/append-dataset! pack nil)
      :invalid-option   (npd/write-chunks! pack [(columns :a [1]) {:a [1]}])
      :pack-closed      (let [other (npk/open (str (.path pack)))]
                          (npk/close other)
                          (npd/dataset other)))))

;; who may write

(defn- throws? [f]
  (try
    (f)
    false
    (catch Exception _ true)))

(deftest columns-of-a-pack-and-a-batch-are-read-only
  (with-pack [pack]
    (npk/save! pack [[:x [[1.0 2.0] [3.0 4.0]]] [:y [1 2]]])
    (let [check (fn [source]
                  (doseq [c (ds/columns (npd/dataset source))]
                    (is (not (dtype/writer? c)))
                    (is (throws? #(dtype/set-value! c 0 9)))
                    (is (throws? #(dtype/copy! [9 9] c)))))]
      (check pack)
      (npk/with-batch [b pack]
        (npk/mul! (:y b) 10)
        (check b)
        (is (= [10 20] (vec (:y (npd/dataset b)))))))
    (is (= [[1.0 2.0] [3.0 4.0]] (value (:x pack))))
    (is (= [10 20] (vec (:y pack))))))

(deftest rows-of-tensors-can-be-written-only-in-a-writable-batch
  (with-pack [pack]
    (npk/save! pack :x [[1.0 2.0] [3.0 4.0]])
    (let [rows #(dtype/->reader (:x (npd/dataset % :x {:tensor-columns true})))]
      (doseq [r [(rows pack) (npk/with-batch [b pack] (rows b))]]
        (is (not (dtype/writer? r)))
        (is (= :read-only (error-of (dtype/set-value! r 0 [7.0 8.0])))))
      (npk/with-writable-batch [w pack]
        (is (dtype/writer? (rows w)))
        (dtype/set-value! (rows w) 1 [7.0 8.0])))
    (is (= [[1.0 2.0] [7.0 8.0]] (value (:x pack))))))

(deftest columns-of-a-writable-batch-edit-the-pack
  (with-pack [pack]
    (npd/save-dataset! pack (columns :y [1 2 3] :day (mapv #(LocalDate/ofEpochDay %) [1 2 3]) :name ["a" "b" "c"] :gap [1 nil 3]))
    (npk/save! pack :x [[1.0 2.0] [3.0 4.0] [5.0 6.0]])
    (let [escaped (npk/with-writable-batch [w pack]
                    (let [d (npd/dataset w)]
                      (dtype/copy! (dfn/* (:y d) 10) (:y d))
                      (dtype/set-value! (:x-1 d) 2 60.0)
                      (dtype/set-value! (:day d) 0 (LocalDate/of 2000 1 1))
                      (doseq [k [:name :gap]]
                        (testing "but those whose edit would have to change several arrays"
                          (is (throws? #(dtype/set-value! (d k) 0 (first (d k)))))))
                      (:y d)))]
      (is (= [10 20 30] (vec (:y pack)) (vec escaped)))
      (is (= [[1.0 2.0] [3.0 4.0] [5.0 60.0]] (value (:x pack))))
      (is (= (LocalDate/of 2000 1 1) (first (:day (npd/dataset pack)))))
      (is (= [1 nil 3] (vec (:gap (npd/dataset pack)))))
      (testing "until it ends"
        (try (dtype/set-value! escaped 0 99) (catch Exception _))
        (is (= [10 20 30] (vec (:y pack))))))))

(deftest copied-columns-do-not-change-any-more
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2 3] :b ["x" nil "y"]))
    (let [copied (npd/dataset pack {:copy? true})
          viewed (npd/dataset pack)]
      (npk/replace-rows! pack :a [9] [0])
      (is (= [1 2 3] (vec (:a copied))))
      (is (= [9 2 3] (vec (:a viewed))))
      (testing "and belong to the caller"
        (dtype/set-value! (:a copied) 0 5)
        (is (= [9 2 3] (vec (:a pack))))))))

(deftest datasets-outlive-the-pack-and-what-replaces-it
  (with-folder [folder]
    (let [path (io/file folder "test.npk")
          d    (with-open [pack (npk/open path)]
                 (npd/save-dataset! pack (columns :a [1 2 3] :b ["x" nil "y"]))
                 (let [d (npd/dataset pack)]
                   (npd/save-dataset! pack (columns :a [7 8 9] :b ["p" "q" nil]))
                   (is (= [["p" "q" nil] [7 8 9]] ((juxt (comp vec :b) (comp vec :a)) (npd/dataset pack))))
                   d))]
      (System/gc)
      (is (= [[:a :int64 [1 2 3] #{}] [:b :string ["x" nil "y"] #{1}]] (contents d))))))

;; round trips

(def moment (Instant/parse "2026-01-02T03:04:05.123456Z"))

(deftest every-kind-of-column-comes-back
  (let [id (random-uuid)
        d  (columns :int64 [1 2 3], :float64 [1.5 ##Inf -0.0], :boolean [true false true]
                    :string ["" "ß→𝄞" "a\nb"], :keyword [:a :b/c (keyword "d e")], :symbol ['a 'b/c 'a], :uuid [id id id]
                    :char [\a \ß \a], :text (map #(Text. %) ["long" "text" "long"])
                    :date (map #(LocalDate/ofEpochDay %) [1 2 3]),
                    :old [LocalDate/EPOCH (LocalDate/of 1066 10 14) (LocalDate/of 9999 12 31)]
                    :instant [moment Instant/EPOCH moment], :time (map #(LocalTime/of % 30) [1 2 3])
                    :duration (map #(Duration/ofMillis %) [1 -2 3])
                    :date-time [(LocalDateTime/of 2026 1 2 3 4) (LocalDateTime/of 1900 1 1 0 0 0 1000) (LocalDateTime/of 1970 1 1 0 0)])
        d  (reduce (fn [d t] (assoc d t (dtype/make-container t [1 2 3])))
                   d [:int8 :int16 :int32 :uint8 :uint16 :uint32 :uint64 :float32])
        [found metadata] (round-trip d)]
    (is (= (contents d) found))
    (is (= (map #(dissoc (meta %) :name :datatype :n-elems) (ds/columns d)) metadata))))

(deftest missing-values-come-back-in-every-kind-of-column
  (doseq [[name values] {:int64 [1 nil 3], :float64 [nil 1.5 nil], :boolean [nil true false], :string ["a" nil nil], :keyword [nil :a nil]
                         :date [nil nil (LocalDate/of 2026 1 1)], :instant [moment nil moment], :duration [nil (Duration/ofDays 1) nil]
                         :date-time [(LocalDateTime/of 2026 1 2 3 4) nil nil], :uuid [nil (random-uuid) nil], :all [nil nil nil]
                         :tensor [[1 2] nil [3 4]]}]
    (testing name
      (let [d (columns name values)]
        (is (= (map #(assoc % 1 nil) (contents d))
               (map #(assoc % 1 nil) (first (round-trip d)))))))))

(deftest missing-values-come-back-wherever-they-are-in-many-rows
  (with-pack [pack]
    (let [n     70000
          holes (fn [rows] (ds-col/new-column #:tech.v3.dataset{:data (long-array n), :missing rows, :force-datatype? true}))
          d     (assoc (ds/new-dataset []) :a (holes [0 65536 69999]) :b (holes [65535 65537]) :c (holes []))
          found (fn [d names] (mapv #(set (ds-col/missing (d %))) names))]
      (npd/save-dataset! pack (ds/select-columns d [:a]))
      (is (= [#{0 65536 69999}] (found (npd/dataset pack) [:a]) (found (npd/dataset pack {:copy? true}) [:a])))
      (npd/save-dataset! pack d {:as :abc})
      (is (= [#{0 65536 69999} #{65535 65537} #{}] (found (npd/dataset pack :abc) [:a :b :c])))
      (is (= [#{6} #{5 7} #{}] (found (ds/select-rows (npd/dataset pack :abc) (range 65530 65540)) [:a :b :c]))))))

(deftest nan-that-is-not-missing-stays-a-number
  (let [d (ds/new-dataset [#:tech.v3.dataset{:name :x, :data (double-array [1 ##NaN 3]), :missing [0], :force-datatype? true}])]
    (is (= [[:x :float64 [nil :nan 3.0] #{0}]] (map #(update % 2 (partial mapv (fn [x] x))) (first (round-trip d)))))))

(deftest names-of-columns-come-back
  (let [d (columns "sepal length" [1] :a [2] (keyword "odd name") [3] :ns/x [4] 'sym [5] 7 [6] "label" ["x"])]
    (is (= ["sepal length" :a (keyword "odd name") :ns/x 'sym 7 "label"] (map first (first (round-trip d)))))
    (with-pack [pack]
      (npd/save-dataset! pack d)
      (is (= [:sepal :a :odd :ns.x :sym :7 :label]
             (ds/column-names (npd/dataset pack {:key-fn #(keyword (first (str/split % #" ")))})))))))

(deftest columns-that-have-nothing-to-say-are-single-arrays
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2] :b [1.5 2.5] :c [true false]))
    (is (= ["a" "b" "c"] (npk/names pack)))))

(deftest tensors-are-arrays-of-a-higher-rank
  (let [t (dtt/->tensor [[[1 2] [3 4]] [[5 6] [7 8]]] :datatype :float32)]
    (with-pack [pack]
      (npd/save-dataset! pack (columns :rows (dtt/rows t) :vectors [[1 2 3] [4 5 6]] :floats [(float-array [1 2]) (float-array [3 4])]
                                       :mixed [[1 2] [1.5 2]]))
      (is (= [[:float32 [2 2 2]] [:int64 [2 3]] [:float32 [2 2]] [:float64 [2 2]]]
             (map (juxt #(npk/dtype pack %) #(npk/shape pack %)) [:rows :vectors :floats :mixed])))
      (is (= [[[[1.0 2.0] [3.0 4.0]] [[5.0 6.0] [7.0 8.0]]] [[1 2 3] [4 5 6]] [[1.0 2.0] [3.0 4.0]] [[1.0 2.0] [1.5 2.0]]]
             (map #(nth % 2) (contents (npd/dataset pack))))))))

(deftest categorical-maps-come-back
  (let [d       (columns :species ["cat" "dog" nil "cat"] :size [:small :large :small :small])
        numbers (ds/categorical->number d [:species :size])
        one-hot (ds/categorical->one-hot (columns :species ["cat" "dog" "cat"]) [:species])]
    (doseq [d [numbers one-hot]]
      (let [[found metadata] (round-trip d)]
        (is (= (contents d) found))
        (is (= (map #(dissoc (meta %) :name :datatype :n-elems) (ds/columns d)) metadata))))
    (with-pack [pack]
      (npd/save-dataset! pack numbers)
      (is (= ["cat" "dog" nil "cat"]
             (vec (:species (categorical/reverse-map-categorical-xforms (ds/select-columns (npd/dataset pack) [:species])))))))))

(deftest metadata-comes-back-as-far-as-it-is-data
  (let [d (assoc (columns) :x (vary-meta (ds-col/new-column :x [1 2]) assoc :inference-target? true :unit "mm" :parser inc))]
    (is (= [{:inference-target? true, :unit "mm"}] (second (round-trip d))))
    (binding [*print-length* 1, *print-level* 1, *print-meta* true]
      (is (= [{:inference-target? true, :unit "mm"}] (second (round-trip d)))))))

(deftest numeric-columns-can-be-one-array
  (let [d (columns :a [1 2 3] :name ["x" "y" "z"] :b [1.5 nil 3.5] :c (dtype/make-container :uint8 [7 8 9]))]
    (with-pack [pack]
      (npd/save-dataset! pack d {:as :features})
      (is (= [:float64 [3 3]] [(npk/dtype pack :features) (npk/shape pack :features)]))
      (is (= [[1.0 1.5 7.0] [2.0 :nan 8.0] [3.0 3.5 9.0]] (mapv #(mapv value %) (npk/load pack :features))))
      (is (= [[:a :float64 [1.0 2.0 3.0] #{}] [:b :float64 [1.5 nil 3.5] #{1}] [:c :float64 [7.0 8.0 9.0] #{}]
              [:name :string ["x" "y" "z"] #{}]]
             (contents (npd/dataset pack))))
      (npd/append-dataset! pack (columns :c [1] :b [2] :a [nil] :name ["x"]))
      (is (= [[:a [nil]] [:b [2.0]] [:c [1.0]] [:name ["x"]]]
             (for [c (ds/columns (npd/dataset pack))] [(ds-col/column-name c) [(nth c 3)]]))))
    (testing "but integers are not rounded"
      (with-pack [pack]
        (is (= :dtype-mismatch (error-of (npd/save-dataset! pack (columns :a [9007199254740993] :b [1.5]) {:as :features}))))
        (is (= [] (npk/names pack)))))))

(deftest python-sees-plain-numbers
  (with-pack [pack]
    (npd/save-dataset! pack (columns :day [(LocalDate/of 1970 1 2) nil] :at [moment nil] :city ["Oslo" nil] :n [1 nil] :x [1.5 nil]))
    (are [name dtype values] (= [dtype values] [(npk/dtype pack name) (mapv value (npk/load pack name))])
      :day         :int32   [1 Integer/MIN_VALUE]
      :at          :int64   [1767323045123456 Long/MIN_VALUE]
      :city        :int32   [1 0]
      :n           :int64   [1 Long/MIN_VALUE]
      :x           :float64 [1.5 :nan]
      :n.missing   :boolean [false true]
      :city.offsets :int64  [0 0 4])
    (is (= "Oslo" (String. (.toByteArray ^NDArray (npk/load pack :city.strings {:as :ndarray})) "UTF-8")))))

(deftest strings-are-read-by-their-codes
  (with-pack [pack]
    (let [strings (mapv #(str "s" (mod (* 7 %) 100)) (range 1000))]
      (npd/save-dataset! pack (columns :s strings))
      (is (= [101 1000] [(dec (first (npk/shape pack :s.offsets))) (first (npk/shape pack :s))]))
      (let [c (:s (npd/dataset pack))]
        (is (instance? StringTable (.-data ^tech.v3.dataset.impl.column.Column c)))
        (is (= strings (vec c)))
        (is (= (frequencies strings) (into {} (map (fn [[k v]] [k (ds/row-count v)])) (ds/group-by-column (npd/dataset pack) :s))))
        (is (= ["s0" "s7"] (vec (:s (ds/head (npd/dataset pack) 2)))))))))

(deftest strings-beyond-those-that-are-kept-on-the-heap-are-read-from-the-pack
  (let [part  #(ds/new-dataset [(ds-col/new-column #:tech.v3.dataset{:name :s, :data (dtype/make-container :string %), :force-datatype? true
                                                                     :missing (keep-indexed (fn [i s] (when (nil? s) i)) %)})])
        parts [["a" "b" "ß" "ß" "a" nil] ["ß" "d" "" "d" "a" nil]]
        all   (into [] cat parts)]
    (doseq [[most-strings most-bytes & stored] [[100 100 5 5] [3 100 8 10] [100 3 8 10]]
            [write stored] (map vector
                                [(fn [pack] (npd/write-chunks! pack (map part parts)))
                                 (fn [pack]
                                   (npd/save-dataset! pack (part (first parts)))
                                   (npd/append-dataset! pack (part (second parts))))]
                                stored)]
      (testing [most-strings most-bytes]
        (with-redefs [strings/most-strings most-strings, strings/most-bytes most-bytes]
          (with-pack [pack]
            (write pack)
            (is (= [(inc stored)] (npk/shape pack :s.offsets)) "those beyond are stored again")
            (let [c (:s (npd/dataset pack))]
              (is (= all (vec c) (vec (:s (npd/dataset pack {:copy? true}))) (mapcat :s (npd/dataset-chunks pack nil 4))))
              (is (= (reverse all) (vec (ds-col/select c (range 11 -1 -1)))))
              (is (= (= 5 stored) (identical? (c 2) (c 2))) "a string that is not kept is made when it is read")))
          (with-pack [pack]
            (npd/save-dataset! pack (columns :k [:a :b :c/d :a] :u ["x" "y" "z" "x"]))
            (npd/append-dataset! pack (columns :k [:c/d nil] :u ["y" "new"]))
            (is (= [[:a :b :c/d :a :c/d nil] ["x" "y" "z" "x" "y" "new"]] (map #(vec ((npd/dataset pack) %)) [:k :u])))))))))

;; what cannot be kept

(deftest columns-that-cannot-be-kept-are-named-and-nothing-changes
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2]))
    (are [kind d] (let [[found message] (error #(npd/save-dataset! pack d))]
                    (and (= kind found) (str/includes? message ":bad") (= ["a"] (npk/names pack))))
      :dtype-mismatch (columns :a [3 4] :bad [(ZonedDateTime/now) (ZonedDateTime/now)])
      :dtype-mismatch (columns :a [3 4] :bad [{:a 1} {:b 2}])
      :dtype-mismatch (columns :a [3 4] :bad [(bigdec 1) (bigdec 2)])
      :dtype-mismatch (columns :a [3 4] :bad ["x" :y])
      :dtype-mismatch (columns :a [3 4] :bad (dtype/make-container :instant [(Instant/ofEpochSecond 1 1) Instant/EPOCH]))
      :dtype-mismatch (columns :a [3 4] :bad (dtype/make-container :local-date [LocalDate/MAX LocalDate/EPOCH]))
      :dtype-mismatch (columns :a [3 4] :bad (dtype/make-container :local-date [LocalDate/EPOCH (LocalDate/ofEpochDay 2147483648)]))
      :dtype-mismatch (columns :a [3 4] :bad [[1 2] ["a" "b"]])
      :shape-mismatch (columns :a [3 4] :bad [[1 2] [1 2 3]])
      :invalid-name   (columns :a [3 4] [:bad] [1 2]))
    (are [kind d] (and (= kind (error-of (npd/save-dataset! pack d))) (= ["a"] (npk/names pack)))
      :invalid-name   (columns "x/y" [3 4])
      :invalid-name   (columns :x [3 4] "x" [5 6])
      :invalid-name   (columns :x [3 nil] :x.missing [5 6])
      :dtype-mismatch (columns :x ["\ud800" "b"]))
    (is (= [1 2] (vec (:a pack))))))

(deftest read-only-packs-and-writable-batches-refuse
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2]))
    (with-open [other (npk/open (.path pack) {:read-only? true})]
      (is (= :read-only (error-of (npd/save-dataset! other (columns :a [1])))))
      (is (= :read-only (error-of (npd/append-dataset! other (columns :a [1]))))))
    (npk/with-writable-batch [w pack]
      (is (= :read-only (error-of (npd/save-dataset! w (columns :a [1])))))
      (is (= :invalid-option (error-of (npd/write-chunks! w [(columns :a [1])]))))
      (is (= :scope-open (error-of (npd/save-dataset! pack (columns :a [1]))))))
    (is (= [1 2] (vec (:a pack))))))

(deftest what-others-did-to-the-arrays-of-a-column-is-an-error-not-a-wrong-number
  (with-pack [pack]
    (let [d      (columns :city ["a" nil "b"] :day (mapv #(LocalDate/ofEpochDay %) [1 2 3]))
          fresh  #(npd/save-dataset! pack d)
          damage #(npk/save! pack {:city.offsets %, :city.column (npk/load pack :city.column)})]
      (fresh)
      (npk/save! pack :city [1.5 2.5 3.5])
      (is (= :dtype-mismatch (error-of (npd/dataset pack))))
      (fresh)
      (npk/append! pack {:city (int-array [1 1]), :city.missing [false]})
      (is (= :shape-mismatch (error-of (npd/dataset pack :city))))
      (fresh)
      (damage [0 0 1 100])
      (is (= :corrupt-pack (error-of (npd/dataset pack))))
      (fresh)
      (doseq [text ["{:version 1" "{:version 2}" "[1]" "(1 2 3)" "{:version 1, :columns 7}" "{:version 1, :columns [{}]}"
                    "{:version 1, :metadata [1]}"
                    "{:version 1, :words \"x\"}" "{:version 1, :name #numpack/other 1}" (str/join (repeat 100000 "["))]]
        (npk/save! pack :day.column (.getBytes (str "#numpack/column " text) "UTF-8") {:dtype :uint8})
        (is (= :corrupt-pack (error-of (npd/dataset pack))) text))
      (fresh)
      (damage (long-array 0))
      (is (= :corrupt-pack (error-of (npd/dataset pack))))
      (doseq [code [-1 3 Integer/MAX_VALUE Integer/MIN_VALUE]]
        (fresh)
        (npk/replace-rows! pack {:city [code], :city.missing [false]} [2])
        (is (= "a" ((:city (npd/dataset pack)) 0)))
        (is (= :corrupt-pack (error-of (vec (:city (npd/dataset pack)))) (error-of (vec (:city (npd/dataset pack {:copy? true})))))))
      (testing "and saving the columns again heals it"
        (fresh)
        (is (= (contents d) (contents (npd/dataset pack)))))
      (testing "a description without its column is no column"
        (.delete ^NumPack pack ["day"])
        (is (= [:city] (ds/column-names (npd/dataset pack)))))
      (testing "arrays that only look like one are arrays"
        (npk/delete! pack (npk/names pack))
        (npk/save! pack [["x" [1 2]] ["x.column" [3 4]] ["x.missing" [true false]]])
        (is (= [:x :x.column :x.missing] (ds/column-names (npd/dataset pack))))))))

(deftest arrays-that-belong-to-no-column-are-not-written-over
  (with-pack [pack]
    (npk/save! pack [["x.missing" [1 2]] ["y.strings" [3 4]] ["y.column" [5 6]]])
    (is (= :array-exists (error-of (npd/save-dataset! pack (columns :x [1 nil])))))
    (is (= :array-exists (error-of (npd/save-dataset! pack (columns :y ["a" "b"])))))
    (npd/save-dataset! pack (columns :x [1 2] :y [3 4]))
    (is (= :array-exists (error-of (npd/append-dataset! pack (columns :x [nil] :y [5] :x.missing [6] :y.strings [7] :y.column [8])))))
    (npk/with-batch [b pack]
      (is (= :invalid-name (error-of (npd/save-dataset! b (columns :x [7 8] "a/b" [1 2])))))
      (is (= :dtype-mismatch (error-of (npd/append-dataset! b (columns :x [nil] :y ["a"] :x.missing [6] :y.strings [7] :y.column [8])))))
      (is (= [] (npk/changes b))))
    (is (= [[1 2] [3 4] [1 2] [3 4] [5 6]] (mapv #(vec (npk/load pack %)) [:x.missing :y.strings :x :y :y.column])))))

;; saving again, and in scopes

(deftest saving-again-replaces-columns-and-what-lay-beside-them
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a ["x" nil] :b [1 nil] :c [1 2]))
    (npd/save-dataset! pack (columns :b [3 4 5] :a [1.5 2.5 3.5]))
    (is (= ["c" "b" "a"] (npk/names pack)))
    (is (= [[:b :int64 [3 4 5] #{}] [:a :float64 [1.5 2.5 3.5] #{}]] (contents (npd/dataset pack [:b :a]))))))

(deftest a-dataset-over-a-pack-can-be-saved-to-that-pack
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2 3] :b ["x" nil "y"] :c [1.5 nil 2.5]))
    (let [d (npd/dataset pack)]
      (npd/save-dataset! pack (-> d (assoc :a (dfn/* 10 (:a d))) (ds/select-rows [2 0])))
      (is (= [[:a :int64 [30 10] #{}] [:b :string ["y" "x"] #{}] [:c :float64 [2.5 1.5] #{}]] (contents (npd/dataset pack))))
      (is (= [1 2 3] (vec (:a d)))))))

(defn- computing
  "A column of longs, the first of which calls f when it is read."
  [name values missing f]
  (ds/new-dataset [#:tech.v3.dataset{:name name, :missing missing, :force-datatype? true
                                     :data (dtype/make-reader :int64 (count values) (do (when (zero? idx) (f)) (long (values idx))))}]))

(deftest what-somebody-else-saves-while-a-column-is-computed-is-not-mixed-with-it
  (with-pack [pack]
    (npk/save! pack :x [1 2])
    (let [other (delay @(future (npd/save-dataset! pack (columns :x [7 nil]))))]
      (npd/save-dataset! pack (computing :x [3 4] [] #(deref other)))
      (is (realized? other))
      (is (= ["x"] (npk/names pack)) "the mask of the other's is gone")
      (is (= [[:x :int64 [3 4] #{}]] (contents (npd/dataset pack)))))
    (testing "also in an append"
      (let [other (delay @(future (npd/append-dataset! pack (columns :x [nil]))))]
        (npd/append-dataset! pack (computing :x [5] [] #(deref other)))
        (is (= [[:x :int64 [3 4 nil 5] #{2}]] (contents (npd/dataset pack)))))
      (npd/save-dataset! pack (columns :x [3 4])))
    (testing "nor written over if it belongs to no column"
      (let [other (delay @(future (npk/save! pack :x.missing [5 6])))]
        (is (= :array-exists (error-of (npd/save-dataset! pack (computing :x [8 9] [1] #(deref other))))))
        (is (= [[3 4] [5 6]] (map vec ((juxt :x :x.missing) pack))))))))

(deftest a-batch-saves-datasets-with-its-other-edits-in-one-commit
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2] :b ["x" nil]))
    (npk/with-batch [b pack]
      (npd/append-dataset! b (columns :a [nil] :b ["z"]))
      (is (= [[:a :int64 [1 2 nil] #{2}] [:b :string ["x" nil "z"] #{1}]] (contents (npd/dataset b))))
      (npd/save-dataset! b (columns :c ["p" nil "q"]))
      (npk/save! b :d [7 8 9])
      (is (= [:a :b] (ds/column-names (npd/dataset pack)))))
    (is (= [[:a :int64 [1 2 nil] #{2}] [:b :string ["x" nil "z"] #{1}] [:c :string ["p" nil "q"] #{1}] [:d :int64 [7 8 9] #{}]]
           (contents (npd/dataset pack))))
    (testing "of which nothing is lost when a column fails"
      (npk/with-batch [b pack]
        (is (= :dtype-mismatch
               (error-of (npd/save-dataset! b (columns :a [9 9] :b [8 8] :c ["r" "s"] :d (dtype/make-container :object [1.5 :k])))))
            "the last column holds no numbers only")
        (is (= [] (npk/changes b)))))
    (testing "which does not write over what somebody else did since it was read"
      (is (= :conflict (error-of (npk/with-batch [b pack]
                                   (let [d (npd/dataset b [:c])]
                                     @(future (npk/with-batch [other pack] (npd/save-dataset! other (columns :c ["P" nil "Q"]))))
                                     (npd/save-dataset! b d))))))
      (npd/save-dataset! pack (columns :c ["p" nil "q"])))
    (is (= :thrown (try
                     (npk/with-batch [b pack {:on-error :discard}]
                       (npd/save-dataset! b (columns :a [0]))
                       (throw (ex-info "no" {})))
                     (catch clojure.lang.ExceptionInfo _ :thrown))))
    (is (= [1 2 nil] (vec (:a (npd/dataset pack)))))))

;; appending

(deftest an-append-that-fails-in-a-batch-edits-nothing
  (with-pack [pack]
    (npk/save! pack [[:x [1 2]] [:y [3 4]] [:y.missing [5 6]]])
    (npk/with-batch [b pack]
      (is (= :array-exists (error-of (npd/append-dataset! b (columns :x [nil] :y [nil] :y.missing [7])))))
      (is (= [] (npk/changes b))))))

(deftest rows-are-appended-to-the-columns-of-their-names
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2] :b ["x" "y"] :day [(LocalDate/of 2026 1 1) nil] :v [[1 2] [3 4]] :x [1.5 2.5]))
    (npd/append-dataset! pack (columns :x [3 nil] :b ["y" "new"] "a" [3 nil] :day [nil (LocalDate/of 2026 1 2)] :v [[5 6] nil]))
    (is (= [[:a :int64 [1 2 3 nil] #{3}] [:b :string ["x" "y" "y" "new"] #{}]
            [:day :packed-local-date [(LocalDate/of 2026 1 1) nil nil (LocalDate/of 2026 1 2)] #{1 2}]
            [:v :object [[1 2] [3 4] [5 6] nil] #{3}] [:x :float64 [1.5 2.5 3.0 nil] #{3}]]
           (sort-by (comp str first) (contents (npd/dataset pack)))))
    (is (= 4 (dec (first (npk/shape pack :b.offsets)))) "a string that is there is not stored again")
    (testing "also when they are all missing, whatever dtype they have then"
      (npd/append-dataset! pack (columns :x [nil] :b [nil] "a" [nil] :day [nil] :v [nil]))
      (is (every? #(nil? (nth % 4)) (map #(nth % 2) (contents (npd/dataset pack))))))))

(deftest arrays-that-were-not-saved-as-columns-can-be-appended-to
  (with-pack [pack]
    (npk/save! pack [[:features (into-array (map float-array [[1 2] [3 4]]))] [:labels [0 1]]])
    (npd/append-dataset! pack (columns :labels [1] :features-0 [5] :features-1 [nil]))
    (is (= [[:features-0 :float32 [1.0 3.0 5.0] #{}] [:features-1 :float32 [2.0 4.0 nil] #{2}] [:labels :int64 [0 1 1] #{}]]
           (sort-by first (contents (npd/dataset pack)))))
    (npk/delete! pack [:features.missing :features.column])
    (npd/append-dataset! pack (columns :labels [7] :features [[8 9]]))
    (is (= [8.0 9.0] (vec (last (:features pack)))))))

(deftest what-cannot-be-appended-is-named-and-nothing-changes
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 2] :s ["x" "y"] :day [(LocalDate/of 2026 1 1) nil] :v [[1 2] [3 4]]))
    (let [before (contents (npd/dataset pack))
          good   (columns :a [3] :s ["z"] :day [nil] :v [[5 6]])]
      (are [kind d] (and (= kind (error-of (npd/append-dataset! pack d))) (= before (contents (npd/dataset pack))))
        :array-not-found (assoc good :more [1])
        :shape-mismatch  (dissoc good :a)
        :dtype-mismatch  (assoc good :a [1.5])
        :dtype-mismatch  (assoc good :a ["x"])
        :dtype-mismatch  (assoc good :s [1])
        :dtype-mismatch  (assoc good :s [:keyword])
        :dtype-mismatch  (assoc good :day [Instant/EPOCH])
        :shape-mismatch  (assoc good :v [[1 2 3]])
        :dtype-mismatch  (assoc good :v [[1.5 2]]))
      (npd/append-dataset! pack good)
      (is (= 3 (ds/row-count (npd/dataset pack)))))))

(deftest integers-that-float32-would-round-are-not-appended-to-it
  (with-pack [pack]
    (npk/save! pack :x (float-array [1.5]))
    (doseq [x [16777217 -16777217]]
      (is (= :dtype-mismatch (error-of (npd/append-dataset! pack (columns :x [x]))))))
    (npd/append-dataset! pack (columns :x [16777216 -16777216]))
    (is (= [1.5 1.6777216E7 -1.6777216E7] (vec (:x pack))))))

(deftest an-append-that-fails-after-its-first-edit-changes-nothing
  (with-pack [pack]
    (npk/save! pack [[:x [1 2]] [:y [3 4]] [:y.missing [5 6]]])
    (is (= :array-exists (error-of (npd/append-dataset! pack (columns :x [nil] :y [nil] :y.missing [7])))))
    (is (= ["x" "y" "y.missing"] (npk/names pack)))
    (is (= [[1 2] [3 4] [5 6]] (map vec ((juxt :x :y :y.missing) pack))))))

;; chunks

(deftest chunks-are-datasets-of-some-rows-each
  (with-pack [pack]
    (let [d (columns :a (range 10) :b (map #(when (odd? %) (str "s" %)) (range 10)) :v (map vector (range 10) (range 10)))]
      (npd/save-dataset! pack d)
      (let [chunks (npd/dataset-chunks pack nil 4)]
        (is (= 3 (count chunks)))
        (is (= [[0 4] [4 8] [8 10]] (mapv (comp :numpack/rows meta) chunks)))
        (is (= (mapv #(nth % 2) (contents d)) (apply mapv (comp vec concat) (map (fn [c] (map #(nth % 2) (contents c))) chunks))))
        (is (= [[:a :int64 [4 5 6 7] #{}] [:b :string [nil "s5" nil "s7"] #{0 2}] [:v :object [[4 4] [5 5] [6 6] [7 7]] #{}]]
               (contents (nth chunks 1))))
        (is (= 45 (transduce (map #(long (dfn/sum (:a %)))) + 0 chunks) (reduce + (pmap #(long (dfn/sum (:a %))) chunks))))
        (is (= :stopped (reduce (fn [_ _] (reduced :stopped)) nil chunks)))
        (testing "without a first value"
          (let [calls (atom 0)
                rows  #(if (int? %) % (ds/row-count %))
                sum   (fn [wrap] [(reduce (fn [x d] (swap! calls inc) (wrap (+ (rows x) (rows d)))) chunks) @calls])]
            (is (= [[10 2] [8 3]] [(sum identity) (sum reduced)]))))
        (is (= ["a" "v"] (ds/column-names (first (npd/dataset-chunks pack ["a"  "v"] 4 {:key-fn identity :tensor-columns false}))))
            "a tensor column stays one")
        (testing "that are independent"
          (let [[x y] (vec chunks)]
            (dtype/set-value! (:a x) 0 99)
            (is (= 4 (first (:a y))))
            (is (= 0 (first (:a pack))))))))
    (testing "and writable views in a writable batch"
      (npk/with-writable-batch [w pack]
        (doseq [d (npd/dataset-chunks w [:a] 3)]
          (dtype/copy! (dfn/* 2 (:a d)) (:a d))))
      (is (= (map #(* 2 %) (range 10)) (seq (:a pack)))))
    (testing "read one at a time"
      (let [read (atom 0)]
        (doseq [_ (take 1 (map (fn [d] (swap! read inc) d) (npd/dataset-chunks pack [:a] 1)))])
        (is (= 1 @read))))
    (is (= :shape-mismatch (do (npk/save! pack :w [1 2]) (error-of (npd/dataset-chunks pack nil 2)))))))

(deftest chunks-of-no-rows-reduce-as-an-empty-vector-does
  (with-pack [pack]
    (npk/save! pack :x (npk/zeros [0]))
    (let [chunks (npd/dataset-chunks pack [:x] 2)]
      (is (= [0 nil] [(count chunks) (seq chunks)]))
      (is (= [:none :init] [(reduce (fn ([] :none) ([_ _] :some)) chunks) (reduce (fn [_ _] :some) :init chunks)])))))

(deftest a-sequence-of-datasets-is-saved-in-one-commit
  (with-pack [pack]
    (npd/save-dataset! pack (columns :old [1 2]))
    (let [progress (atom [])
          part     (fn [i] (columns :a [i (when (even? i) i)] :s [(str "s" (mod i 3)) nil] :x [(/ i 2.0) nil]))]
      (npd/write-chunks! pack (eduction (map part) (range 1 6)) {:progress #(swap! progress conj %) :memory-limit 64})
      (is (= [{:chunks 1, :rows 2} {:chunks 2, :rows 4} {:chunks 3, :rows 6} {:chunks 4, :rows 8} {:chunks 5, :rows 10}] @progress))
      (is (= (apply map (fn [& cs] (into [(ffirst cs)] (mapcat #(nth % 2)) cs)) (map (comp contents part) (range 1 6)))
             (map (fn [[name _ values _]] (into [name] values)) (contents (npd/dataset pack [:a :s :x])))))
      (is (= ["" "s1" "s2" "s0"] (vec (tech.v3.dataset.string-table/int->string
                                       (.-data ^tech.v3.dataset.impl.column.Column (:s (npd/dataset pack :s))))))))
    (testing "or not at all"
      (let [before (npk/names pack)]
        (are [kind parts] (and (= kind (error-of (npd/write-chunks! pack parts))) (= before (npk/names pack)) (= 10 (count (:a pack))))
          :dtype-mismatch  [(columns :a [1]) (columns :a [1.5])]
          :array-not-found [(columns :a [1]) (columns :b [1])]
          :shape-mismatch  [(columns :a [1] :b [1]) (columns :a [1])]
          :invalid-option  [(columns :a [1]) nil])
        (is (= :thrown (try (npd/write-chunks! pack (map #(if (= 3 %) (throw (ex-info "csv" {})) (columns :a [%])) (range)))
                            (catch clojure.lang.ExceptionInfo _ :thrown))))
        (is (= before (npk/names pack)))))
    (testing "nothing is nothing"
      (npd/write-chunks! pack [])
      (npd/write-chunks! pack nil)
      (is (= 10 (count (:a pack)))))
    (testing "also as one array"
      (npd/write-chunks! pack [(columns :p [1.0] :q [2.0]) (columns :q [4.0] :p [3.0])] {:as :pq})
      (is (= [[1.0 2.0] [3.0 4.0]] (value (:pq pack)))))))

(deftest rows-that-wait-lie-in-files-beyond-the-memory-limit
  (let [parts  (map #(columns :a [%]) (range 3))
        files  (fn [pack] (filter #(re-find #"/stage-[^/]*/" (str %)) (file-seq (io/file (str (.path pack)) ".numpack"))))
        staged (fn [pack datasets options]
                 (let [found (atom [])]
                   (npd/write-chunks! pack datasets (assoc options :progress (fn [_] (swap! found conj (count (files pack))))))
                   @found))]
    (with-pack [pack]
      (npk/save! pack :other [1])
      (is (every? pos? (staged pack parts {:memory-limit 0})))
      (is (= [0 0 0] (staged pack parts {:memory-limit "1 MB"}) (staged pack parts {})))
      (is (= [0 1 2] (vec (:a pack))))
      (testing "which is 64 MB if nobody says"
        (let [rows (quot 0x4000000 8)]
          (is (= [[0] [1]] (map (fn [n] (staged pack [(columns :b (dtype/const-reader 1 n))] {})) [rows (inc rows)]))))))))

(deftest csv-of-any-size-goes-through
  (with-folder [folder]
    (let [file (io/file folder "rows.csv")]
      (spit file (apply str "id,city,price\n" (map #(str % "," (["Oslo" "Rome" ""] (mod % 3)) "," (/ % 4.0) "\n") (range 1000))))
      (with-open [pack (npk/open (io/file folder "csv.npk"))]
        (npd/write-chunks! pack (map #(ds/select-rows (ds/->dataset (str file) {:key-fn keyword}) (range % (+ % 100))) (range 0 1000 100)))
        (is (= (contents (ds/->dataset (str file) {:key-fn keyword :dataset-name "csv"}))
               (contents (npd/dataset pack))))))))

(deftest columns-and-arrays-go-into-each-other
  (with-pack [pack]
    (let [d (columns :a [1 2 3] :x [1.5 2.5 3.5] :gap [1.0 nil 3.0] :index [2 0 1] :m [1 nil 3])]
      (is (= [1.5 2.0] (vec (:y (ds/->dataset {:y (npk/ndarray [1.5 2.0])})))))
      (is (= :float32 (dtype/elemwise-datatype (:y (assoc d :y (npk/ndarray [1 2 3] {:dtype :float32}))))))
      (npk/save! pack {:a (:a d) :gap (:gap d)})
      (npk/append! pack :a (:a d))
      (npk/replace-rows! pack :a (:a d) (:index d))
      (is (= [2 3 1 1 2 3] (vec (:a pack))))
      (is (= [1 2 3] (vec (npk/select-rows pack :a (:index d)))))
      (is (= [1.0 :nan 3.0] (mapv value (:gap pack))))
      (is (= 2.5 (npk/reduce-axis (:x d) :mean)))
      (is (= [5.0 7.0 9.0] (vec (npk/mul! (npk/add! (:x d) 1) 2)) (vec (:x d))) "in place")
      (is (= [2.0 nil 6.0] (vec (npk/mul! (:gap d) 2))) "missing values stay so")
      (is (= [2 nil 6] (vec (npk/mul! (:m d) 2))))
      (is (= :dtype-mismatch (error-of (npk/save! pack :m (:m d))))))))

(deftest many-threads-read-a-dataset
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a (range 1000) :s (map str (range 1000))))
    (let [d    (npd/dataset pack)
          pool (Executors/newFixedThreadPool 4)]
      (try
        (is (= #{[499500 1000]}
               (set (map deref (doall (repeatedly 8 (fn []
                                                       (.submit pool ^Callable (fn []
                                                                            [(long (dfn/sum (:a d))) (count (distinct (:s d)))])))))))))
        (finally (.shutdown pool))))))

;; others at work

(defn- at-once
  "Runs functions at the same time. Returns what they threw."
  [& fs]
  (remove nil? (mapv deref (mapv #(future (try (%) nil (catch Throwable t t))) fs))))

(deftest appends-at-the-same-time-add-up
  (with-pack [pack]
    (with-open [other (npk/open (.path pack))]
      (npd/save-dataset! pack (columns :s ["z"] :k [-1]))
      (let [work (fn [pack tag] #(dotimes [i 25] (npd/append-dataset! pack (columns :s [(str tag i)] :k [(when (odd? i) i)]))))]
        (is (= [] (at-once (work pack "a") (work other "b"))))
        (is (= (set (cons "z" (for [tag ["a" "b"], i (range 25)] (str tag i)))) (set (:s (npd/dataset pack)))))
        (is (= 26 (count (remove some? (:k (npd/dataset pack))))))))))

(deftest threads-may-share-a-batch
  (with-pack [pack]
    (npd/save-dataset! pack (columns :s ["z"] :k [-1]))
    (npk/with-batch [b pack]
      (let [work (fn [tag] #(dotimes [i 20] (npd/append-dataset! b (columns :s [(str tag i)] :k [(when (odd? i) i)]))))]
        (is (= [] (at-once (work "a") (work "b") #(dotimes [_ 20] (npd/dataset b)))))))
    (is (= (set (cons "z" (for [tag ["a" "b"], i (range 20)] (str tag i)))) (set (:s (npd/dataset pack)))))
    (is (= 20 (count (remove some? (:k (npd/dataset pack))))))))

(deftest a-dataset-belongs-to-one-commit
  (with-pack [pack]
    (let [versions (map #(apply columns %) [[:s ["A0A" "A1A"] :k [1 nil]] [:s [nil "B"] :k [nil 2]] [:s ["" "C"] :k [5 6]]])
          known    (set (map contents versions))
          ended    (atom false)]
      (npd/save-dataset! pack (first versions))
      (let [found (atom #{})
            read  (fn [options]
                    #(dotimes [_ 300] (swap! found conj (contents (npd/dataset pack [:s :k] options)))))]
        (is (= [] (at-once #(try ((read {})) ((read {:copy? true})) (finally (reset! ended true)))
                           #(with-open [other (npk/open (.path pack))]
                              (doseq [d (cycle versions) :while (not @ended)]
                                (npd/save-dataset! other d))))))
        (is (every? known @found))))))

(deftest chunks-follow-what-is-appended-and-saved-again
  (with-pack [pack]
    (npd/save-dataset! pack (columns :s ["a" "b" "c" "d"] :k [1 2 3 4]))
    (let [chunks (npd/dataset-chunks pack nil 2)]
      (is (= ["a" "b"] (vec (:s (nth chunks 0)))))
      (npd/append-dataset! pack (columns :s ["e" nil] :k [nil 6]))
      (is (= ["c" "d"] (vec (:s (nth chunks 1)))))
      (npd/save-dataset! pack (columns :s ["q" "p" "p" "q"] :k [10 20 nil 40]))
      (is (= [["p" "q"] [nil 40]] ((juxt (comp vec :s) (comp vec :k)) (nth chunks 1))))
      (npd/save-dataset! pack (columns :s [1 2 3 4] :k [10 20 30 40]))
      (is (= :conflict (error-of (nth chunks 1))))
      (npd/save-dataset! pack (columns :s ["a"] :k [1]))
      (is (= :conflict (error-of (nth chunks 1)))))
    (npk/save! pack :f [[1.0 2.0] [3.0 4.0] [5.0 6.0]])
    (let [chunks (npd/dataset-chunks pack [:f] 2)]
      (npk/save! pack :f [[1.0 2.0 3.0] [4.0 5.0 6.0] [7.0 8.0 9.0]])
      (is (= :conflict (error-of (nth chunks 0)))))))

;; what other columns are taken for

(deftest columns-named-like-the-arrays-beside-others-are-columns
  (with-pack [pack]
    (let [d (columns :x ["a" "b"] :x.missing [true false] :day [LocalDate/EPOCH LocalDate/EPOCH]
                     :day.strings [1 2] "y" [3 4] "y.missing" [5 6])]
      (npd/save-dataset! pack d)
      (is (= (contents d) (contents (npd/dataset pack))))
      (npd/save-dataset! pack (columns :x ["c" "d"] "y" [7 8]))
      (is (= #{:x.missing :day :day.strings :x "y" "y.missing"} (set (ds/column-names (npd/dataset pack))))))))

(deftest columns-of-an-array-go-back-to-it
  (with-pack [pack]
    (npk/save! pack [[:features (into-array (map float-array [[1 2] [3 4]]))] [:y [0 1]]])
    (npd/save-dataset! pack (assoc (npd/dataset pack) :prediction [7 8]))
    (is (= ["features" "y" "prediction"] (npk/names pack)))
    (is (= [:float32 [[1.0 2.0] [3.0 4.0]]] [(npk/dtype pack :features) (value (:features pack))]))
    (testing "whatever its dtype"
      (npk/save! pack [[:u (npk/ndarray [[18446744073709551615N 2] [3 4]] {:dtype :uint64})] [:b [[true false] [false true]]]])
      (npd/save-dataset! pack (npd/dataset pack [:u :b]))
      (is (= [:uint64 [18446744073709551615N 2]] [(npk/dtype pack :u) (vec (first (npk/load pack :u {:as :ndarray})))]))
      (is (= [[true false] [false true]] (value (:b pack))))
      (npk/save! pack :c (npk/ndarray [[1 2] [3 4]] {:dtype :complex64}))
      (is (= :dtype-mismatch (error-of (npd/save-dataset! pack (npd/dataset pack [:c])))))
      (npk/delete! pack [:u :b :c]))
    (testing "unless only some are there"
      (is (= :invalid-name (error-of (npd/save-dataset! pack (columns :features-1 [5 6]))))))
    (testing "and single columns go into one array and out again"
      (npd/save-dataset! pack (columns :a [1 2] :b [3 4]))
      (npd/save-dataset! pack (columns :a [1 2] :b [3 nil]) {:as :ab})
      (is (= [["features" "y" "prediction" "ab" "ab.missing" "ab.column"]] [(npk/names pack)]))
      (is (= [[:a :int64 [1 2] #{}] [:b :int64 [3 nil] #{1}]] (contents (npd/dataset pack :ab))))
      (testing "and take tensors"
        (npd/append-dataset! pack (columns :features [[5 6] [7 8]] :y [2 3] :prediction [9 9] :ab [[7 8] nil]))
        (is (= [[:a :int64 [1 2 7 nil] #{3}] [:b :int64 [3 nil 8 nil] #{1 3}]] (contents (npd/dataset pack :ab))))))))

(defn- objects [name values]
  (ds-col/new-column #:tech.v3.dataset{:name name, :data (dtype/make-container :object values), :force-datatype? true
                                       :missing (keep-indexed (fn [i x] (when (nil? x) i)) values)}))

(deftest objects-of-one-class-are-columns-of-their-dtype
  (let [d (ds/new-dataset [(objects :b [true nil false]) (objects :n [1 2 nil]) (objects :t [moment nil moment])])]
    (is (= [:object :object :object] (map second (contents d))))
    (is (= [[:b :boolean [true nil false] #{1}] [:n :int64 [1 2 nil] #{2}] [:t :instant [moment nil moment] #{1}]] (first (round-trip d)))))
  (with-pack [pack]
    (is (= :dtype-mismatch (error-of (npd/save-dataset! pack (ds/new-dataset [(objects :b [true 1])])))))))

(deftest values-of-another-kind-are-not-taken-for-the-array-s
  (with-pack [pack]
    (npd/save-dataset! pack (columns :b [true false] :n [1 2] :t (dtype/make-container :packed-instant [moment moment])))
    (let [good (columns :b [true] :n [3] :t [moment])]
      (are [d] (= :dtype-mismatch (error-of (npd/append-dataset! pack d)))
        (assoc good :b [1])
        (assoc good :n [true])
        (assoc good :t (dtype/make-container :packed-duration [(Duration/ofDays 1)])))
      (npd/append-dataset! pack (assoc good :t (dtype/make-container :packed-milli-instant [(Instant/ofEpochMilli 1767225600000)])))
      (is (= (Instant/ofEpochMilli 1767225600000) (last (:t (npd/dataset pack))))))
    (testing "such as numbers that stand for other categories"
      (let [numbers #(ds/categorical->number (columns :s %) [:s])]
        (npd/save-dataset! pack (numbers ["a" "b"]))
        (npk/delete! pack (remove #{"s" "s.column"} (npk/names pack)))
        (is (= :dtype-mismatch (error-of (npd/append-dataset! pack (numbers ["b" "c"])))))
        (npd/append-dataset! pack (numbers ["a" "b"]))
        (is (= [0 1 0 1] (vec (:s (npd/dataset pack)))))))
    (testing "and two columns of one name"
      (is (= :invalid-name (error-of (npd/append-dataset! pack (columns :s [1] "s" [2]))))))))

(deftest a-column-without-values-so-far-becomes-what-comes
  (with-pack [pack]
    (npd/write-chunks! pack [(columns :n [nil nil] :s [nil nil] :v [nil nil] :k [1 2])
                             (columns :n [1 nil] :s ["a" "b"] :v [[1 2] [3 4]] :k [3 4])
                             (columns :n [0 2] :s [nil "a"] :v [nil [5 6]] :k [5 6])])
    (is (= [[:n :int64 [nil nil 1 nil 0 2] #{0 1 3}] [:s :string [nil nil "a" "b" nil "a"] #{0 1 4}]
            [:v :object [nil nil [1 2] [3 4] nil [5 6]] #{0 1 4}] [:k :int64 [1 2 3 4 5 6] #{}]]
           (contents (npd/dataset pack))))
    (npd/write-chunks! pack [(columns :n (dtype/make-container :int16 [1 2]) :m [1 2]) (columns :n [3 4] :m [3 4])])
    (npd/write-chunks! pack [(ds/new-dataset [(ds-col/new-column :n (long-array 2) {} [0 1])]) (columns :n [1.5 nil])])
    (is (= [nil nil 1.5 nil] (vec (:n (npd/dataset pack :n)))))))

(deftest unsigned-64-bits-and-columns-computed-only-where-nothing-is-missing-are-saved
  (with-pack [pack]
    (npk/save! pack :u (npk/ndarray [18446744073709551615N 5] {:dtype :uint64}))
    (npd/save-dataset! pack (ds/select-rows (npd/dataset pack) [1 0]))
    (is (= [5 18446744073709551615N] (seq (npk/load pack :u))))
    (let [d (columns :s ["1" nil])
          c (ds/new-dataset [#:tech.v3.dataset{:name :n, :data (dtype/emap #(Long/parseLong %) :int64 (:s d)),
                                               :missing [1], :force-datatype? true}])]
      (npd/save-dataset! pack c)
      (is (= [1 nil] (vec (:n (npd/dataset pack :n))))))))

(deftest copied-columns-can-be-written-to-and-others-refuse-by-name
  (with-pack [pack]
    (npd/save-dataset! pack (columns :s ["x" nil] :k [:a :b] :n [1 nil] :t [(LocalDateTime/of 2026 1 1 0 0) nil] :c [\a nil]))
    (let [d (npd/dataset pack {:copy? true})]
      (doseq [[name x] {:s "new" :k :new :n 7 :t (LocalDateTime/of 2027 1 1 0 0) :c \z}]
        (dtype/set-value! (d name) 1 x)
        (is (= x (second (d name))))))
    (let [d (npd/dataset pack)]
      (doseq [[name x] {:s "new" :k :new :n 7 :t (LocalDateTime/of 2027 1 1 0 0) :c \z}]
        (if (= :n name)
          (is (throws? #(dtype/set-value! (d name) 0 x)))
          (is (= :read-only (error-of (dtype/set-value! (d name) 0 x))) name))))))

(deftest a-tensor-hides-no-value-of-a-row-in-which-another-is-missing
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1 nil 5] :b [nil nil 6]) {:as :f})
    (is (= :dtype-mismatch (error-of (npd/dataset pack :f {:tensor-columns :f}))))
    (npd/save-dataset! pack (columns :a [1 nil 5] :b [2 nil 6]) {:as :f})
    (is (= [[:f :object [[1 2] nil [5 6]] #{1}]] (contents (npd/dataset pack {:tensor-columns :f}))))
    (npd/save-dataset! pack (columns :a [1.5 nil] :b [nil 2.5]) {:as :f})
    (is (= [[1.5 :nan] [:nan 2.5]] (mapv #(mapv value (dtype/->reader %)) (:f (npd/dataset pack {:tensor-columns :f})))))))

(deftest a-column-whose-mask-is-too-short-is-not-appended-to
  (with-pack [pack]
    (npd/save-dataset! pack (columns :m [1 nil]))
    (npk/append! pack :m [7])
    (is (= :out-of-step (error-of (npd/append-dataset! pack (columns :m [8])))))
    (npk/append! pack :m.missing [false])
    (is (= :out-of-step (error-of (npd/append-dataset! pack (columns :m [8])))))
    (npk/save! pack :m.column (npk/load pack :m.column))
    (npd/append-dataset! pack (columns :m [8 nil]))
    (is (= [1 nil 7 8 nil] (vec (:m (npd/dataset pack)))))))

(deftest the-array-named-by-as-is-replaced-by-any-columns
  (with-pack [pack]
    (npd/save-dataset! pack (columns :a [1] :b [2] :c [3]) {:as :f})
    (is (= :invalid-name (error-of (npd/save-dataset! pack (columns :a [1] :b [2])))))
    (npd/save-dataset! pack (columns :a [1 2] :d [3 4]) {:as :f})
    (is (= [[:a :int64 [1 2] #{}] [:d :int64 [3 4] #{}]] (contents (npd/dataset pack))))
    (npd/write-chunks! pack [(columns :e [7])] {:as :f})
    (is (= [[:e :int64 [7] #{}]] (contents (npd/dataset pack))))))

(deftest nil-is-a-missing-value-wherever-it-comes-from
  (let [d (ds/ensure-array-backed (columns :b [true nil] :d [(LocalDate/of 2020 1 1) nil] :s ["x" nil] :k [:a nil]))]
    (is (= [[:b [true nil] #{1}] [:d [(LocalDate/of 2020 1 1) nil] #{1}] [:s ["x" nil] #{1}] [:k [:a nil] #{1}]]
           (map (fn [[name _dtype values missing]] [name values missing]) (first (round-trip d)))))))

(deftest an-empty-string-is-a-value-unless-it-is-missing
  (with-pack [pack]
    (npd/save-dataset! pack (ds/new-dataset [(objects :s ["" "a" nil])]))
    (is (= [[["" "a" nil] #{2}]] (map (partial drop 2) (contents (npd/dataset pack)))))))

(deftest columns-without-any-value-can-be-copied
  (with-pack [pack]
    (doseq [dtype [:decimal :zoned-date-time :persistent-map :persistent-vector :string :text :char :keyword :local-date :duration]]
      (npd/save-dataset! pack (assoc (ds/new-dataset []) :x (ds-col/new-column :x (dtype/make-container dtype 2) {} [0 1])))
      (is (= [nil nil] (vec (:x (npd/dataset pack))) (vec (:x (npd/dataset pack {:copy? true})))) dtype)
      (is (= dtype (dtype/elemwise-datatype (:x (npd/dataset pack)))) dtype))))

(deftest a-writable-batch-goes-on-with-the-rows-it-began-with
  (with-pack [pack]
    (npd/save-dataset! pack (columns :i [0 1 2] :k [4 5 6] :s ["a" nil "c"]))
    (npk/with-writable-batch [w pack]
      (npk/load w :i)
      @(future (npd/append-dataset! pack (columns :i [3] :k [7] :s ["d"])))
      (is (= [[:i :int64 [0 1 2] #{}] [:k :int64 [4 5 6] #{}] [:s :string ["a" nil "c"] #{1}]]
             (contents (npd/dataset w)) (contents (npd/dataset w {:copy? true}))))
      (is (= [2 1] (mapv ds/row-count (npd/dataset-chunks w nil 2))))
      (dtype/set-value! (:i (npd/dataset w)) 0 7))
    (is (= [[7 1 2 3] [4 5 6 7]] (map vec ((juxt :i :k) (npd/dataset pack)))))
    (npk/with-writable-batch [w pack]
      (npk/load w :i)
      @(future (npd/append-dataset! pack (columns :i [4] :k [8] :s ["e"])))
      @(future (npk/drop-rows! pack ["i" "k" "s" "s.missing"] 0))
      (is (= :conflict (error-of (npd/dataset w)) (error-of (npd/dataset w {:copy? true})) (error-of (npd/dataset-chunks w nil 2))))
      (is (= [7 1 2 3] (vec (:i (npd/dataset w :i))))))
    (npk/save! pack :other [1 2 3 4 5])
    (is (= :shape-mismatch (error-of (npk/with-writable-batch [w pack] (npd/dataset w)))))))

(deftest columns-are-selected-by-their-own-names-and-whatever-else-is-damaged
  (with-pack [pack]
    (npd/save-dataset! pack (columns :z/a [1] :b [2]))
    (is (= [[:z/a :int64 [1] #{}]] (contents (npd/dataset pack :z/a)) (contents (npd/dataset pack [:z/a]))))
    (npk/save! pack :b.column (.getBytes "#numpack/column x") {:dtype :uint8})
    (is (= [:z/a] (ds/column-names (npd/dataset pack [:z/a]))))
    (is (= :corrupt-pack (error-of (npd/dataset pack)) (error-of (npd/dataset pack :b))))))

(deftest the-call-that-an-error-prints-works-also-where-names-collide
  (with-pack [pack]
    (npk/save! pack [[:x [[1 2] [3 4]]] [:x-0 [1 2]] [:z [5 6]] [:y [1 2 3]]])
    (let [message (try (npd/dataset pack) (catch numpack.ShapeMismatchException e (ex-message e)))
          call    (re-find #"\[:x[^\]]*\]" message)]
      (is (= [:x-0 :x-1 :z] (ds/column-names (npd/dataset pack (read-string call))))))))

(deftest a-complex-array-is-not-made-real-by-saving-its-tensors
  (with-pack [pack]
    (npk/save! pack :c (npk/ndarray [[1 2]] {:dtype :complex64}))
    (is (= :dtype-mismatch (error-of (npd/save-dataset! pack (npd/dataset pack :c {:tensor-columns true})))
           (error-of (npd/save-dataset! pack (npd/dataset pack :c)))))
    (is (= :complex64 (npk/dtype pack :c)))))

(deftest write-chunks-says-who-was-first
  (with-pack [pack]
    (npk/save! pack :a [0])
    (let [e (try
              (npd/write-chunks! pack (map (fn [i]
                                             (when (= 1 i) @(future (npk/append! pack :a [7])))
                                             (columns :a [i]))
                                           '(0 1)))
              (catch numpack.ConflictException e e))]
      (is (= [:conflict "a"] ((juxt :numpack/error :array) (ex-data e))))
      (is (str/includes? (ex-message e) "Begin again")))
    (is (= [0 7] (vec (npk/load pack :a))))
    (are [datasets options] (= :invalid-option (error-of (npd/write-chunks! pack datasets options)))
      [(columns :a [1])] {:progress 5}
      (columns :a [1])   {}
      7                  {})))

;; the guide, and the docstrings

(deftest every-public-function-has-a-docstring-with-an-example-that-works
  (is (= '#{dataset dataset-chunks save-dataset! append-dataset! write-chunks!} (set (keys (ns-publics 'numpack.dataset)))))
  (run-docstrings 'numpack.dataset '[[numpack.core :as npk] [numpack.dataset :as npd] [tech.v3.dataset :as ds]
                                     [tech.v3.datatype.functional :as dfn]]))

(deftest the-guide-is-right
  (run-guide "doc/datasets.md" 11))

(deftest python-reads-columns-as-the-guide-says
  (if-let [python (System/getenv "NUMPACK_PYTHON")]
    (with-folder [folder]
      (with-open [pack (npk/open (io/file folder "flowers.npk"))]
        (npd/save-dataset! pack (columns :n [3 nil 2] :on [(LocalDate/of 2026 3 1) nil (LocalDate/of 2026 3 3)] :city ["Oslo" nil "Røros"]
                                          :at [(Instant/parse "2026-03-01T00:00:01.000005Z") nil (Instant/ofEpochSecond 0)]
                                          :took [(Duration/ofNanos 1500000007) nil (Duration/ofDays 1)]
                                          :clock [(LocalTime/of 0 0 1 5000) nil (LocalTime/of 1 0)]
                                          :ms (dtype/make-container :packed-milli-instant
                                                                   [(Instant/ofEpochMilli 1500) nil (Instant/ofEpochMilli -1)]))))
      (let [script (str "import numpy, numpack\n" (str/join (python-blocks "doc/datasets.md" folder))
                        "print(n.tolist(), days.astype(str).tolist(), city.tolist())\n"
                        "with numpack.NumPack(" (pr-str (str (io/file folder "flowers.npk"))) ") as pack:\n"
                        "    print(list(map(str, pack.load('at').astype('datetime64[us]'))),\n"
                        "          list(map(str, pack.load('took').astype('timedelta64[ns]'))),\n"
                        "          list(map(str, pack.load('clock').astype('timedelta64[us]')[[0, 2]])),\n"
                        "          list(map(str, pack.load('ms').astype('datetime64[ms]')[[0, 2]])))\n")
            {:keys [out err]} (shell/sh python "-c" script :env {"PYTHONIOENCODING" "utf-8"})]
        (is (= ["[3, None, 2] ['2026-03-01', 'NaT', '2026-03-03'] ['Oslo', '', 'Røros']"
                (str "['2026-03-01T00:00:01.000005', 'NaT', '1970-01-01T00:00:00.000000'] "
                     "['1500000007 nanoseconds', 'NaT', '86400000000000 nanoseconds'] "
                     "['1000005 microseconds', '3600000000 microseconds'] ['1970-01-01T00:00:01.500', '1969-12-31T23:59:59.999']")]
               (str/split-lines (str/trim out)))
            err)))
    (skips/note "numpack.dataset-test/python-reads-columns-as-the-guide-says" "NUMPACK_PYTHON does not name a Python with NumPack 0.7.0")))

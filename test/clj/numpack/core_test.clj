(ns numpack.core-test
  (:require [clojure.datafy :as datafy]
            [clojure.java.io :as io]
            [clojure.pprint :as pprint]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [numpack.core :as npk]
            [numpack.guides :refer [run-docstrings]]
            [numpack.scratch :refer [elements error error-of nested run-clojure with-folder with-odd-pack with-pack]])
  (:import [java.io StringWriter]
           [numpack ArrayNotFoundException NDArray NumPack Rows]))

(def dtype-next? (some? (io/resource "tech/v3/datatype.clj")))

(def design
  '#{open close names info exists? shape dtype save! load lazy create! append! delete! rename! compact! sync!
     select-rows chunks replace-rows! drop-rows! with-batch with-writable-batch call-with-batch call-with-writable-batch
     batch writable-batch commit! discard! changes ndarray zeros reshape mget mset! add! sub! mul! div! pow! clip! fill!
     map! reduce-axis})

(deftest the-public-vars-are-those-of-the-design
  (is (= design (set (keys (ns-publics 'numpack.core)))))
  (is (<= (count design) 50)))

;; docstrings

(defn- docs []
  (for [[sym v] (sort-by key (ns-publics 'numpack.core))]
    [sym (:doc (meta v))]))

(deftest every-public-var-has-a-docstring-with-an-example-that-works
  (run-docstrings 'numpack.core '[[numpack.core :as npk]]))

(deftest docstrings-begin-with-a-sentence-and-name-what-is-thrown
  (doseq [[sym doc] (docs)]
    (testing sym
      (is (re-find #"(?s)\A[A-Z(].*?[.:]" doc))))
  (doseq [sym '[open load lazy select-rows chunks save! create! append! replace-rows! drop-rows! delete! rename! compact!
                batch writable-batch call-with-batch call-with-writable-batch commit! discard! changes ndarray zeros reshape
                mget mset! add! map! reduce-axis shape dtype info sync!]]
    (is (re-find #"Throws " (:doc (meta (ns-resolve 'numpack.core sym)))) sym)))

;; opening

(deftest a-pack-that-does-not-exist-is-empty-and-appears-with-the-first-save
  (with-folder [folder]
    (let [path (io/file folder "new.npk")]
      (with-open [pack (npk/open path)]
        (is (= [] (npk/names pack)))
        (is (not (.exists path)))
        (npk/save! pack :x [1])
        (is (.exists path)))
      (is (= :pack-not-found (error-of (npk/open (io/file folder "none.npk") {:create? false})))
          ":create? false")
      (is (= :pack-not-found (error-of (npk/open (io/file folder "none.npk") {:read-only? true})))
          ":read-only?"))))

(deftest a-pack-opens-by-string-file-and-path
  (with-folder [folder]
    (doseq [path [(str folder "/p.npk") (io/file folder "p.npk") (.toPath (io/file folder "p.npk"))]]
      (with-open [pack (npk/open path)]
        (npk/save! pack :x [1 2])
        (is (= ["x"] (npk/names pack)))))
    (is (= :invalid-option (error-of (npk/open nil))))
    (is (= :invalid-option (error-of (npk/open 7))))))

(deftest options-are-a-map-or-keyword-arguments
  (with-pack [pack]
    (let [path (.path pack)]
      (doseq [^NumPack again [(npk/open path {:read-only? true}) (npk/open path :read-only? true)
                              (npk/open path :read-only? false {:read-only? true})]]
        (is (.isReadOnly again))
        (is (= :read-only (error-of (npk/save! again :x [1]))))
        (npk/close again))
      (is (= :float32 (npk/dtype (npk/load pack :labels :dtype :float32))
             (npk/dtype (npk/load pack :labels {:dtype :float32}))))
      (npk/save! pack :a [1 2] :dtype :uint8)
      (npk/save! pack {:b [1 2]} :dtype :uint8)
      (npk/save! pack {:c [1 2]} {:dtype :uint8})
      (is (= [:uint8 :uint8 :uint8] (map #(npk/dtype pack %) [:a :b :c]))))))

(deftest an-unknown-option-is-an-error-that-lists-the-valid-ones
  (with-pack [pack]
    (are [valid call] (let [[kind message] (error (fn [] call))]
                        (and (= :invalid-option kind) (str/includes? message valid)))
      ":create?, :drop-if-exists?" (npk/open (.path pack) {:readonly? true})
      ":dtype, :as"                (npk/load pack :labels {:type :float32})
      "its options are :as"        (npk/lazy pack :labels {:dtype :float32})
      "its options are :as"        (npk/select-rows pack :labels 0 {:dtype :float32})
      "its options are :as"        (npk/chunks pack :labels 1 {:dtype :float32})
      "its options are :dtype"     (npk/save! pack :labels [1] {:type :float32})
      "its options are :dtype"     (npk/save! pack {:labels [1]} {:type :float32})
      "it has no options"          (npk/append! pack :labels [1] {:dtype :int64})
      "it has no options"          (npk/replace-rows! pack :labels [1] 0 {:dtype :int64})
      ":shape, :dtype"             (npk/create! pack :new {:size 3})
      "needs the option :shape"    (npk/create! pack :new {:dtype :int8})
      ":memory-limit, :on-error"   (npk/batch pack {:limit 3})
      ":memory-limit, :on-error"   (npk/with-batch [_ pack {:limit 3}])
      ":sync?, :as"                (npk/writable-batch pack {:memory-limit 3})
      ":sync?, :as"                (npk/with-writable-batch [_ pack {:memory-limit 3}])
      ":dtype, :shape"             (npk/ndarray [1] {:type :int8})
      "its options are :dtype"     (npk/zeros 3 {:type :int8})
      "its options are :axis"      (npk/reduce-axis [1] :sum {:axes 0})
      ":process, :power"           (npk/open (.path pack) {:durability :disk})
      ":commit, :discard"          (npk/open (.path pack) {:on-error :ignore})
      ":commit, :discard"          (npk/batch pack {:on-error :ignore})
      ":fail, :overwrite"          (npk/batch pack {:on-conflict :ignore})
      "1GB"                        (npk/batch pack {:memory-limit "much"})
      "1GB"                        (npk/batch pack {:memory-limit 1.5})
      "0 bytes or more"            (npk/batch pack {:memory-limit -1})
      ":auto, :tensor, :ndarray"   (npk/load pack :labels {:as :vector})
      "options were expected"      (npk/save! pack :labels [1] :dtype)
      "options were expected"      (npk/save! pack :labels [1] "x" 1))
    (is (= {:features [[1.0 2.0] [3.0 4.0] [5.0 6.0]] :labels [0 1 1]} (elements pack)))))

(deftest a-tensor-without-dtype-next-names-the-dependency
  (when-not dtype-next?
    (with-pack [pack]
      (doseq [call [#(npk/open (.path pack) {:as :tensor}) #(npk/load pack :labels {:as :tensor})
                    #(npk/batch pack {:as :tensor}) #(npk/writable-batch pack {:as :tensor})]]
        (let [[kind message] (error call)]
          (is (= :invalid-option kind))
          (is (str/includes? message "cnuernber/dtype-next")))))))

(deftest as-hands-out-an-ndarray
  (with-pack [pack {:as :ndarray}]
    (doseq [as (if dtype-next? [:ndarray] [:auto :ndarray])]
      (is (instance? NDArray (npk/load pack :labels {:as as})))
      (is (instance? NDArray (npk/lazy pack :labels {:as as})))
      (is (instance? NDArray (npk/select-rows pack :labels 0 {:as as})))
      (is (instance? NDArray (first (npk/chunks pack :labels 2 {:as as})))))
    (is (instance? NDArray (:labels pack)))))

(deftest drop-if-exists-starts-empty
  (with-pack [pack]
    (let [path (.path pack)]
      (npk/close pack)
      (with-open [pack (npk/open path {:drop-if-exists? true})]
        (is (= [] (npk/names pack)))))))

(deftest a-closed-pack-says-so
  (with-pack [pack]
    (let [lazy (:labels pack)]
      (is (nil? (npk/close pack)))
      (is (nil? (npk/close pack)))
      (is (= :pack-closed (error-of (npk/names pack)) (error-of (:labels pack)) (error-of (npk/save! pack :x [1]))
             (error-of (npk/with-batch [_ pack]))))
      (is (= [0 1 1] (seq lazy)) "lazy arrays stay")
      (is (str/includes? (pr-str pack) "closed")))))

(deftest what-is-no-pack-is-refused-by-name
  (doseq [call [#(npk/names "data.npk") #(npk/load nil :x) #(npk/save! {} :x [1]) #(npk/with-batch [b "data.npk"] b)
                #(npk/with-writable-batch [b nil] b) #(npk/sync! 1) #(npk/close "data.npk") #(npk/commit! nil)]]
    (is (= :invalid-option (first (error call))))))

;; names

(deftest names-are-strings-keywords-and-symbols
  (with-pack [pack]
    (npk/save! pack {"a" [1] :b [2] 'c [3]})
    (is (= ["features" "labels" "a" "b" "c"] (npk/names pack)))
    (is (vector? (npk/names pack)))
    (doseq [n [:a "a" 'a]]
      (is (= [1] (seq (npk/load pack n)) (seq (get pack n)) (seq (npk/lazy pack n)))))))

(deftest a-namespaced-keyword-is-an-invalid-name
  (with-pack [pack]
    (doseq [call [#(npk/load pack :user/labels) #(:user/labels pack) #(get pack 'user/labels) #(npk/save! pack {:user/x [1]})
                  #(npk/save! pack :user/x [1]) #(npk/exists? pack :user/labels) #(npk/delete! pack [:user/labels])
                  #(npk/rename! pack :labels :user/x) #(npk/shape pack :user/labels) #(npk/load pack 7) #(npk/load pack nil)
                  #(npk/save! pack {"" [1]}) #(npk/save! pack {"a/b" [1]}) #(npk/save! pack {:a [1] "a" [2]})]]
      (is (= :invalid-name (first (error call)))))
    (is (= ["features" "labels"] (npk/names pack)))))

(deftest a-missing-array-throws-and-with-a-default-gives-it
  (with-pack [pack]
    (is (thrown-with-msg? ArrayNotFoundException #"labels" (:label pack)) "names a near one")
    (is (= :none (get pack :label :none) (:label pack :none)))
    (is (nil? (get pack :label nil)))
    (is (false? (npk/exists? pack :label)))
    (is (true? (npk/exists? pack :labels)))
    (doseq [f [#(npk/load % :x) #(npk/lazy % :x) #(npk/info % :x) #(npk/shape % :x) #(npk/dtype % :x) #(npk/chunks % :x 1)
               #(npk/chunks % [:labels :x] 1) #(npk/select-rows % :x 0) #(npk/append! % :x [1]) #(npk/replace-rows! % :x [1] 0)
               #(npk/drop-rows! % :x 0) #(npk/delete! % :x) #(npk/rename! % :x :y) #(npk/compact! % :x)]]
      (is (= :array-not-found (error-of (f pack))))
      (is (= :array-not-found (error-of (npk/with-batch [b pack] (f b))))))))

;; reading

(deftest info-is-a-map-and-of-a-pack-a-vector-of-maps-in-order
  (with-pack [pack]
    (let [features (npk/info pack :features)]
      (is (= [:name :dtype :shape :rows :size :nbytes :deleted-rows :segmented? :last-modified :recovered? :mapped? :read-only?]
             (keys features)))
      (is (= {:name "features" :dtype :float32 :shape [3 2] :rows 3 :size 6 :nbytes 24 :deleted-rows 0 :segmented? false
              :recovered? false :mapped? false :read-only? false}
             (dissoc features :last-modified)))
      (is (inst? (:last-modified features)))
      (is (= [features (npk/info pack :labels)] (npk/info pack)))
      (is (vector? (npk/info pack)))
      (is (str/includes? (with-out-str (pprint/print-table (npk/info pack))) "|   labels |")))
    (is (= {:dtype :float32 :shape [3 2] :rows 3 :size 6 :nbytes 24 :mapped? true :read-only? true}
           (npk/info (:features pack))))
    (is (= {:dtype :float32 :shape [3 2] :rows 3 :size 6 :nbytes 24 :mapped? false :read-only? false}
           (npk/info (npk/load pack :features))))
    (npk/drop-rows! pack :features 1)
    (is (= [2 1 [2 2]] ((juxt :rows :deleted-rows :shape) (npk/info pack :features))))))

(deftest an-array-that-cannot-be-used-has-a-fault-and-closes-nothing-else
  (with-odd-pack [pack]
    (is (= #{"" "scalar" "good"} (set (npk/names pack))))
    (is (= {"good" nil, "" "its name is empty", "scalar" "it has no axis"}
           (into {} (map (juxt :name #(some->> (:fault %) (re-find #"[^,]+")))) (npk/info pack))))
    (is (= [[] :float64 8] ((juxt :shape :dtype :nbytes) (npk/info pack :scalar))))
    (is (not (contains? (npk/info pack :good) :fault)))
    (is (= :unsupported-array (error-of (:scalar pack)) (error-of (get pack "")) (error-of (npk/load pack ""))))
    (is (= 3 (count pack) (count (seq pack)) (count (keys pack))))
    (is (str/includes? (pr-str pack) "| good   | float32 | [3 2] |"))
    (is (= [[0.0 1.0] [2.0 3.0] [4.0 5.0]] (nested (:good pack))))
    (npk/drop-rows! pack :good 0)
    (is (= 0 (:deleted-rows (npk/info (npk/compact! pack) :good))))
    (is (= [[0 1] [4 5] [6 7] [8 9]] (nested (:named (npk/rename! pack "" :named)))))
    (is (= [3.5] (nested (:scalar (npk/save! pack :scalar [3.5])))))
    (is (= [] (npk/names (npk/delete! pack (npk/names pack))))))
  (with-odd-pack [pack]
    (is (= [] (npk/names (npk/delete! pack (npk/names pack)))))))

(deftest shape-and-dtype-of-arrays-and-of-names
  (with-pack [pack]
    (is (= [3 2] (npk/shape pack :features) (npk/shape (:features pack))))
    (is (= :float32 (npk/dtype pack :features) (npk/dtype (:features pack))))
    (npk/with-batch [b pack]
      (is (= [3 2] (npk/shape b :features)))
      (is (= :int64 (npk/dtype b :labels))))
    (are [dtype shape data] (= [dtype shape] [(npk/dtype data) (npk/shape data)])
      :float32 [3]   (float-array 3)
      :boolean [2]   [true false]
      :boolean [2]   (boolean-array 2)
      :int8    [2]   (byte-array 2)
      :float64 [2 3] (make-array Double/TYPE 2 3)
      :int64   [2 2] '((1 2) (3 4))
      :float64 [0]   [])))

(deftest dtypes-are-keywords-with-the-names-of-dtype-next
  (with-pack [pack]
    (doseq [dtype [:boolean :uint8 :uint16 :uint32 :uint64 :int8 :int16 :int32 :int64 :float16 :float32 :float64]]
      (npk/save! pack :x [1 0] {:dtype (if (= :boolean dtype) :uint8 dtype)})
      (npk/create! pack :z {:shape [2] :dtype dtype})
      (is (= dtype (npk/dtype pack :z)))
      (is (= [2] (npk/shape pack :z)))
      (npk/delete! pack :z))
    (npk/save! pack :c [[1 2] [3 4]] {:dtype :complex64})
    (is (= [[1.0 2.0] [3.0 4.0]] (map #(npk/mget (:c pack) %) [0 1])))
    (doseq [dtype [:bool :boolean "bool" 'boolean]]
      (is (= :boolean (npk/dtype (npk/zeros 2 {:dtype dtype})))))
    (is (= :dtype-mismatch (error-of (npk/zeros 2 {:dtype :float})) (error-of (npk/zeros 2 {:dtype :user/float32}))
           (error-of (npk/zeros 2 {:dtype 7}))))))

(deftest load-is-an-independent-copy-and-lazy-a-read-only-view
  (with-pack [pack]
    (let [copy (npk/load pack :features)
          view (npk/lazy pack :features)]
      (npk/mul! copy 10)
      (is (= [[1.0 2.0] [3.0 4.0] [5.0 6.0]] (nested view)))
      (is (= :read-only (error-of (npk/mul! view 2)) (error-of (npk/mset! (:features pack) 0 0 1))))
      (is (= :float64 (npk/dtype (npk/load pack :features {:dtype :float64})))))))

(deftest rows-are-selected-by-number-sequence-range-array-and-mask
  (with-pack [pack]
    (doseq [source-of [(fn [f] (f pack)) (fn [f] (npk/with-batch [b pack] (f b))) (fn [f] (npk/with-writable-batch [w pack] (f w)))]]
      (are [expected rows] (= expected (source-of (fn [s] (nested (npk/select-rows s :features rows)))))
        [[3.0 4.0]]                      1
        [[5.0 6.0]]                      -1
        [[5.0 6.0]]                      (int 2)
        [[5.0 6.0] [1.0 2.0] [5.0 6.0]]  [2 0 -1]
        [[5.0 6.0] [1.0 2.0]]            '(2 0)
        [[3.0 4.0] [5.0 6.0]]            (range 1 3)
        [[1.0 2.0] [5.0 6.0]]            (range 0 3 2)
        [[5.0 6.0] [3.0 4.0]]            (range 2 0 -1)
        [[3.0 4.0] [5.0 6.0]]            (range -2 0)
        [[3.0 4.0]]                      (map inc [0])
        []                               []
        []                               (range 0)
        [[3.0 4.0]]                      #{1}
        [[3.0 4.0] [1.0 2.0]]            (long-array [1 0])
        [[3.0 4.0] [1.0 2.0]]            (int-array [1 0])
        [[1.0 2.0] [5.0 6.0]]            [true false true]
        [[1.0 2.0] [5.0 6.0]]            (map odd? [1 2 3])
        [[1.0 2.0] [5.0 6.0]]            (boolean-array [true false true])
        [[1.0 2.0] [5.0 6.0]]            (npk/ndarray [true false true])
        [[5.0 6.0] [1.0 2.0]]            (npk/ndarray [2 0])
        [[5.0 6.0]]                      (npk/ndarray [2] {:dtype :uint8})
        [[3.0 4.0]]                      (Rows/of (long-array [1]))))
    (doseq [rows [3 -4 [0 3] (range 4) (long-array [3])]]
      (is (thrown? IndexOutOfBoundsException (npk/select-rows pack :features rows))))
    (is (= :shape-mismatch (error-of (npk/select-rows pack :features [true]))))
    (doseq [rows [nil 1.0 [1.0] [0 nil] [true 1 false] [0 true] "0" {0 1} [[0]]]]
      (is (= :invalid-option (error-of (npk/select-rows pack :features rows))) (pr-str rows)))))

;; chunks

(deftest chunks-are-counted-indexed-and-reducible
  (with-pack [pack]
    (npk/save! pack :x (range 10))
    (let [chunks (npk/chunks pack :x 4)]
      (is (= 3 (count chunks)))
      (is (= [[0 1 2 3] [4 5 6 7] [8 9]] (map nested chunks) (into [] (map nested) chunks)))
      (is (= [8 9] (nested (nth chunks 2))))
      (is (= :none (nth chunks 3 :none)))
      (is (= ["#<Chunks of :x, 3 chunks>" "#<Chunks of [:x], 1 chunk>"] (map pr-str [chunks (npk/chunks pack [:x] 10)])))
      (is (= 45 (transduce (map #(npk/reduce-axis % :sum)) + chunks)
             (reduce + (pmap #(npk/reduce-axis % :sum) chunks))
             (reduce (fn [sum chunk] (+ sum (npk/reduce-axis chunk :sum))) 0 chunks)))
      (is (= [[0 4] [4 8] [8 10]] (map (comp :numpack/rows meta) chunks)))
      (is (= [0 4 8] (let [seen (atom [])]
                       (doseq [chunk chunks]
                         (swap! seen conj (npk/mget chunk 0)))
                       @seen)))
      (is (str/includes? (str chunks) "3 chunks")))
    (npk/save! pack :empty [])
    (let [chunks (npk/chunks pack :empty 4)]
      (is (= [0 nil 0] [(count chunks) (seq chunks) (reduce + 0 chunks)])))))

(deftest chunks-are-read-one-by-one-and-reduced-stops-the-reading
  (with-pack [pack]
    (npk/save! pack :x (range 100))
    (let [rows-of (comp :numpack/rows meta)
          seen    (atom [])
          chunks  (npk/chunks pack :x 1)]
      (is (= :done (reduce (fn [_ chunk] (swap! seen conj (rows-of chunk)) (if (= 2 (count @seen)) (reduced :done) nil)) nil chunks)))
      (is (= [[0 1] [1 2]] @seen))
      (is (= [0 1] (nested (first (into [] (take 1) (npk/chunks pack :x 2)))))))
    (let [chunks (npk/chunks pack :x 1)
          first-of (seq chunks)]
      (is (= [0] (nested (first first-of))))
      (npk/replace-rows! pack :x [77] 1)
      (is (= [77] (nested (second first-of))) "the next chunk had not been read")
      (npk/close pack)
      (is (= [2] (nested (nth first-of 2))) "chunks outlive the pack, as lazy arrays do"))))

(deftest chunks-of-several-arrays-go-in-lockstep
  (with-pack [pack]
    (let [chunks (npk/chunks pack [:features "labels"] 2)]
      (is (= [[[[1.0 2.0] [3.0 4.0]] [0 1]] [[[5.0 6.0]] [1]]]
             (for [{:keys [features] :strs [labels]} chunks] [(nested features) (nested labels)])))
      (is (= [[0 2] [2 3]] (map (comp :numpack/rows meta) chunks) (map (comp :numpack/rows meta :features) chunks))))
    (npk/append! pack :labels [5])
    (is (= :shape-mismatch (error-of (npk/chunks pack [:features :labels] 2)) (error-of (npk/chunks pack [] 2))))
    (is (= :invalid-option (error-of (npk/chunks pack :labels 0))))))

(deftest chunks-are-writable-views-in-a-writable-batch-and-copies-elsewhere
  (with-pack [pack]
    (doseq [chunk (npk/chunks pack :features 2)]
      (npk/mul! chunk 10))
    (npk/with-batch [b pack]
      (run! #(npk/mul! % 10) (npk/chunks b :features 2)))
    (is (= [[1.0 2.0] [3.0 4.0] [5.0 6.0]] (:features (elements pack))))
    (npk/with-writable-batch [w pack]
      (doseq [chunk (npk/chunks w :features 2)]
        (npk/mul! chunk 10)))
    (is (= [[10.0 20.0] [30.0 40.0] [50.0 60.0]] (:features (elements pack))))))

;; edits

(def edits
  "Each edit of a pack or batch of features and labels, with what should be there afterwards."
  (let [before {:features [[1.0 2.0] [3.0 4.0] [5.0 6.0]] :labels [0 1 1]}]
    [["save! a map"            #(npk/save! % {:labels [7] :x [[1.5]]})                    (assoc before :labels [7] :x [[1.5]])]
     ["save! pairs"            #(npk/save! % [[:b [1]] ["a" [2]]])                        (assoc before :b [1] :a [2])]
     ["save! a name"           #(npk/save! % :x (range 3))                                (assoc before :x [0 1 2])]
     ["save! with dtype"       #(npk/save! % :x [0 1] {:dtype :float32})                  (assoc before :x [0.0 1.0])]
     ["save! booleans"         #(npk/save! % :x [true false])                             (assoc before :x [true false])]
     ["save! a lazy array"     #(npk/save! % {:x (npk/lazy % :features)})                 (assoc before :x (:features before))]
     ["save! nothing"          #(npk/save! % {})                                          before]
     ["append! a map"          #(npk/append! % {:features [[7 8]] :labels [2]})
      {:features [[1.0 2.0] [3.0 4.0] [5.0 6.0] [7.0 8.0]] :labels [0 1 1 2]}]
     ["append! pairs"          #(npk/append! % [[:labels [2 3]]])                         (assoc before :labels [0 1 1 2 3])]
     ["append! a name"         #(npk/append! % :labels (long-array [2]))                  (assoc before :labels [0 1 1 2])]
     ["append! a seq"          #(npk/append! % :labels (map inc (range 2)))               (assoc before :labels [0 1 1 1 2])]
     ["replace-rows! a name"   #(npk/replace-rows! % :labels [8 9] [-1 0])                (assoc before :labels [9 1 8])]
     ["replace-rows! a map"    #(npk/replace-rows! % {:labels [8] :features [[0 0]]} 1)   {:features [[1.0 2.0] [0.0 0.0] [5.0 6.0]]
                                                                                           :labels [0 8 1]}]
     ["replace-rows! a mask"   #(npk/replace-rows! % [[:labels [8 9]]] [true false true]) (assoc before :labels [8 1 9])]
     ["drop-rows! a name"      #(npk/drop-rows! % :labels [0 -1])                         (assoc before :labels [1])]
     ["drop-rows! all"         #(-> % (npk/append! :labels [7]) (npk/drop-rows! [:features :labels] :all)) {:features [] :labels []}]
     ["drop-rows! names"       #(npk/drop-rows! % [:labels :features] (range 2))          {:features [[5.0 6.0]] :labels [1]}]
     ["create!"                #(npk/create! % :x {:shape [2] :dtype :int8})              (assoc before :x [0 0])]
     ["delete! a name"         #(npk/delete! % :labels)                                   (dissoc before :labels)]
     ["delete! names"          #(npk/delete! % (npk/names %))                             {}]
     ["rename!"                #(npk/rename! % :labels :y)                                {:features (:features before) :y [0 1 1]}]
     ["compact! all"           #(-> % (npk/drop-rows! :labels 0) npk/compact!)            (assoc before :labels [1 1])]
     ["compact! a name"        #(-> % (npk/drop-rows! :labels 0) (npk/compact! :labels))  (assoc before :labels [1 1])]]))

(deftest every-edit-works-on-a-pack-and-returns-it
  (doseq [[what edit expected] edits]
    (testing what
      (with-pack [pack]
        (is (identical? pack (edit pack)))
        (is (= expected (elements pack)))))))

(deftest every-edit-works-in-a-batch-and-returns-it-and-is-committed
  (doseq [[what edit expected] edits]
    (testing what
      (with-pack [pack]
        (npk/with-batch [b pack]
          (is (identical? b (edit b)))
          (is (= expected (elements b)))
          (with-open [other (npk/open (.path pack))]
            (is (= ["features" "labels"] (npk/names other)) "not yet committed")))
        (is (= expected (elements pack)))))))

(deftest every-edit-is-refused-by-a-read-only-pack
  (doseq [[what edit _] edits
          :when (not (#{"compact! all" "compact! a name"} what))]
    (testing what
      (with-pack [pack]
        (with-open [pack (npk/open (.path pack) {:read-only? true})]
          (is (= :read-only (error-of (edit pack)))))))))

(deftest the-order-of-new-arrays-is-that-of-the-pairs
  (with-pack [pack]
    (npk/save! pack (for [i (range 20)] [(str "x" i) [i]]))
    (is (= (map #(str "x" %) (range 20)) (drop 2 (npk/names pack))))))

(deftest contents-that-fit-nothing-are-refused
  (with-pack [pack]
    (are [kind contents] (= kind (error-of (npk/save! pack :x contents)))
      :shape-mismatch [[1 2] [3]]
      :shape-mismatch 7
      :dtype-mismatch [1 nil]
      :dtype-mismatch ["a"]
      :dtype-mismatch [true 1]
      :dtype-mismatch nil)
    (is (= :dtype-mismatch (error-of (npk/save! pack :x [300] {:dtype :uint8})) (error-of (npk/append! pack :labels [1.5]))
           (error-of (npk/append! pack :labels (double-array 1)))))
    (is (= :shape-mismatch (error-of (npk/append! pack :features [[1 2 3]])) (error-of (npk/replace-rows! pack :labels [1] [0 1]))))
    (is (= :array-exists (error-of (npk/create! pack :labels {:shape [1]})) (error-of (npk/rename! pack :labels :features))))
    (is (= :invalid-option (error-of (npk/save! pack :x)) (error-of (npk/save! pack 7)) (error-of (npk/save! pack [:x 1]))
           (error-of (npk/replace-rows! pack :labels [1])) (error-of (npk/create! pack :x {:shape "3"}))
           (error-of (npk/delete! pack 7))))
    (is (= {:features [[1.0 2.0] [3.0 4.0] [5.0 6.0]] :labels [0 1 1]} (elements pack)))))

(deftest lazy-seqs-and-ranges-of-some-size-are-saved
  (with-pack [pack]
    (npk/save! pack {:range (range 200000) :seq (map double (range 200000)) :rows (for [i (range 1000)] (range i (+ i 10)))
                     :eduction (eduction (map inc) (range 10))})
    (is (= [[200000] [200000] [1000 10] [10]] (map #(npk/shape pack %) [:range :seq :rows :eduction])))
    (is (= (reduce + (range 200000)) (npk/reduce-axis (:range pack) :sum)))
    (is (= 1008 (npk/mget (:rows pack) 999 9)))))

(deftest sync-makes-a-pack-safe-and-returns-it
  (with-pack [pack {:durability :power}]
    (is (identical? pack (npk/sync! (npk/save! pack :x [1]))))))

;; arrays

(deftest an-ndarray-is-made-from-data
  (are [dtype elements array] (= [dtype elements] [(npk/dtype array) (nested array)])
    :int64   [1 2]                     (npk/ndarray [1 2])
    :float64 [1.0 2.5]                 (npk/ndarray [1 2.5])
    :float64 [0.5 2.0]                 (npk/ndarray [1/2 2])
    :boolean [true false]              (npk/ndarray [true false])
    :float32 [[0.0 1.0] [2.0 3.0]]     (npk/ndarray (range 4) {:dtype :float32 :shape [2 -1]})
    :int16   [[1 2] [3 4]]             (npk/ndarray [[1 2] [3 4]] :dtype :int16)
    :uint8   [[0 0]]                   (npk/zeros [1 2] {:dtype :uint8})
    :float64 [0.0]                     (npk/zeros 1)
    :int64   [[1] [2]]                 (npk/reshape [1 2] [-1 1])
    :float32 [1.0]                     (npk/reshape (float-array [1]) 1))
  (let [data (float-array [1 2])]
    (npk/add! (npk/ndarray data) 1)
    (is (= [2.0 3.0] (vec data)) "a primitive array is wrapped"))
  (is (= :shape-mismatch (error-of (npk/reshape [1 2 3] [2 -1])) (error-of (npk/zeros [-1]))))
  (is (= :invalid-option (error-of (npk/zeros "3")) (error-of (npk/zeros [1.5])))))

(deftest elements-are-read-and-set
  (let [x (npk/ndarray [[1 2 3] [4 5 6]] {:dtype :float32})]
    (is (= 6.0 (npk/mget x 1 2)))
    (is (= [4.0 5.0 6.0] (nested (npk/mget x 1))) "fewer indexes select a view")
    (is (identical? x (npk/mset! x 0 0 9)))
    (npk/mset! x 1 0)
    (is (= [[9.0 2.0 3.0] [0.0 0.0 0.0]] (nested x)))
    (npk/mset! x 1 [7 8 9])
    (is (= [[9.0 2.0 3.0] [7.0 8.0 9.0]] (nested x)))
    (is (thrown-with-msg? IndexOutOfBoundsException #"3" (npk/mget x 0 3)))
    (is (thrown? IndexOutOfBoundsException (npk/mget x 2)))
    (is (= :shape-mismatch (error-of (npk/mget x 0 0 0)) (error-of (npk/mset! x 0 0 0 1))))
    (is (thrown? IndexOutOfBoundsException (npk/mset! x 2 0 1))))
  (is (= true (npk/mget [true] 0)))
  (is (= 7 (npk/mget (long-array [7]) 0) (npk/mget (npk/ndarray (range 24) {:shape [1 2 3 4]}) 0 0 1 3)))
  (let [c (npk/zeros 2 {:dtype :complex128})]
    (npk/mset! c 1 [1.5 -2])
    (is (= [[0.0 0.0] [1.5 -2.0]] (nested c)))
    (is (= [1.5 -2.0] (npk/mget c 1))))
  (let [data (long-array 3)]
    (is (identical? data (npk/mset! data 1 5)))
    (is (= [0 5 0] (vec data))))
  (is (= :dtype-mismatch (error-of (npk/mset! (npk/zeros 2 {:dtype :uint8}) 0 300)))))

(deftest the-in-place-functions-return-their-target
  (doseq [make [#(npk/ndarray [1 4 9] {:dtype :float64}) #(double-array [1 4 9])]]
    (are [expected edit] (let [x (make)]
                           (and (identical? x (edit x)) (= expected (nested (npk/ndarray x)))))
      [2.0 5.0 10.0]   #(npk/add! % 1)
      [2.0 6.0 12.0]   #(npk/add! % [1 2 3])
      [2.0 6.0 12.0]   #(npk/add! % (float-array [1 2 3]))
      [2.0 8.0 18.0]   #(npk/add! % %)
      [0.5 3.5 8.5]    #(npk/sub! % 1/2)
      [2.0 8.0 18.0]   #(npk/mul! % 2.0)
      [0.5 2.0 4.5]    #(npk/div! % (npk/ndarray [2 2 2]))
      [1.0 16.0 81.0]  #(npk/pow! % 2)
      [2.0 4.0 5.0]    #(npk/clip! % 2 5)
      [1.0 4.0 5.0]    #(npk/clip! % nil 5)
      [3.0 3.0 3.0]    #(npk/fill! % 3)
      [-1.0 -4.0 -9.0] #(npk/map! % :neg)
      [1.0 2.0 3.0]    #(npk/map! % "sqrt")
      [2.0 5.0 10.0]   #(npk/map! % inc)
      [0.5 2.0 4.5]    #(npk/map! % (fn ^double [^double x] (* 0.5 x)))))
  (let [x (npk/zeros [2 2])]
    (is (= [[1.0 2.0] [1.0 2.0]] (nested (npk/add! x [1 2]))) "an operand of the row shape"))
  (let [flags (boolean-array [true false])]
    (is (= [true true] (vec (npk/add! flags true)))))
  (is (= [250 4] (nested (npk/sub! (npk/ndarray [5 15] {:dtype :uint8}) 11))) "integers wrap")
  (is (= [2 3] (vec (npk/add! (int-array [1 2]) 1))))
  (are [kind edit] (= kind (error-of edit))
    :dtype-mismatch (npk/mul! (npk/ndarray [1 2]) 2.0)
    :dtype-mismatch (npk/div! (npk/ndarray [1 2]) 2)
    :dtype-mismatch (npk/map! (npk/ndarray [1 2]) :sqrt)
    :dtype-mismatch (npk/map! (npk/ndarray [1 2]) inc)
    :shape-mismatch (npk/add! (npk/ndarray [1 2]) [1 2 3])
    :invalid-option (npk/map! (npk/ndarray [1.0]) :squirt)
    :invalid-option (npk/map! (npk/ndarray [1.0]) 7)
    :invalid-option (npk/add! [1 2] 1)
    :invalid-option (npk/add! nil 1)
    :invalid-option (npk/add! (make-array Double/TYPE 2 2) 1)))

(deftest arrays-are-reduced
  (let [x (npk/ndarray [[1 2] [3 4]])]
    (are [expected op] (= expected (npk/reduce-axis x op))
      10 :sum, 2.5 :mean, 1.25 :var, (Math/sqrt 1.25) :std, 1 :min, 4 :max, (Math/sqrt 30) :norm)
    (is (= [4 6] (nested (npk/reduce-axis x :sum {:axis 0})) (nested (npk/reduce-axis x :sum :axis -2))))
    (is (= [1.5 3.5] (nested (npk/reduce-axis x :mean {:axis 1}))))
    (is (= 6 (npk/reduce-axis [1 2 3] :sum {:axis 0}) (npk/reduce-axis (long-array [1 2 3]) :sum {:axis -1})) "rank 1 gives the number")
    (is (thrown? IndexOutOfBoundsException (npk/reduce-axis x :sum {:axis 2})))
    (is (thrown? IndexOutOfBoundsException (npk/reduce-axis [1 2] :sum {:axis 1})))
    (is (= :invalid-option (error-of (npk/reduce-axis x :median))))
    (is (= :shape-mismatch (error-of (npk/reduce-axis [] :max))))))

;; the REPL

(deftest packs-scopes-and-arrays-print-shortly
  (with-pack [pack]
    (is (= (str pack) (pr-str pack) (str/trim-newline (with-out-str (pprint/pprint pack)))))
    (is (str/includes? (pr-str pack) "features"))
    (is (str/includes? (pr-str (:features pack)) "float32 [3 2]"))
    (is (< (count (pr-str (npk/zeros [1000 1000]))) 200))
    (npk/with-batch [b pack]
      (is (= (str b) (pr-str b))))
    (npk/with-writable-batch [w pack]
      (is (= (str w) (pr-str w))))
    (let [ended (npk/discard! (npk/batch pack))]
      (is (str/includes? (pr-str ended) "ended")))))

(deftest arrays-count-index-and-destructure-by-rows
  (let [x (npk/ndarray [[1 2] [3 4]])
        [[a] second-row] x]
    (is (= 2 (count x)))
    (is (= 1 a))
    (is (= [3 4] (seq second-row) (seq (nth x 1))))
    (is (= [[1 2] [3 4]] (mapv seq x)))
    (is (= :none (nth x 2 :none)))
    (is (= {:a 1} (meta (with-meta x {:a 1}))))))

(defn- warnings-of [form]
  (let [err (StringWriter.)]
    (binding [*err* err, *warn-on-reflection* true, *ns* (create-ns 'numpack.core-test)]
      (eval form))
    (str err)))

(deftest users-code-does-not-reflect
  (doseq [form '[(fn [path] (with-open [pack (npk/open path)] (.path pack)))
                 (fn [pack] (with-open [b (npk/batch pack)] (.changes b)))
                 (fn [pack] (with-open [w (npk/writable-batch pack)] (.discard w)))
                 (fn [pack] (npk/with-batch [b pack] (.changes b)))
                 (fn [pack] (npk/with-writable-batch [w pack {:sync? false}] (.isOpen w)))
                 (fn [x] (.dtype (npk/ndarray x)))
                 (fn [] (.rank (npk/zeros [1 2] {:dtype :int8})))]]
    (is (= "" (warnings-of form)) (pr-str form))))

(deftest the-library-loads-and-opens-a-pack-without-a-word-and-without-dtype-next
  (let [{:keys [exit out err]} (run-clojure "-e" (str "(require '[numpack.core :as npk])"
                                                      "(with-open [p (npk/open \"test/resources/fixtures/ranks.npk\" {:read-only? true})]"
                                                      "  (npk/mget (npk/load p :rank1 {:as :ndarray}) 0))"
                                                      "(assert (nil? (find-ns 'tech.v3.datatype)))"))]
    (is (zero? exit))
    (is (= "0.0" (str/trim out)))
    (when (< (.feature (Runtime/version)) 24)
      (is (= "" err)))))

(deftest an-axis-beyond-an-int-is-out-of-range
  (with-pack [pack]
    (doseq [axis [2 -3 (bit-shift-left 1 32) Long/MIN_VALUE]]
      (is (thrown-with-msg? IndexOutOfBoundsException (re-pattern (str "axis " axis " is out of range"))
                            (npk/reduce-axis (:features pack) :sum {:axis axis}))))))

(deftest tools-browse-from-the-pack-to-its-arrays-and-rows
  (with-pack [pack]
    (let [described (datafy/datafy pack)]
      (is (= ["features" "labels"] (keys described)))
      (is (= [3 2] (get-in described ["features" :shape])))
      (let [features (datafy/nav described "features" (described "features"))
            rows     (datafy/datafy features)]
        (is (instance? numpack.NDArray features))
        (is (= [3 2] (:shape (meta rows))))
        (is (= [[1.0 2.0] [3.0 4.0] [5.0 6.0]] (map vec rows)))
        (is (= [3.0 4.0] (datafy/datafy (nth rows 1))))))
    (npk/with-batch [b pack]
      (npk/append! b :labels [7])
      (is (= 4 (get-in (datafy/datafy b) ["labels" :rows]))))))

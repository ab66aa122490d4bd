(ns numpack.array-map-test
  "Packs and scopes as maps that can only be read."
  (:require [clojure.test :refer [deftest is testing]]
            [clojure.walk :as walk]
            [numpack.core :as npk]
            [numpack.scratch :refer [error error-of nested with-pack]]))

(set! *warn-on-reflection* true)

(defn- in-each-source
  "Calls f with a pack, a batch and a writable batch of the same arrays."
  [f]
  (with-pack [pack]
    (f pack)
    (npk/with-batch [b pack] (f b))
    (npk/with-writable-batch [w pack] (f w))))

(deftest a-source-has-keys-and-vals-like-a-map
  (in-each-source
   (fn [source]
     (is (= ["features" "labels"] (keys source)))
     (is (= [[0 1 1]] (map nested (rest (vals source)))))
     (is (= 2 (count source)))
     (is (counted? source))
     (is (= [["features" [3 2]] ["labels" [3]]] (map (fn [[k v]] [k (npk/shape v)]) source)))
     (is (= #{"features" "labels"} (set (map key (into {} source)))))
     (is (= 2 (count (merge {} source)))))))

(deftest a-source-is-asked-by-key-like-a-map
  (in-each-source
   (fn [source]
     (doseq [name [:labels "labels" 'labels]]
       (is (contains? source name))
       (is (= "labels" (key (find source name))))
       (is (= [0 1 1] (nested (get source name)))))
     (doseq [no-name [:missing :a/labels 42 nil]]
       (is (not (contains? source no-name)))
       (is (nil? (find source no-name))))
     (is (= :none (get source :missing :none)))
     (is (= :array-not-found (error-of (get source :missing))))
     (is (= :invalid-name (error-of (get source :a/labels :none))))
     (is (= {"labels" [0 1 1]} (update-vals (select-keys source [:labels :missing]) nested)))
     (is (= 1 (get-in source [:labels 2]) (nth (:labels source) 2)))
     (is (= 4.0 (get-in source [:features 1 1])))
     (let [{:keys [labels missing] :or {missing :none}} source]
       (is (= [[0 1 1] :none] [(nested labels) missing]))))))

(deftest a-source-is-reduced-by-key-and-array
  (in-each-source
   (fn [source]
     (is (= [["features" 6] ["labels" 3]]
            (reduce-kv (fn [acc name array] (conj acc [name (:size (npk/info array))])) [] source)))
     (is (= "features" (reduce-kv (fn [_ name _] (reduced name)) nil source)))
     (is (= ["features" "labels"] (reduce (fn [acc [name _]] (conj acc name)) [] source))))))

(deftest an-empty-source-is-an-empty-map
  (with-pack [pack]
    (npk/delete! pack (npk/names pack))
    (is (empty? pack))
    (is (nil? (seq pack)))
    (is (nil? (keys pack)))
    (is (zero? (count pack)))
    (is (= :start (reduce-kv (fn [_ _ _] :called) :start pack)))))

(deftest arrays-are-looked-up-when-they-are-asked-for
  (with-pack [pack]
    (npk/with-batch [b pack {:memory-limit 0}]
      (is (= ["features" "labels"] (keys b) (map key b)))
      (is (= 2 (count b)))
      (is (contains? b :features))
      (is (not-any? :mapped? (npk/info b)) "nothing is staged, as what is loaded is")
      (is (= [0 1 1] (nested (val (find b :labels)))))
      (is (= [false true] (map :mapped? (npk/info b))))))
  (testing "and then stay the same"
    (with-pack [pack]
      (let [entry (find pack :labels)]
        (is (identical? (val entry) (val entry)))))))

(deftest a-source-is-edited-by-functions-of-its-own
  (in-each-source
   (fn [source]
     (doseq [edit [#(assoc source :x [1]) #(conj source [:x [1]]) #(into source {:x [1]}) #(merge source {:x [1]})
                   #(update source :labels identity) #(empty source) #(walk/postwalk identity source)]]
       (let [[kind message] (error edit)]
         (is (= :read-only kind))
         (is (re-find #"save!" message)))))))

(deftest a-source-is-itself-and-nothing-else
  (in-each-source
   (fn [source]
     (is (= source source))
     (is (not= source (into {} source)))
     (is (not= (into {} source) source))
     (is (= 1 (count (hash-set source source))))
     (is (not-any? #(% source) [map? fn? ifn? vector? sequential? record? #(instance? Runnable %)])))))

(deftest a-source-prints-as-a-table-as-before
  (in-each-source
   (fn [source]
     (is (re-find #"^#<\w+( on)? /" (pr-str source)))
     (is (= (pr-str source) (str source) (print-str source)))
     (is (= (pr-str [1 source]) (str "[1 " source "]"))))))

(ns numpack.row-seq-test
  "Arrays as Clojure's own functions see them: sequences of rows."
  (:require [clojure.test :refer [deftest is]]
            [clojure.walk :as walk]
            [numpack.core :as npk]
            [numpack.scratch :refer [error error-of nested with-pack]])
  (:import [java.util ArrayList]
           [numpack NDArray]))

(set! *warn-on-reflection* true)

(defn- matrix ^NDArray []
  (npk/ndarray [[1 2] [3 4] [5 6]]))

(deftest get-gives-rows-as-of-a-vector
  (let [x (matrix)]
    (is (= [3 4] (nested (get x 1)) (nested (get x (int 1)))))
    (is (= 4 (get-in x [1 1])))
    (is (= 6 (get (get x 2) 1)))
    (doseq [no-row [-1 3 1.0 nil :a "1" (bigint 1) Long/MAX_VALUE]]
      (is (nil? (get x no-row)))
      (is (= :none (get x no-row :none)))
      (is (not (contains? x no-row)))
      (is (nil? (find x no-row))))
    (is (every? #(contains? x %) (range 3)))
    (is (= [0 [1 2]] (update (find x 0) 1 nested)))
    (is (= 0 (key (find x 0))))
    (is (= {2 [5 6]} (update-vals (select-keys x [2 7]) nested)))))

(deftest looking-into-a-pack-reaches-the-element
  (with-pack [pack]
    (is (= [1.0 2.0] (nested (get (:features pack) 0))))
    (is (= 4.0 (get-in pack [:features 1 1])))
    (is (= 1 (get-in pack [:labels 2])))
    (is (nil? (get-in pack [:labels 3])))))

(deftest arrays-are-iterable
  (let [x (npk/ndarray [3 1 2])]
    (is (= [1 2 3] (sort x)))
    (is (= [3 2 1] (sort > x)))
    (is (= [3 1 2] (vec (to-array x)) (vec x) (into [] x)))
    (is (= #{1 2 3} (set (shuffle (seq x)))))
    (is (= [[1 2] [3 4] [5 6]] (map nested (to-array (matrix)))))
    (is (= [3 1 2] (iterator-seq (.iterator ^Iterable x))))
    (is (= [3 1 2] (let [seen (ArrayList.)]
                     (.forEach ^Iterable x (reify java.util.function.Consumer
                                             (accept [_ e] (.add seen e))))
                     seen)))
    (is (= {:a 3 :b 1 :c 2} (zipmap [:a :b :c] x)))
    (is (empty? (to-array (npk/zeros 0))))))

(deftest an-iterator-ends
  (let [i (.iterator ^Iterable (npk/ndarray [1]))]
    (is (.hasNext i))
    (is (= 1 (.next i)))
    (is (not (.hasNext i)))
    (is (thrown? java.util.NoSuchElementException (.next i)))))

(deftest arrays-are-left-whole-by-what-takes-collections-apart
  (let [x (matrix)]
    (is (not-any? #(% x) [coll? sequential? map? vector? fn? ifn? associative?
                          #(instance? java.util.List %) #(instance? java.util.RandomAccess %) #(instance? Runnable %)]))
    (is (identical? x (:x (walk/keywordize-keys {"x" x}))))
    (is (= [x] (flatten [[x]])))
    (is (= x x))
    (is (not= x (matrix)))))

(deftest arrays-are-edited-by-functions-of-their-own
  (let [x (matrix)]
    (doseq [edit [#(assoc! x 0 [7 8]) #(conj! x [7 8]) #(persistent! x)]]
      (let [[kind message] (error edit)]
        (is (= :read-only kind))
        (is (re-find #"mset!" message))))
    (is (= [[1 2] [3 4] [5 6]] (nested x)))))

(deftest arrays-print-on-a-line-of-at-most-print-length
  (let [x (npk/ndarray (range 20))]
    (is (= "#<NDArray int64 [20] [0 1 2 … 17 18 19]>" (pr-str x) (str x)))
    (is (= "#<NDArray int64 [20] [0 1 … 18 19]>" (binding [*print-length* 4] (pr-str x))))
    (is (= "{:x #<NDArray int64 [20] [0 …]>}" (binding [*print-length* 1] (pr-str {:x x}))))
    (is (thrown? RuntimeException (read-string (pr-str x))) "what cannot be read back does not look as if it could")))

(deftest an-array-whose-scope-has-ended-is-not-read
  (with-pack [pack]
    (let [x (npk/with-writable-batch [w pack] (:labels w))]
      (is (= :scope-ended (error-of (get x 0))))
      (is (= :scope-ended (error-of (sort x)))))))

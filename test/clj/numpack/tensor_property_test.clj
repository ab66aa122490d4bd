(ns numpack.tensor-property-test
  "Whatever dtype-next holds, of any dtype, rank and layout, is saved and loaded again with the same elements."
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [clojure.test :refer [is deftest]]
            [clojure.test.check :as check]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [numpack.core :as npk]
            [numpack.scratch :refer [with-folder]]
            [numpack.tensor :as tensor]))

(def ranges
  {:int8 [-128 127], :uint8 [0 255], :int16 [-32768 32767], :uint16 [0 65535], :int32 [-2147483648 2147483647], :uint32 [0 4294967295],
   :int64 [Long/MIN_VALUE Long/MAX_VALUE]})

(defn- element [dtype]
  (case dtype
    :boolean gen/boolean
    :float32 (gen/fmap (comp double unchecked-float) (gen/double* {:NaN? false}))
    :float64 (gen/double* {:NaN? false})
    (let [[lo hi] (ranges dtype)]
      (gen/large-integer* {:min lo :max hi}))))

(def ^:private layouts
  "Ways to see a tensor in another order, each a function of the tensor and a seed."
  {:whole     (fn [t _] t)
   :reversed  (fn [t _] (dtt/select t :lla))
   :transpose (fn [t _] (dtt/transpose t (vec (reverse (range (count (dtype/shape t)))))))
   :rows      (fn [t seed] (dtt/select t
                                       (vec (take 3 (iterate #(rem (+ 7 %) (first (dtype/shape t))) (rem seed (first (dtype/shape t))))))))
   :column    (fn [t seed] (if (= 1 (count (dtype/shape t)))
                             t
                             (apply dtt/select t (concat (repeat (dec (count (dtype/shape t))) :all)
                                                         [[(rem seed (last (dtype/shape t)))]]))))
   :reader    (fn [t _] (dtype/->reader t))
   :native    (fn [t _]
                (if (= :boolean (dtype/elemwise-datatype t)) ; of which a native buffer of dtype-next gives numbers
                  t
                  (dtt/clone t {:container-type :native-heap})))})

(def ^:private cases
  (gen/let [dtype  (gen/elements (into [:boolean :float32 :float64] (keys ranges)))
            shape  (gen/vector (gen/choose 1 5) 1 4)
            values (gen/vector (element dtype) (reduce * shape))
            layout (gen/elements (keys layouts))
            seed   gen/nat
            from   (gen/elements [:heap :lazy :pieces :writable])]
    {:dtype dtype, :shape shape, :values values, :layout layout, :seed seed, :from from}))

(defn- elements
  "By index: dtype-next's reader of a selection is not always right."
  [t]
  (let [shape (dtype/shape t)
        paths (reduce (fn [paths n] (for [path paths, i (range n)] (conj path i))) [[]] shape)]
    [(dtype/elemwise-datatype t) (vec shape) (if (dtt/tensor? t) (mapv #(apply dtt/mget t %) paths) (vec t))]))

(defn- copies? [t]
  (and (dtype/writer? t) (= (dtype/ecount t) (.lsize (dtype/->reader t)))))

(defn- round-trips? [pack {:keys [dtype shape values layout seed from]}]
  (let [original (npk/ndarray values {:dtype dtype :shape shape})
        view     (fn [t] ((layouts layout) t seed))
        save     (fn [t]
                   (let [expected (elements (view t))]
                     (npk/save! pack :y (view t))
                     (= expected (elements (:y pack)) (elements (npk/load pack :y))
                        [(npk/dtype pack :y) (npk/shape pack :y) (vec (dtype/->reader (:y pack)))])))]
    (npk/save! pack :x original)
    (when (= :pieces from)
      (npk/append! pack :x (npk/load pack :x))
      (npk/drop-rows! pack :x (range 0 (* 2 (first shape)) 2)))
    (case from
      :heap           (save (tensor/tensor original))
      (:lazy :pieces) (save (:x pack))
      :writable       (let [edited (npk/with-writable-batch [{:keys [x]} pack]
                                     (let [v (view x)]
                                       (if (copies? v)
                                         (do (dtype/copy! (dtype/clone (view (dtt/select (dtt/clone x) :lla))) v)
                                             (elements x))
                                         (elements x))))]
                        (= edited (elements (:x pack)))))))

(deftest any-layout-of-any-dtype-round-trips
  (with-folder [folder]
    (with-open [pack (npk/open (io/file folder "test.npk"))]
      (let [result (check/quick-check 400 (prop/for-all [c cases] (round-trips? pack c)))]
        (is (:pass? result) (pr-str (select-keys result [:seed :shrunk])))))))

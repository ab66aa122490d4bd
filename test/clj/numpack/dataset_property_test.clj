(ns numpack.dataset-property-test
  "Random datasets go through a pack unchanged, whole, in pieces, and in chunks."
  (:require [tech.v3.dataset :as ds]
            [tech.v3.dataset.column :as ds-col]
            [tech.v3.datatype :as dtype]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [clojure.test.check :as tc]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]
            [numpack.core :as npk]
            [numpack.dataset :as npd]
            [numpack.scratch :refer [with-folder]])
  (:import [java.time Duration Instant LocalDate LocalDateTime LocalTime]
           [java.time.temporal ChronoUnit]
           [org.roaringbitmap RoaringBitmap]
           [tech.v3.datatype NDBuffer]))

(def ^:private strings
  (gen/frequency [[3 (gen/elements ["" "a" "b" "ä→𝄞" "a\nb" "\u0000"])] [1 gen/string]]))

(def ^:private micros (gen/choose -4000000000000000 4000000000000000))

(defn- long-of [lo hi]
  (gen/large-integer* {:min lo :max hi}))

(def ^:private dates (gen/fmap #(LocalDate/ofEpochDay %) (long-of -1000000 1000000)))
(def ^:private instants (gen/fmap #(.plus Instant/EPOCH (long %) ChronoUnit/MICROS) micros))

(def ^:private kinds
  "Dtypes of columns, with generators of values."
  [[:boolean gen/boolean]
   [:int8 (long-of -128 127)] [:int16 (long-of -32768 32767)] [:int32 (long-of Integer/MIN_VALUE Integer/MAX_VALUE)]
   [:int64 gen/large-integer]
   [:uint8 (long-of 0 255)] [:uint16 (long-of 0 65535)] [:uint32 (long-of 0 4294967295)]
   [:float32 (gen/fmap #(double (float %)) (gen/double* {:min -1e30 :max 1e30}))] [:float64 gen/double]
   [:string strings] [:keyword (gen/one-of [gen/keyword gen/keyword-ns])] [:object gen/symbol] [:uuid gen/uuid] [:char gen/char]
   [:packed-local-date dates] [:local-date dates] [:packed-instant instants] [:instant instants]
   [:local-date-time (gen/fmap #(.plus (LocalDateTime/of 1970 1 1 0 0) (long %) ChronoUnit/MICROS) micros)]
   [:packed-local-time (gen/fmap #(LocalTime/ofNanoOfDay (* 1000 (long %))) (long-of 0 86399999999))]
   [:packed-duration (gen/fmap #(Duration/of (long %) ChronoUnit/MICROS) micros)]
   [:object (gen/vector gen/large-integer 3)]])

(def ^:private primitive? #{:boolean :int8 :int16 :int32 :int64 :uint8 :uint16 :uint32 :float32 :float64})

(defn- column [name dtype values missing]
  (ds-col/new-column #:tech.v3.dataset{:name           name
                                       :data           (dtype/make-container dtype (if (primitive? dtype)
                                                                                     values
                                                                                     (mapv (fn [v missing?] (when-not missing? v))
                                                                                           values missing)))
                                       :missing        (RoaringBitmap/bitmapOf (int-array (keep-indexed (fn [i m] (when m i)) missing)))
                                       :force-datatype? true}))

(def ^:private names
  (gen/one-of [gen/keyword gen/keyword-ns (gen/such-that seq gen/string-alphanumeric) gen/nat]))

(defn- text [x]
  (if (qualified-ident? x) (str (namespace x) "." (name x)) (if (ident? x) (name x) (str x))))

(defn- datasets [kinds]
  (gen/let [rows    (gen/choose 0 40)
            columns (gen/vector-distinct-by (comp str/lower-case text first)
                                            (gen/tuple names (gen/elements kinds) (gen/elements [0 0 1 10]))
                                            {:min-elements 1, :max-elements 6})]
    (gen/fmap #(ds/new-dataset %)
              (apply gen/tuple
                     (for [[name [dtype value] holes] columns]
                       (gen/fmap (fn [[values missing]] (column name dtype values missing))
                                 (gen/tuple (gen/vector value rows)
                                            (gen/vector (gen/frequency [[10 (gen/return false)] [holes (gen/return true)]]) rows))))))))

(defn- value [x]
  (cond
    (instance? NDBuffer x)     (vec x)
    (and (float? x) (NaN? (double x))) :nan
    :else                      x))

(defn- contents [d]
  (vec (for [c (ds/columns d)]
         [(ds-col/column-name c) (dtype/elemwise-datatype c) (mapv value c) (set (ds-col/missing c))])))

(defn- rows [contents]
  (for [[name _ values] contents] [name values]))

(defn- holds? [property n]
  (let [{:keys [pass?] :as result} (tc/quick-check n property)]
    (is pass? (pr-str (select-keys (:shrunk result) [:smallest :result])))))

(defmacro ^:private with-pack [[pack] & body]
  `(with-folder [folder#]
     (with-open [~pack (npk/open (io/file folder# "test.npk"))]
       ~@body)))

(deftest any-dataset-comes-back
  (holds? (prop/for-all [d (datasets kinds)]
            (with-pack [pack]
              (npd/save-dataset! pack d)
              (and (= (contents d) (contents (npd/dataset pack)) (contents (npd/dataset pack {:copy? true})))
                   (= (contents d) (do (npd/save-dataset! pack (npd/dataset pack))
                                       (contents (npd/dataset pack)))))))
          80))

(deftest any-dataset-comes-back-from-its-pieces
  ;; not objects: a first piece without any does not tell what they are
  (holds? (prop/for-all [d (datasets (remove (comp #{:object} first) kinds)), cut gen/nat, n (gen/choose 1 15)]
            (with-pack [pack]
              (let [size   (long (ds/row-count d))
                    cut    (min size (long cut))
                    pieces (for [from (range 0 (max 1 size) n)] (ds/select-rows d (range from (min size (+ (long from) (long n))))))]
                (npd/save-dataset! pack (ds/select-rows d (range 0 cut)))
                (npd/append-dataset! pack (ds/select-rows d (range cut size)))
                (and (= (rows (contents d)) (rows (contents (npd/dataset pack))))
                     (or (zero? size)
                         (= (rows (contents d))
                            (apply map (fn [& parts] [(ffirst parts) (into [] (mapcat second) parts)])
                                   (map (comp rows contents) (npd/dataset-chunks pack nil n)))))
                     (do (npd/write-chunks! pack pieces)
                         (= (rows (contents d)) (rows (contents (npd/dataset pack)))))))))
          50))

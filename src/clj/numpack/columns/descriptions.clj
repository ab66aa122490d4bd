(ns ^:no-doc numpack.columns.descriptions
  "What the array of a column does not tell, as the text of an EDN map in an array beside it; doc/format.md lists its keys."
  (:require [clojure.edn :as edn]
            [numpack.columns.companions :as companions]
            [tech.v3.dataset.categorical :as categorical])
  (:import [clojure.lang ExceptionInfo]
           [java.nio.charset StandardCharsets]
           [numpack ArraySource CorruptPackException DType NDArray]
           [numpack.format ColumnNames]
           [tech.v3.dataset.categorical CategoricalMap OneHotMap]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; UTF-8

(defn utf-8 ^bytes [^String s]
  (.getBytes s StandardCharsets/UTF_8))

(defn encodable?
  "Whether UTF-8 can hold the string: half a surrogate pair it cannot."
  [^String s]
  (loop [i 0]
    (cond
      (= i (.length s)) true
      (Character/isSurrogate (.charAt s i)) (= s (String. (utf-8 s) StandardCharsets/UTF_8))
      :else (recur (inc i)))))

(defn text ^String [^NDArray bytes]
  (String. (.toByteArray bytes) StandardCharsets/UTF_8))

(defn uint8s ^NDArray [^bytes bytes]
  (NDArray/wrap DType/UINT8 bytes (long-array 0)))

(defn corrupt
  "The exception for an array that is not what it should be."
  ([array message]
   (corrupt array message nil))
  ([array message cause]
   (CorruptPackException. message cause (object-array ["array" array]))))

;; the text

(defn- reads-back? [x]
  (let [text (pr-str x)]
    (and (encodable? text)
         (= x (try (edn/read-string text) (catch RuntimeException _ ::unreadable))))))

(defn- form
  "x as EDN, which has neither records nor keywords with a space."
  [x]
  (cond
    (instance? CategoricalMap x) (tagged-literal 'numpack/categorical-map (form (into {} x)))
    (instance? OneHotMap x)      (tagged-literal 'numpack/one-hot-map (form (into {} x)))
    (map? x)                     (into {} (map (fn [[k v]] [(form k) (form v)])) x)
    (vector? x)                  (mapv form x)
    (set? x)                     (into #{} (map form) x)
    (and (sequential? x) (counted? x)) (apply list (map form x))
    (and (not (seq? x)) (reads-back? x)) x
    (and (keyword? x) (encodable? (str x))) (tagged-literal 'numpack/keyword (subs (str x) 1))
    (and (symbol? x) (encodable? (str x)))  (tagged-literal 'numpack/symbol (str x))
    :else                        (throw (ex-info "not EDN" {:value x}))))

(defmacro ^:private plainly [& body]
  `(binding [*print-length* nil, *print-level* nil, *print-meta* false, *print-dup* false, *print-namespace-maps* false
             *print-readably* true]
     ~@body))

(defn edn?
  "Whether x can be written as EDN."
  [x]
  (plainly
   (try
     (form x)
     true
     (catch ExceptionInfo _ false))))

(def ^:private readers
  {'numpack/column          identity
   'numpack/keyword         keyword
   'numpack/symbol          symbol
   'numpack/categorical-map (fn [{:keys [lookup-table src-column result-datatype]}]
                              (categorical/create-categorical-map lookup-table src-column result-datatype))
   'numpack/one-hot-map     categorical/map->OneHotMap})

(defn- well-formed? [description]
  (and (map? description)
       (let [{:keys [dtype words columns metadata]} description]
         (and (every? #(or (nil? %) (keyword? %)) [dtype words])
              (or (nil? columns) (vector? columns))
              (every? #(and (map? %) (contains? % :name)) columns)
              (every? #(or (nil? %) (map? %)) (cons metadata (map :metadata columns)))))))

(defn- description [^ArraySource source ^String name]
  (let [found (try
                (edn/read-string {:readers readers} (text (.lazy source name)))
                (catch RuntimeException e e)
                (catch StackOverflowError e e))]
    (when-not (well-formed? found)
      (throw (corrupt name (str "array \"" name "\" does not describe a column" (some->> (ex-message found) (str ": ")) "; delete it, or "
                                "save the column again")
                      (when (instance? Throwable found) found))))
    (when-not (= 1 (:version found))
      (throw (corrupt name (str "array \"" name "\" describes a column in version " (pr-str (:version found))
                                ", which this version of the library does not know"))))
    found))

(defn described
  "The description of the array of that name, or nil."
  [^ArraySource source name]
  (let [beside (ColumnNames/description name)]
    (when (and (.exists source beside) (companions/description? source beside))
      (description source beside))))

(defn descriptions
  "{name description} of the columns among the names that have one."
  [source names]
  (into {} (comp (keep #(ColumnNames/described %))
                 (keep (fn [name]
                         (when-let [found (described source name)]
                           [name found]))))
        names))

(defn coded?
  "Whether the elements of the array mean what only its description tells."
  [{:keys [words dtype tensor metadata columns]}]
  (boolean (or words dtype tensor
               (some (some-fn :categorical-map :one-hot-map) (cons metadata (map :metadata columns))))))

(defn description-array
  "The array that holds a description."
  [description]
  (uint8s (utf-8 (plainly (str companions/mark (pr-str (form (assoc description :version 1))))))))

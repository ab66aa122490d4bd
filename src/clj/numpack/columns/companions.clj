(ns ^:no-doc numpack.columns.companions
  "The arrays beside that of a column: what they are called, which there are, and whether they were edited together with it.
  numpack.core takes them along, so nothing of dtype-next is loaded here."
  (:require [clojure.edn :as edn]
            [clojure.string :as str])
  (:import [java.nio.charset StandardCharsets]
           [java.util Arrays]
           [numpack ArraySource DType OutOfStepException]
           [numpack.format ColumnNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; names

(defn companions
  "The names of the arrays beside the one of that name, which has that description or none."
  [name {:keys [missing words] :as description}]
  (cond-> []
    description (conj (ColumnNames/description name))
    missing     (conj (ColumnNames/mask name))
    words       (conj (ColumnNames/strings name) (ColumnNames/offsets name))))

(defn possible-companions
  "The names of all arrays that may lie beside one of that name."
  [name]
  (companions name {:missing true, :words :string}))

(defn all-companions
  "The names of the arrays beside those of {name description}."
  [described]
  (into #{} (mapcat (fn [[name description]] (companions name description))) described))

;; which there are

(def mark
  "What the text of a description begins with."
  "#numpack/column ")

(defn description?
  "Whether the array of that name, which is there, holds a description, well-formed or not."
  [^ArraySource source ^String name]
  (let [info (.info source name)
        head (.getBytes ^String mark StandardCharsets/UTF_8)
        n    (alength head)]
    (and (nil? (.fault info)) (= DType/UINT8 (.dtype info)) (= 1 (alength (.shape info))) (<= n (.rows info))
         (Arrays/equals head (.toByteArray (.rows (.lazy source name) 0 n))))))

(defn- outline
  "The map of a description, whatever tags its values have; nil if it is damaged."
  [^ArraySource source ^String name]
  (let [text  (String. (.toByteArray (.lazy source name)) StandardCharsets/UTF_8)
        found (try
                (edn/read-string {:default (fn [_ x] x)} text)
                (catch RuntimeException _ nil)
                (catch StackOverflowError _ nil))]
    (when (map? found)
      found)))

(defn along
  "The names, each followed by those of the arrays that lie beside it."
  ^java.util.Collection [^ArraySource source names]
  (let [there  (set (.names source))
        beside (fn [name]
                 (let [description (ColumnNames/description name)]
                   (when (and (there description) (description? source description))
                     (filter there (companions name (or (outline source description) {}))))))]
    (vec (distinct (mapcat #(cons % (beside %)) names)))))

(defn renamed
  "{name new-name} of an array and of those that lie beside it."
  ^java.util.Map [source ^String from ^String to]
  (into {} (map (fn [^String name] [name (str to (subs name (count from)))])) (along source [from])))

;; whether they were edited together

(defn- out-of-step [name found message there]
  (OutOfStepException. (str message "; to read " (pr-str name) " as it is, delete " (str/join ", " (map pr-str there))
                            "; or save the column again with numpack.dataset/save-dataset!")
                       (object-array ["array" name "found" found])))

(defn check-together
  "Refuses a column whose arrays were edited apart, as far as their times tell. A description that numpack.dataset writes is as late as
  all that it is about, and stays so while rows and elements of the column are edited, with its mask if it has one."
  [^ArraySource source {:keys [name together? missing? words]}]
  (when together?
    (let [[description :as beside] (companions name {:missing missing?, :words words})
          there                    (filter #(.exists source %) beside)
          late                     (fn [array] (< (long (.lastEdit source description)) (long (.lastEdit source array))))]
      (when-let [absent (first (remove (set there) beside))]
        (throw (out-of-step name absent
                            (str "array " (pr-str absent) ", which belongs to the column " (pr-str name) ", is not there")
                            there)))
      (when-let [edited (first (filter late (cons name (rest beside))))]
        (throw (out-of-step name edited
                            (str "array " (pr-str edited) " was edited apart from others of the column " (pr-str name) ", so that they "
                                 "may not belong together any more. If they do, say so by saving " (pr-str description) " again: "
                                 "(npk/save! pack " (pr-str description) " (npk/load pack " (pr-str description) "))")
                            there))))))

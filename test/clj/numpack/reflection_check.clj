(ns numpack.reflection-check
  "Loads every namespace of src/clj and collects the reflection and boxed math warnings that lie there."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [numpack.skips :as skips]
            [numpack.sources :as sources])
  (:import [java.io StringWriter]))

(defn- ours? [line]
  (when-let [[_ path] (re-find #"^(?:Reflection|Boxed math) warning, (.+?):\d+:\d+ - " line)]
    (.exists (io/file "src/clj" path))))

(defn- load-all []
  (let [ns-syms (sources/namespaces "src/clj")
        early   (filterv find-ns ns-syms)]
    (-> (into (sorted-map) (map (juxt identity sources/load-namespace)) ns-syms)
        (into (map (fn [ns-sym] [ns-sym "it was loaded before the check"])) early))))

(defn check
  "Loads the namespaces; one that is loaded already no longer warns and is skipped. Returns
  {:loaded [ns …] :skipped {ns reason} :warnings [line …]}; whatever else is printed on *err* is passed on."
  []
  (let [err     (StringWriter.)
        reasons (try
                  (binding [*warn-on-reflection* true
                            *err*                err]
                    (load-all))
                  (finally
                    (binding [*out* *err*]
                      (run! println (remove #(or (ours? %) (str/blank? %)) (str/split-lines (str err)))))))]
    {:loaded   (vec (keys (remove val reasons)))
     :skipped  (into (sorted-map) (filter val) reasons)
     :warnings (filterv ours? (str/split-lines (str err)))}))

(defn report
  "Prints the result of `check` and returns whether it is free of warnings."
  [{:keys [loaded skipped warnings]}]
  (doseq [[ns-sym reason] skipped]
    (skips/note (str "the reflection check of " ns-sym) reason))
  (run! println warnings)
  (println "Reflection check:" (count loaded) "namespaces of src/clj," (count warnings) "warnings.")
  (empty? warnings))

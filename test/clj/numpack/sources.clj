(ns numpack.sources
  "Finds and loads the Clojure namespaces below a folder."
  (:require [clojure.java.io :as io]
            [clojure.string :as str])
  (:import [java.io File PushbackReader]))

(defn- ns-name-of [^File file]
  (with-open [in (PushbackReader. (io/reader file))]
    (let [form (binding [*read-eval* false] (read {:eof nil :read-cond :allow} in))]
      (when (and (seq? form) (= 'ns (first form)))
        (second form)))))

(defn namespaces
  "The symbols of the namespaces in the .clj files below folder, sorted."
  [folder]
  (->> (file-seq (io/file folder))
       (filter #(and (.isFile ^File %) (str/ends-with? (.getName ^File %) ".clj")))
       (keep ns-name-of)
       sort
       vec))

(def ^:private optional-libraries
  {"tech.v3.datatype"   "tech/v3/datatype.clj"
   "tech.v3.dataset"    "tech/v3/dataset.clj"
   "clojure.test.check" "clojure/test/check.clj"})

(defn- absent-libraries []
  (vec (for [[library path] optional-libraries :when (nil? (io/resource path))] library)))

(defn- missing-name [^Throwable t]
  (let [message (str (ex-message t))]
    (or (when (instance? java.io.FileNotFoundException t)
          (some-> (re-find #"^Could not locate (\S+?)(?:__init\.class|\.clj)" message)
                  second
                  (str/replace "/" ".")))
        (when (instance? ClassNotFoundException t) message))))

(defn- optional? [missing]
  (some #(str/starts-with? missing %) ["tech.v3." "ham_fisted." "ham-fisted." "clojure.test.check"]))

(defn load-namespace
  "Requires the namespace. Returns nil, or the reason why it cannot be loaded here: it needs one of the optional
  libraries, which is not on the class path. Any other failure is thrown."
  [ns-sym]
  (try
    (require ns-sym)
    nil
    (catch Throwable t
      (let [missing (->> (iterate ex-cause t) (take-while some?) (some missing-name))]
        (if (and missing (optional? missing) (seq (absent-libraries)))
          (str missing " is not on the class path")
          (throw t))))))

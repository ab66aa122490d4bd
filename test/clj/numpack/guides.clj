(ns numpack.guides
  "Runs the pages of doc/ that need libraries which are not always there."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [is]]
            [numpack.core :as npk]
            [numpack.scratch :refer [with-folder]]))

(defn- blocks
  "The blocks of a language, each with the namespace or class behind its language that it needs, or nil."
  [text language]
  (for [[_ needed block] (re-seq (re-pattern (str "(?s)```" language "(?: (\\S+))?\n(.*?)```")) text)]
    [block needed]))

(defn- there? [needed]
  (let [path (str/replace needed "." "/")]
    (some #(io/resource (str path %)) [".clj" ".cljc" ".class"])))

(defn- in-folder
  "The text with the files it names in the folder."
  [text folder]
  (str/replace text #"\"([\w-]+\.(?:npk|csv))\"" (fn [[_ file]] (pr-str (str (io/file folder file))))))

(defn run-guide
  "Evaluates the blocks of a page that are marked as clj, one after the other in a namespace of their own, and compares the values with
  those written behind `;=>`. Then calls f with the folder in which its packs are. The page must have n such blocks."
  ([page n]
   (run-guide page n identity))
  ([page n f]
   (with-folder [folder]
     (let [found   (blocks (in-folder (slurp page) folder) "clj")
           session (gensym "numpack.guide")]
       (binding [*ns* (create-ns session)]
         (try
           (refer-clojure)
           (doseq [[block needed] found
                   :when (or (nil? needed) (there? needed) (println "Skipped a block of" page "-" needed "is not on the class path"))
                   [_ code expected] (re-seq #"(?s)(.*?)(?:;=> ([^\n]*)\n|\z)" block)
                   :when (not (str/blank? code))]
             (let [value (with-redefs [println (constantly nil)]
                           (load-string code))]
               (when expected
                 (is (= (read-string expected) value) code))))
           (is (= n (count found)))
           (npk/close @(ns-resolve session 'pack))
           (finally (remove-ns session))))
       (f folder)))))

(defn python-blocks
  "The blocks of a page that are marked as python, with the files they name in the folder."
  [page folder]
  (map first (blocks (in-folder (slurp page) folder) "python")))

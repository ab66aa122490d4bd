(ns numpack.guides
  "Runs the examples of docstrings, and the pages of doc/ that need libraries which are not always there."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [is testing]]
            [numpack.core :as npk]
            [numpack.scratch :refer [with-folder with-pack]]
            [numpack.skips :as skips])
  (:import [java.io PushbackReader StringReader]))

;; docstrings

(defn- example-of [doc]
  (second (re-find #"(?s)\n\n  Example:\n(.*)\z" doc)))

(defn- read-all [text]
  (let [in (PushbackReader. (StringReader. text))]
    (doall (take-while #(not= ::end %) (repeatedly #(read {:eof ::end} in))))))

(defn- steps
  "The forms of an example, each with what it should be, or ::any."
  [example]
  (loop [[form & more] (read-all (str/replace example ";=>" " => ")), result []]
    (cond
      (nil? form) result
      (= '=> (first more)) (recur (drop 2 more) (conj result [form (second more)]))
      :else (recur more (conj result [form ::any])))))

(defn- same? [expected found]
  (if (= '=> expected) true (= expected found)))

(defn run-docstrings
  "Runs the example in the docstring of every public var of a namespace, with these libraries required, a pack of features and labels
  open as pack, and its path."
  [ns-sym libraries]
  (doseq [[sym v] (sort-by key (ns-publics ns-sym)) :let [doc (:doc (meta v))]]
    (testing sym
      (is (some? (example-of doc)))
      (is (every? #(<= (count %) 130) (str/split-lines doc)))
      (with-pack [pack]
        (let [session (gensym "numpack.example")]
          (binding [*ns* (create-ns session)]
            (try
              (refer-clojure)
              (run! require libraries)
              (intern *ns* 'pack pack)
              (intern *ns* 'path (str (.path pack)))
              (let [steps (steps (example-of doc))]
                (is (some #(not= ::any (second %)) steps) "it shows a result")
                (doseq [[form expected] steps]
                  (let [found (eval form)]
                    (when (not= ::any expected)
                      (is (same? expected found) (pr-str form))))))
              (finally (remove-ns session)))))))))

;; pages

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
                   :when (or (nil? needed) (there? needed) (skips/note (str "a block of " page) (str needed " is not on the class path")))
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

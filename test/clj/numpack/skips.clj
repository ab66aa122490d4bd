(ns numpack.skips
  "What the tests left out, why, and what runs it."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.xml :as xml])
  (:import [java.io File]))

(defonce ^:private noted (atom []))

(defn note
  "Remembers that what, a text or a symbol, did not run. Returns nil."
  [what reason]
  (swap! noted conj [what reason])
  nil)

(def ^:private cures
  [[#"^(tech\.v3|ham.fisted|clojure\.test\.check).* is not on the class path" "mvn -Pdtype-next verify"]
   [#"NUMPACK_PYTHON" "NUMPACK_PYTHON=PATH mvn verify, with NumPack 0.7.0 installed there"]
   [#"no JDK" "install it there"]
   [#"mount" "run it as root"]])

(defn- reports [folder]
  (filter #(re-matches #"TEST-.*\.xml" (.getName ^File %)) (.listFiles (io/file folder))))

(defn- reason [skipped]
  (let [text (str (get-in skipped [:attrs :message]) (str/join (:content skipped)))]
    (-> (first (str/split-lines (str/trim text)))
        (str/replace #"^[\w.]+Exception: |Assumption failed: " ""))))

(defn- of-junit
  "[what reason] for the tests that surefire's reports in the folder call skipped."
  [folder]
  (let [skips (for [report   (reports folder)
                    testcase (:content (xml/parse report))
                    skipped  (filter #(= :skipped (:tag %)) (:content testcase))
                    :let [{test :name, class :classname} (:attrs testcase)]]
                [class test (reason skipped)])]
    (for [[[class reason] [[_ test] & more]] (group-by (juxt first peek) skips)]
      [(cond
         more              (str (inc (count more)) " tests of " class)
         (str/blank? test) class
         :else             (str class "." test))
       reason])))

(defn print-all
  "Prints a line for each reason: what was noted, and what JUnit skipped by the reports in the folder, if there is one."
  [folder]
  (doseq [[reason skips] (sort-by key (group-by second (concat @noted (when folder (of-junit folder)))))
          :let [cure (some (fn [[pattern cure]] (when (re-find pattern reason) cure)) cures)]]
    (println (str "Skipped " (str/join ", " (distinct (map first skips))) " - " reason (when cure (str "; to run it: " cure))))))

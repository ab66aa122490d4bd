(ns numpack.readme-test
  "Evaluates the Clojure code of README.md and of the pages in doc/ as a reader would type it, block after block in a fresh namespace
  and folder for each page, and compares what the REPL shows with what is written behind `;=>`. There `…` stands for anything,
  and lines that begin with a semicolon and two spaces go on."
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [deftest do-report is testing]]
            [clojure.walk :as walk])
  (:import [clojure.lang LineNumberingPushbackReader]
           [java.io File StringReader StringWriter]
           [java.nio.file Files]
           [java.nio.file.attribute FileAttribute]
           [java.util.regex Pattern]))

(def ^:private pages
  (cons "README.md" (sort (filter #(str/ends-with? % ".md") (map str (.listFiles (io/file "doc")))))))

(def ^:private tensors?
  "With dtype-next on the class path arrays print as tensors."
  (some io/resource ["tech/v3/datatype.clj" "tech/v3/datatype.cljc"]))

(defn- blocks
  "The contents of the fenced blocks of a language."
  [page language]
  (map second (re-seq (re-pattern (str "(?ms)^```" language "\n(.*?)^```")) (slurp page))))

(defn- skip-comments
  "Reads up to the next form and returns the comment lines before it, without their semicolon."
  [^LineNumberingPushbackReader in]
  (loop [lines []]
    (let [c (.read in)]
      (cond
        (= c (int \;)) (recur (conj lines (.readLine in)))
        (or (= c (int \,)) (and (pos? c) (Character/isWhitespace c))) (recur lines)
        (neg? c) lines
        :else (do (.unread in c) lines)))))

(defn- expected-result [comment-lines]
  (let [[line & more] (drop-while #(not (str/starts-with? % "=>")) comment-lines)]
    (when line
      (str/join "\n" (cons (subs line 2) (take-while #(str/starts-with? % "  ") more))))))

(defn- words [text]
  (str/trim (str/replace text #"\s+" " ")))

(defn- matches? [expected shown]
  (let [parts (str/split (words expected) #"…" -1)]
    (re-matches (re-pattern (str "(?s)" (str/join ".*" (map #(Pattern/quote %) parts)))) (words shown))))

(defn- shown
  "What a REPL shows when it evaluates the form."
  [form]
  (let [out   (StringWriter.)
        value (binding [*out* out] (eval form))]
    (str out (when-not (and (nil? value) (pos? (.length (str out)))) (pr-str value)))))

(defn- in-folder
  "The form with the packs it opens in the folder."
  [form folder]
  (walk/postwalk #(if (and (string? %) (re-matches #"[\w-]+\.npk" %)) (str (io/file folder %)) %) form))

(defn- run-block [page folder block]
  (let [in (LineNumberingPushbackReader. (StringReader. block))]
    (skip-comments in)
    (loop []
      (let [form (read in false ::end)]
        (when-not (= ::end form)
          (let [text     (try
                           (shown (in-folder form folder))
                           (catch Throwable t
                             (do-report {:type :error, :message (str page ": " (pr-str form)), :expected nil, :actual t})
                             nil))
                expected (expected-result (skip-comments in))]
            (when (and text expected (not (and tensors? (str/includes? expected "#<NDArray"))))
              (do-report {:type     (if (matches? expected text) :pass :fail)
                          :message  (str page ": " (pr-str form))
                          :expected (words expected)
                          :actual   (words text)}))
            (recur)))))))

(defn- delete-folder [^File folder]
  (run! io/delete-file (reverse (file-seq folder))))

(defn- run-page [page]
  (let [folder  (.toFile (Files/createTempDirectory "numpack-readme" (make-array FileAttribute 0)))
        session (gensym "session")]
    (try
      (binding [*ns* (create-ns session)]
        (refer-clojure)
        (run! #(run-block page folder %) (blocks page "clojure")))
      (finally
        (remove-ns session)
        (delete-folder folder)))))

(deftest code-does-what-is-written
  (is (seq (blocks "README.md" "clojure")))
  (run! run-page pages))

(defn- links [page]
  (for [[_ target] (re-seq #"\]\(([^)#]+)[^)]*\)" (slurp page)) :when (not (re-find #"^\w+:" target))]
    (io/file (.getParentFile (.getAbsoluteFile (io/file page))) target)))

(defn- files [cljdoc-tree]
  (keep :file (filter map? (tree-seq coll? seq cljdoc-tree))))

(deftest links-lead-somewhere
  (doseq [page (cons "CHANGELOG.md" pages), ^File target (links page)]
    (is (.exists target) (str page " links to " target)))
  (testing "and cljdoc shows every page"
    (is (= (set (cons "CHANGELOG.md" pages))
           (set (files (edn/read-string (slurp "doc/cljdoc.edn"))))))))

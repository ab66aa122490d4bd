(ns numpack.tensor-misuse-test
  "Runs each case of numpack.tensor-misuse in a JVM of its own, two at a time: the Java that runs this test, so that a suite on 17 and
  one on 25 see both, or with NUMPACK_JAVAS=all in the environment also the other one of 17 and 25, if /usr/lib/jvm has it."
  (:require [tech.v3.tensor]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]
            [numpack.scratch :refer [with-folder]]
            [numpack.tensor-misuse :as misuse])
  (:import [java.io File]
           [java.lang ProcessBuilder$Redirect]
           [java.util.concurrent Executors ExecutorService Future TimeUnit]))

(def ^:private own
  {:feature (.feature (Runtime/version)), :java (io/file (System/getProperty "java.home") "bin/java")})

(defn- installed [feature]
  (first (for [^File home (sort (.listFiles (io/file "/usr/lib/jvm")))
               :let  [release (io/file home "release"), java (io/file home "bin/java")]
               :when (and (.exists release) (.canExecute java)
                          (re-find (re-pattern (str "JAVA_VERSION=\"" feature "[\".]")) (slurp release)))]
           {:feature feature, :java java})))

(defn- javas []
  (cons own (when (= "all" (System/getenv "NUMPACK_JAVAS"))
              (keep installed (remove #{(:feature own)} [17 25])))))

(defn- run
  "Runs clojure.main with the folder first on the class path. Returns its exit status, or :late, and what it and a crash of it printed."
  [java ^File folder what flags & args]
  (let [[out err crash] (map #(io/file folder (str what %)) [".out" ".err" ".crash"])
        command (concat [(str java) "-XX:+UseSerialGC" "-Xmx512m" "-XX:-CreateCoredumpOnCrash" (str "-XX:ErrorFile=" crash)] flags
                        ["-cp" (str folder File/pathSeparator (System/getProperty "java.class.path")) "clojure.main"] args)
        process (-> (ProcessBuilder. ^java.util.List (vec command))
                    (.redirectOutput (ProcessBuilder$Redirect/to out))
                    (.redirectError (ProcessBuilder$Redirect/to err))
                    (.start))
        ended?  (.waitFor process 400 TimeUnit/SECONDS)]
    (.waitFor (.destroyForcibly process))
    {:exit  (if ended? (.exitValue process) :late)
     :lines (str/split-lines (slurp out))
     :err   (slurp err)
     :crash (when (.exists ^File crash) (str/join "\n" (take 60 (str/split-lines (slurp crash)))))}))

(defn- compile-program
  "Most of the time that a start takes is dtype-next being compiled, so that is done once, into the folder."
  [java folder]
  (run java folder "compile" ["-XX:TieredStopAtLevel=1"]
    "-e" (pr-str `(do (require 'numpack.core)
                      (binding [*compile-path* ~(str folder)] (compile 'numpack.tensor-misuse))
                      nil))))

(def ^:private compiler-matters
  "The cases in which it matters what the JVM makes of hot code; the others start and end sooner without that."
  #{"uses-while-the-scope-ends" "uses-a-file-that-was-cut-short" "leaks-of-ten-thousand-scopes"})

(defn- run-case [java folder case]
  (run java folder case (if (compiler-matters case) [] ["-XX:TieredStopAtLevel=1"])
    "-m" "numpack.tensor-misuse" case (str folder)))

(defn- run-cases
  "What running each case gave, two at a time; the last ones take longest and begin."
  [java folder]
  (let [threads ^ExecutorService (Executors/newFixedThreadPool 2)
        cases   (reverse (map first misuse/cases))]
    (try
      (mapv (fn [case ^Future result] [case (.get result)])
            cases
            (.invokeAll threads (mapv (fn [case] #(run-case java folder case)) cases)))
      (finally (.shutdown threads)))))

(deftest misuse-neither-crashes-nor-corrupts-nor-leaks
  (doseq [{:keys [feature java]} (javas)]
    (with-folder [folder]
      (let [{:keys [exit err]} (compile-program java folder)]
        (is (= 0 exit) err))
      (doseq [[case {:keys [exit lines err crash]}] (run-cases java folder)]
        (testing (str case " on Java " feature)
          (is (= 0 exit) (str/join "\n" (concat (remove #(str/starts-with? % "ok ") lines) [err crash])))
          (is (= (misuse/last-line case (dec (count lines)) feature) (last lines)))
          (is (every? #(str/starts-with? % "ok ") (butlast lines))))))))

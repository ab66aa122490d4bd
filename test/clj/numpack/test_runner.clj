(ns numpack.test-runner
  "Runs the reflection check, then every test below test/clj, or those of the namespaces named as arguments."
  (:require [clojure.java.io :as io]
            [clojure.stacktrace :as stacktrace]
            [clojure.test :as test]
            [numpack.coverage :as coverage]
            [numpack.reflection-check :as reflection]
            [numpack.skips :as skips]
            [numpack.sources :as sources]))

(defn- load-tests
  "Returns {:tests [ns …] :skipped {ns reason} :broken [ns …]}; namespaces without tests are helpers and left out."
  [ns-syms]
  (reduce (fn [result ns-sym]
            (try
              (if-let [reason (sources/load-namespace ns-sym)]
                (assoc-in result [:skipped ns-sym] reason)
                (cond-> result
                  (some (comp :test meta val) (ns-interns ns-sym)) (update :tests conj ns-sym)))
              (catch Throwable t
                (println "\nERROR loading" ns-sym)
                (stacktrace/print-cause-trace t)
                (update result :broken conj ns-sym))))
          {:tests [] :skipped (sorted-map) :broken []}
          ns-syms))

(defn run
  "Returns whether at least one test ran and nothing failed."
  [ns-syms]
  (let [clean? (reflection/report (reflection/check))
        {:keys [tests skipped broken]} (load-tests ns-syms)
        _ (doseq [[ns-sym reason] skipped]
            (skips/note ns-sym reason))
        {:keys [test fail error]} (if (seq tests) (apply test/run-tests tests) {:test 0, :fail 0, :error 0})]
    (doseq [ns-sym broken]
      (println "Could not load" ns-sym))
    (when (zero? test)
      (println "No test ran."))
    (when-not clean?
      (println "Reflection warnings in src/clj, see above."))
    (and clean? (empty? broken) (pos? test) (zero? (+ fail error)))))

(defn- close
  "What mvn verify says at its end; the property numpack.target names the folder that has the reports of its JUnit tests."
  []
  (let [target (System/getProperty "numpack.target")]
    (some-> target (io/file "site/jacoco") coverage/print-summary)
    (skips/print-all (some-> target (io/file "surefire-reports")))))

(defn -main [& args]
  (let [ok? (try
              (run (if (seq args) (map symbol args) (sources/namespaces "test/clj")))
              (finally (shutdown-agents)))]
    (close)
    (flush)
    (System/exit (if ok? 0 1))))

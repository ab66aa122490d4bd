(defproject io.github.numpack-jvm/numpack "0.1.0-SNAPSHOT"
  :description "Directories of named n-d arrays that Java, Clojure and Python open, edit in place or in atomic batches."
  :url "https://github.com/numpack-jvm/numpack"
  :license {:name "Apache-2.0", :url "https://www.apache.org/licenses/LICENSE-2.0.txt"}
  :min-lein-version "2.9.0"

  :dependencies [[org.clojure/clojure "1.12.6"]
                 [net.openhft/chronicle-bytes "2026.4"
                  :exclusions [net.java.dev.jna/jna
                               net.java.dev.jna/jna-platform
                               net.openhft/chronicle-analytics
                               org.jetbrains/annotations]]
                 [com.fasterxml.jackson.core/jackson-core "2.22.4"]]

  :source-paths ["src/clj"]
  :java-source-paths ["src/java"]
  :resource-paths ["resources"]
  :test-paths ["test/clj"]
  :javac-options ["--release" "17"]
  :target-path "target/lein"

  ;; The runner of `mvn verify`: the reflection check, then clojure.test over test/clj or the namespaces named.
  :aliases {"test" ["run" "-m" "numpack.test-runner"]}

  ;; :base normally adds nREPL to every task. It is on Clojars only, as are :dtype-next and criterium in :bench,
  ;; so it is left to `lein repl` and everything else works with Maven Central alone.
  :profiles {:base {:jvm-opts ^:replace []}
             :dev {:resource-paths ["test/resources"]}
             :repl {:source-paths ["dev"]
                    :dependencies [[nrepl/nrepl "1.0.0"]
                                   [org.nrepl/incomplete "0.1.0"]]}
             :dtype-next {:dependencies [[cnuernber/dtype-next "11.020"]
                                         [com.cnuernber/ham-fisted "3.029"]
                                         [techascent/tech.ml.dataset "8.020"]
                                         [org.clojure/test.check "1.1.1"]]}
             :bench {:source-paths ["bench"]
                     :dependencies [[criterium "0.4.6"]]}})

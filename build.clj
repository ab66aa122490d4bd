(ns build
  "Compiles the Java part for those who depend on this library through git or a local checkout.
  Maven builds the jar; see pom.xml."
  (:refer-clojure :exclude [compile])
  (:require [clojure.tools.build.api :as b]))

(def ^:private basis (delay (b/create-basis {:project "deps.edn"})))

(defn compile
  "Compiles src/java into target/classes; `clojure -T:build compile`, or `clojure -X:deps prep` in a project that uses us."
  [opts]
  (b/javac {:src-dirs ["src/java"]
            :class-dir "target/classes"
            :basis @basis
            :javac-opts ["--release" "17"]})
  opts)

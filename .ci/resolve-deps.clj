(ns resolve-deps
  "Resolves every alias of deps.edn with tools.deps and Maven Central as the only repository (those in `from-clojars` only
  where Clojars can be reached), then compiles the Java part and loads numpack.core as a dependent project would."
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.tools.deps :as deps])
  (:import [java.io IOException]
           [java.net HttpURLConnection URI]))

(def ^:private edn (edn/read-string (slurp "deps.edn")))
(def ^:private from-clojars [:dtype-next :bench])

(defn- reachable? [url]
  (try
    (let [^HttpURLConnection connection (.openConnection (.toURL (URI. url)))]
      (doto connection
        (.setRequestMethod "HEAD")
        (.setConnectTimeout 5000)
        (.setReadTimeout 5000))
      (< (.getResponseCode connection) 400))
    (catch IOException _ false)))

(defn- basis
  "An alias with :deps is a tool's, whose dependencies replace the project's."
  [alias clojars?]
  (let [tool (get-in edn [:aliases alias :deps])]
    (deps/create-basis
     {:user    nil
      :project (if tool {:deps tool, :paths ["."]} "deps.edn")
      :extra   (when-not clojars? {:mvn/repos {"clojars" nil}})
      :aliases (when-not (or tool (= :default alias)) [alias])})))

(defn- resolve-alias [alias clojars?]
  (let [{:keys [libs classpath-roots]} (basis alias clojars?)]
    (when-let [missing (seq (remove #(.exists (io/file %)) (mapcat :paths (vals libs))))]
      (throw (ex-info (str "Files of " alias " are missing") {:missing missing})))
    (println "deps.edn" alias "resolves," (count libs) "libraries")
    classpath-roots))

(defn- java [classpath expression]
  (let [command ^java.util.List [(str (System/getProperty "java.home") "/bin/java")
                                 "-classpath" (str/join java.io.File/pathSeparator classpath)
                                 "clojure.main" "-e" expression]
        status  (.waitFor (.start (.inheritIO (ProcessBuilder. command))))]
    (when-not (zero? status)
      (throw (ex-info (str expression " ended with status " status) {:classpath classpath})))))

(let [classpaths (into {} (map (juxt identity #(resolve-alias % false)))
                       (cons :default (remove (set from-clojars) (keys (:aliases edn)))))
      {:keys [alias fn ensure]} (:deps/prep-lib edn)]
  (if (reachable? "https://repo.clojars.org/")
    (run! #(resolve-alias % true) from-clojars)
    (println "SKIPPED deps.edn" (str/join " " from-clojars) "- Clojars cannot be reached"))
  (java (classpaths alias) (format "((requiring-resolve 'build/%s) {})" (name fn)))
  (when-not (.isDirectory (io/file ensure))
    (throw (ex-info "prep-lib made no classes" {:ensure ensure})))
  (java (classpaths :default) "(require 'numpack.core)")
  (println "deps.edn is prepared by" alias fn "and loads numpack.core"))
(shutdown-agents)

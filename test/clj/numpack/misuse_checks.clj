(ns numpack.misuse-checks
  "Checks of a program that prints one line for each, and what they look at: files, mappings, other threads."
  (:require [clojure.java.io :as io]
            [clojure.string :as str])
  (:import [java.io File IOException RandomAccessFile]
           [java.nio ByteBuffer]
           [java.nio.file Files Path]
           [java.util.concurrent.atomic AtomicBoolean]))

(def held (atom 0))
(def broken (atom 0))

(defn check [what x]
  (swap! (if x held broken) inc)
  (println (if x "ok" "BROKEN") what))

(defn thrown? [f]
  (try (f) false (catch Throwable _ true)))

(defn- check-all [what pred fs]
  (let [exceptions (into [] (comp (remove (comp pred second)) (map first)) fs)]
    (check (str what ", " (count fs) " ways" (when (seq exceptions) (str/join "\n  " (cons ", but not" exceptions))))
           (and (seq fs) (empty? exceptions)))))

(defn check-throwing
  "Checks that each of the [description f] throws."
  [what fs]
  (check-all what thrown? fs))

(defn check-working
  "Checks that none of the [description f] throws."
  [what fs]
  (check-all what (complement thrown?) fs))

(defn try-all [fs]
  (run! (comp thrown? second) fs))

;; files

(defn files
  "The contents of every array's file."
  [path]
  (into {} (for [^File file (.listFiles (io/file path))
                 :when (str/starts-with? (.getName file) "data_")]
             [(.getName file) (ByteBuffer/wrap (Files/readAllBytes (.toPath file)))])))

(defmacro keeping-files
  "Evaluates body, then checks that the files are what they were."
  [path what & body]
  `(let [before# (files ~path)]
     ~@body
     (check (str "the files after " ~what) (= before# (files ~path)))))

(defn cut-short [path name bytes]
  (with-open [f (RandomAccessFile. (io/file path (str "data_" name ".npkd")) "rw")]
    (.setLength f bytes)))

;; threads

(defn in-thread
  "Calls f in a thread of its own, for JDK 17 throws the error of a truncated mapping whenever it likes. Returns what f threw, or nil."
  [f]
  (let [thrown (promise)
        thread (doto (Thread. ^Runnable f)
                 (.setUncaughtExceptionHandler (reify Thread$UncaughtExceptionHandler
                                                 (uncaughtException [_ _ t] (deliver thrown t))))
                 (.start))]
    (.join thread)
    (deref thrown 0 nil)))

(defn reading-while
  "Calls f while the reads, functions, are called again and again, in a thread each. Throws what they throw."
  [reads f]
  (let [stop    (AtomicBoolean.)
        readers (mapv #(future (while (not (.get stop)) (%))) reads)]
    (try
      (f)
      (finally (.set stop true)))
    (run! deref readers)))

;; what a process holds

(defn mappings
  "How many mappings of files below the path this process has."
  [path]
  (with-open [lines (Files/lines (Path/of "/proc/self/maps" (make-array String 0)))]
    (count (filterv #(str/includes? % path) (iterator-seq (.iterator lines))))))

(defn open-files
  "How many files below the path this process has open."
  [path]
  (count (for [^File fd (.listFiles (io/file "/proc/self/fd"))
               :when (try
                       (str/includes? (str (Files/readSymbolicLink (.toPath fd))) path)
                       (catch IOException _ false))]
           fd)))

(defn falls-to?
  "Whether the count that f gives gets as low as n while the collector runs."
  [n f]
  (loop [tries 0]
    (System/gc)
    (Thread/sleep 50)
    (cond (<= (long (f)) (long n)) true
          (< tries 100)            (recur (inc tries))
          :else                    false)))

(ns numpack.scratch
  "Packs for tests."
  (:require [clojure.java.io :as io]
            [numpack.core :as npk])
  (:import [java.io File]
           [java.lang ProcessBuilder$Redirect]
           [java.nio.file Files]
           [java.nio.file.attribute FileAttribute]))

(defn- delete-tree [^File file]
  (run! io/delete-file (reverse (file-seq file))))

(defn call-with-folder [f]
  (let [folder (.toFile (Files/createTempDirectory "numpack-clj" (make-array FileAttribute 0)))]
    (try
      (f folder)
      (finally (delete-tree folder)))))

(defmacro with-folder
  "Evaluates body with a new folder, which is removed afterwards."
  [[folder] & body]
  `(call-with-folder (fn [~(with-meta folder {:tag `File})] ~@body)))

(defn call-with-pack [options f]
  (with-folder [folder]
    (with-open [pack (npk/open (io/file folder "test.npk") (merge {:as :ndarray} options))]
      (npk/save! pack [[:features (into-array (map float-array [[1 2] [3 4] [5 6]]))]
                       [:labels [0 1 1]]])
      (f pack))))

(defmacro with-pack
  "Evaluates body with an open pack of features, float32 [[1 2] [3 4] [5 6]], and labels, int64 [0 1 1]."
  [[pack options] & body]
  `(call-with-pack ~options (fn [~(with-meta pack {:tag `numpack.NumPack})] ~@body)))

(defmacro with-odd-pack
  "Evaluates body with an open pack of an array :good and two of Python's that cannot be used here, \"\" and :scalar."
  [[pack] & body]
  `(with-folder [folder#]
     (doseq [^File file# (.listFiles (io/file "test/resources/odd/odd.npk"))]
       (io/copy file# (io/file folder# (.getName file#))))
     (with-open [pack# (npk/open folder# {:as :ndarray})]
       (let [~(with-meta pack {:tag `numpack.NumPack}) pack#]
         ~@body))))

(defn nested
  "The elements of an array as nested vectors."
  [x]
  (if (instance? numpack.NDArray x)
    (mapv nested x)
    x))

(defn elements
  "What the pack holds, as a reader sees it: {name nested-vectors}."
  [pack]
  (into {} (map (juxt keyword #(nested (npk/load pack %)))) (npk/names pack)))

(defn error
  "The :numpack/error of what f throws, and its message."
  [f]
  (try
    (f)
    [:nothing-thrown nil]
    (catch numpack.NumPackException e
      [(:numpack/error (ex-data e)) (ex-message e)])))

(defmacro error-of
  "The :numpack/error of what body throws."
  [& body]
  `(first (error (fn [] ~@body))))

(defn run-clojure
  "Runs clojure.main in a JVM of its own. Returns its exit status and what it printed."
  [& args]
  (with-folder [folder]
    (let [out     (io/file folder "out")
          err     (io/file folder "err")
          command (into [(str (System/getProperty "java.home") "/bin/java") "-cp" (System/getProperty "java.class.path") "clojure.main"]
                        args)
          process (-> (ProcessBuilder. ^java.util.List command)
                      (.redirectOutput (ProcessBuilder$Redirect/to out))
                      (.redirectError (ProcessBuilder$Redirect/to err))
                      (.start))]
      {:exit (.waitFor process), :out (slurp out), :err (slurp err)})))

(ns numpack.coverage
  "How much of the Java code the JUnit tests ran, from JaCoCo's report."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]))

(defn- rows [file]
  (let [[head & lines] (map #(str/split % #",") (str/split-lines (slurp file)))]
    (map #(zipmap head %) lines)))

(defn- percent [kind rows]
  (let [sum     (fn [outcome] (transduce (map #(parse-long (get % (str kind "_" outcome)))) + rows))
        covered (sum "COVERED")]
    (format "%.1f %%" (* 100.0 (/ covered (max 1 (+ covered (sum "MISSED"))))))))

(defn print-summary
  "Prints a line for each package and one for all, if the folder has a jacoco.csv."
  [folder]
  (let [file (io/file folder "jacoco.csv")]
    (when (.exists file)
      (let [classes (rows file)
            line    (fn [what rows]
                      (println (format "  %-16s %8s of the lines %8s of the branches" what (percent "LINE" rows) (percent "BRANCH" rows))))]
        (println "JUnit runs of the Java code in")
        (run! (fn [[package rows]] (line package rows)) (sort-by key (group-by #(get % "PACKAGE") classes)))
        (line "all" classes)))))

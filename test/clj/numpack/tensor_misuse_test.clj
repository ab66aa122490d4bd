(ns numpack.tensor-misuse-test
  (:require [tech.v3.tensor]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [numpack.scratch :refer [run-clojure with-folder]]
            [numpack.tensor-misuse :as misuse]))

(deftest misuse-neither-crashes-nor-corrupts-nor-leaks
  (with-folder [folder]
    (let [{:keys [exit out err]} (run-clojure "-m" "numpack.tensor-misuse" (str folder))]
      (is (zero? exit) err)
      (is (= (map #(str (:name (meta %)) " ok") misuse/cases) (str/split-lines out))))))

(ns numpack.quickstart-test
  "dev/quickstart.clj over a pack of one's own; the whole tour is run by .ci/run."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [numpack.scratch :refer [run-clojure]]))

(deftest a-path-as-argument-prints-that-pack
  (let [{:keys [exit out]} (run-clojure "dev/quickstart.clj" "test/resources/fixtures/ranks.npk")]
    (is (zero? exit))
    (is (str/includes? out "test/resources/fixtures/ranks.npk"))
    (is (re-find #"rank3 \|\s+:float32 \|\s+\[2 3 4\]" out))))

(deftest a-path-that-is-no-pack-fails-with-its-name
  (let [{:keys [exit err]} (run-clojure "dev/quickstart.clj" "no/such.npk")]
    (is (= 1 exit))
    (is (str/includes? err "no/such.npk"))))

(deftest the-repl-has-numpack-core-as-npk
  (load-file "dev/user.clj")
  (is (= 'numpack.core (some-> (get (ns-aliases 'user) 'npk) ns-name))))

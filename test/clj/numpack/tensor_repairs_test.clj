(ns numpack.tensor-repairs-test
  "With the system property numpack.dtype-next.repairs=off dtype-next stays as it is, and whatever the repairs are not for works all the
  same: each program here is a JVM of its own."
  (:require [tech.v3.tensor]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [numpack.scratch :refer [run-clojure]]))

(defn- last-line [repairs & program]
  (let [{:keys [exit out err]} (run-clojure "-e" (str "(System/setProperty \"numpack.dtype-next.repairs\" \"" repairs "\")\n"
                                                      (str/join "\n" program)))]
    (is (zero? exit) err)
    (last (str/split-lines out))))

(def ^:private look-up
  ["(require '[numpack.core :as npk] 'tech.v3.datatype.copy '[tech.v3.datatype :as dtype] '[tech.v3.tensor :as dtt])"
   "(let [copy! @(resolve 'tech.v3.datatype.copy/generic-copy!)]"
   "  (with-open [pack (npk/open \"test/resources/fixtures/ranks.npk\" {:read-only? true})]"
   "    (:rank2 pack))"
   "  (println (identical? copy! @(resolve 'tech.v3.datatype.copy/generic-copy!))"
   "           (try (vec (dtype/set-constant! (dtt/as-tensor (npk/ndarray [0 0])) 1 1 7)) (catch StackOverflowError _ :overflow))))"])

(deftest the-switch-leaves-dtype-next-as-it-is
  (is (= "false [0 7]" (apply last-line "on" look-up)))
  (is (= "true :overflow" (apply last-line "off" look-up))))

(deftest tensors-work-without-the-repairs
  (is (= "{:fail 0, :error 0}"
         (last-line "off"
                    "(require '[clojure.test :as t] 'numpack.tensor-test)"
                    "(binding [t/*report-counters* (ref t/*initial-report-counters*)]"
                    "  (t/test-vars (remove (comp :repaired meta) (filter (comp :test meta) (vals (ns-interns 'numpack.tensor-test)))))"
                    "  (shutdown-agents)"
                    "  (println (select-keys @t/*report-counters* [:fail :error])))"))))

(ns numpack.scopes-test
  "What the macros and functions of the two scopes add to Java's Batch and WritableBatch."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [numpack.core :as npk]
            [numpack.scratch :refer [elements error error-of nested with-pack]])
  (:import [numpack Batch NumPack ReadOnlyException ScopeEndedException ScopeOpenException WritableBatch]))

(def before {:features [[1.0 2.0] [3.0 4.0] [5.0 6.0]] :labels [0 1 1]})

(defn- files [^NumPack pack]
  (into {} (for [^java.io.File f (.listFiles (.toFile (.path pack))) :when (.isFile f)]
             [(.getName f) [(.lastModified f) (vec (java.nio.file.Files/readAllBytes (.toPath f)))]])))

;; the macros

(deftest the-body-runs-once-and-its-value-is-returned
  (with-pack [pack]
    (let [runs (atom 0)]
      (is (= :value (npk/with-batch [_ pack] (swap! runs inc) :value)))
      (is (= :value (npk/with-writable-batch [_ pack] (swap! runs inc) :value)))
      (is (= 2 @runs))
      (is (nil? (npk/with-batch [_ pack])))
      (is (nil? (npk/with-writable-batch [_ pack]))))))

(deftest pack-and-options-are-evaluated-once-before-the-body-and-in-order
  (with-pack [pack]
    (let [seen (atom [])
          saw  (fn [x value] (swap! seen conj x) value)]
      (npk/with-batch [_ (saw :pack pack) (saw :options {:memory-limit "1GB"})] (saw :body nil))
      (npk/with-writable-batch [_ (saw :pack pack) (saw :options {:sync? false})] (saw :body nil))
      (is (= [:pack :options :body :pack :options :body] @seen)))))

(deftest any-binding-form-binds
  (with-pack [pack]
    (npk/with-batch [b pack]
      (is (instance? Batch b)))
    (npk/with-batch [{:keys [features labels missing] :or {missing :none} :as b} pack]
      (is (= [3 3 :none] [(count features) (count labels) missing]))
      (is (identical? features (npk/load b :features))))
    (npk/with-batch [{[first-row] :features, x :labels, :strs [labels], :syms [features]} pack]
      (is (= [1.0 2.0] (seq first-row)))
      (is (identical? x labels))
      (is (= 3 (count features))))
    (npk/with-writable-batch [w pack]
      (is (instance? WritableBatch w)))
    (npk/with-writable-batch [{:keys [features missing] :or {missing nil}} pack]
      (is (nil? missing))
      (npk/add! features 1))
    (is (= [[2.0 3.0] [4.0 5.0] [6.0 7.0]] (:features (elements pack))))
    (is (= :array-not-found (error-of (npk/with-batch [{:keys [missing]} pack] missing))
           (error-of (npk/with-writable-batch [{:keys [missing]} pack] missing))))))

(deftest no-name-of-the-macro-is-seen-in-the-body-and-none-of-the-body-in-the-macro
  (with-pack [pack]
    (let [scope 1, f 2, batch 3, call-with-batch 4, options 5, run 6]
      (npk/with-batch [b pack]
        (is (= [1 2 3 4 5 6] [scope f batch call-with-batch options run])))
      (npk/with-writable-batch [b pack]
        (is (= [1 2 3 4 5 6] [scope f batch call-with-batch options run])))
      (let [fn* nil, let nil]
        (is (= 1 (npk/with-batch [b pack] scope)))))))

(deftest the-binding-may-shadow-the-pack
  (with-pack [pack]
    (npk/with-batch [pack pack]
      (npk/append! pack :labels [5])
      (npk/mul! (:features pack) 2))
    (npk/with-writable-batch [pack pack]
      (npk/add! (:labels pack) 1))
    (is (= {:features [[2.0 4.0] [6.0 8.0] [10.0 12.0]] :labels [1 2 2 6]} (elements pack)))))

(deftest malformed-bindings-are-explained-when-the-macro-expands
  (doseq [macro ['npk/with-batch 'npk/with-writable-batch]
          bindings ['b '(b pack) '[] '[b] '[b pack {} more] '[:b pack] '["b" pack] '[a/b pack] '[nil pack]]]
    (testing (pr-str macro bindings)
      (let [e (try
                (binding [*ns* (the-ns 'numpack.scopes-test)]
                  (macroexpand-1 (list macro bindings 1)))
                (catch Throwable e (or (ex-cause e) e)))]
        (is (instance? IllegalArgumentException e))
        (is (str/includes? (ex-message e) (str (name macro) " [")))))))

(deftest a-recur-cannot-run-the-body-again
  (doseq [macro ['npk/with-batch 'npk/with-writable-batch]]
    (is (thrown? clojure.lang.Compiler$CompilerException
                 (binding [*ns* (the-ns 'numpack.scopes-test)]
                   (eval (list 'fn '[pack] (list macro '[b pack] '(recur pack)))))))))

(deftest scopes-work-inside-let-functions-loops-and-lazy-code
  (with-pack [pack]
    (let [scale (fn [source factor] (npk/with-batch [{:keys [features]} source] (npk/mul! features factor) nil))
          total (let [x (npk/with-batch [b pack] (npk/reduce-axis (:labels b) :sum))] (inc x))]
      (is (= 3 total))
      (dotimes [_ 2] (scale pack 2))
      (is (= [[4.0 8.0] [12.0 16.0] [20.0 24.0]] (:features (elements pack))))
      (is (= [2 4] (mapv (fn [n] (npk/with-batch [b pack] (* n (npk/reduce-axis (:labels b) :sum)))) [1 2]))))))

(deftest scopes-work-on-other-threads
  (with-pack [pack]
    (npk/with-batch [b pack]
      @(future (npk/mul! (:features b) 2))
      @(future (npk/append! b :labels [9])))
    @(future (npk/with-batch [b pack] (npk/append! b :labels [8])))
    @(future (npk/with-writable-batch [w pack] (npk/add! (:features w) 1)))
    (is (= {:features [[3.0 5.0] [7.0 9.0] [11.0 13.0]] :labels [0 1 1 9 8]} (elements pack)))
    (testing "an edit through the pack on another thread is unrestricted"
      (npk/with-batch [b pack]
        (npk/shape b :labels)
        @(future (npk/save! pack :other [1]))))
    (is (npk/exists? pack :other))))

(deftest the-functions-take-options-as-keyword-arguments-too
  (with-pack [pack]
    (is (= 1 (npk/call-with-batch pack (fn [b] (npk/mget (:labels b) 1)) :memory-limit "64 MB" :on-error :discard)))
    (is (= 1 (npk/call-with-batch pack (fn [b] (npk/mget (:labels b) 1)) {:memory-limit 1000})))
    (is (= 1 (npk/call-with-writable-batch pack (fn [w] (npk/mget (:labels w) 1)) :sync? false)))))

;; batches

(deftest edits-in-place-are-committed-with-and-without-save!
  (with-pack [pack]
    (npk/with-batch [b pack]
      (npk/mul! (:features b) 2)
      (npk/mset! (:labels b) 0 7))
    (is (= {:features [[2.0 4.0] [6.0 8.0] [10.0 12.0]] :labels [7 1 1]} (elements pack)))
    (npk/with-batch [b pack]
      (let [x (npk/load b :features)]
        (npk/mul! x 2)
        (npk/save! b :features x)))
    (is (= [[4.0 8.0] [12.0 16.0] [20.0 24.0]] (:features (elements pack))))))

(deftest a-batch-loads-an-array-once-and-private-edits-are-seen-in-it-alone
  (with-pack [pack]
    (npk/with-batch [b pack]
      (is (identical? (:features b) (npk/load b :features)))
      (npk/fill! (:features b) 0)
      (is (= [[0.0 0.0] [0.0 0.0] [0.0 0.0]] (nested (npk/lazy b :features)) (nested (npk/select-rows b :features (range 3)))
             (into [] (mapcat nested) (npk/chunks b :features 2))))
      (is (= before (elements pack))))))

(deftest later-edits-of-a-batch-keep-earlier-ones
  (with-pack [pack]
    (npk/with-batch [b pack]
      (npk/mul! (:features b) 10)
      (npk/append! b :features [[7 8] [9 9]])
      (npk/mset! (:features b) 3 0 -7)
      (npk/drop-rows! b :features 0)
      (npk/replace-rows! b :features [[0 0]] -1)
      (npk/save! b :flat (npk/reshape (:features b) [-1]))
      (npk/rename! b :flat :all)
      (npk/save! b :features (npk/reshape (:features b) [2 4])))
    (is (= {:features [[30.0 40.0 50.0 60.0] [-7.0 8.0 0.0 0.0]]
            :all      [30.0 40.0 50.0 60.0 -7.0 8.0 0.0 0.0]
            :labels   [0 1 1]}
           (elements pack)))))

(deftest what-a-batch-only-reads-is-not-written
  (with-pack [pack]
    (let [files-before (files pack)]
      (npk/with-batch [{:keys [features labels]} pack]
        (npk/reduce-axis features :sum)
        (seq labels))
      (is (= files-before (files pack))))))

(deftest when-the-body-throws-the-changes-are-committed-and-the-exception-goes-on
  (with-pack [pack]
    (is (thrown-with-msg? ArithmeticException #"zero"
                          (npk/with-batch [b pack]
                            (npk/append! b :labels [5])
                            (/ 1 0))))
    (is (= [0 1 1 5] (:labels (elements pack))))
    (is (thrown-with-msg? java.io.IOException #"gone"
                          (npk/with-writable-batch [w pack]
                            (npk/add! (:features w) 1)
                            (throw (java.io.IOException. "gone")))))
    (is (= [[2.0 3.0] [4.0 5.0] [6.0 7.0]] (:features (elements pack))))))

(deftest on-error-discard-commits-nothing-when-the-body-throws
  (with-pack [pack]
    (is (thrown? ArithmeticException (npk/with-batch [b pack {:on-error :discard}]
                                       (npk/append! b :labels [5])
                                       (/ 1 0))))
    (is (= before (elements pack)))
    (npk/with-batch [b pack {:on-error :discard}]
      (npk/append! b :labels [5]))
    (is (= [0 1 1 5] (:labels (elements pack))) "a body that returns commits"))
  (with-pack [pack {:on-error :discard}]
    (is (thrown? ArithmeticException (npk/with-batch [b pack] (npk/append! b :labels [5]) (/ 1 0))))
    (is (= before (elements pack)) "as the pack was opened")
    (is (thrown? ArithmeticException (npk/with-batch [b pack {:on-error :commit}] (npk/append! b :labels [5]) (/ 1 0))))
    (is (= [0 1 1 5] (:labels (elements pack))) "the batch's own option wins")))

(deftest an-interrupt-discards
  (with-pack [pack]
    (is (thrown? InterruptedException (npk/with-batch [b pack]
                                        (npk/append! b :labels [5])
                                        (throw (InterruptedException.)))))
    (is (= before (elements pack)))))

(deftest a-conflict-is-thrown-and-overwrites-if-asked
  (with-pack [pack]
    (is (= :conflict (error-of (npk/with-batch [b pack]
                                 (npk/mul! (:features b) 2)
                                 @(future (npk/save! pack :features [[0.5]]))))))
    (is (= [[0.5]] (:features (elements pack))))
    (npk/with-batch [b pack {:on-conflict :overwrite}]
      (npk/mul! (:features b) 2)
      @(future (npk/save! pack :features [[7.5]])))
    (is (= [[1.0]] (:features (elements pack))))))

(deftest a-failing-commit-is-suppressed-by-the-exception-of-the-body
  (with-pack [pack]
    (let [e (try
              (npk/with-batch [b pack]
                (npk/mul! (:features b) 2)
                @(future (npk/save! pack :features [[0.5]]))
                (throw (ex-info "the body's" {})))
              (catch clojure.lang.ExceptionInfo e e))]
      (is (= "the body's" (ex-message e)))
      (is (= [:conflict] (map (comp :numpack/error ex-data) (.getSuppressed ^Throwable e)))))))

(deftest a-memory-limit-changes-no-result
  (let [work (fn [options]
               (with-pack [pack]
                 (npk/save! pack :x (npk/ndarray (range 20000) {:shape [2000 10]}))
                 (npk/with-batch [b pack options]
                   (npk/mul! (:x b) 3)
                   (npk/append! b :x (npk/ndarray (range 10000) {:shape [1000 10]}))
                   (npk/save! b :y (npk/reshape (:x b) [-1 5]))
                   (npk/drop-rows! b :x (range 0 3000 7)))
                 (elements pack)))
        without (work {})]
    (doseq [limit [0 1000 "10 KB" "1.5MiB" "1GB"]]
      (is (= without (work {:memory-limit limit}))))))

;; writable batches

(deftest writable-views-write-to-the-file-and-are-the-same-on-every-call
  (with-pack [pack]
    (npk/with-writable-batch [w pack]
      (let [features (npk/load w :features)]
        (is (identical? features (:features w)))
        (is (:mapped? (npk/info features)))
        (npk/mul! features 2)
        (npk/save! w :features features)
        (is (= [{:array "features" :kind :edit :rows 3}] (npk/changes w)))
        (is (= 4.0 (npk/mget (:features pack) 0 1)) "at once")))
    (is (= [[2.0 4.0] [6.0 8.0] [10.0 12.0]] (:features (elements pack))))))

(deftest save-and-replace-rows-copy-into-a-writable-view
  (with-pack [pack]
    (npk/with-writable-batch [w pack]
      (is (identical? w (npk/save! w {:labels [7 8 9] :features [[1 1] [2 2] [3 3]]})))
      (is (identical? w (npk/replace-rows! w :features [[0 0]] -1)))
      (npk/replace-rows! w {:labels (long-array [5 6])} [true false true]))
    (is (= {:features [[1.0 1.0] [2.0 2.0] [0.0 0.0]] :labels [5 8 6]} (elements pack)))
    (npk/with-writable-batch [w pack]
      (npk/save! w :labels [1.0 2.0 3.0] {:dtype :int64})
      (is (= :shape-mismatch (error-of (npk/save! w :labels [1])) (error-of (npk/replace-rows! w :labels [1 2] 0))))
      (is (= :dtype-mismatch (error-of (npk/save! w :labels (double-array 3))) (error-of (npk/replace-rows! w :labels [0.5] 0))
             (error-of (npk/replace-rows! w :labels (int-array 1) 0))))
      (is (= :array-not-found (error-of (npk/replace-rows! w :x [1] 0)))))
    (is (= [1 2 3] (:labels (elements pack))))))

(deftest what-a-writable-batch-cannot-do-names-with-batch-and-create!
  (with-pack [pack]
    (npk/with-writable-batch [w pack]
      (doseq [call [#(npk/append! w :labels [1]) #(npk/drop-rows! w :labels 0) #(npk/delete! w :labels) #(npk/rename! w :labels :x)
                    #(npk/compact! w) #(npk/compact! w :labels) #(npk/create! w :x {:shape [3]}) #(npk/save! w :x [1 2 3])
                    #(npk/save! w :labels [1 2 3 4])]]
        (let [[kind message] (error call)]
          (is (#{:read-only :array-not-found :shape-mismatch} kind))
          (is (str/includes? message "with-batch"))
          (is (or (= :shape-mismatch kind) (str/includes? message "create!")))))
      (is (thrown? ReadOnlyException (npk/append! w :labels [1]))))
    (is (= before (elements pack)))))

(deftest an-array-that-escapes-its-writable-batch-says-so
  (with-pack [pack]
    (let [escaped (npk/with-writable-batch [{:keys [features]} pack] features)]
      (is (thrown? ScopeEndedException (npk/mget escaped 0 0)))
      (is (thrown? ScopeEndedException (npk/mul! escaped 2)))
      (is (str/includes? (pr-str escaped) "ended") "it prints")
      (is (= before (elements pack))))))

(deftest create-and-fill-in-chunks
  (with-pack [pack]
    (npk/create! pack :out {:shape [1000 3] :dtype :float32})
    (npk/with-writable-batch [w pack]
      (doseq [chunk (npk/chunks w :out 300)]
        (npk/fill! chunk (first (:numpack/rows (meta chunk))))))
    (is (= [0.0 300.0 900.0] (map #(npk/mget (:out pack) % 2) [299 300 999])))))

;; scopes as values

(deftest a-batch-in-a-var-lives-across-evaluations
  (with-pack [pack]
    (let [ns-sym (gensym "numpack.repl")]
      (binding [*ns* (create-ns ns-sym)]
        (try
          (refer-clojure)
          (require '[numpack.core :as npk])
          (intern *ns* 'pack pack)
          (eval '(def b (npk/batch pack {:memory-limit "1GB"})))
          (eval '(npk/mul! (:features b) 2))
          (eval '(npk/append! b :labels [5]))
          (is (= [["features" :save] ["labels" :append]] (eval '(map (juxt :array :kind) (npk/changes b)))))
          (is (= before (elements pack)))
          (eval '(npk/commit! b))
          (finally (remove-ns ns-sym)))))
    (is (= {:features [[2.0 4.0] [6.0 8.0] [10.0 12.0]] :labels [0 1 1 5]} (elements pack)))))

(deftest a-scope-ends-once-by-commit-discard-or-close
  (with-pack [pack]
    (let [b (npk/batch pack)]
      (npk/append! b :labels [5])
      (is (identical? b (npk/discard! b)))
      (is (nil? (npk/close b)))
      (is (= :scope-ended (error-of (npk/commit! b)) (error-of (npk/discard! b)) (error-of (npk/names b)) (error-of (:labels b))
             (error-of (npk/changes b)) (error-of (npk/append! b :labels [1])) (error-of (npk/with-batch [b b] b)))))
    (is (= before (elements pack)))
    (with-open [b (npk/batch pack)]
      (npk/append! b :labels [5]))
    (is (= [0 1 1 5] (:labels (elements pack))) "close commits")
    (with-open [b (npk/batch pack {:on-error :discard})]
      (npk/append! b :labels [6]))
    (is (= [0 1 1 5] (:labels (elements pack))) "and discards where that was asked")
    (with-open [b (npk/batch pack {:on-error :discard})]
      (npk/append! b :labels [6])
      (npk/commit! b))
    (is (= [0 1 1 5 6] (:labels (elements pack))) "unless committed")
    (let [w (npk/writable-batch pack {:sync? false})]
      (npk/add! (:labels w) 1)
      (is (identical? w (npk/commit! w)))
      (is (= :scope-ended (error-of (:labels w)) (error-of (npk/commit! w)))))
    (npk/with-batch [b pack]
      (npk/append! b :labels [9])
      (npk/discard! b))
    (is (= [1 2 2 6 7] (:labels (elements pack))) "a body may discard")))

(deftest changes-tell-what-a-batch-would-commit
  (with-pack [pack]
    (npk/save! pack {:a [1] :b [1 2] :c [1]})
    (npk/with-batch [b pack]
      (is (= [] (npk/changes b)))
      (npk/mul! (:features b) 2)
      (npk/append! b :labels [1 2])
      (npk/delete! b :a)
      (npk/drop-rows! b :b 0)
      (npk/rename! b :c :d)
      (npk/save! b :e [1 2 3])
      (is (= #{{:array "features" :kind :save :rows 3}
               {:array "labels" :kind :append :rows 2}
               {:array "a" :kind :delete :rows 0}
               {:array "b" :kind :drop :rows 1}
               {:array "d" :kind :rename :from "c" :rows 0}
               {:array "e" :kind :create :rows 3}}
             (set (npk/changes b))))
      (is (vector? (npk/changes b))))))

;; nesting

(deftest a-batch-on-a-batch-joins-it-and-the-outermost-commits
  (with-pack [pack]
    (npk/with-batch [outer pack]
      (is (= :inner (npk/with-batch [inner outer {:memory-limit "1GB"}]
                      (is (identical? outer inner))
                      (npk/append! inner :labels [5])
                      :inner)))
      (is (thrown? ArithmeticException (npk/with-batch [{:keys [features]} outer] (npk/mul! features 2) (/ 1 0))))
      (is (= before (elements pack)) "nothing is committed yet")
      (is (= :invalid-option (error-of (npk/with-batch [_ outer {:limit 1}])))))
    (is (= {:features [[2.0 4.0] [6.0 8.0] [10.0 12.0]] :labels [0 1 1 5]} (elements pack)))))

(deftest other-scopes-inside-a-scope-are-refused-with-advice
  (with-pack [pack]
    (npk/with-batch [b pack]
      (are [call] (thrown? ScopeOpenException call)
        (npk/with-batch [c pack] c)
        (npk/with-writable-batch [w pack] w)
        (npk/batch pack)
        (npk/writable-batch pack)
        (npk/save! pack :x [1])
        (npk/append! pack :labels [1])
        (npk/with-writable-batch [w b] w)
        (npk/batch b)
        (npk/writable-batch b))
      (is (str/includes? (second (error #(npk/save! pack :x [1]))) "[pack pack]"))
      (is (str/includes? (second (error #(npk/writable-batch b))) "in place")))
    (npk/with-writable-batch [{:keys [labels] :as w} pack]
      (are [call] (thrown? ScopeOpenException call)
        (npk/with-batch [b pack] b)
        (npk/with-writable-batch [v pack] v)
        (npk/with-batch [b w] b)
        (npk/with-writable-batch [v w] v)
        (npk/batch w)
        (npk/writable-batch w)
        (npk/delete! pack :labels)))
    (is (= before (elements pack)))
    (is (= 3 (npk/with-batch [b pack] (count (:labels b)))) "one after another they are fine")))

(deftest arrays-that-a-writable-batch-has-not-loaded-are-edited-through-the-pack
  (with-pack [pack]
    (npk/with-writable-batch [{:keys [features]} pack]
      (npk/mul! features 10)
      (npk/append! pack :labels [5])
      (npk/save! pack :copy features)
      (is (thrown? ScopeOpenException (npk/append! pack :features [[1 1]]))))
    (is (= {:features [[10.0 20.0] [30.0 40.0] [50.0 60.0]] :labels [0 1 1 5] :copy [[10.0 20.0] [30.0 40.0] [50.0 60.0]]}
           (elements pack)))))

(deftest scopes-that-got-lost-are-discarded
  (with-pack [pack]
    (npk/add! (:labels (npk/batch pack)) 1)
    @(future (npk/fill! (:features (npk/writable-batch pack)) 0))
    (is (thrown-with-msg? ScopeOpenException #"discard-scopes\?" (npk/batch pack)))
    (is (= :invalid-option (error-of (npk/close pack {:discard-scope? true}))
           (error-of (with-open [b (npk/batch (npk/open (str (.path pack) "2")))] (npk/close b {:discard-scopes? true})))))
    (npk/close pack {:discard-scopes? true})
    (with-open [again (npk/open (str (.path pack)))]
      (is (= {:features [[0.0 0.0] [0.0 0.0] [0.0 0.0]] :labels [0 1 1]} (elements again)) "edits in place are in the file")
      (npk/with-batch [b again] (npk/delete! b :features))
      (is (= {:labels [0 1 1]} (elements again))))))

(deftest a-scope-on-a-read-only-or-closed-pack-is-refused
  (with-pack [pack]
    (with-open [readable (npk/open (.path pack) {:read-only? true})]
      (is (= :read-only (error-of (npk/with-batch [b readable] b)) (error-of (npk/with-writable-batch [w readable] w)))))
    (npk/close pack)
    (is (= :pack-closed (error-of (npk/with-batch [b pack] b)) (error-of (npk/writable-batch pack))))))

(deftest a-scope-can-end-after-its-pack-was-closed
  (with-pack [pack]
    (let [path (.path pack)
          b    (npk/batch pack)]
      (npk/append! b :labels [5])
      (npk/close pack)
      (npk/commit! b)
      (with-open [pack (npk/open (io/file (str path)))]
        (is (= [0 1 1 5] (:labels (elements pack))))))))

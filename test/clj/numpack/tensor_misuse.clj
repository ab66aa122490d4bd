(ns numpack.tensor-misuse
  "What a program must not do with tensors, and what must not happen then: no crash, no wrong value, no leak. Each case runs in a JVM
  of its own, which prints a line for each check and, if all hold, a last one that says so."
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [numpack.core :as npk]
            [numpack.misuse-checks :refer [broken check check-throwing check-working cut-short falls-to? files held in-thread keeping-files
                                           mappings open-files reading-while thrown? try-all]]
            [numpack.misuse-writes :refer [copies element-writes growth outside views writes]])
  (:import [clojure.lang PersistentQueue]
           [java.io File]
           [java.nio.file LinkOption]
           [java.util.concurrent CountDownLatch]
           [java.util.concurrent.atomic AtomicBoolean]
           [numpack ScopeEndedException]))

;; packs

(def ^:private rows 400)

(defn- value [dtype i]
  (if (= :boolean dtype) (even? i) (rem i 1000)))

(defn- contents [dtype]
  (mapv #(value dtype %) (range (* 3 rows))))

(defn- save-example!
  "Saves x with 400 rows of 3, in one run or, with other rows between them that are dropped, in many."
  [pack [dtype pieces?]]
  (let [array (mapv vec (partition 3 (contents dtype)))]
    (npk/save! pack :x (if pieces? (interleave array array) array) {:dtype dtype})
    (when pieces?
      (npk/drop-rows! pack :x (range 1 (* 2 rows) 2)))))

(def ^:private examples
  [[:float32 false] [:int16 true] [:boolean false] [:boolean true]])

(defn- views-of
  "The views of x, an example: all of the first one, some of the others."
  [example x]
  (if (= (first examples) example)
    (views x)
    (filter (comp #{"tensor" "buffer" "row" "picked rows" "transposed tensor"} first) (views x))))

(defn- flat [x]
  (mapv #(if (boolean? %) % (long %)) (dtype/->reader x)))

(defn- address
  "dtype-next's own buffer over the memory; nil where it may not have the address."
  [x]
  (dtype/as-native-buffer x))

;; writing to what can only be read

(defn- check-refusal [x path example]
  (doseq [[view v] (views-of example x)]
    (keeping-files path (str "writes to " example ", " view)
      (check-throwing (str "writes to " example ", " view) (writes v))))
  (keeping-files path (str "other misuse of " example)
    (check-throwing (str "growth of " example) (concat (growth x) (growth (dtype/->reader x))))
    (check-throwing (str "wrong indexes of " example) (outside x))))

(defn writes-to-a-lazy-tensor [pack path]
  (doseq [[dtype _ :as example] examples]
    (save-example! pack example)
    (let [x (:x pack)]
      (check-refusal x path example)
      (keeping-files path (str "writes to copies of " example)
        (doseq [[copy c] (copies x)]
          (dtype/set-value! c 0 (if (= "float array" copy) 7 (value dtype 1)))))
      (check (str "no address of " example) (not (or (address x) (dtype/as-array-buffer x) (dtype/as-writer x))))
      (check (str "elements of " example) (= (contents dtype) (flat x) (flat (npk/load pack :x)))))))

(defn writes-that-a-writable-batch-takes
  "What the other cases call writes does write where it may, so that an exception there is about misuse."
  [pack _]
  (doseq [[dtype _ :as example] examples]
    (save-example! pack example)
    (npk/with-writable-batch [{:keys [x]} pack]
      (doseq [[view v] (remove (comp #{"sublist"} first) (views-of example x))]
        (check-working (str "writes to " example ", " view) (element-writes v)))
      (check-throwing (str "growth of " example) (growth x))
      (check-throwing (str "wrong indexes of " example) (outside x)))
    (check (str "other elements in " example) (not= (contents dtype) (flat (:x pack))))))

;; after the scope

(defn- check-writes-throw [x example what]
  (doseq [[view v] (views-of example x)]
    (check-throwing (str "writes to " what ", " view) (element-writes v))))

(defn- check-writes-go-nowhere [x raw path example what]
  (keeping-files path (str "writes to " what)
    (doseq [[_ v] (views-of example x)]
      (try-all (writes v)))
    (try-all (growth x))
    (when raw
      (dtype/set-constant! raw 9)
      (dtype/copy! (dtype/make-container (dtype/elemwise-datatype raw) (dtype/ecount raw)) raw)))
  (check-throwing (str "wrong indexes of " what) (outside x)))

(defn uses-after-a-batch [pack path]
  (doseq [[dtype _ :as example] examples
          [kind options]        {"heap" {}, "stage" {:memory-limit 0}}]
    (save-example! pack example)
    (let [what     (str example " on the " kind)
          one      (value dtype 2)
          expected (assoc (contents dtype) 1 one)
          [x a]    (npk/with-batch [b pack options]
                     (dtt/mset! (:x b) 0 1 one)
                     [(:x b) (address (:x b))])]
      (check (str "address of " what) (= (some? a) (and (= "stage" kind) (not= :boolean dtype))))
      (check (str "elements of " what) (= expected (flat x) (flat (:x pack))))
      (when (= "stage" kind)
        (check-writes-throw x example what))
      (check-writes-go-nowhere x a path example what)
      (check (str "elements of the pack with " what) (= expected (flat (:x pack)) (flat (npk/load pack :x)))))
    (let [b (npk/batch pack options)
          x (:x b)]
      (keeping-files path (str "a discarded batch with " example " on the " kind)
        (dtt/mset! x 0 0 (value dtype 1))
        (npk/discard! b)
        (thrown? #(dtt/mset! x 0 0 (value dtype 1)))))))

(defn- ended-by
  "x of a writable batch that ended in some way, and its address."
  [how pack]
  (let [both (juxt identity address)]
    (case how
      :return  (npk/with-writable-batch [{:keys [x]} pack] (both x))
      :no-sync (npk/with-writable-batch [{:keys [x]} pack {:sync? false}] (both x))
      :throw   (let [x (volatile! nil)]
                 (thrown? #(npk/with-writable-batch [w pack]
                             (vreset! x (both (:x w)))
                             (throw (ex-info "stop" {}))))
                 @x)
      :discard (let [w (npk/writable-batch pack)
                     x (both (:x w))]
                 (npk/discard! w)
                 x))))

(defn uses-after-a-writable-batch [pack path]
  (doseq [[[dtype _ :as example] how] (map vector examples [:return :no-sync :throw :discard])]
    (save-example! pack example)
    (let [[x raw] (ended-by how pack)
          what    (str example " after " how)]
      (check (str "elements of " what) (= (contents dtype) (flat x) (flat (dtype/clone x)) (flat (dtt/reshape x [(* 3 rows)]))))
      (check-writes-throw x example what)
      (check-writes-go-nowhere x raw path example what)
      (check (str "elements of the pack with " what) (= (contents dtype) (flat (:x pack)) (flat (npk/load pack :x))))
      (npk/with-writable-batch [w pack]
        (when raw
          (dtype/set-constant! raw 9))
        (check (str "elements of a later scope with " what) (= (contents dtype) (flat (:x w))))))))

;; after close

(defn uses-after-close [pack path]
  (doseq [[dtype _ :as example] examples]
    (save-example! pack example)
    (let [x (with-open [p (npk/open path)] (:x p))]
      (check (str "elements of " example) (= (contents dtype) (flat x)))
      (check-refusal x path example)))
  (npk/close pack)
  (let [x (with-open [p (npk/open path)] (:x p))]
    (check "elements when nobody has the pack open" (= (contents :boolean) (flat x)))
    (check-throwing "writes when nobody has the pack open" (writes x)))
  (let [p (npk/open path)
        w (npk/writable-batch p)
        x (:x w)]
    (npk/close p)
    (check-throwing "look-up in a closed pack" [[":x" #(:x p)]])
    (dtt/mset! x 0 1 true)
    (npk/close w)
    (check-throwing "a write to a scope that has ended" [["mset!" #(dtt/mset! x 0 3 true)]])
    (let [lazy (with-open [p (npk/open path)] (:x p))]
      (check "edits of a scope that its pack did not outlive" (= (assoc (contents :boolean) 1 true) (flat lazy)))
      (reading-while [#(flat lazy) #(dtype/clone x)]
                     (fn []
                       (dotimes [_ 100]
                         (with-open [p (npk/open path)]
                           (dtype/clone (:x p))))))
      (check "elements after reading while packs were closed" (= (assoc (contents :boolean) 1 true) (flat lazy))))))

;; after the file was replaced

(def ^:private old [1.0 1.0 1.0])
(def ^:private new [2.0 2.0 2.0])

(defn- filled [value & {:keys [n dtype] :or {n rows, dtype :float32}}]
  (npk/fill! (npk/zeros [n 3] {:dtype dtype}) value))

(def ^:private replacements
  "[description f rows]: f replaces x, whose rows are old, and then a lazy tensor has these rows."
  [["the same shape"         #(npk/save! % :x (filled 2)) #{old new}]
   ["replaced rows"          #(npk/replace-rows! % :x (filled 2 :n 1) [7]) #{old new}]
   ["another shape"          #(npk/save! % :x [1 2 3]) #{old}]
   ["another dtype"          #(npk/save! % :x (filled 2 :dtype :int16)) #{old}]
   ["more rows"              #(npk/save! % :x (filled 2 :n 20000)) #{old new}]
   ["appended rows"          #(npk/append! % :x (filled 2 :n 20000)) #{old}]
   ["dropped rows"           #(npk/drop-rows! % :x (range 1 rows 2)) #{old}]
   ["compaction"             #(-> % (npk/drop-rows! :x (range 1 rows 2)) (npk/compact! :x)) #{old}]
   ["deletion"               #(npk/delete! % :x) #{old}]
   ["deletion and saving"    #(-> % (npk/delete! :x) (npk/save! :x (filled 2))) #{old}]
   ["another name"           #(npk/rename! % :x :z) #{old}]
   ["exchanged names"        #(npk/with-batch [b %]
                                (npk/save! b :y (filled 2))
                                (-> b (npk/rename! :x :t) (npk/rename! :y :x) (npk/rename! :t :y))) #{old}]
   ["a batch"                #(npk/with-batch [b %] (npk/fill! (:x b) 2)) #{old new}]
   ["a staged batch"         #(npk/with-batch [b % {:memory-limit 0}] (npk/fill! (:x b) 2)) #{old new}]
   ["a batch's other shape"  #(npk/with-batch [b %] (npk/save! b :x (npk/reshape (filled 2) [3 rows]))) #{old}]
   ["a writable batch"       #(npk/with-writable-batch [w %] (npk/fill! (:x w) 2)) #{new}]])

(defn- rows-of [x]
  (map vec (partition 3 (map double (dtype/->reader x)))))

(defn- check-replacement [pack path [what f expected]]
  (run! #(npk/delete! pack %) (npk/names pack))
  (npk/save! pack :x (filled 1))
  (let [x   (:x pack)
        row (dtt/select x (dec rows))
        [w raw] (npk/with-writable-batch [w pack] ((juxt identity address) (:x w)))]
    (f pack)
    (check (str "rows after " what) (every? expected (map vec (dtt/rows x))))
    (check (str "the last row after " what) (expected (vec row)))
    (check (str "copies after " what) (every? expected (mapcat rows-of [(dtype/clone x) (dtype/->array x)])))
    (check (str "rows of an ended scope after " what) (every? #{old new} (rows-of w)))
    (keeping-files path (str "writes after " what)
      (check-throwing (str "writes after " what) (concat (writes x) (writes row)))
      (try-all (writes w))
      (dtype/set-constant! raw 3))))

(defn- check-replacement-of-a-large-array [pack]
  (let [n 1000000]
    (npk/save! pack :x (filled 1 :n n))
    (let [x (:x pack)]
      (reading-while [#(dfn/sum x) #(dtype/->array x)]
                     (fn []
                       (npk/save! pack :x (filled 2 :n n))
                       (npk/save! pack :x [1])))
      (check "rows of a large array" (#{3.0e6 6.0e6} (dfn/sum x))))))

(defn- check-replacements-while-it-is-read [pack]
  (npk/save! pack :x (filled 0))
  (let [n      300
        x      (:x pack)
        right  (zipmap [:old :recent :whole] (repeatedly #(atom 0)))
        wrong  (atom 0)
        saved? (fn [x] (every? #(and (<= 0 % n) (== % (long %))) (dtype/->reader x)))
        read   (fn [kind ok?] (fn [] (swap! (if (ok?) (right kind) wrong) inc)))]
    (reading-while [(read :old #(saved? x))
                    (read :recent #(saved? (:x pack)))
                    (read :whole #(apply == (dtype/->reader (npk/load pack :x))))]
                   (fn []
                     (doseq [k (range 1 (inc n))]
                       (npk/save! pack :x (filled k :n (+ rows (rem k 3)))))))
    (check (str "elements read while the array was saved " n " times: " (update-vals right deref) " right, " @wrong " wrong")
           (and (zero? (long @wrong)) (every? (comp pos? deref) (vals right))))))

(defn- check-removal-of-the-folder [path]
  (let [folder (str path "-removed")
        pack   (npk/open folder)]
    (npk/save! pack :x (filled 1))
    (let [x (:x pack)
          w (npk/writable-batch pack)
          y (:x w)]
      (run! io/delete-file (reverse (file-seq (io/file folder))))
      (npk/fill! y 2)
      (check "rows after the folder was removed" (every? #{new} (rows-of x)))
      (thrown? #(npk/close w))
      (check-throwing "a write after the scope without a folder" [["set-constant!" #(dtype/set-constant! y 3)]])
      (check "rows after the scope without a folder" (every? #{new} (rows-of x)))
      (check-throwing "writes after the folder was removed" (writes x)))))

(defn uses-after-the-file-was-replaced [pack path]
  (run! #(check-replacement pack path %) replacements)
  (check-replacement-of-a-large-array pack)
  (check-replacements-while-it-is-read pack)
  (check-removal-of-the-folder path))

;; while the scope ends

(defn- unless-ended [f]
  (try (f) (catch ScopeEndedException _ nil)))

(defn- use-until
  "Reads and writes x and y until told to stop: in x numbers from 1,000,000 on in two columns, in y, maybe an address, the first row."
  [x y ^CountDownLatch begun ^AtomicBoolean stop]
  (loop [n 0]
    (let [v (+ 1000000 n)
          i (rem (* 7 n) rows)]
      (run! unless-ended [#(dtt/mset! x i 0 v)
                          #(dtype/set-value! (dtt/select x (rem v rows)) 1 v)
                          #(dtype/copy! (float-array [v v]) (dtype/sub-buffer x (* 3 i) 2))
                          #(dtype/set-constant! y 0 3 (rem n 100))])
      (dfn/sum x)
      (dtt/mget x i 2))
    (.countDown begun)
    (when-not (.get stop)
      (recur (inc n)))))

(defn- written?
  "Whether each element of x is what was saved, or what use-until writes there."
  [x]
  (every? (fn [[i v saved]]
            (or (== v saved)
                (and (< (rem i 3) 2) (<= 1000000 v 9000000) (== v (long v)))))
          (map vector (range) (dtype/->reader x) (contents :float32))))

(defn- end-while-used
  "Ends a scope whose tensors two threads go on using. Returns the files before the scope, at its end and twice after it."
  [pack path call-with-scope at-once?]
  (save-example! pack [:float32 false])
  (npk/save! pack :y (filled 0))
  (let [before (files path)
        stop   (AtomicBoolean.)
        begun  (CountDownLatch. 2)
        users  (call-with-scope pack (fn [scope]
                                       (let [x     (:x scope)
                                             y     (or (address (:y scope)) (:y scope))
                                             users (mapv (fn [_] (future (use-until x y begun stop))) (range 2))]
                                         (when-not at-once?
                                           (.await begun))
                                         users)))
        end    (files path)]
    (.await begun)
    (Thread/sleep 1)
    (let [later (files path)]
      (.set stop true)
      (run! deref users)
      [before end later (files path)])))

(defn uses-while-the-scope-ends [pack path]
  (doseq [[kind n at-once? call-with-scope]
          [["writable batch that ends at once" 100 true #(npk/call-with-writable-batch %1 %2 {:sync? false})]
           ["writable batch" 100 false #(npk/call-with-writable-batch %1 %2)]
           ["staged batch" 50 false #(npk/call-with-batch %1 %2 {:memory-limit 0})]
           ["batch" 50 false #(npk/call-with-batch %1 %2)]]]
    (let [states (vec (repeatedly n #(end-while-used pack path call-with-scope at-once?)))]
      (check (str "the files after each of " n " scopes, " kind) (every? (fn [[_ & after]] (apply = after)) states))
      (check (str "edits before their end, " kind) ((if at-once? some every?) (fn [[before end]] (not= before end)) states))
      (check (str "elements, " kind) (and (written? (:x pack)) (written? (npk/load pack :x))))
      (check (str "elements of the other array, " kind)
             (let [[[a b c] & others] (rows-of (:y pack))]
               (and (every? #(<= 0 % 99) [a b c]) (every? #{[0.0 0.0 0.0]} others)))))))

;; a file that somebody else cuts short

(def ^:private large 30000)

(defn- check-fault [what f]
  (let [end    (+ (System/nanoTime) 10000000000)
        thrown (in-thread #(while (< (System/nanoTime) end) (f)))]
    (check (str what ": " (some-> thrown class .getSimpleName)) (instance? InternalError thrown))))

(defn- check-reads-of-what-was-cut-short [what x]
  (let [end (dec (long large))
        n   (* 3 (long large))]
    (check (str "what is left, " what) (= [0.0 1.0 2.0] (vec (dtt/select x 0))))
    (check-fault (str "an element, " what) #(dtt/mget x end 2))
    (check-fault (str "a sum, " what) #(dfn/sum x))
    (check-fault (str "an array, " what) #(dtype/->array x))
    (check-fault (str "a copy, " what) #(dtype/copy! x (float-array n)))
    (check-fault (str "a native copy, " what) #(dtype/copy! x (dtype/make-container :native-heap :float32 n)))
    (check-fault (str "a clone, " what) #(dtype/clone x))
    (check-fault (str "a column, " what) #(dtype/clone (dtt/select x :all 1)))))

(defn- check-writes-to-an-address-cut-short [what raw]
  (let [n (* 3 (long large))]
    ;; not with 0: dtype-next then calls Unsafe.setMemory, in which JDK 17 dies of such a fault
    (check-fault (str "filling its address, " what) #(dtype/set-constant! raw 1))
    (check-fault (str "copying to its address, " what) #(dtype/copy! (float-array n) raw))
    (check-fault (str "copying from its address, " what) #(dtype/copy! raw (float-array n)))))

(defn- check-writes-to-what-was-cut-short [x]
  (let [end (dec (long large))]
    (check-fault "writing an element" #(dtt/mset! x end 2 1))
    (check-fault "filling" #(dtype/set-constant! x 1))
    (check-fault "copying into it" #(dtype/copy! (float-array (* 3 (long large))) x))
    (check "computing" (instance? InternalError (in-thread #(npk/mul! x 2))))))

(defn uses-a-file-that-was-cut-short [pack path]
  (let [save!  #(npk/save! pack {:x (npk/ndarray (range (* 3 (long large))) {:dtype :float32 :shape [large 3]}), :y [1 2 3]})
        other? #(= [1 2 3] (vec (:y pack)) (vec (npk/load pack :y)))]
    (save!)
    (let [x (:x pack)]
      (cut-short path "x" 100)
      (check-reads-of-what-was-cut-short "lazy" x)
      (check-throwing "writes" (writes (dtt/select x 0))))
    (check "loading" (instance? numpack.CorruptPackException (in-thread #(npk/load pack :x))))
    (check "another array" (other?))
    (npk/delete! pack :x)
    (save!)
    (in-thread #(npk/with-writable-batch [{:keys [x]} pack]
                  (cut-short path "x" 100)
                  (check-reads-of-what-was-cut-short "in a writable batch" x)
                  (check-writes-to-what-was-cut-short x)
                  (check-writes-to-an-address-cut-short "in a writable batch" (address x))))
    (check "another array after the scope" (other?))
    (npk/delete! pack :x)
    (save!)
    (let [[x raw] (npk/with-writable-batch [{:keys [x]} pack] [x (address x)])]
      (cut-short path "x" 100)
      (check-reads-of-what-was-cut-short "after a writable batch" x)
      (check-throwing "writes after a writable batch" (element-writes (dtt/select x 0)))
      (check-writes-to-an-address-cut-short "after a writable batch" raw))
    (npk/delete! pack :x)
    (save!)
    (check "elements that were saved again" (= (range (* 3 (long large))) (map long (dtype/->reader (:x pack)))))))

;; leaks

(defn- leak
  "Opens scope number i and returns a row of it, as a view or an address, that outlives the scope; every other one sets an element."
  [pack i]
  (let [row (rem (quot i 2) rows)
        v   (+ 1000 i)]
    (case (int (rem i 8))
      (0 2) (npk/with-writable-batch [{:keys [x]} pack {:sync? false}]
              (dtt/mset! x row 0 v)
              (dtt/select x row))
      4     (npk/with-batch [b pack]
              (dtt/mset! (:x b) row 0 v)
              (dtt/select (:x b) row))
      6     (npk/with-batch [b pack {:memory-limit 0}]
              (dtt/mset! (:x b) row 0 v)
              (dtype/sub-buffer (:x b) (* 3 row) 3))
      1     (dtt/select (:x pack) row)
      3     (dtype/sub-buffer (npk/with-writable-batch [{:keys [x]} pack {:sync? false}] (address x)) (* 3 row) 3)
      5     (dtype/sub-buffer (dtype/->reader (npk/with-batch [b pack] (npk/lazy b :x))) (* 3 row) 3)
      7     (dtt/transpose (dtt/select (npk/lazy pack :x) [row]) [1 0]))))

(defn- leaks-rightly?
  "Whether each of n leaked rows, of which the last 500 are kept, has the elements that were written before."
  [pack n kept]
  (let [expected (long-array (contents :float32))]
    (every? (fn [i]
              (let [row  (rem (quot i 2) rows)
                    leak (leak pack i)]
                (when (even? i)
                  (aset expected (* 3 row) (+ 1000 (long i))))
                (swap! kept #(cond-> (conj % leak) (<= 500 (count %)) pop))
                (and (= (mapv #(aget expected (+ (* 3 row) %)) (range 3)) (flat leak))
                     (or (pos? (rem i 1000)) (= (vec expected) (flat (npk/load pack :x)))))))
            (range n))))

(defn- reads-rightly-while-collected?
  "Whether n tensors of which only a view or an address is left read right while the collector runs."
  [pack n]
  (let [sum       (double (reduce + (contents :float32)))
        collector (future (dotimes [_ 50] (System/gc) (Thread/sleep 5)))
        right?    (fn [view] (== sum (dfn/sum (npk/with-writable-batch [{:keys [x]} pack {:sync? false}] (view x)))))
        all?      (every? right? (take n (cycle [identity address dtype/->reader #(dtt/transpose % [1 0])])))]
    @collector
    all?))

(defn- abandoned
  "A row from scope number i, which nobody ends."
  [pack i]
  (case (int (rem i 10))
    0 (dtt/select (get (npk/writable-batch pack) (str "y" (quot i 10))) 0)
    5 (dtt/select (:y0 (npk/batch pack {:memory-limit 0})) 0)
    (dtt/select (:y0 (npk/batch pack)) 0)))

(defn- abandon
  "Opens n scopes, batches on the heap and on the disk and writable batches, in threads that end without closing them. Whether all
  had the right elements."
  [pack n]
  (every? nil? (map (fn [i]
                       (in-thread #(when-not (= (range 3) (map long (flat (abandoned pack i))))
                                     (throw (ex-info "wrong" {})))))
                     (range n))))

(defn leaks-of-ten-thousand-scopes [pack path]
  (save-example! pack [:float32 false])
  (npk/save! pack (into {} (for [i (range 1000)] [(str "y" i) [(range 3)]])))
  (npk/with-writable-batch [{:keys [x]} pack] (flat x))
  (let [maps     #(mappings (str path "/"))
        fds      #(open-files (str path "/"))
        _        (falls-to? 1 maps)
        maps-was (maps)
        fds-was  (fds)
        kept     (atom PersistentQueue/EMPTY)]
    (check "elements while the collector runs" (reads-rightly-while-collected? pack 300))
    (check "elements of 10,000 leaked rows" (leaks-rightly? pack 10000 kept))
    (check (str (fds) " open files, " fds-was " before") (<= (fds) (+ 2 fds-was)))
    (check "elements of 10,000 scopes that nobody ended" (abandon pack 10000))
    (check "elements of the rows that are held" (every? #(every? (fn [v] (<= 0 v 11000)) (flat %)) @kept))
    (System/gc)
    (check (str (maps) " mappings while rows are held, " maps-was " before") (<= 200 (- (maps) maps-was)))
    (reset! kept nil)
    (check (str "mappings fall to " maps-was) (falls-to? (+ 3 maps-was) maps))
    (check (str "open files fall to " fds-was) (falls-to? fds-was fds))
    (check "files that the batches staged are gone" (empty? (for [^File file (file-seq (io/file path ".numpack"))
                                                                  :when (and (.isFile file) (not= "journal" (.getName file)))]
                                                              file)))
    (check "nothing is claimed any more" (npk/with-writable-batch [w pack]
                                           (every? #(npk/add! (get w (str "y" %)) 1) (range 1000))))))

;; the program

(def cases
  "[name f] of each case."
  (into [] (map (juxt #(name (symbol %)) identity))
        [#'writes-to-a-lazy-tensor #'writes-that-a-writable-batch-takes #'uses-after-a-batch #'uses-after-a-writable-batch
         #'uses-after-close #'uses-after-the-file-was-replaced #'uses-while-the-scope-ends #'uses-a-file-that-was-cut-short
         #'leaks-of-ten-thousand-scopes]))

(defn last-line [case checks feature]
  (str case ": " checks " checks hold on Java " feature))

(defn -main [case folder]
  (let [path (str (.toRealPath (.toPath (io/file folder)) (make-array LinkOption 0)) "/" case ".npk")]
    (try
      (with-open [pack (npk/open path)]
        (((into {} cases) case) pack path))
      (catch Throwable t
        (check (str case ", but " t) false)
        (.printStackTrace t)))
    (when (and (pos? (long @held)) (zero? (long @broken)))
      (println (last-line case @held (.feature (Runtime/version)))))
    (flush)
    (System/exit (if (zero? (long @broken)) 0 1))))

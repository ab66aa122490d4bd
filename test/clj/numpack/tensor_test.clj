(ns numpack.tensor-test
  "Those that depend on numpack.tensor.repairs are marked as ^:repaired."
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.bitmap :as bitmap]
            [tech.v3.datatype.functional :as dfn]
            [tech.v3.datatype.native-buffer :as native-buffer]
            [tech.v3.datatype.protocols :as dtype-proto]
            [tech.v3.tensor :as dtt]
            [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [numpack.core :as npk]
            [numpack.guides :refer [run-guide]]
            [numpack.misuse-checks :refer [falls-to?]]
            [numpack.scratch :refer [error-of run-clojure with-folder]]
            [numpack.skips :as skips]
            [numpack.tensor :as tensor])
  (:import [java.nio.file Files]
           [java.nio.file.attribute FileAttribute]
           [java.util Arrays]
           [numpack DTypeMismatchException NDArray ReadOnlyException ScopeEndedException]
           [tech.v3.datatype Buffer NDBuffer]))

(def dtypes [:boolean :int8 :uint8 :int16 :uint16 :int32 :uint32 :int64 :float32 :float64])

(defn- example [dtype]
  (npk/ndarray (if (= :boolean dtype)
                 [[true false true] [false true true]]
                 [[1 2 3] [4 5 6]])
               {:dtype dtype}))

(defn- nested [x]
  (cond
    (instance? NDArray x)             (mapv nested x)
    (not (instance? NDBuffer x))      x
    (zero? (long (dtype/ecount x)))   []
    :else                             (dtt/->jvm x)))

(defmacro ^:private with-pack [[pack options] & body]
  `(with-folder [folder#]
     (with-open [~pack (npk/open (io/file folder# "test.npk") (or ~options {}))]
       ~@body)))

(defn- save-pieces!
  "Saves rows with others between them that are dropped, so that they lie in several runs."
  [pack name array]
  (let [rows (nested array)
        hole (first rows)]
    (npk/save! pack name (interleave rows (repeat hole)) {:dtype (npk/dtype array)})
    (npk/drop-rows! pack name (range 1 (* 2 (count rows)) 2))))

;; what is handed out

(deftest packs-and-scopes-hand-out-tensors-over-the-same-memory
  (with-pack [pack]
    (doseq [dtype dtypes]
      (testing dtype
        (npk/save! pack :x (example dtype))
        (npk/save! pack :v (npk/reshape (example dtype) [6]))
        (save-pieces! pack :p (example dtype))
        (let [expected (nested (example dtype))]
          (doseq [x [(:x pack) (npk/lazy pack :x) (npk/load pack :x) (:p pack) (npk/load pack :p)]]
            (is (instance? NDBuffer x))
            (is (= expected (nested x)))
            (is (= [dtype [2 3]] [(dtype/elemwise-datatype x) (dtype/shape x)] [(npk/dtype x) (npk/shape x)]))
            (is (= (first expected) (nested (x 0)) (nested (dtt/mget x 0)) (nested (first x))))
            (is (= (get-in expected [1 0]) (dtt/mget x 1 0) (npk/mget x 1 0) (x 1 0)))
            (is (= 2 (count x))))
          (is (= (vec (flatten expected)) (vec (:v pack)) (vec (dtype/->reader (:p pack)))))
          (npk/with-batch [b pack]
            (is (instance? NDBuffer (:x b)))
            (is (identical? (:x b) (:x b)))
            (is (identical? (:x b) (npk/load b :x)))
            (is (= expected (nested (:x b)) (nested (npk/lazy b :x)) (nested (:p b)))))
          (npk/with-writable-batch [w pack]
            (is (identical? (:x w) (:x w)))
            (is (= expected (nested (:x w)) (nested (:p w))))))))))

(deftest dtypes-that-dtype-next-does-not-have-stay-ndarrays
  (with-pack [pack]
    (npk/save! pack :h (npk/ndarray [1.5 -2 65504] {:dtype :float16}))
    (npk/save! pack :c (npk/ndarray [[1 2] [3 4]] {:dtype :complex64}))
    (npk/save! pack :u (npk/ndarray [1 18446744073709551615N] {:dtype :uint64}))
    (are [k] (instance? NDArray (k pack)) :h :c :u)
    (testing ":as :tensor gives the nearest thing"
      (let [h (npk/lazy pack :h {:as :tensor})
            c (npk/lazy pack :c {:as :tensor})
            u (npk/lazy pack :u {:as :tensor})]
        (is (= [:float32 [1.5 -2.0 65504.0]] [(dtype/elemwise-datatype h) (vec h)]))
        (is (= [:float32 [2 2] [[1.0 2.0] [3.0 4.0]]] [(dtype/elemwise-datatype c) (dtype/shape c) (nested c)]))
        (is (= [:uint64 [1 -1]] [(dtype/elemwise-datatype u) (vec u)]))))
    (testing "they are written, too"
      (npk/with-writable-batch [{:keys [h c]} pack {:as :tensor}]
        (dtt/mset! h 0 0.1)
        (dtt/mset! c 1 1 9))
      (is (= [(.flatGet ^NDArray (npk/ndarray [0.1] {:dtype :float16}) 0) -2.0 65504.0] (seq (:h pack))))
      (is (= [[1.0 2.0] [3.0 9.0]] (seq (:c pack)))))
    (testing "a half-precision tensor is saved as what it is"
      (npk/save! pack :h2 (npk/lazy pack :h {:as :tensor}))
      (is (= :float16 (npk/dtype pack :h2))))))

(deftest as-tells-what-is-handed-out
  (with-pack [pack {:as :ndarray}]
    (npk/save! pack :x [1 2 3])
    (is (instance? NDArray (:x pack)))
    (is (instance? NDArray (npk/load pack :x)))
    (is (instance? NDBuffer (npk/load pack :x {:as :auto})))
    (is (instance? NDBuffer (npk/with-batch [b pack {:as :tensor}] (:x b))))
    (is (instance? NDBuffer (npk/with-writable-batch [b pack {:as :tensor}] (:x b))))
    (is (instance? NDArray (npk/with-batch [b pack] (:x b))))
    (is (instance? NDArray (npk/with-writable-batch [b pack] (:x b)))))
  (with-pack [pack]
    (npk/save! pack :x [1 2 3])
    (is (instance? NDArray (npk/with-batch [b pack {:as :ndarray}] (:x b))))
    (is (instance? NDArray (npk/with-writable-batch [b pack {:as :ndarray}] (npk/load b :x))))
    (is (= [[0 2] [2 3]] (map (comp :numpack/rows meta) (npk/chunks pack :x 2))))
    (is (every? #(instance? NDBuffer %) (npk/chunks pack :x 2)))
    (is (every? #(instance? NDBuffer %) [(npk/select-rows pack :x [0]) (npk/reshape (:x pack) [3 1])
                                         (npk/mget (npk/reshape (:x pack) [3 1]) 0)
                                         (npk/reduce-axis (npk/reshape (:x pack) [3 1]) :sum {:axis 0})]))
    (is (instance? NDArray (npk/reshape (npk/ndarray [1 2]) [2 1])))))

(deftest arrays-without-elements-are-tensors-too
  (with-pack [pack]
    (npk/save! pack {:a (npk/zeros [0]) :b (npk/zeros [0 3] {:dtype :int8}) :c (npk/zeros [2 0] {:dtype :boolean})})
    (are [k shape] (= shape (dtype/shape (k pack)) (dtype/shape (npk/load pack k)) (npk/shape (k pack)))
      :a [0] :b [0 3] :c [2 0])
    (npk/save! pack :d (:b pack))
    (is (= [[0 3] :int8] [(npk/shape pack :d) (npk/dtype pack :d)]))))

;; reading

(deftest readers-reductions-and-copies-see-the-same-elements
  (with-pack [pack]
    (doseq [dtype (rest dtypes)]
      (testing dtype
        (npk/save! pack :x (npk/ndarray (range 120) {:dtype dtype :shape [40 3]}))
        (save-pieces! pack :p (npk/ndarray (range 120) {:dtype dtype :shape [40 3]}))
        (doseq [x [(:x pack) (npk/load pack :x) (:p pack)]]
          (is (== 7140 (dfn/sum x) (reduce + (dtype/->reader x)) (dfn/sum (dtt/transpose x [1 0]))))
          (is (= (range 120) (map long (dtype/->reader x)) (map long (dtype/->reader (dtype/clone x))) (map long (dtype/->array x))))
          (is (= [3 4 5] (map long (x 1)) (map long (dtype/sub-buffer x 3 3))))
          (is (= [1 4] (map long (take 2 (dtt/select x :all 1)))))
          (is (= (range 120) (map long (dtype/copy! x (dtype/make-container dtype 120)))
                 (map long (dtype/copy! x (dtype/make-container :float64 120)))
                 (map long (dtype/copy! x (dtype/make-container :native-heap dtype 120)))))
          (is (= (map #(* 2.0 %) (range 120)) (map double (dtype/->reader (dfn/* x 2.0)))))
          (is (== 3 (dtype/get-value x 3) ((dtype/->reader x) 3)) "a flat index")
          (is (= [40 3] (dtype/shape (dfn/+ x 1)))))))
    (testing "more elements than are copied at once"
      (doseq [[dtype make] {:int8 byte-array, :int16 short-array, :int32 int-array, :int64 long-array,
                            :float32 float-array, :float64 double-array}]
        (npk/save! pack :x (dtype/->array dtype (range 100 127)))
        (npk/save! pack :y (dtype/->array dtype (map #(rem % 100) (range 200000))))
        (is (= (map #(rem % 100) (range 200000)) (map long (dtype/copy! (:y pack) (make 200000))))))
      (npk/save! pack :b (boolean-array (map even? (range 5000))))
      (is (= (map even? (range 5000)) (seq (dtype/copy! (:b pack) (boolean-array 5000))))))))

(deftest elements-of-extreme-value
  (with-pack [pack]
    (are [dtype values] (do (npk/save! pack :x (npk/ndarray values {:dtype dtype}))
                            (= values (vec (:x pack)) (vec (npk/load pack :x)) (vec (dtype/clone (:x pack)))))
      :int8 [-128 127] :uint8 [0 255] :int16 [-32768 32767] :uint16 [0 65535] :int32 [-2147483648 2147483647] :uint32 [0 4294967295]
      :int64 [Long/MIN_VALUE Long/MAX_VALUE] :float64 [Double/MIN_VALUE ##Inf ##-Inf -0.0])
    (npk/with-writable-batch [{x :x} pack]
      (is (instance? NDBuffer x)))
    (doseq [[dtype value] {:int8 128, :uint8 -1, :int16 32768, :uint16 65536, :int32 2147483648, :uint32 -1}]
      (npk/save! pack :x (npk/zeros 1 {:dtype dtype}))
      (npk/with-writable-batch [{x :x} pack]
        (is (thrown? DTypeMismatchException (dtt/mset! x 0 value)))))))

(defn- elements [x]
  (vec (dtype/->reader x)))

(defn- save-halves!
  "Saves an array so that its first row and the others lie apart."
  [pack name array]
  (npk/save! pack name array)
  (npk/append! pack name array)
  (npk/drop-rows! pack name (range 1 (inc (count array)))))

(deftest copies-of-lazy-tensors-have-the-same-elements-and-are-their-own
  (with-pack [pack {:as :tensor}]
    (doseq [dtype (conj dtypes :float16)
            rows  [3 30000]]
      (testing [dtype rows]
        (let [size     (* 2 rows)
              array    (npk/ndarray (map (if (= :boolean dtype) #(zero? (rem % 3)) #(rem % 100)) (range size))
                                    {:dtype dtype :shape [rows 2]})
              as       (dtype/elemwise-datatype array)
              expected (elements array)
              zeros    #(dtype/make-container as %)
              zero     (first (elements (zeros 1)))]
          (npk/save! pack :x array)
          (save-halves! pack :p array)
          (doseq [x [(:x pack) (:p pack)]]
            (is (= expected (elements (dtype/copy! x (dtype/->array (zeros size))))) "an array")
            (is (= expected (elements (dtype/copy! x (dtt/new-tensor [rows 2] :datatype as)))) "a tensor on the heap")
            (is (= (subvec expected 2) (elements (dtype/copy! (dtype/sub-buffer x 2) (zeros (- size 2))))) "a part")
            (is (= (subvec expected (- size 4)) (elements (dtype/copy! (dtt/select x (range (- rows 2) rows)) (zeros 4)))) "rows")
            (when-not (= :boolean dtype)
              (is (= expected (elements (dtype/copy! x (dtype/make-container :native-heap as size))))))
            (let [wider (zeros (+ 2 size))]
              (dtype/copy! x (dtype/sub-buffer wider 1 size))
              (is (= (concat [zero] expected [zero]) (elements wider)) "into a part"))
            (doseq [copy [(dtype/clone x) (dtt/clone x) (dtype/clone (dtype/->reader x)) (dtype/clone (dtt/select x (range 0 rows)))]]
              (is (= [as expected] [(dtype/elemwise-datatype copy) (elements copy)]))
              (dtype/set-value! (dtype/->buffer copy) 0 zero)
              (dtype/set-value! (dtype/->buffer copy) (dec size) zero)
              (is (= expected (elements x))))
            (is (thrown? Exception (dtype/copy! x (zeros (inc size)))))
            (is (nil? (dtype/as-native-buffer x)))
            (is (nil? (dtype/as-array-buffer x)))
            (npk/save! pack :w (npk/zeros [rows 2] {:dtype dtype}))
            (save-halves! pack :v (npk/zeros [rows 2] {:dtype dtype}))
            (npk/with-writable-batch [{:keys [w v]} pack]
              (dtype/copy! x w)
              (dtype/copy! x v))
            (is (= expected (elements (:w pack)) (elements (:v pack))) "in a writable batch")
            (npk/with-batch [{:keys [w]} pack]
              (dtype/copy! (dtt/select x :lla) w)
              (dtype/copy! x w))
            (is (= expected (elements (:w pack))) "in a batch")))))))

(deftest ^:repaired copies-between-overlapping-places-are-right
  (with-pack [pack]
    (save-halves! pack :p (npk/ndarray (range 10) {:dtype :int32 :shape [10 1]}))
    (npk/with-writable-batch [{:keys [p]} pack]
      (dtype/copy! (dtype/sub-buffer p 0 8) (dtype/sub-buffer p 2 8)))
    (is (= [0 1 0 1 2 3 4 5 6 7] (elements (:p pack))))
    (doseq [n [10 1000000]]
      (npk/save! pack :x (int-array (range n)))
      (let [x (:x pack)]
        (npk/with-writable-batch [w pack]
          (dtype/copy! (dtype/sub-buffer x 0 (- n 2)) (dtype/sub-buffer (:x w) 2 (- n 2)))))
      (is (Arrays/equals (int-array (concat [0 1] (range (- n 2)))) (ints (dtype/->int-array (:x pack))))))))

(deftest ^:repaired copies-within-an-array-in-pieces-are-right-however-near
  (with-pack [pack]
    (doseq [n [100 70000]]
      (npk/save! pack :x (int-array (range (* 2 n))))
      (npk/drop-rows! pack :x (range 1 (* 2 n) 2))
      (let [expected (int-array (range 0 (* 2 n) 2))]
        (npk/with-writable-batch [{:keys [x]} pack]
          (doseq [shift [1 2 7], [from to] [[0 shift] [shift 0]]]
            (dtype/copy! (dtype/sub-buffer x from (- n shift)) (dtype/sub-buffer x to (- n shift)))
            (System/arraycopy expected from expected to (- n shift))
            (is (Arrays/equals expected (ints (dtype/->int-array x))) [n from to])))
        (is (Arrays/equals expected (ints (dtype/->int-array (:x pack)))))))))

;; writing

(deftest a-lazy-tensor-refuses-every-write
  (with-pack [pack]
    (doseq [dtype dtypes
            save  [(fn [array] (npk/save! pack :x array)) (fn [array] (save-pieces! pack :x array))]]
      (testing dtype
        (save (example dtype))
        (let [x        (:x pack)
              expected (nested (example dtype))
              one      (if (= :boolean dtype) true 1)
              writer   ^Buffer (dtype/->reader x)
              refused  #(is (thrown? Throwable (%)))]
          (is (not (dtype/writer? x)))
          (run! refused
                [#(dtt/mset! x 0 0 one) #(dtt/mset! x 0 one) #(dtt/mset! x 0 [one one one]) #(dtype/set-value! x 0 one)
                 #(dtype/set-value! x [0 0] one) #(dtype/set-constant! x 0 3 one) #(dtype/set-constant! x one)
                 #(dtype/copy! (example dtype) x) #(dtt/tensor-copy! (tensor/tensor (example dtype)) x) #(dtype/->writer x)
                 #(dtt/mset! (dtt/select x :all 1) 0 one) #(dtt/mset! (x 0) 0 one) #(dtt/mset! (dtt/reshape x [6]) 0 one)
                 #(dtype/copy! [one one one] (dtype/sub-buffer x 0 3)) #(npk/fill! x one) #(npk/mset! x 0 0 one)
                 #(.writeLong writer 0 1) #(.writeDouble writer 0 1.0) #(.writeObject writer 0 one) #(.writeByte writer 0 1)
                 #(.set writer 0 one) #(.setLong writer 0 1) #(.setDouble writer 0 1.0) #(.fillRange writer 0 3 one)
                 #(.fillRange writer 0 ^java.util.List (vector one one)) #(.accumPlusLong writer 0 1) #(.accumPlusDouble writer 0 1.0)
                 #(.add writer one) #(.clear writer)
                 #(.ndWriteLong ^NDBuffer x 0 0 1) #(.ndWriteDouble ^NDBuffer x 0 0 1.0) #(.ndWriteObject ^NDBuffer x 0 0 one)
                 #(.ndAccumPlusLong ^NDBuffer x 0 0 1)])
          (is (thrown? ReadOnlyException (.writeLong writer 0 1)))
          (is (nil? (dtype/as-native-buffer x)) "no address is given away")
          (is (nil? (dtype/as-array-buffer x)))
          (is (= expected (nested x) (nested (npk/load pack :x)))))))
    (testing "of a batch"
      (npk/with-batch [b pack]
        (npk/save! b :y [1 2 3])
        (is (thrown? ReadOnlyException (dtt/mset! (npk/lazy b :y) 0 7)))))))

(deftest ^:repaired indexes-outside-of-the-memory-throw
  (with-pack [pack]
    (npk/save! pack :x (range 10))
    (let [check (fn [x]
                  (doseq [i [-1 -1000000 10 1000000000000]]
                    (is (thrown? Exception (.readLong (dtype/->reader x) i)))
                    (is (thrown? Exception (dtt/mget x i)))
                    (is (thrown? Exception (.subBuffer (dtype/->reader x) i 3)))
                    (is (thrown? Exception (dtt/mset! x i 1)))
                    (is (thrown? Exception (dtype/set-value! x i 1)))
                    (is (thrown? Exception (dtype/set-constant! x i 3 1)))))]
      (check (:x pack))
      (check (npk/load pack :x))
      (npk/with-writable-batch [w pack]
        (check (:x w))))
    (is (= (range 10) (:x pack)))))

(deftest edits-through-dtype-next-change-the-pack
  (doseq [scope [:batch :staged :writable]
          dtype [:float32 :int16 :boolean]
          save  [(fn [pack] (npk/save! pack :x (example dtype))) (fn [pack] (save-pieces! pack :x (example dtype)))]]
    (let [bool?  (= :boolean dtype)
          values (if bool? [false true] [7 8])
          edit   (fn [f]
                   (with-pack [pack]
                     (save pack)
                     (npk/save! pack :y (example dtype))
                     (let [body (fn [s]
                                  (f (:x s))
                                  (is (= ["x"] (map :array (npk/changes s)))))]
                       (case scope
                         :batch    (npk/call-with-batch pack body)
                         :staged   (npk/call-with-batch pack (fn [s] (:y s) (body s)) {:memory-limit 0})
                         :writable (npk/call-with-writable-batch pack (fn [s] (:y s) (body s)))))
                     (map #(if bool? % (long %)) (dtype/->reader (:x pack)))))
          [a b] values
          [p q r s t u] (map #(if bool? % (long %)) (dtype/->reader (tensor/tensor (example dtype))))]
      (testing [scope dtype]
        (is (= [a q r s t u] (edit #(dtt/mset! % 0 0 a))))
        (is (= [p b r s b u] (edit #(dtype/set-value! % [:all 1] b))))
        (is (= [a q r s t u] (edit #(dtype/set-value! % 0 a))))
        (is (= [p q a s t a] (edit #(npk/fill! (dtt/select % :all 2) a))))
        (is (= [p q r s t a] (edit #(dtt/mset! (dtt/reshape % [3 2]) 2 1 a))) "a reshaped view")
        (is (= [s t u s t u] (edit #(dtype/copy! (dtype/clone (% 1)) (% 0)))) "copy into a row")
        (is (= [p s q t r u] (edit #(dtype/copy! (dtt/transpose (dtype/clone %) [1 0]) (dtt/reshape % [3 2])))) "copy of a transposed copy")
        (when-not bool?
          (is (= [2 4 6 8 10 12] (edit #(dtype/copy! (dfn/* % 2) %))))
          (is (= [6 5 4 3 2 1] (edit #(dtype/copy! (dtype/clone (dtt/select (dtt/reshape % [6]) :lla)) %))))
          (is (= [10 2 3 40 5 6] (edit #(npk/mul! (dtt/select % :all 0) 10)))))))))

(deftest ^:repaired set-constant!-of-a-tensor-works-wherever-it-lies
  (with-pack [pack]
    (npk/save! pack {:x (example :int16) :y (example :int16)})
    (npk/call-with-batch pack #(dtype/set-constant! (:x %) 0 3 7))
    (npk/call-with-batch pack #(dtype/set-constant! (:x %) 5 1 8) {:memory-limit 0})
    (npk/call-with-writable-batch pack #(dtype/set-constant! (:y %) 4 2 9))
    (is (= [[7 7 7] [4 5 8]] (nested (:x pack))))
    (is (= [[1 2 3] [4 9 9]] (nested (:y pack))))))

(deftest saving-what-the-scope-handed-out-is-nothing
  (with-pack [pack]
    (npk/save! pack {:x [[1.0 2.0] [3.0 4.0]] :b [true false]})
    (npk/with-batch [b pack]
      (npk/save! b {:x (:x b) :b (:b b)})
      (is (= [] (npk/changes b)))
      (dtt/mset! (:x b) 0 0 9)
      (npk/save! b {:x (:x b) :b (:b b)})
      (is (= [{:array "x" :kind :save :rows 2}] (npk/changes b))))
    (npk/with-writable-batch [w pack]
      (npk/save! w {:x (:x w) :b (:b w)})
      (is (= [] (npk/changes w))))
    (is (= [[9.0 2.0] [3.0 4.0]] (nested (:x pack))))))

(deftest a-tensor-that-outlives-its-writable-batch-reads-on-and-refuses-every-write
  (doseq [[dtype save] [[:float32 npk/save!] [:int16 save-pieces!] [:boolean npk/save!] [:uint32 save-halves!]]]
    (testing dtype
      (with-pack [pack]
        (save pack :x (example dtype))
        (let [[x buffer row address array]
              (npk/with-writable-batch [w pack]
                [(:x w) (dtype/->reader (:x w)) (dtt/select (:x w) 1) (dtype/as-native-buffer (:x w)) (.load w "x")])
              expected (nested (example dtype))
              one      (if (= :boolean dtype) true 1)
              ones     (dtype/make-container dtype (repeat 6 one))
              writer   ^Buffer buffer]
          (is (= [expected (second expected)] [(nested x) (nested row)]))
          (is (= expected (nested (dtype/clone x)) (nested (dtype/copy! x (dtype/clone x)))))
          (doseq [write [#(dtt/mset! x 0 0 one) #(dtt/mset! x 0 one) #(dtt/mset! x 0 (nested row)) #(dtt/mset! row 0 one)
                         #(dtt/mset! (dtt/reshape x [6]) 0 one) #(dtt/mset! (dtt/select x :all 1) 0 one)
                         #(dtt/mset! (dtt/transpose x [1 0]) 0 0 one)
                         #(dtype/set-value! x 0 one) #(dtype/set-value! x [:all 1] one) #(dtype/set-value! (dtype/sub-buffer x 1 2) 0 one)
                         #(dtype/set-constant! x one) #(dtype/set-constant! x 0 3 one) #(dtype/set-constant! (dtt/select x :all [0]) one)
                         #(dtype/copy! ones x) #(dtype/copy! (vec ones) x) #(dtype/copy! (dtype/->reader ones) (dtype/sub-buffer x 0 6))
                         #(dtype/copy! (dtype/clone row) row) #(dtt/tensor-copy! (dtt/clone x) x) #(dtype/copy! x x)
                         #(.writeDouble (dtype/->writer x) 0 1.0) #(.writeDouble writer 0 1.0)
                         #(.writeLong writer 0 1) #(.writeObject writer 0 one)
                         #(.fillRange writer 0 3 one) #(.fillRange writer 0 ^java.util.List (vector one one))
                         #(.fillRange writer 0 ^java.util.List ones) #(.set writer 0 one) #(.accumPlusLong writer 0 1)
                         #(.writeObject (.subBuffer writer 1 3) 0 one) #(.ndWriteObject ^NDBuffer x 0 0 one)
                         #(npk/mset! x 0 0 one) #(npk/fill! x one) #(npk/fill! array one) #(npk/add! x one) #(npk/add! row one)]]
            (is (thrown? ScopeEndedException (write))))
          (is (nil? (dtype/as-native-buffer x)) "no address is given away any more")
          (when address
            (dtype/set-value! address 0 1))
          (is (= expected (nested (:x pack)) (nested (npk/load pack :x)))))))))

(deftest a-tensor-that-outlives-a-batch-refuses-writes-where-it-was-staged
  (with-pack [pack]
    (npk/save! pack :x (example :float32))
    (let [x (npk/with-batch [b pack {:memory-limit 0}] (:x b))]
      (is (thrown? ScopeEndedException (dtt/mset! x 0 0 7)))
      (is (thrown? ScopeEndedException (dtype/copy! (float-array 6) x)))
      (is (= (nested (example :float32)) (nested x))))
    (testing "on the heap it is an array of the caller"
      (let [x (npk/with-batch [b pack] (:x b))]
        (dtt/mset! x 0 0 7)
        (is (= [7.0 1.0] [(dtt/mget x 0 0) (dtt/mget (:x pack) 0 0)]))))))

(deftest elements-beyond-2-to-the-31
  (with-pack [pack]
    (let [rows  (+ 125 (bit-shift-left 1 28))
          n     (* 8 rows)
          end   (dec rows)
          tail  #(elements (dtype/sub-buffer % (- n 8) 8))
          after (fn [x f] (f x) (tail x))]
      (npk/create! pack :x {:shape [rows 8] :dtype :int8})
      (npk/with-writable-batch [{:keys [x]} pack]
        (let [flat (dtt/reshape x [n])]
          (is (= [[rows 8] [n] n] [(dtype/shape x) (dtype/shape flat) (dtype/ecount flat)]))
          (is (= [0 0 0 0 0 0 0 7] (after x #(dtt/mset! % end 7 7))))
          (is (= 7 (dtt/mget x end 7) (x end 7) (dtt/mget flat (dec n)) (flat (dec n)) (dtt/mget (dtt/transpose x [1 0]) 7 end)))
          (is (= [1 2 3 4 5 6 7 8] (after x #(dtype/copy! (byte-array (range 1 9)) (dtype/sub-buffer % (- n 8) 8)))))
          (is (= [1 2 3 4 5 6 7 8] (elements (dtt/mget x end)) (elements (dtype/copy! (dtt/select x [end]) (byte-array 8)))))
          (is (= [9 9 3 4 5 6 7 8] (after x #(dtype/set-constant! % (- n 8) 2 9))))
          (is (= [9 9 0 4 5 6 7 8] (after x #(dtype/set-value! % [[end] 2] 0))))
          (is (= [18 18 0 8 10 12 14 16] (after x #(npk/mul! (dtt/select % (range end rows)) 2))))
          (is (= [18 18 0 8 10 12 14 17] (after x #(npk/add! (dtt/select % [end] [7]) 1))))
          (is (= [97.0 18] ((juxt dfn/sum dfn/reduce-max) (dtt/select x (range end rows)))))
          (doseq [i [-1 n]]
            (is (thrown? IndexOutOfBoundsException (dtt/mget flat i)))
            (is (thrown? IndexOutOfBoundsException (dtt/mset! flat i 1))))
          (doseq [whole [count seq dfn/mean dtype/clone dtype/->byte-array #(dtype/set-value! % (dec n) 1)]]
            (is (thrown? Exception (whole flat)) "needs indexes of 32 bits"))))
      (let [x (:x pack)]
        (is (= [18 18 0 8 10 12 14 17] (tail x) (elements (dtype/clone (dtt/select x (range end rows))))
               (elements (dtype/copy! (dtype/sub-buffer x (- n 8) 8) (byte-array 8)))))
        (is (thrown? ReadOnlyException (dtt/mset! x end 7 1)))))))

;; dtype-next's arrays as contents

(deftest anything-of-dtype-next-is-saved-in-c-order
  (with-pack [pack]
    (let [m [[1.0 2.0 3.0] [4.0 5.0 6.0]]
          t (dtt/->tensor m {:datatype :float32})]
      (are [data dtype expected] (do (npk/save! pack :x data)
                                     (= [dtype expected] [(npk/dtype pack :x) (nested (:x pack))]))
        t                                                       :float32 m
        (dtt/transpose t [1 0])                                 :float32 [[1.0 4.0] [2.0 5.0] [3.0 6.0]]
        (dtt/select t :all [2 0])                               :float32 [[3.0 1.0] [6.0 4.0]]
        (dtt/select t :lla 1)                                   :float32 [5.0 2.0]
        (dtt/broadcast (dtt/select t 0) [2 3])                  :float32 [[1.0 2.0 3.0] [1.0 2.0 3.0]]
        (dtt/rotate t [0 1])                                    :float32 [[3.0 1.0 2.0] [6.0 4.0 5.0]]
        (t 1)                                                   :float32 [4.0 5.0 6.0]
        (dtt/clone t {:container-type :native-heap})            :float32 m
        (dtt/compute-tensor [2 2] (fn [y x] (+ (* 10 y) x)) :int16)  :int16 [[0 1] [10 11]]
        (dtype/elemwise-cast (dfn/* t 2) :float32)              :float32 [[2.0 4.0 6.0] [8.0 10.0 12.0]]
        (dfn/> t 2)                                             :boolean [[false false true] [true true true]]
        (dtype/make-container :uint8 [1 255])                   :uint8 [1 255]
        (dtype/make-container :native-heap :uint32 [1 4294967295]) :uint32 [1 4294967295]
        (dtype/make-container :boolean [true false])            :boolean [true false]
        (dtype/->reader (int-array [3 4]))                      :int32 [3 4]
        (dtype/sub-buffer (double-array [1 2 3 4]) 1 2)         :float64 [2.0 3.0]
        (dtt/reshape (float-array [1 2 3 4]) [2 2])             :float32 [[1.0 2.0] [3.0 4.0]]
        (dtype/make-list :int64)                                :int64 []
        (dtype/const-reader 2.5 3)                              :float64 [2.5 2.5 2.5]
        (dtype/make-container :object [1 2.5])                  :float64 [1.0 2.5]
        (dtt/->tensor [[1 2] [3 4]] {:datatype :object})        :int64 [[1 2] [3 4]]))
    (testing "what holds no numbers"
      (is (= :dtype-mismatch (error-of (npk/save! pack :x (dtype/make-container :string ["a"])))
             (error-of (npk/save! pack :x (dtype/make-container :object [1 nil]))))))))

(deftest rows-of-a-tensor-keep-their-dtype
  (with-pack [pack {:as :tensor}]
    (doseq [dtype (conj dtypes :float16)]
      (testing dtype
        (npk/save! pack :x (example dtype))
        (let [values (nested (:x pack))
              x      (:x pack)]
          (are [rows expected] (do (npk/save! pack :y rows)
                                   (= [dtype expected] [(npk/dtype pack :y) (nested (:y pack))]))
            (dtt/rows x)                                        values
            (dtt/rows (npk/load pack :x))                       values
            (dtt/rows (dtt/select x :lla))                      (vec (rseq values))
            (dtt/rows (dtt/reshape x [3 1 2]))                  (mapv vector (partition 2 (flatten values)))
            (java.util.ArrayList. [(x 1) (dtt/select x 0)])     (vec (rseq values))
            [(x 1) (dtt/select x 0)]                            (vec (rseq values))
            (map x [1 0])                                       (vec (rseq values))
            [[x x] (list x x)]                                  [[values values] [values values]])
          (npk/append! pack :x (dtt/rows x))
          (is (= (into values values) (nested (:x pack)))))))
    (testing "that do not lie in one piece"
      (npk/save! pack :y (dtt/columns (dtt/->tensor [[1 2] [3 4]] {:datatype :uint16})))
      (is (= [:uint16 [[1 3] [2 4]]] [(npk/dtype pack :y) (nested (:y pack))])))
    (testing "of an expression"
      (npk/save! pack :y (dtt/rows (dfn/> (dtt/->tensor [[1 2] [3 4]]) 2)))
      (is (= [:boolean [[false false] [true true]]] [(npk/dtype pack :y) (nested (:y pack))])))
    (testing "numbers that float64 cannot tell apart"
      (npk/save! pack :y [(dtt/->tensor [9007199254740992 9007199254740993])])
      (is (= [:int64 [[9007199254740992 9007199254740993]]] [(npk/dtype pack :y) (nested (:y pack))])))
    (testing "rows given as vectors take the dtype of the array"
      (npk/save! pack :y [[1 2]] {:dtype :uint8})
      (npk/append! pack :y [(dtt/->tensor [3 4] {:datatype :int64}) (dtt/->tensor [5 6] {:datatype :int64})])
      (is (= [:uint8 [[1 2] [3 4] [5 6]]] [(npk/dtype pack :y) (nested (:y pack))]))
      (is (= :dtype-mismatch (error-of (npk/append! pack :y [(dtt/->tensor [256 0] {:datatype :int64})])))))
    (testing "unlike rows are what they were before"
      (let [rows #(java.util.ArrayList. [(dtt/->tensor [1 2] {:datatype :int8}) %])]
        (is (= :shape-mismatch (error-of (npk/save! pack :y (rows (dtt/->tensor [1 2 3] {:datatype :int8}))))
               (error-of (npk/save! pack :y (rows 5)))))
        (npk/save! pack :y (rows (dtt/->tensor [1.5 2] {:datatype :float32})))
        (is (= [:float64 [[1.0 2.0] [1.5 2.0]]] [(npk/dtype pack :y) (nested (:y pack))]))))))

(deftest expressions-over-the-array-that-is-saved-are-right
  (with-pack [pack]
    (let [save! (fn [] (npk/save! pack :x (npk/ndarray (range 3000) {:dtype :float32 :shape [1000 3]})))
          flat  #(map long (dtype/->reader (:x pack)))]
      (save!)
      (npk/save! pack :x (dtype/elemwise-cast (dfn/+ (:x pack) 1) :float32))
      (is (= (range 1 3001) (flat)))
      (npk/save! pack :x (dtt/select (:x pack) :lla))
      (is (= [2998 2999 3000 2995] (take 4 (flat))))
      (save!)
      (npk/with-writable-batch [w pack]
        (npk/save! w :x (dfn/+ (dtt/select (:x w) :lla) (:x w))))
      (is (= [2997 2999 3001 2997] (take 4 (flat))))
      (save!)
      (npk/with-batch [b pack]
        (npk/save! b :x (dtt/transpose (:x b) [1 0])))
      (is (= [3 1000] (npk/shape pack :x)))
      (is (= [0 3 6 9] (take 4 (flat)))))))

(deftest rows-in-dtype-next-s-arrays
  (with-pack [pack]
    (npk/save! pack :x (npk/ndarray [[1 2] [3 4]] {:dtype :float32}))
    (npk/append! pack :x (dtt/->tensor [[5 6]] {:datatype :float32}))
    (npk/append! pack {:x (dfn/* (dtt/select (:x pack) [0]) 10)})
    (is (= [[1.0 2.0] [3.0 4.0] [5.0 6.0] [10.0 20.0]] (nested (:x pack))) "an expression takes the array's dtype")
    (is (= :dtype-mismatch (error-of (npk/append! pack :x (dtt/->tensor [[5 6]] {:datatype :float64})))))
    (npk/replace-rows! pack :x (dfn/+ (dtt/select (:x pack) [0 1]) 0.5) (dtype/->reader (int-array [0 -1])))
    (is (= [[1.5 2.5] [3.0 4.0] [5.0 6.0] [3.5 4.5]] (nested (:x pack))))
    (npk/drop-rows! pack :x (dfn/> (dtt/select (:x pack) :all 0) 4))
    (is (= [[1.5 2.5] [3.0 4.0] [3.5 4.5]] (nested (:x pack))))
    (is (= [[3.5 4.5]] (nested (npk/select-rows pack :x (dfn/> (dtt/select (:x pack) :all 0) 3.2)))))
    (npk/with-writable-batch [w pack]
      (npk/replace-rows! w :x (dfn/* (dtt/select (:x w) [2]) 2) 2))
    (is (= [7.0 9.0] (nested ((:x pack) 2))))))

(deftest the-functions-of-core-take-what-dtype-next-has
  (let [t (dtt/->tensor [[1 2] [3 4]] {:datatype :float32})
        e (dfn/* (dtt/->tensor [[1 2] [3 4]] {:datatype :float64}) 2)]
    (is (= {:dtype :float32 :shape [2 2] :rows 2 :size 4 :nbytes 16 :mapped? false :read-only? false} (npk/info t)))
    (is (= {:dtype :float64 :shape [2 2] :rows 2 :size 4 :nbytes 32 :mapped? false :read-only? true} (npk/info e)))
    (is (= [2 2] (npk/shape (dtt/transpose t [1 0]))))
    (is (= :float64 (npk/dtype e)))
    (is (= 20.0 (npk/reduce-axis e :sum)))
    (is (= [8.0 12.0] (vec (npk/reduce-axis e :sum {:axis 0}))))
    (is (= [2.0 4.0 6.0 8.0] (vec (npk/reshape e [4]))))
    (testing "in place"
      (is (identical? t (npk/mul! t 2)))
      (is (= [[2.0 4.0] [6.0 8.0]] (nested t)))
      (npk/add! (dtt/transpose t [1 0]) [[10 20] [0 0]])
      (is (= [[12.0 4.0] [26.0 8.0]] (nested t)))
      (npk/sub! t (dtt/->tensor [[1 1] [1 1]] {:datatype :float32}))
      (is (= [[11.0 3.0] [25.0 7.0]] (nested t)))
      (npk/mset! t 0 [0 0])
      (is (= [[0.0 0.0] [25.0 7.0]] (nested t)))
      (is (= [2.0 4.0] (vec (npk/mul! (dtype/make-container :native-heap :float64 [1 2]) 2))))
      (is (= [2 4] (vec (npk/mul! (dtype/make-container :uint8 [1 2]) 2))))
      (is (= [true true] (vec (npk/fill! (dtype/make-container :boolean 2) true))))
      (is (= [1 20 3] (let [data (int-array [1 2 3])] (npk/mul! (dtype/sub-buffer data 1 1) 10) (vec data))))
      (is (= :read-only (error-of (npk/mul! e 2))))
      (is (= :invalid-option (error-of (npk/mul! (dtype/make-container :string ["a"]) 2)))))))

;; NDArray in dtype-next

(deftest an-ndarray-takes-part-in-dtype-next
  (doseq [x [(npk/ndarray [[1.0 2.0] [3.0 4.0]]) (npk/ndarray [[1.0 2.0] [3.0 4.0]] {:dtype :float16})]]
    (is (= [2 2] (dtype/shape x)))
    (is (= 4 (dtype/ecount x)))
    (is (#{:float32 :float64} (dtype/elemwise-datatype x)))
    (is (dtype/reader? x))
    (is (dtype/writer? x))
    (is (= [1.0 2.0 3.0 4.0] (vec (dtype/->reader x)) (vec (dtype/->array x)) (vec (dtype/copy! x (double-array 4)))))
    (is (= 10.0 (dfn/sum x)))
    (is (= [2.0 3.0 4.0 5.0] (vec (dtype/->reader (dfn/+ x 1)))))
    (is (= [[2.0 3.0] [4.0 5.0]] (nested (dfn/+ (dtt/ensure-tensor x) 1))))
    (is (identical? (dtt/ensure-tensor x) (dtt/as-tensor x)))
    (is (= [[1.0 3.0] [2.0 4.0]] (nested (dtt/transpose x [1 0]))))
    (is (= [3.0 4.0] (vec (dtt/select x 1))))
    (is (= 4.0 (dtt/mget x 1 1)))
    (is (= [[1.0 2.0]] (nested (dtt/select x [0]))))
    (is (= [1.0 2.0 3.0 4.0] (vec (dtt/reshape x [4]))))
    (is (= 2 (count (dtt/rows (dtt/ensure-tensor x)))))
    (is (= [2.0 3.0] (vec (dtype/sub-buffer x 1 2))))
    (dtype/set-value! x 0 9)
    (dtt/mset! x 1 1 8)
    (dtype/copy! (float-array [5 6]) (dtype/sub-buffer x 1 2))
    (is (= [9.0 5.0 6.0 8.0] (vec (dtype/->reader x)) (map #(.flatGetDouble ^NDArray x %) (range 4))))
    (is (not (dtype/writer? (.readOnly ^NDArray x))))
    (dtype/set-constant! x 1)
    (is (= 4.0 (dfn/sum x)))
    (is (= 4.0 (dfn/sum (dtype/clone x))))))

(deftest a-tensor-keeps-its-mapping
  (with-pack [pack]
    (npk/save! pack :x (double-array (range 100000)))
    (let [row (dtt/select (dtt/reshape (:x pack) [1000 100]) 999 (range 98 100))]
      (dotimes [_ 3] (System/gc))
      (is (= [99998.0 99999.0] (vec row))))))

(deftest a-batch-that-nobody-ends-keeps-what-it-staged-while-that-can-be-reached
  (with-pack [pack]
    (npk/save! pack :x [[1 2] [3 4]])
    (let [staged #(count (filter (fn [file] (re-find #"/stage-[^/]*/" (str file))) (file-seq (io/file (str (.path pack)) ".numpack"))))
          row    (atom @(future (dtt/select (:x (npk/batch pack {:memory-limit 0})) 1)))]
      (dtt/mset! @row 0 7)
      (dotimes [_ 5]
        (System/gc)
        (Thread/sleep 20))
      (is (= [[7 4] 1] [(vec @row) (staged)]))
      (reset! row nil)
      (is (falls-to? 0 staged))
      (is (= [[1 2] [3 4]] (nested (:x pack)))))))

(deftest a-writable-batch-that-nobody-ends-holds-its-arrays-while-they-can-be-reached
  (with-pack [pack]
    (npk/save! pack :x [[1 2] [3 4]])
    (let [row     (atom @(future (dtt/select (:x (npk/writable-batch pack)) 1)))
          claimed #(if (= :conflict (error-of (npk/save! pack :x [5 6 7]))) 1 0)]
      (dotimes [_ 5]
        (System/gc)
        (Thread/sleep 20))
      (is (= 1 (claimed)))
      (dtt/mset! @row 0 7)
      (is (= [[1 2] [7 4]] (nested (:x pack))))
      (reset! row nil)
      (is (falls-to? 0 claimed))
      (is (= [5 6 7] (vec (:x pack)))))))

(deftest pairs-of-a-tensor-are-the-numbers-of-a-complex-array
  (with-pack [pack]
    (let [fresh   #(npk/save! pack :c (npk/ndarray [[1 2] [3 4]] {:dtype :complex64}))
          found   #(vector (npk/dtype pack %) (vec (seq (npk/load pack %))))
          numbers [:complex64 [[1.0 2.0] [3.0 4.0]]]
          twice   [:complex64 [[2.0 4.0] [6.0 8.0]]]]
      (fresh)
      (testing "of the scope's own tensor, which need not be saved"
        (npk/with-batch [b pack {:as :tensor}]
          (npk/mul! (:c b) 2)
          (npk/save! b :c (:c b)))
        (is (= twice (found :c)))
        (npk/with-writable-batch [w pack {:as :tensor}]
          (npk/mul! (:c w) 0.5)
          (npk/save! w :c (:c w)))
        (is (= numbers (found :c))))
      (let [t (npk/load pack :c {:as :tensor})]
        (are [expected edit] (do (fresh) edit (= expected (found :c)))
          [:complex64 (into (second numbers) (second numbers))] (npk/append! pack :c t)
          [:complex64 (into (second numbers) (second twice))]   (npk/append! pack :c (dfn/* t 2))
          [:complex64 [[3.0 4.0] [1.0 2.0]]]                    (npk/replace-rows! pack :c (dtt/select t :lla) [0 1])
          twice                                                 (npk/with-writable-batch [w pack] (npk/save! w :c (dfn/* t 2)))
          twice                                                 (npk/with-writable-batch [w pack] (npk/save! w :c [[2 4] [6 8]]))
          [:float32 [[1.0 2.0] [3.0 4.0]]]                      (do (npk/with-batch [b pack]
                                                                      (npk/save! b :c (npk/load b :c {:as :tensor}) {:dtype :float32}))
                                                                    (npk/save! pack :c (mapv vec (:c pack)) {:dtype :float32}))
          [:complex64 [[9.0 8.0] [3.0 4.0]]]                    (npk/with-writable-batch [w pack]
                                                                  (npk/replace-rows! w :c (dtt/->tensor [[9 8]] {:datatype :float32}) 0))
          twice                                                 (npk/save! pack :c (dfn/* t 2) {:dtype :complex64})
          [:complex128 [[1.0 2.0] [3.0 4.0]]]                   (npk/save! pack :c t {:dtype :complex128})
          [:float32 [[1.0 2.0] [3.0 4.0]]]                      (do (npk/save! pack :c t)
                                                                    (npk/save! pack :c (mapv vec t) {:dtype :float32})))
        (fresh)
        (is (= :shape-mismatch (error-of (npk/save! pack :d (dtt/->tensor [[1 2 3]]) {:dtype :complex64}))
               (error-of (npk/append! pack :c (dtt/->tensor [1 2] {:datatype :float32})))))))
    (testing "as those of vectors are"
      (npk/save! pack :c [[1 2]] {:dtype :complex64})
      (npk/append! pack :c [[3 4]])
      (npk/replace-rows! pack :c [[5 6.5]] 0)
      (npk/with-batch [b pack] (npk/append! b :c [[7 8]]))
      (npk/with-writable-batch [w pack] (npk/replace-rows! w :c [[9 9]] [2]))
      (is (= [[5.0 6.5] [3.0 4.0] [9.0 9.0]] (seq (:c pack)))))))

(deftest a-batch-that-only-copies-from-its-arrays-edits-nothing
  (with-pack [pack]
    (doseq [dtype dtypes, limit [0 "1GB"]]
      (npk/save! pack :x (example dtype))
      (npk/with-batch [b pack {:memory-limit limit}]
        (dtype/copy! (:x b) (float-array 6))
        (dtype/clone (:x b))
        (when-not (= :boolean dtype) ; of which dtype-next makes no native buffer
          (dtype/make-container :native-heap dtype (:x b)))
        (is (= [] (npk/changes b)) [dtype limit])))))

(deftest what-is-written-to-the-address-is-an-edit-also-where-files-have-no-times-of-mapped-writes
  (let [memory (io/file "/dev/shm")]
    (if (.canWrite memory)
      (let [folder (.toFile (Files/createTempDirectory (.toPath memory) "numpack" (make-array FileAttribute 0)))]
        (try
          (with-open [pack (npk/open (io/file folder "x.npk"))]
            (npk/save! pack :x (int-array [1 2 3]))
            (Thread/sleep 80)
            (npk/with-writable-batch [w pack]
              (.putInt (native-buffer/unsafe) (.-address (dtype/as-native-buffer (:x w))) 9)
              (is (= ["x"] (map :array (npk/changes w)))))
            (is (= [9 2 3] (vec (:x pack)))))
          (finally (run! io/delete-file (reverse (file-seq folder))))))
      (skips/note "numpack.tensor-test/what-is-written-to-the-address-is-an-edit-also-where-files-have-no-times-of-mapped-writes"
                  "there is no /dev/shm"))))

(deftest what-is-written-to-the-address-of-an-array-is-an-edit
  (with-pack [pack]
    (doseq [scope [#(npk/batch pack {:memory-limit 0}) #(npk/writable-batch pack)]]
      (npk/save! pack :x (int-array [1 2 3]))
      (let [s (scope)]
        (.putInt (native-buffer/unsafe) (.-address (dtype/as-native-buffer (:x s))) 9)
        (is (= ["x"] (map :array (npk/changes s))))
        (npk/commit! s))
      (is (= [9 2 3] (vec (:x pack)))))))

(deftest a-bitmap-names-rows
  (with-pack [pack]
    (npk/save! pack :x [10 11 12 13])
    (is (= [10 13] (vec (npk/select-rows pack :x (bitmap/->bitmap [0 3])))))
    (npk/save! pack :y (bitmap/->bitmap [2 5]))
    (is (= [2 5] (vec (:y pack))))
    (npk/drop-rows! pack :x (bitmap/->bitmap [1 2]))
    (is (= [10 13] (vec (:x pack))))))

(deftest the-upper-half-of-uint64-is-written-wherever-it-lies
  (with-pack [pack {:as :tensor}]
    (doseq [limit [0 "1GB"]]
      (npk/save! pack :u (npk/ndarray [1 18446744073709551615N] {:dtype :uint64}))
      (npk/with-batch [b pack {:memory-limit limit}]
        (dtt/mset! (:u b) 0 (dtt/mget (:u b) 1)))
      (is (= [:uint64 [-1 -1]] [(npk/dtype pack :u) (vec (:u pack))])))))

(deftest mset!-takes-an-expression-as-the-other-functions-do
  (with-pack [pack]
    (npk/save! pack :x (example :float32))
    (let [x (npk/load pack :x)]
      (npk/mset! x 0 (dfn/* 2 (dtt/select (:x pack) 1)))
      (is (= [[8.0 10.0 12.0] [4.0 5.0 6.0]] (nested x))))))

(deftest uint64-of-any-layout-is-saved-with-its-upper-half
  (with-pack [pack]
    (npk/save! pack :u (npk/ndarray [[18446744073709551615N 5] [7 8]] {:dtype :uint64}))
    (npk/save! pack :v (dtt/transpose (npk/lazy pack :u {:as :tensor}) [1 0]))
    (is (= [:uint64 [[18446744073709551615N 7] [5 8]]] [(npk/dtype pack :v) (nested (npk/load pack :v))]))))

(deftest nobody-gets-the-address-of-what-cannot-be-written
  (with-pack [pack]
    (npk/save! pack :x (example :float32))
    (save-pieces! pack :p (example :float32))
    (let [denied (fn [x]
                   (is (not (dtype/writer? x)))
                   (is (thrown? ReadOnlyException (dtype-proto/->native-buffer x)))
                   (is (thrown? ReadOnlyException (dtype-proto/->writer x)))
                   (is (thrown? UnsupportedOperationException (.add ^java.util.List x 1.0))))]
      (denied (dtype/->reader (:x pack)))
      (denied (dtype/->reader (:p pack)))
      (npk/with-writable-batch [w pack]
        (is (thrown? ReadOnlyException (dtype-proto/->native-buffer (dtype/->reader (:p w)))))
        (is (dtype/writer? (dtype/->reader (:x w))))))))

(deftest numpack-core-loads-dtype-next-at-the-first-use
  (let [{:keys [exit out err]}
        (run-clojure "-e" (str/join "\n"
                                    ["(require '[numpack.core :as npk])"
                                     "(assert (npk/mul! (npk/ndarray [1 2]) 2))"
                                     "(with-open [p (npk/open \"test/resources/fixtures/ranks.npk\" {:read-only? true})]"
                                     "  (npk/reduce-axis (npk/load p :rank1 {:as :ndarray}) :sum)"
                                     "  (println (find-ns 'tech.v3.datatype) (find-ns 'numpack.tensor))"
                                     "  (println (.getName (class (:rank2 p))))"
                                     "  (let [extended (:impls @(resolve 'tech.v3.datatype.protocols/PToReader))]"
                                     "    (:rank2 p) (npk/shape (:rank2 p))"
                                     "    (println (identical? extended (:impls @(resolve 'tech.v3.datatype.protocols/PToReader))))))"]))]
    (is (zero? exit) err)
    (is (= ["nil nil" "tech.v3.tensor_api.DirectTensor" "true"] (str/split-lines out)))))

(deftest the-guide-is-right
  (run-guide "doc/dtype-next.md" 4))

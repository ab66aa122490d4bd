(ns numpack.wrong-arguments-test
  "Every public function of numpack.core with arguments of the wrong kind in every place: what is thrown has a name and a cure."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]
            [numpack.core :as npk]
            [numpack.scratch :as scratch])
  (:import [java.io File]
           [java.util Arrays Date]
           [numpack InvalidOptionException NumPack NumPackException]))

(defn- a-pack ^NumPack [folder n]
  (doto (npk/open (io/file folder (str n ".npk")) {:as :ndarray})
    (npk/save! {:x [[1.0 2.0] [3.0 4.0]], :labels [0 1]})))

(defn- right-arguments
  "Arguments that each function takes, from a source of its kind."
  [source array]
  {#'npk/names [[source]], #'npk/exists? [[source :x]], #'npk/info [[source] [source :x] [array]], #'npk/shape [[source :x] [array]],
   #'npk/dtype [[source :x] [array]], #'npk/load [[source :x]], #'npk/lazy [[source :x]], #'npk/select-rows [[source :x [0]]],
   #'npk/chunks [[source :x 1] [source [:x :labels] 1]], #'npk/save! [[source :x array] [source {:x array}] [source [[:x array]]]],
   #'npk/create! [[source :new {:shape [2]}]], #'npk/append! [[source :x array] [source {:x array}]],
   #'npk/replace-rows! [[source :x [[5 6]] 0] [source {:x [[5 6]]} [0]]], #'npk/drop-rows! [[source :x 0] [source [:x :labels] [0]]],
   #'npk/delete! [[source :x] [source [:x]]], #'npk/rename! [[source :x :y]], #'npk/compact! [[source] [source :x]],
   #'npk/sync! [[source]], #'npk/batch [[source]], #'npk/writable-batch [[source]], #'npk/commit! [[source]], #'npk/discard! [[source]],
   #'npk/changes [[source]], #'npk/call-with-batch [[source (fn [_])]], #'npk/call-with-writable-batch [[source (fn [_])]],
   #'npk/open [[::path]], #'npk/close [[source]],
   #'npk/ndarray [[[1 2]] [[1 2] {:dtype :int8, :shape [2]}]], #'npk/zeros [[[2 2]] [2 {:dtype :int8}]], #'npk/reshape [[array [4]]],
   #'npk/mget [[array 0 0] [array 0]], #'npk/mset! [[array 0 0 1.0] [array 0 [1 2]]], #'npk/add! [[array 1]], #'npk/sub! [[array 1]],
   #'npk/mul! [[array 1]], #'npk/div! [[array 1]], #'npk/pow! [[array 1]], #'npk/clip! [[array 0 1]], #'npk/fill! [[array 1]],
   #'npk/map! [[array :sqrt]], #'npk/reduce-axis [[array :sum] [array :sum {:axis 0}]]})

(defn- wrong-values [folder]
  (let [closed (a-pack folder "closed")
        pack   (a-pack folder "ended")
        ended  (doto (npk/batch pack) npk/discard!)
        lost   (with-open [w (npk/writable-batch pack)] (:x w))]
    (npk/close closed)
    (npk/close pack)
    [nil true 3 -1 Long/MIN_VALUE 1.5 ##NaN 1/2 10N 2.5M \c :k :a/b 'sym 'a/b "text" "" "a/b" [] [1 [2]] [nil] ["x" :y] [[1 2] [3]] [:x] {}
     {:a 1} {:dtype :float32} {:as 5} {nil nil} #{1} (map inc [1 2]) (Object.) (Date.) Object (boolean-array 1) (object-array [1 "2"])
     (double-array 3) (make-array Double/TYPE 0 0) (constantly "text") #'identity closed ended lost]))

(defn- files [^File folder]
  (into {} (for [^File f (file-seq folder)
                 :when (and (.isFile f) (not (str/includes? (.getPath f) ".numpack")))]
             [(.getPath f) (Arrays/hashCode (java.nio.file.Files/readAllBytes (.toPath f)))])))

(defn- named? [^Throwable thrown]
  (or (and (instance? NumPackException thrown) (not (str/blank? (ex-message thrown))))
      (and (instance? IndexOutOfBoundsException thrown) (re-find #"out of range" (str (ex-message thrown))))))

(defn- outcome
  "What becomes of a call: :returned, :refused by what has a name and with nothing changed, or what is wrong about it."
  [^NumPack pack f args]
  (let [folder (.toFile (.path pack))
        before (files folder)]
    (try
      (apply f args)
      :returned
      (catch clojure.lang.ArityException thrown
        (if (str/includes? (ex-message thrown) "numpack.core/")
          :refused
          (str thrown)))
      (catch Throwable thrown
        (cond
          (not (named? thrown))        (str thrown)
          (not= before (files folder)) (str "files were changed, and then " thrown)
          :else                        :refused)))))

(defn- in-every-place
  "The arguments with each of them, and one more, replaced by each of the values."
  [args values]
  (for [place (range (inc (count args)))
        value values]
    (assoc args place value)))

(defn- scope [kind pack]
  (case kind
    :pack           pack
    :batch          (npk/batch pack)
    :writable-batch (npk/writable-batch pack)))

(defn- faults
  "The calls with a wrong outcome. A pack serves until a call returns, which may have changed it."
  [kind folder]
  (let [values   (wrong-values folder)
        number   (atom 0)
        new-pack #(let [pack (a-pack folder (swap! number inc))]
                    [pack (scope kind pack)])
        calls    (for [[f arguments] (right-arguments ::source ::array)
                       args          arguments
                       call          (in-every-place args values)]
                   [f call])]
    (loop [calls calls, [pack source] (new-pack), found []]
      (if-let [[f call] (first calls)]
        (let [args    (replace {::source source
                                ::array  (npk/ndarray [[1.0 2.0] [3.0 4.0]])
                                ::path   (io/file folder "new.npk")}
                               call)
              outcome (outcome pack @f args)]
          (when (and (= :returned outcome) (not (.isClosed ^NumPack pack)))
            (npk/close pack {:discard-scopes? true}))
          (recur (next calls)
                 (if (= :returned outcome) (new-pack) [pack source])
                 (if (string? outcome) (conj found [f call outcome]) found)))
        (do (npk/close pack {:discard-scopes? true})
            found)))))

(deftest every-public-function-is-called
  (is (= (set (filter #(and (fn? (deref %)) (not (:macro (meta %)))) (vals (ns-publics 'numpack.core))))
         (set (keys (right-arguments nil nil))))))

(deftest wrong-arguments-throw-named-errors
  (doseq [kind [:pack :batch :writable-batch]]
    (testing kind
      (is (= [] (scratch/with-folder [folder] (faults kind folder)))))))

(deftest what-is-no-option-is-told-how-to-be-written
  (scratch/with-pack [pack]
    (doseq [[call written] [[#(npk/zeros [2 2] :float32) "{:dtype :float32}"]
                            [#(npk/load pack :features :float64) "{:dtype :float64}"]
                            [#(npk/reduce-axis (:features pack) :sum 0) "{:axis 0}"]
                            [#(npk/chunks pack :features 1 :foo) "{:as :foo}"]
                            [#(npk/create! pack :q [3 4]) "{:shape [3 4]}"]
                            [#(npk/mget (:features pack) [0 1]) "(apply npk/mget array [i j])"]]]
      (let [message (try (call) (catch InvalidOptionException e (ex-message e)))]
        (is (str/includes? (str message) written))))))

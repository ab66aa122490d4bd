(ns ^:no-doc numpack.arguments
  "What callers of numpack.core may write (names, options, dtypes, rows, contents), and the Java values it stands for."
  (:require [clojure.java.io :as io]
            [clojure.string :as str])
  (:import [clojure.lang IFn$DD LongRange RT]
           [java.io File]
           [java.nio.file Path]
           [java.util.function DoubleUnaryOperator Function]
           [numpack ArrayEditor ArraySource DType DTypeMismatchException InvalidNameException InvalidOptionException NDArray NumPack
            ReadOnlyException Rows WritableBatch]
           [numpack.format ArrayNames]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(def ^:private booleans-class (Class/forName "[Z"))
(def ^:private longs-class (Class/forName "[J"))

(defn invalid
  "The exception for an argument that nothing can be done with."
  [message found]
  (InvalidOptionException. message (object-array ["found" found])))

(defn- kind [x]
  (if (nil? x) "nil" (.getName (class x))))

(defn- shown
  "A value in a message, as it is written; of what is long or unreadable what kind of thing it is."
  [x]
  (if (or (nil? x) (number? x) (keyword? x) (symbol? x) (boolean? x) (string? x)
          (and (vector? x) (every? number? (take 9 x)) (< (count x) 9)))
    (pr-str x)
    (str "a " (kind x))))

;; packs and scopes

(defn source
  "A pack, a batch or a writable batch."
  ^ArraySource [x]
  (if (instance? ArraySource x)
    x
    (throw (invalid (str "expected a pack, a batch or a writable batch, got " (kind x) "; (npk/open path) opens a pack") x))))

(defn editor
  "A pack or a batch; a writable batch cannot do `what`."
  ^ArrayEditor [x what]
  (when (instance? WritableBatch x)
    (throw (ReadOnlyException. (str "a writable batch edits elements in place and cannot " what "; do that in with-batch, or create! "
                                    "an array of its final shape before the writable batch")
                               (object-array 0))))
  (source x))

(defn pack
  "A pack, not a scope."
  ^NumPack [x what]
  (when-not (instance? NumPack x)
    (throw (invalid (str "only a pack can " what ", got " (kind x)) x)))
  x)

;; names

(defn array-name
  "The name of an array as it is on disk."
  ^String [x]
  (ArrayNames/of x))

(defn single-name? [x]
  (or (string? x) (ident? x)))

(defn array-names
  "One name or a collection of names as a list of those on disk, each of which f gives."
  ^java.util.Collection [x & {f :by :or {f array-name}}]
  (cond
    (single-name? x) [(f x)]
    (or (nil? x) (and (coll? x) (not (map? x))) (instance? java.util.Collection x)) (mapv f x)
    :else (throw (invalid (str "expected the name of an array or a collection of names, got " (kind x)) x))))

(defn by-name
  "A map or a seq of pairs of names and contents as a Java map in the same order, contents passed through (f name contents)."
  ^java.util.Map [f pairs]
  (when-not (or (map? pairs) (instance? java.util.Map pairs) (sequential? pairs))
    (throw (invalid (str "expected {name array}, [[name array] …] or a name and an array, got " (kind pairs)) pairs)))
  (let [result (java.util.LinkedHashMap.)]
    (doseq [pair pairs]
      (when-not (or (instance? java.util.Map$Entry pair) (and (sequential? pair) (= 2 (bounded-count 3 pair))))
        (throw (invalid (str "expected pairs [name array], got " (kind pair)) pair)))
      (let [[k contents] pair
            n (array-name k)]
        (when (.containsKey result n)
          (throw (InvalidNameException. (str "array \"" n "\" is given twice; give it once") (object-array ["array" n]))))
        (.put result n (f n contents))))
    result))

;; options

(defn- options-text [valid]
  (if (seq valid) (str "its options are " (str/join ", " valid)) "it has no options"))

(defn options
  "The options given, none of which is unknown."
  [caller valid given]
  (doseq [k (keys given)]
    (when-not (some #{k} valid)
      (throw (InvalidOptionException. (str caller " has no option " (pr-str k) "; " (options-text valid))
                                      (object-array ["found" k "expected" (vec valid)])))))
  given)

(defn- no-option [caller valid stray]
  (InvalidOptionException. (str caller " got " (shown stray) " where options were expected; " (options-text valid)
                                (when (seq valid) (str ", written as in {" (first valid) " " (shown stray) "}")))
                           (object-array ["found" stray "expected" (vec valid)])))

(defn trailing-options
  "The options among the arguments after the positional ones: a map, keyword arguments, or both. What is none of them is refused."
  [caller valid args]
  (when (seq args)
    (let [[pairs more] (if (odd? (count args)) [(butlast args) (last args)] [args nil])
          stray        (cond
                         (not (or (nil? more) (map? more))) [(first args)]
                         (not-every? keyword? (take-nth 2 pairs)) [(first (remove keyword? (take-nth 2 pairs)))])]
      (when stray
        (throw (no-option caller valid (first stray))))
      (options caller valid (merge (apply hash-map pairs) more)))))

(defn choice
  "The value that stands for a keyword."
  [option choices given]
  (or (choices given)
      (throw (InvalidOptionException. (str option " is one of " (str/join ", " (keys choices)) ", got " (shown given))
                                      (object-array ["found" given "expected" (vec (keys choices))])))))

(defn path
  "A string, File or Path as a Path."
  ^Path [x]
  (cond
    (instance? Path x) x
    (string? x) (Path/of x (make-array String 0))
    (instance? File x) (.toPath ^File x)
    :else (throw (invalid (str "a pack is opened by its path: a string, a File or a Path, got " (kind x)) x))))

(defn dtype
  "A keyword, symbol or string as a DType; dtype-next's :boolean and numpy's :bool both are bool."
  ^DType [x]
  (cond
    (instance? DType x) x
    (or (string? x) (simple-ident? x)) (DType/of (name x))
    :else (throw (DTypeMismatchException. (str "a dtype is a keyword such as :float32, got " (shown x)) (object-array ["found" x])))))

(defn dtype-keyword
  "The keyword of a DType, by dtype-next's names."
  [^DType dtype]
  (keyword (str dtype)))

(defn shape
  "A sequence of lengths, or one length, as a long[]."
  ^longs [x]
  (cond
    (int? x) (long-array [x])
    (and (sequential? x) (every? int? x)) (long-array x)
    (instance? longs-class x) x
    :else (throw (invalid (str "a shape is a vector of lengths such as [100 10], got " (shown x)) x))))

;; contents

(defn- resource? [name]
  (some? (io/resource name (RT/baseLoader))))

(defn- tensors
  "A function of numpack.tensor, which loads dtype-next, at its first use; nil without dtype-next."
  [sym]
  (delay
    (when (and (some resource? ["tech/v3/datatype.clj" "tech/v3/datatype.cljc" "tech/v3/datatype__init.class"])
               (some resource? ["numpack/tensor.clj" "numpack/tensor__init.class"]))
      (requiring-resolve sym))))

(def ^:private tensor (tensors 'numpack.tensor/tensor))
(def ^:private presented (tensors 'numpack.tensor/presented))
(def ^:private tensor-contents (tensors 'numpack.tensor/contents))
(def ^:private tensor-computed? (tensors 'numpack.tensor/computed?))
(def ^:private tensor-description (tensors 'numpack.tensor/description))
(def ^:private tensor-edit (tensors 'numpack.tensor/edit))
(def ^:private tensor-alike (tensors 'numpack.tensor/alike))

(defn- foreign?
  "Whether x may be an array of dtype-next; there is none before somebody has loaded that."
  [x]
  (and (some? x)
       (contains? (loaded-libs) 'tech.v3.datatype.base)
       (not (instance? NDArray x))
       (not (.isArray (class x)))
       (not-any? #(str/starts-with? (.getName (class x)) %) ["clojure.lang." "java."])))

(defn- holds-foreign? [x]
  (loop [x x, depth 0]
    (cond
      (foreign? x) true
      (and (instance? java.util.List x) (< depth 64)) (recur (first x) (inc depth))
      :else false)))

(defn contents
  "Data in a form that NDArray/from takes: arrays of other libraries become NDArrays here, and only here. For a complex dtype
  those of dtype-next, which has none, are pairs."
  ([x]
   (if (holds-foreign? x)
     (@tensor-contents x)
     x))
  ([x ^DType dtype]
   (let [found (contents x)]
     (if (and (some? dtype) (.isComplex dtype) (foreign? x) (instance? NDArray found) (not (.isComplex (.dtype ^NDArray found))))
       (.pairs ^NDArray found dtype)
       found))))

(defn description
  "The :dtype, :shape and :read-only? of an array that would have to be computed or copied to become an NDArray; else nil."
  [x]
  (when (foreign? x)
    (@tensor-description x)))

(defn alike
  "An array as a tensor if the one that it was made from is a tensor."
  [given array]
  (if (foreign? given)
    (@tensor-alike given array)
    array))

(defn ->ndarray
  "Any contents as an NDArray: an NDArray itself, or one over the same memory as a primitive array, or a new one."
  (^NDArray [x]
   (NDArray/from (contents x)))
  (^NDArray [x dtype]
   (NDArray/from (contents x dtype) dtype)))

(defn- primitives? [x]
  (let [^Class element (some-> x class .getComponentType)]
    (or (some-> element .isPrimitive)
        (some-> element .getComponentType .isPrimitive))))

(defn- contents-as
  "Contents for an array of a dtype: a lazy expression takes it, as vectors do."
  [x dtype]
  (if (and (foreign? x) (@tensor-computed? x))
    (->ndarray x dtype)
    (contents x dtype)))

(defn fitting
  "Contents for an array of a dtype: vectors, seqs and lazy expressions are converted, typed arrays stay what they are."
  ^NDArray [x ^DType dtype]
  (let [x (contents-as x dtype)]
    (if (or (instance? NDArray x) (primitives? x))
      (->ndarray x)
      (->ndarray x dtype))))

(defn contents-for
  "Contents for the array of that name, which is there."
  [scope ^String name x]
  (if (and (foreign? x) (.exists (source scope) name))
    (contents-as x (.dtype (source scope) name))
    (contents x)))

(defn edit
  "Calls f with the target as an NDArray over the same memory, and returns the target."
  [target f]
  (cond
    (instance? NDArray target)
    (f target)

    (instance? booleans-class target)
    (let [bits (->ndarray target)]
      (f bits)
      (System/arraycopy (.toBooleanArray bits) 0 target 0 (alength ^booleans target)))

    (some-> target class .getComponentType .isPrimitive)
    (f (->ndarray target))

    (and (foreign? target) (@tensor-edit target f))
    nil

    :else
    (throw (invalid (str "only an NDArray, a primitive array, or a tensor or buffer of dtype-next can be edited in place, got "
                         (kind target) "; (npk/ndarray data) makes an NDArray")
                    target)))
  target)

(defn- result ^double [f x]
  (let [y (f x)]
    (if (number? y)
      (double y)
      (throw (invalid (str "a function of map! gives a number, got " (shown y) " for " x) y)))))

(defn elementwise
  "A function of one double as Java's operator."
  ^DoubleUnaryOperator [f]
  (cond
    (instance? DoubleUnaryOperator f) f
    (instance? IFn$DD f) (reify DoubleUnaryOperator
                           (applyAsDouble [_ x] (.invokePrim ^IFn$DD f x)))
    (or (fn? f) (var? f) (instance? clojure.lang.MultiFn f)) (reify DoubleUnaryOperator
                                                               (applyAsDouble [_ x] (result f x)))
    :else (throw (invalid (str "expected a function of one double or the name of one, such as :sqrt, got " (shown f)) f))))

(defn body
  "A function of a scope."
  [f]
  (if (and (ifn? f) (not (coll? f)))
    f
    (throw (invalid (str "the body of a scope is a function of the scope, got " (shown f)) f))))

;; numbers and words

(defn whole
  "A whole number; what it is for begins the message."
  ^long [caller what x]
  (if (int? x)
    (long x)
    (throw (invalid (str caller ": " what " a whole number, got " (shown x)) x))))

(defn index
  "The whole numbers that say where an element or a sub-array is."
  [caller path]
  (doseq [i path]
    (when-not (int? i)
      (throw (invalid (str caller ": an index is a whole number for each axis, got " (shown i)
                           (when (sequential? i) (str "; write them one by one, or (apply npk/" caller " array [i j])")))
                      i))))
  path)

(defn word
  "The name of one of several things, such as :sum."
  ^String [what example x]
  (if (or (string? x) (simple-ident? x))
    (name x)
    (throw (invalid (str what " is named by a keyword such as " example ", got " (shown x)) x))))

;; rows

(defn- mask-of [^objects xs]
  (let [mask (boolean-array (alength xs))]
    (dotimes [i (alength xs)]
      (let [x (aget xs i)]
        (when-not (boolean? x)
          (throw (invalid (str "a mask of rows consists of booleans, got " (pr-str x) " at " i) x)))
        (aset mask i (boolean x))))
    mask))

(defn- indexes ^longs [^objects xs]
  (let [rows (long-array (alength xs))]
    (dotimes [i (alength xs)]
      (let [x (aget xs i)]
        (when-not (int? x)
          (throw (invalid (str "rows are integers or a mask of booleans, got " (pr-str x) " at " i) x)))
        (aset rows i (long x))))
    rows))

(defn- step-1? [^LongRange x]
  (let [from (long (first x))]
    (and (<= 0 from) (or (nil? (next x)) (= (inc from) (long (second x)))))))

(defn rows
  "A row, rows or a mask as Rows."
  ^Rows [x]
  (let [x (contents x)]
    (cond
      (instance? Rows x) x
      (= :all x) (Rows/all)
      (int? x) (Rows/of (long-array [x]))
      (and (instance? LongRange x) (step-1? x)) (let [from (long (first x))] (Rows/range from (+ from (count x))))
      (instance? longs-class x) (Rows/of ^longs x)
      (instance? booleans-class x) (Rows/mask ^booleans x)
      (primitives? x) (recur (->ndarray x))
      (instance? NDArray x) (.toRows ^NDArray x)
      (and (instance? Iterable x) (not (map? x))) (let [xs (to-array (if (instance? java.util.Collection x) x (seq x)))]
                                                    (if (and (pos? (alength xs)) (boolean? (aget xs 0)))
                                                      (Rows/mask ^booleans (mask-of xs))
                                                      (Rows/of (indexes xs))))
      :else (throw (invalid (str "rows are an integer, integers (negative from the end), a mask of booleans or :all, got " (kind x)) x)))))

;; what is handed out

(defn- or-throw [f]
  (or f
      (throw (invalid (str ":as :tensor needs dtype-next; add cnuernber/dtype-next (from Clojars) to the dependencies, "
                           "or use :as :ndarray")
                      :tensor))))

(defn presenter
  "What turns an NDArray into what :as asks for."
  ^Function [as]
  (let [f (choice :as {:auto    (fn [array] (if-let [f @presented] (f array) array))
                       :tensor  (fn [array] (@tensor array))
                       :ndarray identity}
                  as)]
    (when (= :tensor as)
      (or-throw @tensor))
    (reify Function
      (apply [_ array] (f array)))))

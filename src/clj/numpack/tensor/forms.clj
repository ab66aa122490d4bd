(ns ^:no-doc numpack.tensor.forms
  "The forms of which the methods of a buffer over the memory of an array consist.

  A template is a form with the symbols that stand in it for the memory, for the place of an element in that, and for a value to
  write: ([memory place value] form). Functions that make methods of it take the symbols of the fields of the buffer, too:

    :memory    the only memory of the elements, or nil
    :start     the place of the first one in it
    :n         how many there are
    :runs      the runs in which they lie
    :writable  whether they may be written"
  (:require [tech.v3.datatype :as dtype]
            [tech.v3.datatype.protocols :as dtype-proto])
  (:import [ham_fisted Casts Reductions]
           [java.util List Objects]
           [numpack ReadOnlyException]
           [tech.v3.datatype Buffer]
           [tech.v3.datatype.array_buffer ArrayBuffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

;; what the forms call

(defn read-only []
  (ReadOnlyException. (str "this tensor can only be read; take a copy (dtype/clone), or load the array in a batch or a writable "
                           "batch to edit it in place")
                      (object-array 0)))

(defn values-of
  "A list of elements as a buffer to read them from."
  ^Buffer [values]
  (if (dtype/reader? values)
    (dtype/->reader values)
    (dtype/->reader (vec values))))

(defn primitives
  "The primitive array and the index in it, where the values lie in one that is stored as the dtype is; else nil."
  [values dtype]
  (when (and dtype
             (= dtype (dtype/elemwise-datatype values))
             (dtype-proto/convertible-to-array-buffer? values))
    (let [^ArrayBuffer b (dtype-proto/->array-buffer values)]
      [(.-ary-data b) (.-offset b)])))

;; templates and forms

(defn- around
  "A template whose form is what f makes of the form of another one."
  [f [symbols form]]
  (list symbols (f form)))

(defn- at-element
  "The form of a template for element i."
  [{:keys [memory start n runs]} i [[m at] form]]
  `(let [i# (Objects/checkIndex ~i ~n)]
     (if (nil? ~memory)
       (let [k#  (.find ~runs i#)
             ~m  (.memory ~runs k#)
             ~at (+ (.start ~runs k#) (- i# (.offset ~runs k#)))]
         ~form)
       (let [~m  ~memory
             ~at (+ ~start i#)]
         ~form))))

(defn- writing
  "The same for a template that writes, where that is allowed, until the scope ends."
  [{:keys [writable] :as fields} i [[m] :as template]]
  `(if ~writable
     ~(at-element fields i (around (fn [form] `(do (.checkLive ~m) (.markChanged ~m) ~form nil)) template))
     (throw (read-only))))

(defn- reducing
  "A loop that reduces the elements, given by a template, run by run; call makes the form that calls f."
  [{:keys [runs]} f init [[m at] form] call]
  (let [acc (gensym "acc"), rf (gensym "f")]
    `(let [~rf ~f]
       (loop [k# 0, ~acc ~init]
         (if (and (< k# (.count ~runs)) (not (reduced? ~acc)))
           (let [~m   (.memory ~runs k#)
                 end# (+ (.start ~runs k#) (.length ~runs k#))]
             (recur (inc k#)
                    (loop [~at (.start ~runs k#), ~acc ~acc]
                      (if (and (< ~at end#) (not (reduced? ~acc)))
                        (recur (inc ~at) ~(call rf acc form))
                        ~acc))))
           (Reductions/unreduce ~acc))))))

(defn- filling
  "The method that writes a list of values."
  [{:keys [n runs writable]} dtype write read]
  (let [values (gensym "values")]
    `(~'fillRange [this# from# ~values]
      (let [count# (.size ~(with-meta values {:tag `List}))]
        (when-not ~writable
          (throw (read-only)))
        (.checkLive ~runs)
        (Objects/checkFromIndexSize from# (long count#) ~n)
        (if-let [[array# at#] (primitives ~values ~dtype)]
          (.write ~runs from# array# (int at#) count#)
          (let [source# (values-of ~values)]
            (dotimes [i# count#]
              (~write this# (+ from# i#) (~read source# i#)))))))))

(defn primitive-methods
  "The methods of a buffer of longs or doubles."
  [fields dtype value ->reduction get [[_ _ v] :as put]]
  (let [[read write] (if (= `long value) '[readLong writeLong] '[readDouble writeDouble])
        get          (around (fn [form] `(~value ~form)) get)
        [i f init]   (map gensym ["i" "f" "init"])]
    [`(~read [_# ~i] ~(at-element fields i get))
     `(~write [_# ~i ~v] ~(writing fields i put))
     (filling fields dtype (symbol (str "." write)) (symbol (str "." read)))
     `(~'reduce [_# ~f ~init]
       ~(reducing fields `(~->reduction ~f) init get (fn [f acc form] `(.invokePrim ~f ~acc ~form))))]))

(defn boolean-methods
  "The methods of a buffer of booleans."
  [fields get [[_ _ v] :as put]]
  (let [[i x f init] (map gensym ["i" "x" "f" "init"])
        reading      (fn [yes no] (at-element fields i (around (fn [form] `(if ~form ~yes ~no)) get)))
        flagging     (fn [flag] `(let [~v ~flag] ~(writing fields i put)))]
    [`(~'readObject [_# ~i] ~(at-element fields i get))
     `(~'readLong [_# ~i] ~(reading 1 0))
     `(~'readDouble [_# ~i] ~(reading 1.0 0.0))
     `(~'writeObject [_# ~i ~x] ~(flagging `(Casts/booleanCast ~x)))
     `(~'writeLong [_# ~i ~x] ~(flagging `(not (zero? ~x))))
     `(~'writeDouble [_# ~i ~x] ~(flagging `(not (zero? ~x))))
     (filling fields nil '.writeObject '.readObject)
     `(~'reduce [_# ~f ~init] ~(reducing fields f init get (fn [f acc form] `(~f ~acc ~form))))]))

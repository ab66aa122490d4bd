(ns ^:no-doc numpack.columns.strings
  "Columns of strings, and of what can be written as one: codes, and the distinct strings in two arrays beside them."
  (:require [numpack.columns.descriptions :refer [corrupt encodable? text uint8s utf-8]])
  (:import [clojure.lang Keyword Symbol]
           [java.io ByteArrayOutputStream]
           [java.nio.charset StandardCharsets]
           [java.util AbstractMap ArrayList HashMap List Map UUID]
           [numpack ArraySource DType DTypeMismatchException NDArray ReadOnlyException]
           [numpack.format ColumnNames]
           [tech.v3.dataset Text]
           [tech.v3.dataset.string_table StringTable]
           [tech.v3.datatype Buffer ObjectReader]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(def words
  "How values of a kind become strings, and strings these values."
  {:string  [identity identity]
   :text    [str #(Text. %)]
   :keyword [#(subs (str %) 1) keyword]
   :symbol  [str symbol]
   :uuid    [str #(UUID/fromString %)]
   :char    [str #(.charAt ^String % 0)]})

(def word-classes
  "The kinds of values by their class."
  {String :string, Text :text, Keyword :keyword, Symbol :symbol, UUID :uuid, Character :char})

(def ^:private most-strings
  "So many strings of a column are kept on the heap: when it is written to store each only once, when it is read as a table."
  500000)

(def ^:private most-bytes
  "So many bytes of UTF-8 at most."
  0x2000000)

(definterface Codes
  (^long codeOf [^String s])
  (added []))

(deftype ^:private Dictionary [^HashMap codes ^:unsynchronized-mutable ^long size
                               ^ByteArrayOutputStream bytes ^ArrayList ends ^:unsynchronized-mutable ^long end]
  Codes
  (codeOf [_ s]
    (if-some [code (.get codes s)]
      (long code)
      (let [code size
            utf8 (utf-8 s)]
        (when-not (encodable? s)
          (throw (DTypeMismatchException. "half a surrogate pair, which UTF-8 cannot hold" (object-array ["found" s]))))
        (when (= code Integer/MAX_VALUE)
          (throw (DTypeMismatchException. "more than 2147483647 strings" (object-array 0))))
        (.write bytes utf8 0 (alength utf8))
        (set! end (+ end (alength utf8)))
        (.add ends end)
        (set! size (inc size))
        (when (and (< code (long most-strings)) (<= end (long most-bytes)))
          (.put codes s code))
        code)))
  (added [_]
    (let [result [(uint8s (.toByteArray bytes)) (NDArray/of (long-array ends) (long-array 0))]]
      (.reset bytes)
      (.clear ends)
      result)))

(defn new-dictionary
  "Code 0 is the empty string, which stands where a value is missing."
  ^Codes []
  (doto (Dictionary. (HashMap.) 0 (ByteArrayOutputStream.) (ArrayList. [0]) 0)
    (.codeOf "")))

(defn- few?
  "Whether so many strings of so many bytes are kept on the heap."
  [^long n ^long bytes]
  (and (<= n (long most-strings)) (<= bytes (long most-bytes))))

(defn pool
  "The strings of the column of that name as a list: on the heap, or, if they are too many for that, read when they are asked for."
  ^List [^ArraySource source ^String name]
  (let [offsets (.lazy source (ColumnNames/offsets name))
        strings (.lazy source (ColumnNames/strings name))
        n       (dec (.rows offsets))
        size    (.rows strings)
        check   (fn [^long i ^long from ^long to]
                  (when-not (and (<= 0 from) (<= from to) (<= to size))
                    (throw (corrupt name (str "string " i " of column \"" name "\" lies from " from " to " to " in \"" name ".strings\", "
                                              "which has " size " bytes; save the column again")))))]
    (when-not (and (= DType/INT64 (.dtype offsets)) (= DType/UINT8 (.dtype strings)) (= 1 (.rank offsets) (.rank strings))
                   (pos? n))
      (throw (corrupt name (str "\"" name ".strings\" and \"" name ".offsets\" are not the strings of a column; save it again"))))
    (let [^objects known (when (few? n size)
                           (let [ends   (.toLongArray offsets)
                                 bytes  (.toByteArray strings)
                                 result (object-array n)]
                             (dotimes [i n]
                               (let [from (aget ends i)
                                     to   (aget ends (inc i))]
                                 (check i from to)
                                 (aset result i (String. bytes (int from) (int (- to from)) StandardCharsets/UTF_8))))
                             result))]
      (reify ObjectReader
        (elemwiseDatatype [_] :string)
        (lsize [_] n)
        (readObject [_ i]
          (when-not (and (<= 0 i) (< i n))
            (throw (corrupt name (str "column \"" name "\" has the code " i ", but there are " n " strings in \"" name ".strings\"; save "
                                      "the column again"))))
          (if known
            (aget known i)
            (let [from (.flatGetLong offsets i)
                  to   (.flatGetLong offsets (inc i))]
              (check i from to)
              (text (.rows strings from to)))))))))

(defn known-dictionary
  "The strings of the column of that name, to be added to."
  ^Codes [^ArraySource source name]
  (let [strings (pool source name)
        n       (.size strings)
        bytes   (.rows (.lazy source (ColumnNames/strings name)))
        codes   (HashMap.)]
    (when (few? n bytes)
      (dotimes [i n]
        (.putIfAbsent codes (.get strings i) (long i))))
    (Dictionary. codes n (ByteArrayOutputStream.) (ArrayList.) bytes)))

;; reading

(defn read-only
  "The exception for a value that is to be written to a column that can only be read."
  [found]
  (ReadOnlyException. (str "this column of a pack can only be read, and " (pr-str found) " was to be written; give the dataset another "
                           "column (tech.v3.dataset/update-column), and save it again")
                      (object-array ["found" found])))

(defn decoded
  "A reader of what the strings stand for whose codes those are. Code 0 is a missing value, or an empty string."
  [^Buffer codes ^List strings dtype kind]
  (let [[_ decode] (words kind)
        n          (.lsize codes)]
    (reify ObjectReader
      (elemwiseDatatype [_] dtype)
      (lsize [_] n)
      (readObject [_ i]
        (let [code (.readLong codes i)]
          (cond
            (or (pos? code) (and (#{:string :text} kind) (#{:string :text :object} dtype))) (decode (.get strings code))
            (= :char kind) (char 0))))
      (writeObject [_ _ x] (throw (read-only x))))))

(defn- lookup
  "The codes of the strings, to which no string can be added: that would change a column behind its back."
  [^List strings]
  (let [codes (delay (let [codes (HashMap.)]
                       (dotimes [i (.size strings)]
                         (.putIfAbsent codes (.get strings i) i))
                       codes))]
    (proxy [AbstractMap] []
      (entrySet [] (.entrySet ^HashMap @codes))
      (computeIfAbsent [s _] (throw (read-only s))))))

(defn shared-table
  "A string table over codes that can only be read."
  [^List strings ^Buffer codes]
  (StringTable. strings (lookup strings) codes))

(defn own-table
  "A string table that is nobody else's: strings may be added."
  [^List strings ^NDArray array ^Buffer codes]
  (when (pos? (.size array))
    (run! #(.get strings (int (.reduce array ^String %))) ["min" "max"])) ; which are all in the pool then
  (StringTable. (ArrayList. strings) (HashMap. ^Map (lookup strings)) codes))

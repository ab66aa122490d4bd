(ns ^:no-doc numpack.columns.times
  "Times as the numbers in which dtype-next packs them."
  (:require [tech.v3.datatype.casting :as casting]
            [tech.v3.datatype.packing :as packing])
  (:import [java.time LocalDateTime]
           [java.time.temporal ChronoUnit]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(def ^:private epoch (LocalDateTime/of 1970 1 1 0 0))

(defn- micros [t]
  (if t (.between ChronoUnit/MICROS epoch ^LocalDateTime t) Long/MIN_VALUE))

(defn- date-time [^long micros]
  (when-not (= micros Long/MIN_VALUE)
    (.plus ^LocalDateTime epoch micros ChronoUnit/MICROS)))

(defn unit-of
  "The unit of the numbers that stand for times of a dtype."
  [dtype]
  (case (packing/unpack-datatype dtype)
    :local-date "days"
    :duration "nanoseconds"
    (if (= :packed-milli-instant dtype) "milliseconds" "microseconds")))

(defn time-format
  "{:pack :unpack :store} of a dtype for times, packed or not; nil for others."
  [dtype]
  (if (= :local-date-time dtype)
    {:pack micros, :unpack date-time, :store :int64}
    (let [packed (packing/pack-datatype dtype)]
      (when (packing/packed-datatype? packed)
        (let [[pack unpack] (packing/packing-pair packed)]
          {:pack pack, :unpack unpack, :store (casting/un-alias-datatype packed)})))))

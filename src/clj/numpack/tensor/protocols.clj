(ns ^:no-doc numpack.tensor.protocols
  "An NDArray takes part in dtype-next as its tensor does."
  (:require [tech.v3.datatype.protocols :as dtype-proto])
  (:import [numpack NDArray]
           [tech.v3.datatype Buffer]))

(set! *warn-on-reflection* true)
(set! *unchecked-math* :warn-on-boxed)

(def ^:private ham-fisted?
  "Whether dtype-next's protocols are those of ham-fisted, to which clojure.core's functions do not apply, as from 11.000 on."
  (boolean (:method-caches dtype-proto/PToReader)))

(def extend-class
  "extend of whichever protocols dtype-next has."
  (if ham-fisted? (requiring-resolve 'ham-fisted.defprotocol/extend) extend))

(def implementation
  "find-protocol-method of whichever protocols dtype-next has."
  (if ham-fisted? (requiring-resolve 'ham-fisted.defprotocol/find-protocol-method) find-protocol-method))

(defn extend-ndarray!
  "Extends dtype-next's protocols to NDArray. tensor gives the tensor of one."
  [tensor]
  (let [buffer (fn ^Buffer [array] (dtype-proto/->buffer (tensor array)))]
    (extend-class
     NDArray
     dtype-proto/PElemwiseDatatype
     {:elemwise-datatype (fn [array] (dtype-proto/elemwise-datatype (tensor array)))}
     dtype-proto/PElemwiseReaderCast
     {:elemwise-reader-cast (fn [array dtype] (dtype-proto/elemwise-reader-cast (tensor array) dtype))}
     dtype-proto/PElemwiseCast
     {:elemwise-cast (fn [array dtype] (dtype-proto/elemwise-cast (tensor array) dtype))}
     dtype-proto/PDatatype
     {:datatype (fn [_] :ndarray)}
     dtype-proto/PECount
     {:ecount (fn ^long [array] (dtype-proto/ecount (tensor array)))}
     dtype-proto/PShape
     {:shape (fn [array] (dtype-proto/shape (tensor array)))}
     dtype-proto/PClone
     {:clone (fn [array] (dtype-proto/clone (tensor array)))}
     dtype-proto/PSubBuffer
     {:sub-buffer (fn [array ^long offset ^long length] (dtype-proto/sub-buffer (buffer array) offset length))}
     dtype-proto/PSetConstant
     {:set-constant! (fn [array offset n value] (dtype-proto/set-constant! (buffer array) offset n value) array)}
     dtype-proto/PToNativeBuffer
     {:convertible-to-native-buffer? (fn [array] (dtype-proto/convertible-to-native-buffer? (tensor array)))
      :->native-buffer               (fn [array] (dtype-proto/->native-buffer (tensor array)))}
     dtype-proto/PToArrayBuffer
     {:convertible-to-array-buffer? (fn [array] (dtype-proto/convertible-to-array-buffer? (tensor array)))
      :->array-buffer               (fn [array] (dtype-proto/->array-buffer (tensor array)))}
     dtype-proto/PToBuffer
     {:convertible-to-buffer? (fn [_] true)
      :->buffer               buffer}
     dtype-proto/PToReader
     {:convertible-to-reader? (fn [_] true)
      :->reader               buffer}
     dtype-proto/PToWriter
     {:convertible-to-writer? (fn [^NDArray array] (not (.isReadOnly array)))
      :->writer               buffer}
     dtype-proto/PToTensor
     {:as-tensor tensor}
     dtype-proto/PTensor
     {:reshape   (fn [array shape] (dtype-proto/reshape (tensor array) shape))
      :select    (fn [array args] (dtype-proto/select (tensor array) args))
      :transpose (fn [array order] (dtype-proto/transpose (tensor array) order))
      :broadcast (fn [array shape] (dtype-proto/broadcast (tensor array) shape))
      :rotate    (fn [array offsets] (dtype-proto/rotate (tensor array) offsets))
      :slice     (fn [array n right?] (dtype-proto/slice (tensor array) n right?))
      :mget      (fn [array index] (dtype-proto/mget (tensor array) index))
      :mset!     (fn [array index value] (dtype-proto/mset! (tensor array) index value))})))

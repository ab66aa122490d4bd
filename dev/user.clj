(ns user
  "The REPL of this project: numpack.core is there as npk, and the session of the README works as typed."
  (:require [clojure.pprint :refer [print-table]]
            [numpack.core :as npk]))

(comment
  ;; The pack of the quickstart. Only read it; copy it before you edit it.
  (def digits (npk/open "dev/data/digits.npk" {:read-only? true}))
  (print-table [:name :dtype :shape :nbytes] (npk/info digits))
  (npk/reduce-axis (:features digits) :mean {:axis 0})
  (npk/close digits))

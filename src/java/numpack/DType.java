package numpack;

import java.util.Locale;

/** The element types of a pack: all 14 of NumPack, with numpy's names. Little-endian in files. */
public enum DType {
    /** One byte, 0 or 1; reads as {@code Boolean}. */
    BOOL(0, Kind.BYTE, 1),
    /** Unsigned 8-bit integer; reads as a non-negative {@code Long}. */
    UINT8(1, Kind.BYTE, 1),
    /** Unsigned 16-bit integer; reads as a non-negative {@code Long}. */
    UINT16(2, Kind.SHORT, 1),
    /** Unsigned 32-bit integer; reads as a non-negative {@code Long}. */
    UINT32(3, Kind.INT, 1),
    /** Unsigned 64-bit integer; reads as a {@code Long}, beyond 2^63-1 as a {@code BigInteger}. */
    UINT64(4, Kind.LONG, 1),
    /** Signed 8-bit integer. */
    INT8(5, Kind.BYTE, 1),
    /** Signed 16-bit integer. */
    INT16(6, Kind.SHORT, 1),
    /** Signed 32-bit integer. */
    INT32(7, Kind.INT, 1),
    /** Signed 64-bit integer. */
    INT64(8, Kind.LONG, 1),
    /** IEEE 754 half precision, kept as {@code short}, read and written as {@code float}. */
    FLOAT16(9, Kind.SHORT, 1),
    /** IEEE 754 single precision. */
    FLOAT32(10, Kind.FLOAT, 1),
    /** IEEE 754 double precision. */
    FLOAT64(11, Kind.DOUBLE, 1),
    /** A pair of float32: real, imaginary. */
    COMPLEX64(12, Kind.FLOAT, 2),
    /** A pair of float64: real, imaginary. */
    COMPLEX128(13, Kind.DOUBLE, 2);

    /** The Java primitive that stores an element, or half of a complex one. */
    public enum Kind {
        /** {@code byte}. */
        BYTE(1),
        /** {@code short}. */
        SHORT(2),
        /** {@code int}. */
        INT(4),
        /** {@code long}. */
        LONG(8),
        /** {@code float}. */
        FLOAT(4),
        /** {@code double}. */
        DOUBLE(8);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /** {@return the size of the primitive in bytes} */
        public int bytes() {
            return bytes;
        }
    }

    private static final DType[] BY_CODE = values();

    private final int code;
    private final Kind kind;
    private final int itemsPerElement;
    private final String numpyName = name().toLowerCase(Locale.ROOT);

    DType(int code, Kind kind, int itemsPerElement) {
        this.code = code;
        this.kind = kind;
        this.itemsPerElement = itemsPerElement;
    }

    /** {@return the number that stands for this type in {@code metadata.npkm}} */
    public int code() {
        return code;
    }

    /** {@return the primitive that stores it, never null} */
    public Kind kind() {
        return kind;
    }

    /** {@return how many primitives make an element: 2 for the complex types, else 1} */
    public int itemsPerElement() {
        return itemsPerElement;
    }

    /** {@return the size of an element in bytes} */
    public int itemSize() {
        return kind.bytes() * itemsPerElement;
    }

    /** {@return numpy's name, as in {@code "float32"} and {@code "bool"}; never null} */
    public String numpyName() {
        return numpyName;
    }

    /** {@return whether it is float16, float32 or float64} */
    public boolean isFloating() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64;
    }

    /** {@return whether it is a signed or unsigned integer; bool is not} */
    public boolean isInteger() {
        return code >= 1 && code <= 8;
    }

    /** {@return whether it is an unsigned integer} */
    public boolean isUnsigned() {
        return code >= 1 && code <= 4;
    }

    /** {@return whether it is complex64 or complex128} */
    public boolean isComplex() {
        return itemsPerElement == 2;
    }

    /**
     * The type with a code of the file format.
     *
     * @param code 0 to 13
     * @return the type, or null if the code is unknown
     */
    public static DType fromCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /**
     * The type with a name.
     *
     * @param name numpy's name, or the one that is printed
     * @return the type, never null
     * @throws DTypeMismatchException if there is none of that name
     */
    public static DType of(String name) {
        for (DType type : BY_CODE) {
            if (type.numpyName.equals(name) || type.toString().equals(name)) {
                return type;
            }
        }
        StringBuilder names = new StringBuilder();
        for (DType type : BY_CODE) {
            names.append(names.isEmpty() ? "" : ", ").append(type);
        }
        throw new DTypeMismatchException("no dtype is called \"" + name + "\"; the dtypes are " + names, "found", name);
    }

    /** {@return the name that is printed: numpy's, but {@code "boolean"} for bool, as dtype-next has it} */
    @Override
    public String toString() {
        return this == BOOL ? "boolean" : numpyName;
    }
}

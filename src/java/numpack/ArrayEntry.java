package numpack;

import clojure.lang.AMapEntry;

/** A name with its array, which is looked up when it is first asked for: in a batch that loads it. */
final class ArrayEntry extends AMapEntry {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final transient ArrayMap source;
    private transient Object array;

    ArrayEntry(String name, ArrayMap source) {
        this.name = name;
        this.source = source;
    }

    @Override
    public Object key() {
        return name;
    }

    @Override
    public synchronized Object val() {
        if (array == null) {
            array = source.valAt(name);
        }
        return array;
    }

    @Override
    public Object getKey() {
        return key();
    }

    @Override
    public Object getValue() {
        return val();
    }
}

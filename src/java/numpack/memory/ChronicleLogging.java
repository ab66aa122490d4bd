package numpack.memory;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps Chronicle and slf4j from printing lines when they are loaded; must run before their first class. */
final class ChronicleLogging {
    /** The JDK keeps loggers only as long as somebody refers to them. */
    private static final Logger CHRONICLE = Logger.getLogger("net.openhft.chronicle");

    private static final String SLF4J = "slf4j.internal.verbosity";

    static {
        CHRONICLE.setLevel(Level.SEVERE);
        if (System.getProperty(SLF4J) == null) {
            System.setProperty(SLF4J, "ERROR");
        }
    }

    private ChronicleLogging() {}

    /** Does its work once, by being loaded. */
    static void chronicle() {}
}

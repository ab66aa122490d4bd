package numpack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What other languages see of classes that get methods from classes of the package. */
class PublicApiTest {
    @Test
    void everyMethodOfAPublicClassIsDeclaredByOneSoThatClojureAndReflectionCanCallIt() {
        List<Method> hidden = Stream.of(NumPack.class, Batch.class, WritableBatch.class, NDArray.class, Chunks.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> !Modifier.isPublic(method.getDeclaringClass().getModifiers()))
                .toList();
        assertEquals(List.of(), hidden);
    }
}

package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicApiTest {
    private static final String OLD = "public class a/A {\n\tpublic fun b ()V\n}\n";
    private static final String GROWN = "public class a/A {\n\tpublic fun b ()V\n\tpublic fun c ()V\n}\n";
    private static final String BROKEN = "public class a/A {\n\tpublic fun c ()V\n}\n";

    @Test
    void aDifferentDumpIsToldByWhatIsGoneAndWhatIsNew() {
        String message = assertThrows(Refused.class, () -> PublicApi.compare(OLD, BROKEN)).getMessage();
        assertTrue(message.contains("- public class a/A { public fun b ()V\n+ public class a/A { public fun c ()V\n"), message);
        assertTrue(message.contains("-Dbezant.api=renew"), message);
        assertDoesNotThrow(() -> PublicApi.compare(OLD, OLD));
    }

    @Test
    void theChangelogHasALineForThisDumpInTheSectionOfThisVersion() {
        String line = "- API " + PublicApi.mark(OLD) + ": b.\n";
        assertDoesNotThrow(() -> PublicApi.needsLine("# Changes\n\n## 0.2.0\n\n" + line + "\n## 0.1.0\n", OLD, "0.2.0"));
        assertThrows(Refused.class, () -> PublicApi.needsLine("## 0.2.0\n\n## 0.1.0\n\n" + line, OLD, "0.2.0"));
        assertThrows(Refused.class, () -> PublicApi.needsLine("## 0.2.0\n\n" + line, GROWN, "0.2.0"));
        assertThrows(Refused.class, () -> PublicApi.needsLine("## 0.1.0\n\n" + line, OLD, "0.2.0"));
    }

    @ParameterizedTest
    @CsvSource({
        "0.1.0, 0.1.0, same, true", "0.1.0, 0.1.1, same, true", "0.1.0, 0.1.0, grown, false", "0.1.0, 0.1.1, grown, true",
        "0.1.0, 0.1.1, broken, false", "0.1.0, 0.2.0, broken, true", "1.2.3, 1.2.4, grown, false", "1.2.3, 1.3.0, grown, true",
        "1.2.3, 1.3.0, broken, false", "1.2.3, 2.0.0, broken, true", "1.2.3, 1.1.0, grown, false",
    })
    void aChangeSinceTheReleaseNeedsAStepOfTheVersion(String released, String version, String change, boolean allowed) {
        String actual = switch (change) {
            case "same" -> OLD;
            case "grown" -> GROWN;
            default -> BROKEN;
        };
        Optional<String> file = Optional.of("// " + released + "\n" + OLD);
        if (allowed) {
            assertDoesNotThrow(() -> PublicApi.needsStep(file, actual, version));
        } else {
            assertThrows(Refused.class, () -> PublicApi.needsStep(file, actual, version));
        }
    }

    @Test
    void beforeTheFirstReleaseEveryChangeIsAllowed() {
        assertDoesNotThrow(() -> PublicApi.needsStep(Optional.empty(), BROKEN, "0.1.0"));
    }

    @Test
    void theDumpIsThatOfTheClasses(@TempDir Path folder) throws IOException {
        Path classes = folder.resolve("classes");
        copyOf(PublicApi.class, classes);
        copyOf(Refused.class, classes); // not public
        String dump = PublicApi.dumpOf(classes);
        assertTrue(dump.startsWith("public final class dev/bezant/build/PublicApi {\n\tpublic static fun main ([Ljava/lang/String;)V\n"), dump);
        assertEquals(-1, dump.indexOf("Refused {"), dump);
    }

    private static void copyOf(Class<?> type, Path folder) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, type.getClassLoader().getResourceAsStream(name).readAllBytes());
    }
}

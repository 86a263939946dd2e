package dev.bezant.build;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jetbrains.kotlin.abi.tools.AbiFilters;
import org.jetbrains.kotlin.abi.tools.AbiTools;
import org.jetbrains.kotlin.abi.tools.AbiToolsFactory;

/**
 * Compares the public API of a jar with the dump that is committed.
 *
 * <p>Three rules, all of them about committed files, so that a clone is enough to judge:
 *
 * <ol>
 *   <li>The dump is that of the jar.
 *   <li>The changelog names the dump by its mark (eight digits of its hash) in the section of the version: whoever
 *       changes the API has to write a line that says how.
 *   <li>Against the dump of the last release: what is taken away or altered needs a breaking step of the version, what
 *       is added needs a step.
 * </ol>
 */
public final class PublicApi {
    private PublicApi() {}

    /**
     * {@code classes=JAR dump=FILE changelog=FILE version=X.Y.Z mode=check|renew|release}; the dump of the last release
     * lies beside the dump, as {@code released.api}.
     */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        Path dump = options.path("dump");
        Path released = dump.resolveSibling("released.api");
        String version = options.text("version");
        String actual = dumpOf(options.path("classes"));
        String mode = options.text("mode");
        switch (mode) {
            case "check" -> { }
            case "renew" -> Files.writeString(dump, actual);
            case "release" -> Files.writeString(released, "// " + version + "\n" + actual);
            default -> throw new Refused("bezant.api is check, renew or release, not " + mode);
        }
        compare(Files.exists(dump) ? Files.readString(dump) : "", actual);
        needsStep(Files.exists(released) ? Optional.of(Files.readString(released)) : Optional.empty(), actual, version);
        needsLine(Files.readString(options.path("changelog")), actual, version);
        System.out.println("public API: " + mark(actual) + ", as committed");
    }

    /** The public API of classes or of a jar. What is internal to Kotlin is no API, though it is public to the JVM. */
    static String dumpOf(Path classes) {
        StringBuilder dump = new StringBuilder();
        AbiFilters all = new AbiFilters(Set.of(), Set.of(), Set.of(), Set.of());
        List<File> input;
        try (Stream<Path> files = Files.isDirectory(classes) ? Files.walk(classes) : Stream.of(classes)) {
            input = files.filter(Files::isRegularFile).map(Path::toFile).sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        tools().printJvmDump(dump, input, all);
        String leaks = dump.toString().lines()
                .filter(line -> line.matches(".*\\b(?:class|interface) dev/bezant/wallet/internal/.*"))
                .collect(Collectors.joining("\n"));
        if (!leaks.isEmpty()) {
            throw new Refused("public, but inside dev.bezant.wallet.internal; make it internal:\n" + leaks);
        }
        return dump.toString().replace("\r\n", "\n");
    }

    private static AbiTools tools() {
        return ServiceLoader.load(AbiToolsFactory.class, PublicApi.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new Refused("abi-tools is not on the class path"))
                .get();
    }

    static void compare(String committed, String actual) {
        if (committed.equals(actual)) {
            return;
        }
        throw new Refused("the public API is not the committed one:\n\n" + difference(committed, actual)
                + "\nIf that is meant: mvn -f android verify -Dbezant.api=renew, and a line in android/CHANGELOG.md");
    }

    static void needsLine(String changelog, String actual, String version) {
        String section = section(changelog, version);
        if (!section.contains(mark(actual))) {
            throw new Refused("android/CHANGELOG.md says nothing of this public API. Under \"## " + version
                    + "\" add a line that says what changed for an app:\n\n- API " + mark(actual) + ": …\n");
        }
    }

    static void needsStep(Optional<String> released, String actual, String version) {
        if (released.isEmpty()) {
            return;
        }
        String header = released.get().lines().findFirst().orElse("");
        if (!header.matches("// \\d+\\.\\d+\\.\\d+")) {
            throw new Refused("released.api does not begin with // and its version");
        }
        int[] before = numbers(header.substring(3));
        int[] now = numbers(version);
        String dump = released.get().substring(header.length() + 1);
        if (dump.equals(actual) || header.equals("// " + version)) {
            compareWithRelease(dump, actual, header);
            return;
        }
        boolean breaks = !qualified(actual).containsAll(qualified(dump));
        // Before 1.0 the second number takes the place of the first, and the third that of the second.
        int breaking = before[0] == 0 ? 1 : 0;
        int step = step(before, now);
        if (step > breaking + (breaks ? 0 : 1)) {
            throw new Refused("version " + version + " after " + header.substring(3) + " is too small a step: its public API "
                    + (breaks ? "breaks apps" : "has grown") + "\n\n" + difference(dump, actual));
        }
    }

    private static void compareWithRelease(String dump, String actual, String header) {
        if (!dump.equals(actual)) {
            throw new Refused("the public API of " + header.substring(3) + " is released and cannot change; raise the version\n\n"
                    + difference(dump, actual));
        }
    }

    /** The first number that has grown: 0, 1 or 2; 3 when none has. */
    private static int step(int[] before, int[] now) {
        for (int place = 0; place < 3; place++) {
            if (now[place] != before[place]) {
                return now[place] > before[place] ? place : 3;
            }
        }
        return 3;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    /** Eight digits that name a dump. */
    static String mark(String dump) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(dump.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String section(String changelog, String version) {
        return Arrays.stream(changelog.split("(?m)^## "))
                .skip(1)
                .filter(section -> section.lines().findFirst().orElse("").split("\\s")[0].equals(version))
                .findFirst()
                .orElseThrow(() -> new Refused("android/CHANGELOG.md has no section \"## " + version + "\""));
    }

    /** Each line together with the class that it stands in. */
    private static Set<String> qualified(String dump) {
        Set<String> lines = new TreeSet<>();
        String owner = "";
        for (String line : dump.split("\n")) {
            if (!line.isBlank() && !Character.isWhitespace(line.charAt(0)) && !line.equals("}")) {
                owner = line.replaceFirst(" \\{$", "");
                lines.add(owner);
            } else if (!line.isBlank() && !line.equals("}")) {
                lines.add(owner + " { " + line.strip());
            }
        }
        return lines;
    }

    private static String difference(String before, String after) {
        Set<String> old = qualified(before);
        Set<String> recent = qualified(after);
        List<String> lines = new ArrayList<>();
        old.stream().filter(line -> !recent.contains(line)).forEach(line -> lines.add("- " + line));
        recent.stream().filter(line -> !old.contains(line)).forEach(line -> lines.add("+ " + line));
        return lines.isEmpty() ? "(only the order or the spacing)\n" : String.join("\n", lines) + "\n";
    }
}

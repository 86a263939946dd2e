package dev.bezant.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Packs the AAR, and refuses what must not be in one. */
public final class Aar {
    /** Class files of Java 11: what every Android build since AGP 7 reads. */
    static final int CLASS_VERSION = 55;

    private static final String LIBRARY = "libbezant_ffi.so";
    private static final String OURS = "META-INF/dev.bezant/bezant-wallet/";
    private static final Set<String> KNOWN_ABIS = Set.of("arm64-v8a", "armeabi-v7a", "x86", "x86_64");
    private static final Set<String> RELEASED_ABIS = Set.of("arm64-v8a", "armeabi-v7a", "x86_64");

    private Aar() {}

    /**
     * {@code to=FILE classes=JAR manifest=FILE metadata=FILE rules=FILE res=DIR jni=DIR grade=ci|release version=X.Y.Z
     * licences=DIR notices=FILE bom=FILE [commit=HASH] [toolchain=FILE]}.
     */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        String grade = options.text("grade");
        Path jni = options.path("jni");
        Path classes = options.path("classes");
        List<String> abis = abis(jni, grade);
        checkClasses(classes);
        Manifest.check(Files.readString(options.path("manifest")));

        Archive aar = new Archive();
        aar.add("AndroidManifest.xml", Files.readAllBytes(options.path("manifest")));
        aar.add("classes.jar", Files.readAllBytes(classes));
        aar.add("proguard.txt", Files.readAllBytes(options.path("rules")));
        aar.add("R.txt", Resources.table(options.path("res")).getBytes(StandardCharsets.UTF_8));
        aar.addTree("res/", options.path("res"));
        aar.addTree("jni/", jni);
        aar.add("META-INF/com/android/build/gradle/aar-metadata.properties", Files.readAllBytes(options.path("metadata")));
        aar.add(OURS + "build.properties", buildProperties(options, abis).getBytes(StandardCharsets.UTF_8));
        aar.add(OURS + "LICENSE-MIT", Files.readAllBytes(options.path("licences").resolve("LICENSE-MIT")));
        aar.add(OURS + "LICENSE-APACHE", Files.readAllBytes(options.path("licences").resolve("LICENSE-APACHE")));
        aar.add(OURS + "THIRD-PARTY-NOTICES.txt", Files.readAllBytes(options.path("notices")));
        aar.add(OURS + "sbom.cdx.json", Files.readAllBytes(options.path("bom")));
        aar.write(options.path("to"));
        System.out.println(options.path("to").getFileName() + ": grade " + grade + ", " + String.join(", ", abis) + ", "
                + Files.size(options.path("to")) / 1024 + " KiB");
    }

    /** The ABIs that there are libraries for. */
    static List<String> abis(Path jni, String grade) throws IOException {
        SortedSet<String> found = new TreeSet<>();
        for (Path file : Archive.filesBelow(jni)) {
            String name = Archive.slashed(jni.relativize(file));
            String[] parts = name.split("/");
            if (parts.length != 2 || !KNOWN_ABIS.contains(parts[0]) || !parts[1].equals(LIBRARY)) {
                throw new Refused("does not belong under jni/: " + name);
            }
            found.add(parts[0]);
        }
        if (found.isEmpty()) {
            throw new Refused("no <abi>/" + LIBRARY + " in " + jni
                    + ": an AAR needs libraries for Android; cargo xtask aar builds them, -Dbezant.jni=DIR names others");
        }
        if (grade.equals("release")) {
            checkRelease(jni, found);
        }
        return List.copyOf(found);
    }

    private static void checkRelease(Path jni, SortedSet<String> found) throws IOException {
        SortedSet<String> missing = new TreeSet<>(RELEASED_ABIS);
        missing.removeAll(found);
        if (!missing.isEmpty()) {
            throw new Refused("a release has all of " + new TreeSet<>(RELEASED_ABIS) + "; missing: " + missing);
        }
        for (String abi : found) {
            if (!Elf.hasAndroidNote(Files.readAllBytes(jni.resolve(abi).resolve(LIBRARY)))) {
                throw new Refused(abi + "/" + LIBRARY + " has no ident note of the NDK: it was built for CI, not for a release");
            }
        }
    }

    static void checkClasses(Path jar) throws IOException {
        for (Map.Entry<String, byte[]> entry : Archive.read(jar).entrySet()) {
            String name = entry.getKey();
            if (name.startsWith("META-INF/maven/") || name.startsWith("META-INF/com/android/")) {
                throw new Refused("does not belong in classes.jar: " + name);
            }
            byte[] content = entry.getValue();
            if (name.endsWith(".class") && ((content[6] & 0xff) << 8 | content[7] & 0xff) != CLASS_VERSION) {
                throw new Refused(name + " is not of class version " + CLASS_VERSION);
            }
        }
    }

    private static String buildProperties(Options options, List<String> abis) throws IOException {
        SortedMap<String, String> values = new TreeMap<>();
        if (options.optional("toolchain").isPresent() && Files.exists(options.path("toolchain"))) {
            Properties toolchain = new Properties();
            toolchain.load(Files.newBufferedReader(options.path("toolchain")));
            toolchain.forEach((key, value) -> values.put("toolchain." + key, value.toString()));
        }
        values.put("grade", options.text("grade"));
        values.put("version", options.text("version"));
        values.put("abis", String.join(",", abis));
        values.put("commit", options.optional("commit").orElse("unknown"));
        List<String> head = new ArrayList<>();
        if (options.text("grade").equals("ci")) {
            head.add("# Built without the Android NDK, for tests: not to be shipped in an app.");
        }
        return Stream.concat(head.stream(), values.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}

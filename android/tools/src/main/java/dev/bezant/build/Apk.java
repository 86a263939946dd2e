package dev.bezant.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Packs the sample app, as an app's own build would: manifests merged, resources linked, classes to dex, aligned, signed. Twice: for
 * debugging, with the card SYN-1 among its assets, and for release, shrunk by R8 with the rules of the library. Neither is published.
 */
public final class Apk {
    private static final String MIN_SDK = "24";
    private static final String TARGET_SDK = "35";
    private static final Path FRAMEWORK = Path.of("/usr/share/android-framework-res/framework-res.apk");
    private static final List<String> CLASSES =
            List.of("kotlin-stdlib.jar", "annotations.jar", "kotlinx-coroutines-core-jvm.jar", "kotlinx-coroutines-android.jar");
    private static final List<String> CARD = List.of("syn-1.profile-v1.json", "syn-1.credentials.json");

    private final Options options;
    private final Path to;
    private final Library library;

    private Apk(Options options) throws IOException {
        this.options = options;
        to = options.path("to");
        library = Library.of(options, to.resolve("library"));
    }

    /**
     * {@code to=DIR app=DIR classes=DIR parts=DIR vectors=DIR version=X.Y.Z [aar=FILE] library=JAR manifest=FILE rules=FILE
     * jni=DIR}. Where there is no AAR at that place, the last four stand for it.
     */
    public static void main(String... arguments) throws IOException {
        if (!Files.exists(FRAMEWORK)) {
            throw new Refused("the sample's APK needs aapt, aapt2, zipalign, apksigner and " + FRAMEWORK
                    + ": apt-get install aapt aapt2 zipalign apksigner android-framework-res");
        }
        Apk apk = new Apk(new Options(arguments));
        Path debug = apk.build("debug");
        Path release = apk.build("release");
        System.out.println("sample of " + apk.library.origin() + ": debug " + kib(debug) + ", release " + kib(release)
                + " (its dex " + apk.dexKib(release) + " KiB); native libraries for " + apk.library.abis());
    }

    private static String kib(Path file) throws IOException {
        return Files.size(file) / 1024 + " KiB";
    }

    private long dexKib(Path apk) throws IOException {
        return Archive.read(apk).entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(".dex"))
                .mapToLong(entry -> entry.getValue().length)
                .sum() / 1024;
    }

    private Path build(String variant) throws IOException {
        boolean debug = variant.equals("debug");
        Path work = to.resolve(variant);
        clear(work);
        Path manifest = work.resolve("AndroidManifest.xml");
        Files.writeString(manifest, merged(Files.readString(options.path("app").resolve("src/main/AndroidManifest.xml")),
                Files.readString(library.manifest())));
        Path linked = link(work, manifest, debug);
        Path dex = debug ? dex(work) : shrink(work);
        Path unaligned = work.resolve("unaligned.apk");
        assemble(unaligned, linked, dex);
        Path aligned = work.resolve("aligned.apk");
        Command.run("zipalign", "-f", "-p", "4", unaligned.toString(), aligned.toString());
        Path apk = to.resolve("bezant-sample-" + variant + ".apk");
        sign(aligned, apk);
        String badging = Command.run("aapt", "dump", "badging", apk.toString());
        String tree = Command.run("aapt2", "dump", "xmltree", "--file", "AndroidManifest.xml", apk.toString());
        Files.writeString(to.resolve("bezant-sample-" + variant + ".badging.txt"), badging);
        Files.writeString(to.resolve("bezant-sample-" + variant + ".manifest.txt"), tree);
        ApkRules.check(badging, tree, Archive.read(apk).keySet(), debug);
        return apk;
    }

    private static void clear(Path folder) throws IOException {
        for (Path old : Archive.filesBelow(folder)) {
            Files.delete(old);
        }
        Files.createDirectories(folder);
    }

    /** The app's manifest with its package, and with what the library's asks for. */
    static String merged(String app, String library) {
        Document merged = Manifest.parse(app);
        Element root = merged.getDocumentElement();
        // Android's Gradle plugin takes it from the namespace, and wants it nowhere else.
        root.setAttribute("package", ApkRules.PACKAGE);
        Node application = merged.getElementsByTagName("application").item(0);
        Node next = Manifest.parse(library).getDocumentElement().getFirstChild();
        for (; next != null; next = next.getNextSibling()) {
            if (next instanceof Element element && !element.getTagName().equals("uses-sdk")) {
                root.insertBefore(merged.importNode(element, true), application);
            }
        }
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            Transformer transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.ENCODING, "UTF-8");
            transformer.transform(new DOMSource(merged), new StreamResult(text));
            return text.toString(StandardCharsets.UTF_8);
        } catch (TransformerException broken) {
            throw new Refused("the manifests do not merge: " + broken.getMessage());
        }
    }

    private Path link(Path work, Path manifest, boolean debug) throws IOException {
        Path compiled = work.resolve("resources.zip");
        Command.run("aapt2", "compile", "--dir", options.path("app").resolve("src/main/res").toString(), "-o", compiled.toString());
        Path linked = work.resolve("linked.apk");
        List<String> command = new ArrayList<>(List.of("aapt2", "link", "-o", linked.toString(), "-I", FRAMEWORK.toString(),
                "--manifest", manifest.toString(), "--min-sdk-version", MIN_SDK, "--target-sdk-version", TARGET_SDK,
                "--version-code", "1", "--version-name", options.text("version"),
                "--proguard", work.resolve("components.txt").toString()));
        if (debug) {
            Path assets = work.resolve("assets");
            Files.createDirectories(assets);
            for (String name : CARD) {
                Files.copy(options.path("vectors").resolve(name), assets.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            command.addAll(List.of("--debug-mode", "-A", assets.toString()));
        }
        command.add(compiled.toString());
        Command.run(command);
        return linked;
    }

    private Path dex(Path work) throws IOException {
        Path dex = work.resolve("classes.zip");
        List<String> command = compiler("com.android.tools.r8.D8");
        command.addAll(List.of("--debug", "--output", dex.toString()));
        command.addAll(inputs(work));
        Command.run(command);
        return dex;
    }

    private Path shrink(Path work) throws IOException {
        Path dex = work.resolve("classes.zip");
        List<String> command = compiler("com.android.tools.r8.R8");
        command.addAll(List.of("--release", "--output", dex.toString(), "--pg-map-output", work.resolve("mapping.txt").toString(),
                "--pg-conf", work.resolve("components.txt").toString(), "--pg-conf", library.rules().toString(),
                "--pg-conf", options.path("app").resolve("proguard-rules.pro").toString()));
        command.addAll(inputs(work));
        Command.run(command);
        return dex;
    }

    private List<String> compiler(String main) {
        Path parts = options.path("parts");
        return new ArrayList<>(List.of(java().toString(), "-Xmx1g", "-cp", parts.resolve("r8.jar").toString(), main,
                // android-all has Android's classes and none of Java's.
                "--min-api", MIN_SDK, "--lib", parts.resolve("android-all.jar").toString(), "--lib", System.getProperty("java.home")));
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private List<String> inputs(Path work) throws IOException {
        Path parts = options.path("parts");
        Archive app = new Archive();
        app.addTree("", options.path("classes"));
        app.write(work.resolve("app.jar"));
        Path jna = work.resolve("jna.jar");
        Files.write(jna, Archive.read(parts.resolve("jna.aar")).get("classes.jar"));
        List<Path> jars = new ArrayList<>(List.of(work.resolve("app.jar"), library.classes(), jna));
        CLASSES.forEach(name -> jars.add(parts.resolve(name)));
        return jars.stream().map(Path::toString).toList();
    }

    /** Resources and dex as they are, native libraries uncompressed: they are mapped out of the APK. */
    private void assemble(Path file, Path linked, Path dex) throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>(Archive.read(linked));
        Archive.read(dex).forEach((name, content) -> {
            if (name.endsWith(".dex") || name.startsWith("META-INF/services/")) {
                contents.put(name, content);
            }
        });
        SortedMap<String, byte[]> jna = Archive.read(options.path("parts").resolve("jna.aar"));
        for (String abi : library.abis()) {
            contents.put("lib/" + abi + "/libbezant_ffi.so", Files.readAllBytes(library.jni().resolve(abi).resolve("libbezant_ffi.so")));
            contents.put("lib/" + abi + "/libjnidispatch.so", jna.get("jni/" + abi + "/libjnidispatch.so"));
        }
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
                boolean stored = entry.getKey().startsWith("lib/") || entry.getKey().equals("resources.arsc");
                zip.putNextEntry(stored ? stored(entry.getKey(), entry.getValue()) : new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
    }

    private static ZipEntry stored(String name, byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        return entry;
    }

    private void sign(Path aligned, Path apk) throws IOException {
        Path keys = to.resolve("throw-away.p12");
        if (!Files.exists(keys)) {
            Command.run(java().resolveSibling("keytool").toString(), "-genkeypair", "-keystore", keys.toString(), "-storetype",
                    "PKCS12", "-storepass", "throw-away", "-alias", "sample", "-keyalg", "EC", "-validity", "3650", "-dname",
                    "CN=Sample of Bezant: a key that anybody may have");
        }
        Command.run("apksigner", "sign", "--min-sdk-version", MIN_SDK, "--v1-signing-enabled", "false", "--v4-signing-enabled", "false",
                "--ks", keys.toString(), "--ks-pass", "pass:throw-away", "--out", apk.toString(), aligned.toString());
        Command.run("apksigner", "verify", "--min-sdk-version", MIN_SDK, apk.toString());
    }

    /** The library that the sample links. */
    private record Library(String origin, Path classes, Path manifest, Path rules, Path jni, SortedSet<String> abis) {
        static Library of(Options options, Path unpacked) throws IOException {
            Path aar = options.path("aar");
            if (!Files.exists(aar)) {
                return new Library("the reactor's classes", options.path("library"), options.path("manifest"), options.path("rules"),
                        options.path("jni"), abis(options.path("jni")));
            }
            clear(unpacked);
            for (Map.Entry<String, byte[]> entry : Archive.read(aar).entrySet()) {
                Path file = unpacked.resolve(entry.getKey());
                Files.createDirectories(file.getParent());
                Files.write(file, entry.getValue());
            }
            return new Library(aar.getFileName().toString(), unpacked.resolve("classes.jar"), unpacked.resolve("AndroidManifest.xml"),
                    unpacked.resolve("proguard.txt"), unpacked.resolve("jni"), abis(unpacked.resolve("jni")));
        }

        private static SortedSet<String> abis(Path jni) throws IOException {
            SortedSet<String> found = new TreeSet<>();
            Archive.filesBelow(jni).forEach(file -> found.add(file.getParent().getFileName().toString()));
            return found;
        }
    }

    /** A program of the machine. */
    private static final class Command {
        static String run(String... command) throws IOException {
            return run(Arrays.asList(command));
        }

        static String run(List<String> command) throws IOException {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            try {
                if (process.waitFor() != 0) {
                    throw new Refused(String.join(" ", command) + "\n" + said);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new Refused("interrupted: " + command.get(0));
            }
            return said;
        }
    }
}

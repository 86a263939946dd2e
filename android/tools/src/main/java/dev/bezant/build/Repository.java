package dev.bezant.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Maven repository in a folder, which Gradle and Maven read as it is: files, checksums, signatures, metadata.
 *
 * <p>The deploy plugin would write the same, but not offline, not with the same bytes twice, and not signed without gpg.
 */
public final class Repository {
    private static final String GROUP = "dev/bezant";
    private static final Map<String, String> CHECKSUMS =
            Map.of("md5", "MD5", "sha1", "SHA-1", "sha256", "SHA-256", "sha512", "SHA-512");
    private static final String KEY = "signing-key.asc";

    private final Path root;

    Repository(Path root) {
        this.root = root;
    }

    /**
     * {@code repository=DIR artifact=ID version=X.Y.Z time=INSTANT throw-away=FILE [key=FILE]} and the files:
     * {@code pom=FILE [aar=FILE] [jar=FILE] [sources=FILE] [javadoc=FILE]}. The key's passphrase is taken from the
     * environment: BEZANT_SIGN_PASSPHRASE.
     */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        String artifact = options.text("artifact");
        String version = options.text("version");
        Map<String, Path> files = new LinkedHashMap<>();
        for (String kind : List.of("pom", "aar", "jar")) {
            options.optional(kind).ifPresent(file -> files.put("." + kind, Path.of(file)));
        }
        for (String kind : List.of("sources", "javadoc")) {
            options.optional(kind).ifPresent(file -> files.put("-" + kind + ".jar", Path.of(file)));
        }
        Optional<String> given = options.optional("key");
        Signing signing = given.isPresent()
                ? Signing.with(Path.of(given.get()), Optional.ofNullable(System.getenv("BEZANT_SIGN_PASSPHRASE")))
                : Signing.throwAway(options.path("throw-away"));
        Repository repository = new Repository(options.path("repository"));
        repository.forgetOthersThan(signing);
        repository.publish(artifact, version, files, signing, options.text("time"));
        repository.describe(signing, given.isEmpty());
        repository.verify();
        System.out.println(artifact + " " + version + ": in " + repository.root + ", checksums and signatures verify"
                + (given.isEmpty() ? " (with a throw-away key)" : ""));
    }

    void publish(String artifact, String version, Map<String, Path> files, Signing signing, String time) throws IOException {
        Path folder = root.resolve(GROUP).resolve(artifact).resolve(version);
        for (Path old : Archive.filesBelow(folder)) {
            Files.delete(old);
        }
        Files.createDirectories(folder);
        for (Map.Entry<String, Path> file : files.entrySet()) {
            checkContents(file.getKey(), file.getValue());
            String name = artifact + "-" + version + file.getKey();
            byte[] content = Files.readAllBytes(file.getValue());
            write(folder.resolve(name), content);
            write(folder.resolve(name + ".asc"), signing.sign(content));
        }
        write(folder.resolveSibling("maven-metadata.xml"), metadata(artifact, folder.getParent(), time));
    }

    /** A Gradle descriptor in a sources or javadoc jar breaks apps that put it on a class path. */
    private static void checkContents(String suffix, Path file) throws IOException {
        if (!suffix.startsWith("-")) {
            return;
        }
        for (String entry : Archive.read(file).keySet()) {
            if (entry.startsWith("META-INF/com/android/") || entry.startsWith("META-INF/maven/")) {
                throw new Refused(entry + " does not belong in " + file.getFileName());
            }
        }
    }

    private static byte[] metadata(String artifact, Path folder, String time) throws IOException {
        List<String> versions;
        try (Stream<Path> folders = Files.list(folder)) {
            versions = folders.filter(version -> Files.exists(version.resolve(artifact + "-" + version.getFileName() + ".pom"))).map(path -> path.getFileName().toString())
                    .sorted(Comparator.comparing(Runtime.Version::parse)).toList();
        }
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata>\n  <groupId>dev.bezant</groupId>\n");
        xml.append("  <artifactId>").append(artifact).append("</artifactId>\n  <versioning>\n");
        String latest = versions.get(versions.size() - 1);
        xml.append("    <latest>").append(latest).append("</latest>\n    <release>").append(latest).append("</release>\n    <versions>\n");
        versions.forEach(version -> xml.append("      <version>").append(version).append("</version>\n"));
        xml.append("    </versions>\n    <lastUpdated>").append(time.replaceAll("[^0-9]", "")).append("</lastUpdated>\n");
        return xml.append("  </versioning>\n</metadata>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** One repository, one key: what another key has signed goes. */
    private void forgetOthersThan(Signing signing) throws IOException {
        Path key = root.resolve(KEY);
        if (!Files.exists(key) || !Arrays.equals(Files.readAllBytes(key), signing.publicKey())) {
            for (Path old : Archive.filesBelow(root.resolve(GROUP))) {
                Files.delete(old);
            }
        }
    }

    private void describe(Signing signing, boolean throwAway) throws IOException {
        Files.write(root.resolve(KEY), signing.publicKey());
        Files.writeString(root.resolve("signature.txt"), """
                Every file FILE has a detached OpenPGP signature FILE.asc, made with the key
                %s
                %s

                To verify (in a folder of keys of its own, so that yours stay as they are):
                    export GNUPGHOME=$(mktemp -d)
                    gpg --import %s
                    gpg --verify FILE.asc FILE
                    echo "$(cat FILE.sha256)  FILE" | sha256sum --check
                """.formatted(signing.fingerprint(), throwAway
                        ? "This is a THROW-AWAY KEY that this build made for itself: it proves that the files are whole, not who made them."
                        : "Compare the fingerprint with the one that the project publishes.", KEY));
    }

    /** Every file against its checksums and its signature; and a spoiled copy of each against the signature. */
    void verify() throws IOException {
        byte[] keys = Files.readAllBytes(root.resolve(KEY));
        int signed = 0;
        for (Path file : Archive.filesBelow(root.resolve(GROUP))) {
            String name = file.getFileName().toString();
            if (CHECKSUMS.containsKey(name.substring(name.lastIndexOf('.') + 1))) {
                continue;
            }
            byte[] content = Files.readAllBytes(file);
            for (String kind : CHECKSUMS.keySet()) {
                if (!Files.readString(file.resolveSibling(name + "." + kind)).strip().equals(checksum(kind, content))) {
                    throw new Refused(name + " does not have the checksum of its ." + kind + " file");
                }
            }
            if (!name.endsWith(".asc") && !name.equals("maven-metadata.xml")) {
                verifySignature(file, content, keys);
                signed++;
            }
        }
        if (signed == 0) {
            throw new Refused("nothing signed in " + root);
        }
    }

    private static void verifySignature(Path file, byte[] content, byte[] keys) throws IOException {
        byte[] signature = Files.readAllBytes(file.resolveSibling(file.getFileName() + ".asc"));
        if (!Signing.verifies(content, signature, keys)) {
            throw new Refused(file.getFileName() + " is not what was signed");
        }
        content[content.length / 2] ^= 1;
        if (Signing.verifies(content, signature, keys)) {
            throw new Refused("the signature of " + file.getFileName() + " accepts a spoiled file");
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        for (String kind : CHECKSUMS.keySet()) {
            Files.writeString(file.resolveSibling(file.getFileName() + "." + kind), checksum(kind, content));
        }
    }

    static String checksum(String kind, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(CHECKSUMS.get(kind)).digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

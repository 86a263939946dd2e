package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    @TempDir
    Path folder;

    private Path version;

    @BeforeEach
    void aPublishedArtifact() throws IOException {
        Files.writeString(folder.resolve("pom"), "<project/>");
        Files.writeString(folder.resolve("aar"), "not really an AAR");
        publish("key");
        version = folder.resolve("repository/dev/bezant/bezant-wallet/1.2.3");
    }

    @Test
    void itIsLaidOutAsMavenExpects() throws IOException {
        for (String file : new String[] {"aar", "aar.asc", "aar.asc.sha1", "aar.sha512", "pom", "pom.asc", "pom.md5"}) {
            assertTrue(Files.exists(version.resolve("bezant-wallet-1.2.3." + file)), file);
        }
        String metadata = Files.readString(version.resolveSibling("maven-metadata.xml"));
        assertTrue(metadata.contains("<version>1.2.3</version>") && metadata.contains("<lastUpdated>20260101000000</lastUpdated>"), metadata);
        assertTrue(Files.readString(folder.resolve("repository/signature.txt")).contains("THROW-AWAY KEY"));
    }

    @Test
    void aSpoiledFileIsNoticed() throws IOException {
        assertDoesNotThrow(this::verify);
        Files.writeString(version.resolve("bezant-wallet-1.2.3.aar"), "not really an ABR");
        assertThrows(Refused.class, this::verify);
    }

    @Test
    void aSpoiledFileWithNewChecksumsIsNoticed() throws IOException {
        Path other = folder.resolve("other");
        Files.writeString(folder.resolve("aar"), "of somebody else!");
        Repository.main("repository=" + other, "artifact=bezant-wallet", "version=1.2.3", "time=2026-01-01T00:00:00Z",
                "throw-away=" + folder.resolve("other-key"), "pom=" + folder.resolve("pom"), "aar=" + folder.resolve("aar"));
        for (Path file : Archive.filesBelow(other.resolve("dev/bezant/bezant-wallet/1.2.3"))) {
            Files.write(version.resolve(file.getFileName()), Files.readAllBytes(file)); // with their checksums and signatures
        }
        assertThrows(Refused.class, this::verify);
    }

    @Test
    void anotherKeyBeginsAnotherRepository() throws IOException {
        publish("another-key");
        assertDoesNotThrow(this::verify);
    }

    @Test
    void aKeyThatIsGivenSigns() throws IOException {
        Signing signing = Signing.with(folder.resolve("key"), Optional.empty());
        byte[] content = {1, 2, 3};
        byte[] signature = signing.sign(content);
        assertTrue(Signing.verifies(content, signature, signing.publicKey()));
        assertFalse(Signing.verifies(new byte[] {1, 2, 4}, signature, signing.publicKey()));
        assertFalse(Signing.verifies(content, signature, Signing.throwAway(folder.resolve("another-key")).publicKey()));
    }

    private void verify() throws IOException {
        new Repository(folder.resolve("repository")).verify();
    }

    private void publish(String key) throws IOException {
        Repository.main("repository=" + folder.resolve("repository"), "artifact=bezant-wallet", "version=1.2.3",
                "time=2026-01-01T00:00:00Z", "throw-away=" + folder.resolve(key), "pom=" + folder.resolve("pom"),
                "aar=" + folder.resolve("aar"));
    }
}

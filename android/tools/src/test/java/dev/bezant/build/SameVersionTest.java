package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SameVersionTest {
    private static final String CARGO = "[workspace]\nmembers = []\n\n[workspace.package]\nedition = \"2024\"\nversion = \"1.2.3\"\n";

    @Test
    void theVersionOfTheWorkspaceIsRead() {
        assertEquals("1.2.3", SameVersion.ofWorkspace(CARGO));
        assertThrows(Refused.class, () -> SameVersion.ofWorkspace("[workspace.package]\n\n[profile]\nversion = \"1.2.3\"\n"));
    }

    @Test
    void anotherVersionIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("Cargo.toml"), CARGO);
        SameVersion.main("cargo=" + file, "version=1.2.3");
        assertThrows(Refused.class, () -> SameVersion.main("cargo=" + file, "version=1.2.4"));
    }
}

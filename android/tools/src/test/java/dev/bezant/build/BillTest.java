package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BillTest {
    private static final String TREE = """
            {"groupId": "dev.bezant", "artifactId": "aar", "version": "1.2.3", "type": "pom", "scope": "", "children": [
             {"groupId": "net.java.dev.jna", "artifactId": "jna", "version": "5", "type": "aar", "scope": "runtime", "children": [
              {"groupId": "a.b", "artifactId": "c", "version": "1", "type": "jar", "scope": "compile"}]},
             {"groupId": "org.robolectric", "artifactId": "android-all", "version": "15", "type": "jar", "scope": "provided"}]}
            """;

    @TempDir
    Path folder;

    @Test
    void onlyWhatIsLinkedIsListed() throws IOException {
        assertEquals(List.of("app", "dual", "libsqlite3-sys", "plain"), crates().stream().map(Crate::name).toList());
    }

    @Test
    void bothHalvesAreInOneBill() throws IOException {
        Properties toolchain = new Properties();
        toolchain.setProperty("rustc", "rustc 1.96.0 (abc 2026-01-01)");
        JsonObject bom = Bill.merged(maven(), crates(), toolchain, "bezant-wallet", "1.2.3");
        List<String> purls = bom.getAsJsonArray("components").asList().stream().map(each -> each.getAsJsonObject().get("purl").getAsString()).sorted().toList();
        assertEquals(List.of("pkg:cargo/app@1.0.0", "pkg:cargo/dual@1.0.0", "pkg:cargo/libsqlite3-sys@1.0.0", "pkg:cargo/plain@1.0.0",
                "pkg:generic/rust-std@1.96.0", "pkg:generic/sqlite@3.50.1", "pkg:maven/a.b/c@1?type=jar", "pkg:maven/net.java.dev.jna/jna@5?type=aar"), purls);
        assertFalse(bom.has("serialNumber") || bom.getAsJsonObject("metadata").has("timestamp"));
        assertTrue(bom.get("dependencies").toString().contains(
                "{\"ref\":\"pkg:maven/dev.bezant/bezant-wallet@1.2.3?type=aar\",\"dependsOn\":[\"pkg:cargo/app@1.0.0\","
                        + "\"pkg:generic/rust-std@1.96.0\",\"pkg:maven/net.java.dev.jna/jna@5?type=aar\"]}"), bom.get("dependencies").toString());
    }

    @Test
    void noticesNameEveryLicenceThatIsTakenAndHaveItsText() throws IOException {
        JsonObject bom = Bill.merged(maven(), crates(), new Properties(), "bezant-wallet", "1.2.3");
        String notices = Notices.of(bom, crates());
        assertTrue(notices.contains("dual 1.0.0: Apache-2.0 (offered: MIT OR Apache-2.0)\n"), notices);
        assertTrue(notices.contains("plain 1.0.0: MIT\n"), notices);
        assertTrue(notices.contains("plain 1.0.0, LICENSE\n\nCopyright of plain\n"), notices);
        assertTrue(notices.contains("net.java.dev.jna:jna 5: Apache-2.0"), notices);
        assertTrue(notices.contains("a.b:c 1: Something Else\n"), notices);
        assertFalse(notices.contains("app 1.0.0") || notices.contains("Copyright of dual"), notices);
    }

    @Test
    void aCrateWithoutALicenceIsRefused() {
        Crate crate = new Crate("none", "1.0.0", "", "", folder, false, false, List.of());
        assertThrows(Refused.class, crate::taken);
    }

    private MavenHalf maven() throws IOException {
        write("local/net/java/dev/jna/jna/5/jna-5.aar", "jna");
        write("local/net/java/dev/jna/jna/5/jna-5.pom", "<project><licenses><license><name>LGPL-2.1-or-later</name></license>"
                + "<license><name>The Apache License, Version 2.0</name></license></licenses></project>");
        write("local/a/b/c/1/c-1.jar", "c");
        write("local/a/b/c/1/c-1.pom", "<project><licenses><license><name>Something Else</name></license></licenses></project>");
        return MavenHalf.of(JsonParser.parseString(TREE).getAsJsonObject(), folder.resolve("local"));
    }

    private List<Crate> crates() throws IOException {
        write("plain/LICENSE", "Copyright of plain\n");
        write("dual/LICENSE-MIT", "Copyright of dual\n");
        write("libsqlite3-sys/LICENSE", "Copyright of the bindings\n");
        write("libsqlite3-sys/sqlite3/sqlite3.h", "#define SQLITE_VERSION        \"3.50.1\"\n");
        Files.createDirectories(folder.resolve("app"));
        return Crate.linkedInto("app", JsonParser.parseString("{\"packages\": ["
                + crate("app", "MIT OR Apache-2.0", "cdylib", "null") + ", " + crate("dual", "MIT/Apache-2.0", "lib", "\"registry\"") + ", "
                + crate("plain", "MIT", "lib", "\"registry\"") + ", " + crate("libsqlite3-sys", "MIT", "lib", "\"registry\"") + ", "
                + crate("macro", "MIT", "proc-macro", "\"registry\"") + ", " + crate("builder", "MIT", "lib", "\"registry\"")
                + "], \"resolve\": {\"nodes\": ["
                + node("app", "dual:null", "macro:null", "builder:\"build\"") + ", " + node("dual", "plain:null", "libsqlite3-sys:null") + ", "
                + node("plain") + ", " + node("libsqlite3-sys") + ", " + node("macro") + ", " + node("builder") + "]}}").getAsJsonObject());
    }

    private String crate(String name, String licence, String kind, String source) {
        return """
                {"id": "%s", "name": "%s", "version": "1.0.0", "license": "%s", "repository": null, "source": %s,
                 "manifest_path": "%s/%s/Cargo.toml", "targets": [{"kind": ["%s"]}]}""".formatted(name, name, licence, source, folder, name, kind);
    }

    private static String node(String id, String... dependencies) {
        StringBuilder deps = new StringBuilder();
        for (String dependency : dependencies) {
            String[] parts = dependency.split(":");
            deps.append(deps.isEmpty() ? "" : ", ").append("{\"pkg\": \"%s\", \"dep_kinds\": [{\"kind\": %s}]}".formatted(parts[0], parts[1]));
        }
        return "{\"id\": \"%s\", \"deps\": [%s]}".formatted(id, deps);
    }

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}

package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AarTest {
    private static final String MANIFEST = """
            <manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.bezant.wallet">
            <uses-sdk android:minSdkVersion="24" />
            <uses-permission android:name="android.permission.NFC" />
            <uses-feature android:name="android.hardware.nfc" android:required="false" />
            <uses-feature android:name="android.hardware.nfc.hce" android:required="false" />
            </manifest>
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void everythingAnAarIsMadeOf() throws IOException {
        write("manifest", MANIFEST);
        for (String file : List.of("metadata", "rules", "notices", "bom", "LICENSE-MIT", "LICENSE-APACHE")) {
            write(file, file);
        }
        write("res/xml/bezant_a.xml", "<a/>");
        write("res/values-de/bezant.xml", "<resources><string name=\"bezant_b\">B</string><item type=\"id\" name=\"bezant_c\"/></resources>");
        write("toolchain", "rustc=rustc 1.96.0\n");
        classes(Aar.CLASS_VERSION, "a/A.class");
        library("arm64-v8a", true);
        library("x86_64", false);
    }

    @Test
    void theSameInputGivesTheSameBytes() throws IOException {
        pack("ci");
        byte[] first = Files.readAllBytes(folder.resolve("to"));
        pack("ci");
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("to")));
    }

    @Test
    void everythingIsWhereAndroidLooksForIt() throws IOException {
        pack("ci");
        SortedMap<String, byte[]> aar = Archive.read(folder.resolve("to"));
        assertEquals(List.of("AndroidManifest.xml", "META-INF/com/android/build/gradle/aar-metadata.properties",
                "META-INF/dev.bezant/bezant-wallet/LICENSE-APACHE", "META-INF/dev.bezant/bezant-wallet/LICENSE-MIT",
                "META-INF/dev.bezant/bezant-wallet/THIRD-PARTY-NOTICES.txt", "META-INF/dev.bezant/bezant-wallet/build.properties",
                "META-INF/dev.bezant/bezant-wallet/sbom.cdx.json", "R.txt", "classes.jar", "jni/arm64-v8a/libbezant_ffi.so",
                "jni/x86_64/libbezant_ffi.so", "proguard.txt", "res/values-de/bezant.xml", "res/xml/bezant_a.xml"), List.copyOf(aar.keySet()));
        assertEquals("int id bezant_c 0x0\nint string bezant_b 0x0\nint xml bezant_a 0x0\n", text(aar, "R.txt"));
        String properties = text(aar, "META-INF/dev.bezant/bezant-wallet/build.properties");
        assertTrue(properties.contains("\ngrade=ci\ntoolchain.rustc=rustc 1.96.0\nversion=1.2.3\n"), properties);
        assertTrue(properties.contains("not to be shipped"), properties);
    }

    @Test
    void aReleaseHasEveryAbiAndTheNotesOfTheNdk() throws IOException {
        refused("missing: [armeabi-v7a]", "release");
        library("armeabi-v7a", true);
        refused("x86_64/libbezant_ffi.so has no ident note", "release");
        library("x86_64", true);
        pack("release");
    }

    @Test
    void withoutLibrariesThereIsNoAar() throws IOException {
        Files.delete(folder.resolve("jni/x86_64/libbezant_ffi.so"));
        Files.delete(folder.resolve("jni/arm64-v8a/libbezant_ffi.so"));
        refused("cargo xtask aar", "ci");
    }

    @Test
    void whatDoesNotBelongThereIsRefused() throws IOException {
        write("jni/x86_64/libother.so", "");
        refused("does not belong under jni/: x86_64/libother.so", "ci");
        Files.delete(folder.resolve("jni/x86_64/libother.so"));
        classes(61, "a/A.class");
        refused("class version", "ci");
        classes(Aar.CLASS_VERSION, "META-INF/maven/pom.xml");
        refused("META-INF/maven", "ci");
        classes(Aar.CLASS_VERSION, "a/A.class");
        write("res/xml/other.xml", "<a/>");
        refused("begins with bezant_", "ci");
    }

    @Test
    void aManifestWithSurprisesIsRefused() throws IOException {
        manifestRefused("package", "dev.bezant.wallet", "dev.other");
        manifestRefused("no <application>", "</manifest>", "<application/></manifest>");
        manifestRefused("minSdkVersion", "24", "23");
        manifestRefused("INTERNET", "</manifest>", "<uses-permission android:name=\"android.permission.INTERNET\"/></manifest>");
        manifestRefused("not required", "\"false\"", "\"true\"");
    }

    private void manifestRefused(String why, String from, String to) throws IOException {
        write("manifest", MANIFEST.replace(from, to));
        refused(why, "ci");
    }

    private void refused(String why, String grade) {
        String message = assertThrows(Refused.class, () -> pack(grade)).getMessage();
        assertTrue(message.contains(why), message);
    }

    private void pack(String grade) throws IOException {
        List<String> options = new ArrayList<>(List.of("grade=" + grade, "version=1.2.3", "commit=", "licences=" + folder));
        for (String file : List.of("to", "classes", "manifest", "metadata", "rules", "res", "jni", "toolchain", "notices", "bom")) {
            options.add(file + "=" + folder.resolve(file));
        }
        Aar.main(options.toArray(String[]::new));
    }

    private void classes(int version, String name) throws IOException {
        Archive jar = new Archive();
        jar.add(name, new byte[] {(byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe, 0, 0, 0, (byte) version});
        jar.write(folder.resolve("classes"));
    }

    /** An ELF file with one note segment: the NDK's, or another. */
    private void library(String abi, boolean ndk) throws IOException {
        boolean wide = !abi.equals("armeabi-v7a");
        ByteBuffer elf = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(0, new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1)});
        int note = 160;
        if (wide) {
            elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
            elf.putInt(64, 4).putLong(64 + 8, note).putLong(64 + 32, 40);
        } else {
            elf.putInt(28, 64).putShort(42, (short) 32).putShort(44, (short) 1);
            elf.putInt(64, 4).putInt(64 + 4, note).putInt(64 + 16, 40);
        }
        elf.putInt(note, 4).putInt(note + 4, 4).putInt(note + 8, 3).put(note + 12, "GNU\0".getBytes(StandardCharsets.US_ASCII));
        int second = note + 20;
        elf.putInt(second, 8).putInt(second + 4, 0).putInt(second + 8, 1);
        elf.put(second + 12, (ndk ? "Android\0" : "Another\0").getBytes(StandardCharsets.US_ASCII));
        Path file = folder.resolve("jni").resolve(abi).resolve("libbezant_ffi.so");
        Files.createDirectories(file.getParent());
        Files.write(file, elf.array());
    }

    private static String text(SortedMap<String, byte[]> archive, String name) {
        return new String(archive.get(name), StandardCharsets.UTF_8);
    }

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}

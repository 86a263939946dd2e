package dev.bezant.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** A zip file whose bytes follow from its entries alone: sorted, one time for all, no extra fields. */
public final class Archive {
    /** The project.build.outputTimestamp of the parent, which the jars inside have. */
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private final SortedMap<String, byte[]> entries = new TreeMap<>();

    /** {@code from=DIR to=FILE}: packs a folder. */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        Archive archive = new Archive();
        archive.addTree("", options.path("from"));
        if (archive.entries.isEmpty()) {
            throw new Refused("nothing to pack in " + options.path("from"));
        }
        archive.write(options.path("to"));
    }

    void add(String name, byte[] content) {
        if (entries.putIfAbsent(name, content) != null) {
            throw new Refused("twice in one archive: " + name);
        }
    }

    /** Every file below a folder, under a prefix that ends in a slash or is empty. */
    void addTree(String prefix, Path folder) throws IOException {
        for (Path file : filesBelow(folder)) {
            add(prefix + slashed(folder.relativize(file)), Files.readAllBytes(file));
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry header = new ZipEntry(entry.getKey());
                header.setTimeLocal(TIME);
                zip.putNextEntry(header);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
    }

    static SortedMap<String, byte[]> read(Path file) throws IOException {
        SortedMap<String, byte[]> contents = new TreeMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().filter(entry -> !entry.isDirectory()).toList()) {
                contents.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return contents;
    }

    static List<Path> filesBelow(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }
}

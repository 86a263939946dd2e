package dev.bezant.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The table of resources, R.txt, which an app's build reads before it merges the resources themselves. */
final class Resources {
    private static final String PREFIX = "bezant_";

    private Resources() {}

    static String table(Path res) throws IOException {
        SortedSet<String> lines = new TreeSet<>();
        for (Path file : Archive.filesBelow(res)) {
            String type = res.relativize(file).getName(0).toString().split("-")[0];
            String name = file.getFileName().toString().replaceFirst("\\..*", "");
            if (type.equals("values")) {
                addValues(lines, Files.readString(file));
            } else {
                add(lines, type, name);
            }
        }
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static void addValues(SortedSet<String> lines, String xml) {
        Element root = Manifest.parse(xml).getDocumentElement();
        for (Node node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                String type = element.getTagName().equals("item") ? element.getAttribute("type") : element.getTagName();
                add(lines, type, element.getAttribute("name"));
            }
        }
    }

    private static void add(SortedSet<String> lines, String type, String name) {
        if (!type.matches("anim|bool|color|dimen|drawable|id|integer|layout|mipmap|plurals|raw|string|xml")) {
            throw new Refused("a kind of resource that the library has no rule for: " + type);
        }
        if (!name.startsWith(PREFIX)) {
            throw new Refused("a resource of the library begins with " + PREFIX + ", not: " + name);
        }
        lines.add("int " + type + " " + name + " 0x0");
    }
}

package dev.bezant.build;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Maven's half of the bill of materials, out of {@code dependency:tree} and the local repository.
 *
 * <p>The CycloneDX plugin would know all this, but it does nothing in an offline build, and says nothing about it.
 */
final class MavenHalf {
    private final Path repository;
    private final TreeMap<String, JsonObject> components = new TreeMap<>();
    private final TreeMap<String, TreeSet<String>> needs = new TreeMap<>();

    private MavenHalf(Path repository) {
        this.repository = repository;
    }

    /** Components by their package URL. */
    Map<String, JsonObject> components() {
        return components;
    }

    /** Who needs whom; the empty name is the project itself. */
    Map<String, TreeSet<String>> needs() {
        return needs;
    }

    static MavenHalf of(JsonObject tree, Path repository) throws IOException {
        MavenHalf half = new MavenHalf(repository);
        half.add("", tree);
        return half;
    }

    private void add(String owner, JsonObject node) throws IOException {
        TreeSet<String> needed = needs.computeIfAbsent(owner, name -> new TreeSet<>());
        if (!node.has("children")) {
            return;
        }
        for (JsonElement element : node.getAsJsonArray("children")) {
            JsonObject child = element.getAsJsonObject();
            if (!List.of("compile", "runtime").contains(child.get("scope").getAsString())) {
                continue; // what the build needs, or tests
            }
            JsonObject component = component(child);
            String purl = component.get("purl").getAsString();
            components.put(purl, component);
            needed.add(purl);
            add(purl, child);
        }
    }

    private JsonObject component(JsonObject node) throws IOException {
        String group = node.get("groupId").getAsString();
        String name = node.get("artifactId").getAsString();
        String version = node.get("version").getAsString();
        String type = node.get("type").getAsString();
        String purl = "pkg:maven/" + group + "/" + name + "@" + version + "?type=" + type;
        Path file = repository.resolve(group.replace('.', '/')).resolve(name).resolve(version).resolve(name + "-" + version + "." + type);

        JsonObject hash = new JsonObject();
        hash.addProperty("alg", "SHA-256");
        hash.addProperty("content", Repository.checksum("sha256", Files.readAllBytes(file)));
        JsonArray hashes = new JsonArray();
        hashes.add(hash);

        JsonObject component = new JsonObject();
        component.addProperty("type", "library");
        component.addProperty("bom-ref", purl);
        component.addProperty("group", group);
        component.addProperty("name", name);
        component.addProperty("version", version);
        component.add("hashes", hashes);
        component.add("licenses", Bill.expression(licence(file.resolveSibling(name + "-" + version + ".pom"))));
        component.addProperty("purl", purl);
        return component;
    }

    /** What the POM says; of a choice with Apache-2.0 in it we take that. */
    private static String licence(Path pom) throws IOException {
        Document document = Manifest.parse(Files.readString(pom));
        NodeList licences = document.getElementsByTagName("license");
        TreeSet<String> offered = new TreeSet<>();
        for (int index = 0; index < licences.getLength(); index++) {
            NodeList names = ((Element) licences.item(index)).getElementsByTagName("name");
            offered.add(spdx(names.getLength() == 0 ? "" : names.item(0).getTextContent().strip()));
        }
        if (offered.isEmpty()) {
            throw new Refused(pom.getFileName() + " names no licence");
        }
        return offered.contains("Apache-2.0") ? "Apache-2.0" : String.join(" OR ", offered);
    }

    private static String spdx(String name) {
        return name.matches("(?i).*apache.*2.*") ? "Apache-2.0" : name;
    }
}

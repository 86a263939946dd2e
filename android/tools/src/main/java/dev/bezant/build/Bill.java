package dev.bezant.build;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The bill of materials of the AAR (CycloneDX) and the notices that its licences ask for.
 *
 * <p>Maven's half is {@link MavenHalf}; the other half is what Cargo links into the library for Android:
 * neither build scripts nor macros, which leave nothing of themselves. The same dependencies give the same bytes: no
 * serial number, no time.
 */
public final class Bill {
    private Bill() {}

    /**
     * {@code tree=FILE local=DIR cargo=Cargo.toml crate=NAME target=TRIPLE artifact=ID version=X.Y.Z bom=FILE notices=FILE
     * [toolchain=FILE]}.
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        Options options = new Options(arguments);
        MavenHalf maven = MavenHalf.of(JsonParser.parseString(Files.readString(options.path("tree"))).getAsJsonObject(), options.path("local"));
        List<Crate> crates = Crate.linkedInto(options.text("crate"), cargoMetadata(options));
        Properties toolchain = new Properties();
        if (options.optional("toolchain").isPresent() && Files.exists(options.path("toolchain"))) {
            toolchain.load(Files.newBufferedReader(options.path("toolchain")));
        }
        JsonObject bom = merged(maven, crates, toolchain, options.text("artifact"), options.text("version"));
        String json = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(bom);
        write(options.path("bom"), json + "\n");
        write(options.path("notices"), Notices.of(bom, crates));
        System.out.println("bill of materials: " + bom.getAsJsonArray("components").size() + " components, of them "
                + crates.size() + " crates");
    }

    private static JsonObject cargoMetadata(Options options) throws IOException, InterruptedException {
        Process cargo = new ProcessBuilder("cargo", "metadata", "--format-version", "1", "--locked",
                "--filter-platform", options.text("target"), "--manifest-path", options.path("cargo").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String json = new String(cargo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (cargo.waitFor() != 0) {
            throw new Refused("cargo metadata failed");
        }
        return JsonParser.parseString(json).getAsJsonObject();
    }

    static JsonObject merged(MavenHalf maven, List<Crate> crates, Properties toolchain, String artifact, String version) {
        TreeMap<String, JsonObject> components = new TreeMap<>(maven.components());
        for (Crate crate : crates) {
            components.put(crate.purl(), crate.component());
            crate.sqlite().ifPresent(sqlite -> components.put(purl(sqlite), sqlite));
        }
        JsonObject std = standardLibrary(toolchain);
        components.put(purl(std), std);

        JsonObject self = new JsonObject();
        self.addProperty("type", "library");
        self.addProperty("bom-ref", "pkg:maven/dev.bezant/" + artifact + "@" + version + "?type=aar");
        self.addProperty("group", "dev.bezant");
        self.addProperty("name", artifact);
        self.addProperty("version", version);
        self.add("licenses", expression("MIT OR Apache-2.0"));
        self.addProperty("purl", purl(self, "bom-ref"));
        JsonObject metadata = new JsonObject();
        metadata.add("component", self);

        JsonObject bom = new JsonObject();
        bom.addProperty("bomFormat", "CycloneDX");
        bom.addProperty("specVersion", "1.6");
        bom.addProperty("version", 1);
        bom.add("metadata", metadata);
        JsonArray listed = new JsonArray();
        components.values().forEach(listed::add);
        bom.add("components", listed);
        bom.add("dependencies", dependencies(maven, crates, purl(self), purl(std)));
        return bom;
    }

    /** Who needs whom; what only we need stands under the AAR itself. */
    private static JsonArray dependencies(MavenHalf maven, List<Crate> crates, String self, String std) {
        TreeMap<String, TreeSet<String>> edges = new TreeMap<>();
        maven.needs().forEach((from, to) -> edges.put(from.isEmpty() ? self : from, to));
        TreeSet<String> ours = edges.computeIfAbsent(self, ref -> new TreeSet<>());
        ours.add(std);
        edges.put(std, new TreeSet<>());
        for (Crate crate : crates) {
            TreeSet<String> to = new TreeSet<>(crate.needs());
            crate.sqlite().ifPresent(sqlite -> {
                to.add(purl(sqlite));
                edges.put(purl(sqlite), new TreeSet<>());
            });
            edges.put(crate.purl(), to);
            if (crate.isRoot()) {
                ours.add(crate.purl());
            }
        }
        JsonArray result = new JsonArray();
        edges.forEach((from, to) -> {
            JsonObject dependency = new JsonObject();
            dependency.addProperty("ref", from);
            JsonArray refs = new JsonArray();
            to.forEach(refs::add);
            dependency.add("dependsOn", refs);
            result.add(dependency);
        });
        return result;
    }

    private static JsonObject standardLibrary(Properties toolchain) {
        String compiler = toolchain.getProperty("rustc", "");
        String version = compiler.replaceFirst("^(?:rustc )?(\\S*).*", "$1");
        JsonObject std = component("rust-std", version.isEmpty() ? "unknown" : version);
        std.add("licenses", expression("MIT OR Apache-2.0"));
        std.addProperty("purl", purl(std, "bom-ref"));
        return std;
    }

    static JsonObject component(String name, String version) {
        JsonObject component = new JsonObject();
        component.addProperty("type", "library");
        component.addProperty("bom-ref", "pkg:generic/" + name + "@" + version);
        component.addProperty("name", name);
        component.addProperty("version", version);
        return component;
    }

    static JsonArray expression(String licence) {
        JsonObject choice = new JsonObject();
        choice.addProperty("expression", licence);
        JsonArray licences = new JsonArray();
        licences.add(choice);
        return licences;
    }

    private static String purl(JsonObject component) {
        return purl(component, "purl");
    }

    private static String purl(JsonObject component, String field) {
        return component.get(field).getAsString();
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, content);
    }
}

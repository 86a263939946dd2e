package dev.bezant.build;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A crate that is linked into the library, as {@code cargo metadata} tells of it. */
record Crate(String name, String version, String licence, String repository, Path folder, boolean isOurs, boolean isRoot,
        List<String> needs) {
    private static final Pattern SQLITE_VERSION = Pattern.compile("#define SQLITE_VERSION +\"([0-9.]+)\"");

    /** What a crate pulls into a library: its normal dependencies, but no macros, which run in the compiler only. */
    static List<Crate> linkedInto(String root, JsonObject metadata) {
        Map<String, JsonObject> packages = byId(metadata.getAsJsonArray("packages"));
        Map<String, JsonObject> nodes = byId(metadata.getAsJsonObject("resolve").getAsJsonArray("nodes"));
        String first = packages.keySet().stream().filter(id -> packages.get(id).get("name").getAsString().equals(root)).findFirst()
                .orElseThrow(() -> new Refused("no crate " + root + " in the workspace"));
        Map<String, Crate> linked = new TreeMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(first));
        while (!open.isEmpty()) {
            String id = open.pop();
            if (linked.containsKey(id)) {
                continue;
            }
            TreeSet<String> needs = new TreeSet<>();
            for (JsonElement dependency : nodes.get(id).getAsJsonArray("deps")) {
                String needed = dependency.getAsJsonObject().get("pkg").getAsString();
                if (isNormal(dependency.getAsJsonObject()) && !isMacro(packages.get(needed))) {
                    needs.add(purl(packages.get(needed)));
                    open.push(needed);
                }
            }
            linked.put(id, of(packages.get(id), id.equals(first), List.copyOf(needs)));
        }
        return linked.values().stream().sorted(Comparator.comparing(Crate::name).thenComparing(Crate::version)).toList();
    }

    private static Map<String, JsonObject> byId(JsonArray objects) {
        Map<String, JsonObject> map = new TreeMap<>();
        objects.forEach(object -> map.put(object.getAsJsonObject().get("id").getAsString(), object.getAsJsonObject()));
        return map;
    }

    private static boolean isNormal(JsonObject dependency) {
        for (JsonElement kind : dependency.getAsJsonArray("dep_kinds")) {
            if (kind.getAsJsonObject().get("kind").isJsonNull()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMacro(JsonObject description) {
        for (JsonElement target : description.getAsJsonArray("targets")) {
            for (JsonElement kind : target.getAsJsonObject().getAsJsonArray("kind")) {
                if (kind.getAsString().equals("proc-macro")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Crate of(JsonObject description, boolean isRoot, List<String> needs) {
        return new Crate(text(description, "name"), text(description, "version"),
                text(description, "license").replace("/", " OR "), text(description, "repository"),
                Path.of(text(description, "manifest_path")).getParent(), description.get("source").isJsonNull(), isRoot, needs);
    }

    private static String text(JsonObject object, String name) {
        JsonElement value = object.has(name) ? object.get(name) : JsonNull.INSTANCE;
        return value.isJsonNull() ? "" : value.getAsString();
    }

    private static String purl(JsonObject description) {
        return "pkg:cargo/" + text(description, "name") + "@" + text(description, "version");
    }

    String purl() {
        return "pkg:cargo/" + name + "@" + version;
    }

    JsonObject component() {
        JsonObject component = Bill.component(name, version);
        component.addProperty("bom-ref", purl());
        component.add("licenses", Bill.expression(licence));
        component.addProperty("purl", purl());
        return component;
    }

    /** The engine that comes inside a crate: whoever looks for its advisories looks for its own name. */
    Optional<JsonObject> sqlite() {
        Path header = folder.resolve("sqlite3/sqlite3.h");
        if (!name.equals("libsqlite3-sys") || !Files.exists(header)) {
            return Optional.empty();
        }
        Matcher found = SQLITE_VERSION.matcher(read(header));
        if (!found.find()) {
            throw new Refused("no version in " + header);
        }
        JsonObject component = Bill.component("sqlite", found.group(1));
        component.add("licenses", Bill.expression("blessing"));
        component.addProperty("purl", component.get("bom-ref").getAsString());
        return Optional.of(component);
    }

    /** The licence that we take it under: Apache-2.0 wherever it is offered. */
    String taken() {
        if (licence.isEmpty()) {
            throw new Refused("crate " + name + " names no licence");
        }
        if (licence.contains(" AND ") || licence.contains("(")) {
            return licence;
        }
        List<String> offered = Arrays.asList(licence.split(" OR "));
        return offered.contains("Apache-2.0") ? "Apache-2.0" : offered.contains("MIT") ? "MIT" : offered.get(0);
    }

    /** The texts that have to go with it: none for Apache-2.0, whose text is beside; but its NOTICE, if it has one. */
    Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String upper = file.getFileName().toString().toUpperCase(Locale.ROOT);
                boolean isLicence = upper.startsWith("LICEN") || upper.startsWith("COPYING");
                boolean isTaken = !taken().equals("Apache-2.0") && !upper.contains("APACHE")
                        && (!taken().equals("MIT") || upper.equals("LICENSE") || upper.contains("MIT") || upper.contains("TXT") || upper.contains("MD"));
                if (upper.startsWith("NOTICE") || isLicence && isTaken) {
                    texts.put(file.getFileName().toString(), read(file));
                }
            }
        } catch (IOException unreadable) {
            throw new Refused("cannot read " + folder + ": " + unreadable.getMessage());
        }
        return texts;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new Refused("cannot read " + file + ": " + unreadable.getMessage());
        }
    }
}

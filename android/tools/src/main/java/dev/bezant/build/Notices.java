package dev.bezant.build;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** THIRD-PARTY-NOTICES.txt: who else's work is in the AAR or comes with it, and under which licence. */
final class Notices {
    private Notices() {}

    static String of(JsonObject bom, List<Crate> crates) {
        StringBuilder text = new StringBuilder("""
                Third-party notices of the Bezant wallet for Android

                Where a licence offers a choice, we take Apache-2.0 if it is offered; its text is in LICENSE-APACHE beside this file.

                Compiled into the native library
                ================================

                """);
        Map<String, List<String>> owners = new TreeMap<>();
        for (Crate crate : crates) {
            if (crate.isOurs()) {
                continue;
            }
            text.append(crate.name()).append(' ').append(crate.version()).append(": ").append(crate.taken());
            text.append(crate.taken().equals(crate.licence()) ? "" : " (offered: " + crate.licence() + ")");
            text.append(crate.repository().isEmpty() ? "" : ", " + crate.repository()).append('\n');
            crate.texts().forEach((file, content) -> owners.computeIfAbsent(tidy(content), key -> new ArrayList<>())
                    .add(crate.name() + " " + crate.version() + ", " + file));
        }
        text.append("SQLite: public domain, https://sqlite.org/copyright.html\n");
        text.append("The Rust standard library: Apache-2.0 (offered: MIT OR Apache-2.0), https://github.com/rust-lang/rust\n");
        text.append("LLVM libunwind: Apache-2.0 WITH LLVM-exception, https://llvm.org\n");
        text.append("""

                The sources of what is under MPL-2.0 are unchanged and to be had at the address named with each; the licence is at
                https://www.mozilla.org/MPL/2.0/.

                Libraries that come with the AAR as dependencies
                ================================================

                """);
        for (JsonElement element : bom.getAsJsonArray("components")) {
            JsonObject component = element.getAsJsonObject();
            if (component.get("purl").getAsString().startsWith("pkg:maven/")) {
                text.append(mavenLine(component)).append('\n');
            }
        }
        text.append("\nTexts\n=====\n");
        owners.forEach((content, files) -> text.append("\n").append("-".repeat(80)).append('\n')
                .append(String.join("\n", files)).append("\n\n").append(content).append('\n'));
        return text.toString();
    }

    private static String mavenLine(JsonObject component) {
        String name = component.get("group").getAsString() + ":" + component.get("name").getAsString();
        String licence = component.getAsJsonArray("licenses").get(0).getAsJsonObject().get("expression").getAsString();
        if (name.equals("net.java.dev.jna:jna")) {
            licence = "Apache-2.0 (offered: LGPL-2.1-or-later OR Apache-2.0)";
        }
        return name + " " + component.get("version").getAsString() + ": " + licence;
    }

    private static String tidy(String content) {
        return content.replace("\r\n", "\n").strip();
    }
}

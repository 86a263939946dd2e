package dev.bezant.build;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cargo and Maven tell one version. */
public final class SameVersion {
    private static final Pattern VERSION =
            Pattern.compile("(?ms)^\\[workspace\\.package]\\s*$(?:(?!^\\[).)*?^version\\s*=\\s*\"([^\"]+)\"");

    private SameVersion() {}

    /** {@code cargo=Cargo.toml version=X.Y.Z}. */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        String cargo = ofWorkspace(Files.readString(options.path("cargo")));
        String maven = options.text("version");
        if (!cargo.equals(maven)) {
            throw new Refused("Cargo.toml says version " + cargo + ", android/pom.xml says " + maven);
        }
    }

    static String ofWorkspace(String manifest) {
        Matcher matcher = VERSION.matcher(manifest);
        if (!matcher.find()) {
            throw new Refused("Cargo.toml has no version under [workspace.package]");
        }
        return matcher.group(1);
    }
}

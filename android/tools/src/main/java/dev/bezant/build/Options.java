package dev.bezant.build;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The arguments of a program of the build: {@code name=value}. */
final class Options {
    private final Map<String, String> values = new LinkedHashMap<>();

    Options(String... arguments) {
        for (String argument : arguments) {
            int sign = argument.indexOf('=');
            if (sign < 1) {
                throw new Refused("not of the form name=value: " + argument);
            }
            values.put(argument.substring(0, sign), argument.substring(sign + 1).strip());
        }
    }

    String text(String name) {
        return optional(name).orElseThrow(() -> new Refused("missing: " + name + "=…"));
    }

    /** What is given and not empty. */
    Optional<String> optional(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    Path path(String name) {
        return Path.of(text(name)).normalize();
    }
}

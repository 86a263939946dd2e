package dev.bezant.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes every top-level declaration of generated Kotlin internal, so that nothing of it is API of the library.
 *
 * <p>The generator has no switch for it. Members follow: what is inside an internal class is no wider than that. The
 * check of the public API ({@link PublicApi}) fails on anything that this step should overlook.
 */
public final class InternalBindings {
    private static final String SUPPRESS_ALL = "@file:Suppress(\"warnings\")";
    private static final Pattern FILE_SUPPRESS = Pattern.compile("(?m)^@file:Suppress\\([^)]*\\)$");

    /** Annotations, then modifiers, then the word that makes it a declaration. */
    private static final Pattern DECLARATION = Pattern.compile(
            "(?<annotations>(?:@[\\w.:]+(?:\\([^)]*\\))?\\s+)*)"
                    + "(?<modifiers>(?:(?:public|internal|private|open|abstract|final|sealed|data|enum|annotation|inline|value"
                    + "|const|lateinit|suspend|external|operator|infix|tailrec|expect|actual)\\s+)*)"
                    + "(?<word>class|interface|object|fun|val|var|typealias)\\b");

    private InternalBindings() {}

    /** {@code from=DIR to=DIR}: rewrites each Kotlin file of the first folder into the second. */
    public static void main(String... arguments) throws IOException {
        Options options = new Options(arguments);
        Path from = options.path("from");
        Path to = options.path("to");
        List<Path> files;
        try (Stream<Path> found = Files.walk(from)) {
            files = found.filter(file -> file.toString().endsWith(".kt")).toList();
        }
        if (files.isEmpty()) {
            throw new Refused("no generated Kotlin in " + from);
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            String rewritten = rewrite(Files.readString(file));
            Files.createDirectories(target.getParent());
            if (!Files.exists(target) || !Files.readString(target).equals(rewritten)) {
                Files.writeString(target, rewritten);
            }
        }
    }

    static String rewrite(String source) {
        String suppressed = FILE_SUPPRESS.matcher(source).find()
                ? FILE_SUPPRESS.matcher(source).replaceFirst(SUPPRESS_ALL)
                : SUPPRESS_ALL + "\n" + source;
        StringBuilder result = new StringBuilder();
        Matcher declaration = DECLARATION.matcher(suppressed);
        Scanner scanner = new Scanner(suppressed);
        int done = 0;
        while (!scanner.atEnd()) {
            if (scanner.atDeclaration() && declaration.region(scanner.at, suppressed.length()).lookingAt()) {
                result.append(suppressed, done, scanner.at).append(internal(declaration));
                done = declaration.end();
                scanner.skipTo(done);
            } else {
                scanner.step();
            }
        }
        if (!scanner.atTopLevel()) {
            throw new Refused("the generated Kotlin ends inside a declaration, a text or a comment: not understood");
        }
        return result.append(suppressed, done, suppressed.length()).toString();
    }

    private static String internal(Matcher declaration) {
        String modifiers = declaration.group("modifiers");
        if (modifiers.matches("(?s).*\\b(?:internal|private)\\b.*")) {
            return declaration.group();
        }
        return declaration.group("annotations") + "internal " + modifiers.replaceFirst("\\bpublic\\s+", "")
                + declaration.group("word");
    }

    /** Goes through Kotlin and knows what stands outside of every bracket, text and comment. */
    private static final class Scanner {
        private enum In { CODE, TEXT, RAW_TEXT }

        private final String source;
        private final ArrayDeque<Frame> frames = new ArrayDeque<>(List.of(new Frame(In.CODE)));
        private int at;
        private int comments;
        private char last = ';';
        private boolean fresh = true;

        Scanner(String source) {
            this.source = source;
        }

        boolean atEnd() {
            return at >= source.length();
        }

        boolean atTopLevel() {
            return comments == 0 && frames.size() == 1 && frames.peek().depth == 0;
        }

        /** Whether a declaration may begin here: first in its line but for comments, and not inside an expression. */
        boolean atDeclaration() {
            return fresh && atTopLevel() && "=:,.<?".indexOf(last) < 0 && !Character.isWhitespace(source.charAt(at));
        }

        void skipTo(int position) {
            at = position;
            last = 'x';
            fresh = false;
        }

        /** Takes one token. */
        void step() {
            char character = source.charAt(at);
            if (character == '\n') {
                fresh = true;
            }
            if (comments > 0) {
                at += comment();
            } else if (frames.peek().in != In.CODE) {
                at += text();
            } else if (source.startsWith("//", at)) {
                at = Math.max(at, endOfLine());
            } else if (source.startsWith("/*", at)) {
                comments++;
                at += 2;
            } else {
                if (!Character.isWhitespace(character)) {
                    last = character;
                    fresh = false;
                }
                at += code(character);
            }
        }

        private int endOfLine() {
            int end = source.indexOf('\n', at);
            return end < 0 ? source.length() : end;
        }

        private int comment() {
            if (source.startsWith("*/", at)) {
                comments--;
                return 2;
            }
            if (source.startsWith("/*", at)) { // Kotlin nests them
                comments++;
                return 2;
            }
            return 1;
        }

        private int code(char character) {
            if (source.startsWith("\"\"\"", at)) {
                frames.push(new Frame(In.RAW_TEXT));
                return 3;
            }
            switch (character) {
                case '"' -> frames.push(new Frame(In.TEXT));
                case '`' -> {
                    return upTo('`', at + 1);
                }
                case '\'' -> {
                    return upTo('\'', at + (source.startsWith("\\", at + 1) ? 3 : 2));
                }
                case '{', '(', '[' -> frames.peek().depth++;
                case '}', ')', ']' -> close();
                default -> { }
            }
            return 1;
        }

        private int upTo(char end, int from) {
            int found = source.indexOf(end, from);
            if (found < 0 || found > endOfLine()) {
                throw new Refused("the generated Kotlin leaves a quote open: " + source.substring(at, endOfLine()));
            }
            return found + 1 - at;
        }

        private void close() {
            if (--frames.peek().depth < 0) {
                frames.pop(); // the end of a template: back into its text
                if (frames.isEmpty()) {
                    throw new Refused("the generated Kotlin closes a bracket that it never opened: not understood");
                }
            }
        }

        private int text() {
            boolean raw = frames.peek().in == In.RAW_TEXT;
            if (source.startsWith("${", at)) {
                frames.push(new Frame(In.CODE));
                return 2;
            }
            if (raw && source.startsWith("\"\"\"", at)) {
                int quotes = 3;
                while (source.startsWith("\"", at + quotes)) {
                    quotes++; // quotes before the last three belong to the text
                }
                frames.pop();
                return quotes;
            }
            if (!raw && source.charAt(at) == '\\') {
                return 2;
            }
            if (!raw && source.charAt(at) == '"') {
                frames.pop();
            }
            return 1;
        }

        private static final class Frame {
            final In in;
            int depth;

            Frame(In in) {
                this.in = in;
            }
        }
    }
}

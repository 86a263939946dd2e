package dev.bezant.build;

/** The build stops here; the message says why, in words for whoever started it. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
        super(message, null, false, false); // no stack trace: the message is what helps
    }
}

package dev.bezant.consumer;

/** The same without a test runner, for a run that has to fail: without the AAR's rules after R8. */
public final class Smoke {
    private Smoke() {}

    public static void main(String[] arguments) {
        BothFacesTest test = new BothFacesTest();
        if (arguments[0].equals("fast")) {
            test.theFastFaceAnswers();
        } else {
            test.theWideFaceAnswers();
        }
        System.out.println("works");
    }
}

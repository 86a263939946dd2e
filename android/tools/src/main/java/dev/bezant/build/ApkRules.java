package dev.bezant.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the sample's APK says of itself, as aapt and aapt2 dump it, and what it may hold. */
final class ApkRules {
    static final String PACKAGE = "dev.bezant.sample";

    private static final Set<String> PERMISSIONS =
            Set.of("android.permission.NFC", "android.permission.USE_BIOMETRIC");
    private static final Pattern PERMISSION = Pattern.compile("^uses-permission: name='([^']+)'", Pattern.MULTILINE);
    private static final String VALUE = "\\(0x[0-9a-f]+\\)=\"?([^\"\\s]+)";

    private ApkRules() {}

    static void check(String badging, String manifest, Set<String> names, boolean debug) {
        List<String> broken = new ArrayList<>();
        require(broken, badging.contains("package: name='" + PACKAGE + "'"), "the package is " + PACKAGE);
        require(broken, badging.contains("sdkVersion:'24'"), "minSdk is 24");
        require(broken, badging.contains("provides-component:'payment'"), "it provides a payment service");
        List<String> permissions = PERMISSION.matcher(badging).results().map(match -> match.group(1)).sorted().toList();
        require(broken, permissions.equals(PERMISSIONS.stream().sorted().toList()),
                "it asks for " + PERMISSIONS.stream().sorted().toList() + " and nothing else, INTERNET least of all; found " + permissions);
        require(broken, !badging.contains("uses-feature: name='android.hardware.nfc"), "NFC is not required of a phone");
        require(broken, badging.contains("application-debuggable") == debug, "it is debuggable for debugging only");

        String service = element(manifest, "service");
        require(broken, is(service, "exported", "true") || is(service, "exported", "0xffffffff"), "the service is exported");
        require(broken, is(service, "permission", "android.permission.BIND_NFC_SERVICE"), "only Android's NFC may bind the service");
        require(broken, !service.contains(":process("), "the service runs in the main process");
        require(broken, service.contains("android.nfc.cardemulation.action.HOST_APDU_SERVICE"), "the service has its action");

        boolean card = names.stream().anyMatch(name -> name.startsWith("assets/syn-1"));
        require(broken, card == debug, "the card SYN-1 comes with the debug variant and no other");
        require(broken, names.stream().noneMatch(name -> name.contains("testkit")), "no test kit is in it");
        require(broken, names.contains("classes.dex"), "it has code");
        if (!broken.isEmpty()) {
            throw new Refused("the sample's APK breaks rules: " + String.join("; ", broken));
        }
    }

    /** The lines of the first element of a name, down to the next element that is not inside it. */
    private static String element(String tree, String name) {
        Pattern element = Pattern.compile("^( *)E: " + name + " .*\\n(?:\\1 +.*\\n?)*", Pattern.MULTILINE);
        return element.matcher(tree).results().findFirst().map(MatchResult::group).orElse("");
    }

    private static boolean is(String element, String attribute, String value) {
        return Pattern.compile(attribute + VALUE).matcher(element).results().anyMatch(match -> match.group(1).equals(value));
    }

    private static void require(List<String> broken, boolean holds, String rule) {
        if (!holds) {
            broken.add(rule);
        }
    }
}

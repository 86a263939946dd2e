package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ApkRulesTest {
    private static final String BADGING = """
            package: name='dev.bezant.sample' versionCode='1' versionName='0.1.0'
            sdkVersion:'24'
            targetSdkVersion:'35'
            uses-permission: name='android.permission.NFC'
            uses-permission: name='android.permission.USE_BIOMETRIC'
            feature-group: label=''
              uses-feature-not-required: name='android.hardware.nfc'
            provides-component:'payment'
            """;
    private static final String MANIFEST = """
              E: manifest (line=1)
                  E: application (line=4)
                      E: activity (line=6)
                        A: http://schemas.android.com/apk/res/android:exported(0x01010010)=true
                      E: service (line=15)
                        A: http://schemas.android.com/apk/res/android:name(0x01010003)=".PaymentService" (Raw: ".PaymentService")
                        A: http://schemas.android.com/apk/res/android:permission(0x01010006)="android.permission.BIND_NFC_SERVICE"
                        A: http://schemas.android.com/apk/res/android:exported(0x01010010)=true
                          E: intent-filter (line=16)
                              E: action (line=17)
                                A: name(0x01010003)="android.nfc.cardemulation.action.HOST_APDU_SERVICE"
            """;
    private static final Set<String> RELEASE = Set.of("AndroidManifest.xml", "classes.dex");
    private static final Set<String> DEBUG = Set.of("AndroidManifest.xml", "classes.dex", "assets/syn-1.profile-v1.json");

    @Test
    void theSampleKeepsTheRules() {
        assertDoesNotThrow(() -> ApkRules.check(BADGING, MANIFEST, RELEASE, false));
        assertDoesNotThrow(() -> ApkRules.check(BADGING + "application-debuggable\n", MANIFEST, DEBUG, true));
    }

    @Test
    void whatGoesOnlineOrAsksForMoreIsRefused() {
        refused("nothing else", BADGING + "uses-permission: name='android.permission.INTERNET'\n", MANIFEST, RELEASE);
        refused("nothing else", BADGING.replace("uses-permission: name='android.permission.NFC'\n", ""), MANIFEST, RELEASE);
        refused("NFC is not required", BADGING + "  uses-feature: name='android.hardware.nfc'\n", MANIFEST, RELEASE);
        refused("minSdk", BADGING.replace("'24'", "'26'"), MANIFEST, RELEASE);
    }

    @Test
    void whatAndroidCouldNotPayWithIsRefused() {
        refused("payment service", BADGING.replace("provides-component:'payment'", ""), MANIFEST, RELEASE);
        String hidden = MANIFEST.substring(0, MANIFEST.lastIndexOf("=true")) + "=false" + MANIFEST.substring(MANIFEST.lastIndexOf("=true") + 5);
        refused("exported", BADGING, hidden, RELEASE);
        refused("only Android's NFC", BADGING, MANIFEST.replace("BIND_NFC_SERVICE", "NFC"), RELEASE);
        refused("main process", BADGING, MANIFEST.replace("name(0x01010003)=\".Pay", "process(0x01010011)=\":pay\" name(0x01010003)=\".Pay"), RELEASE);
        refused("exported", BADGING, MANIFEST.replace("E: service", "E: receiver"), RELEASE);
    }

    @Test
    void aReleaseHasNoCardAndNoTestKit() {
        refused("SYN-1", BADGING, MANIFEST, DEBUG);
        refused("debugging only", BADGING + "application-debuggable\n", MANIFEST, RELEASE);
        refused("test kit", BADGING, MANIFEST, Set.of("classes.dex", "dev/bezant/wallet/testkit/native/x.so"));
        refused("code", BADGING, MANIFEST, Set.of("AndroidManifest.xml"));
    }

    private static void refused(String rule, String badging, String manifest, Set<String> names) {
        Refused refused = assertThrows(Refused.class, () -> ApkRules.check(badging, manifest, names, false));
        assertTrue(refused.getMessage().contains(rule), refused.getMessage());
    }
}

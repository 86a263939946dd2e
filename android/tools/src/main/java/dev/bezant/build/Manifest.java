package dev.bezant.build;

import java.io.IOException;
import java.io.StringReader;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** What the library's manifest may say: an app merges it, and nobody likes surprises there. */
final class Manifest {
    private static final String ANDROID = "http://schemas.android.com/apk/res/android";
    private static final Set<String> PERMISSIONS =
            Set.of("android.permission.NFC", "android.permission.USE_BIOMETRIC");

    private Manifest() {}

    static void check(String manifest) {
        Document document = parse(manifest);
        require(document.getDocumentElement().getAttribute("package").equals("dev.bezant.wallet"), "package is dev.bezant.wallet");
        require(document.getElementsByTagName("application").getLength() == 0,
                "no <application>: services, banners and backup rules are the app's");
        NodeList sdks = document.getElementsByTagName("uses-sdk");
        require(sdks.getLength() == 1 && attribute(sdks, 0, "minSdkVersion").equals("24"), "minSdkVersion is 24");
        SortedSet<String> permissions = names(document, "uses-permission");
        permissions.removeAll(PERMISSIONS);
        require(permissions.isEmpty(), "no permission but " + new TreeSet<>(PERMISSIONS) + ", found " + permissions);
        NodeList features = document.getElementsByTagName("uses-feature");
        for (int index = 0; index < features.getLength(); index++) {
            require(attribute(features, index, "required").equals("false"), "features are not required");
        }
        require(names(document, "uses-feature").containsAll(Set.of("android.hardware.nfc", "android.hardware.nfc.hce")),
                "features nfc and nfc.hce are named as not required");
    }

    private static SortedSet<String> names(Document document, String tag) {
        SortedSet<String> names = new TreeSet<>();
        NodeList elements = document.getElementsByTagName(tag);
        for (int index = 0; index < elements.getLength(); index++) {
            names.add(attribute(elements, index, "name"));
        }
        return names;
    }

    private static String attribute(NodeList elements, int index, String name) {
        return ((Element) elements.item(index)).getAttributeNS(ANDROID, name);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new Refused("AndroidManifest.xml of the library: " + rule);
        }
    }

    static Document parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        } catch (SAXException | IOException | ParserConfigurationException broken) {
            throw new Refused("not XML: " + broken.getMessage());
        }
    }
}

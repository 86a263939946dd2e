package dev.bezant.wallet.internal.doctor

import android.content.res.Resources
import android.content.res.XmlResourceParser
import android.nfc.cardemulation.CardEmulation
import org.xmlpull.v1.XmlPullParser
import org.xmlpull.v1.XmlPullParserException
import java.io.IOException
import java.util.Locale

/** What the resource of a host card emulation service tells Android, as far as it matters to payments. */
internal class ServiceResource(
    /** The phone must be unlocked. */
    val requiresUnlock: Boolean,
    /** The screen must be on: said in so many words, for Android wants it anyway where nothing is said. */
    val requiresScreenOn: Boolean,
    /** The identifiers in groups of the category `payment`, as written, in upper case. */
    val paymentAids: List<String>,
    /** The identifiers in groups of any other category. */
    val otherAids: List<String>,
    /** It could not be read to its end. */
    val isBroken: Boolean,
) {
    companion object {
        private const val ANDROID = "http://schemas.android.com/apk/res/android"

        fun read(
            parser: XmlPullParser,
            resources: Resources,
        ): ServiceResource = Reading(parser, resources).toEnd()

        /** A text that does not stand in the file itself is a reference into the resources. */
        private fun XmlPullParser.text(
            name: String,
            resources: Resources,
        ): String? {
            val reference = (this as? XmlResourceParser)?.getAttributeResourceValue(ANDROID, name, 0) ?: 0
            return if (reference == 0) getAttributeValue(ANDROID, name) else resources.getText(reference).toString()
        }

        private fun XmlPullParser.isTrue(
            name: String,
            resources: Resources,
        ): Boolean {
            val reference = (this as? XmlResourceParser)?.getAttributeResourceValue(ANDROID, name, 0) ?: 0
            return if (reference == 0) getAttributeValue(ANDROID, name).toBoolean() else resources.getBoolean(reference)
        }
    }

    private class Reading(
        private val parser: XmlPullParser,
        private val resources: Resources,
    ) {
        private var requiresUnlock = false
        private var requiresScreenOn = false
        private var isPayment = false
        private val paymentAids = mutableListOf<String>()
        private val otherAids = mutableListOf<String>()

        fun toEnd(): ServiceResource {
            val isBroken =
                try {
                    while (parser.next() != XmlPullParser.END_DOCUMENT) {
                        if (parser.eventType == XmlPullParser.START_TAG) element()
                    }
                    false
                } catch (_: XmlPullParserException) {
                    true
                } catch (_: IOException) {
                    true
                } catch (_: Resources.NotFoundException) {
                    true
                }
            return ServiceResource(requiresUnlock, requiresScreenOn, paymentAids, otherAids, isBroken)
        }

        private fun element() {
            when (parser.name) {
                "host-apdu-service" -> {
                    requiresUnlock = parser.isTrue("requireDeviceUnlock", resources)
                    requiresScreenOn = parser.isTrue("requireDeviceScreenOn", resources)
                }
                "aid-group" -> isPayment = parser.text("category", resources) == CardEmulation.CATEGORY_PAYMENT
                "aid-filter" -> keep("")
                "aid-prefix-filter" -> keep(PREFIX)
                "aid-suffix-filter" -> keep(SUBSET)
            }
        }

        private fun keep(mark: String) {
            val aid = parser.text("name", resources) ?: return
            (if (isPayment) paymentAids else otherAids) += aid.uppercase(Locale.ROOT) + mark
        }
    }
}

/** Android's mark of an identifier that also stands for all that begin with it. */
private const val PREFIX = "*"

/** Android's mark of an identifier that also stands for all that it begins with. */
private const val SUBSET = "#"

package dev.bezant.wallet.internal.device

import android.os.Build

/** The values of `Build` that the emulators of Google (phones and Cuttlefish), Genymotion and VirtualBox have and phones have not. */
internal fun emulatorSigns(): List<String> {
    val isGeneric = Build.BRAND.startsWith("generic") && Build.DEVICE.startsWith("generic")
    return listOfNotNull(
        sign("FINGERPRINT", Build.FINGERPRINT) { value -> MARKS.any { it in value } },
        sign("HARDWARE", Build.HARDWARE) { it in HARDWARE || it.startsWith("cutf") },
        sign("PRODUCT", Build.PRODUCT) { value -> value == "sdk" || MARKS.any { it in value } },
        sign("MODEL", Build.MODEL) { it.startsWith("Android SDK built for") || "Emulator" in it },
        sign("MANUFACTURER", Build.MANUFACTURER) { it == "Genymotion" },
        sign("DEVICE", Build.DEVICE) { isGeneric },
    )
}

private fun sign(
    name: String,
    value: String,
    isEmulator: (String) -> Boolean,
): String? = if (isEmulator(value)) "Build.$name=$value" else null

private val MARKS = listOf("sdk_gphone", "google_sdk", "sdk_x86", "vbox86p", "emulator")
private val HARDWARE = setOf("goldfish", "ranchu", "vbox86")

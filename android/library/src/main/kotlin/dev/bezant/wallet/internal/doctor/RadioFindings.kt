package dev.bezant.wallet.internal.doctor

import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.os.Build
import android.provider.Settings
import dev.bezant.wallet.Finding
import dev.bezant.wallet.Finding.Code
import dev.bezant.wallet.Finding.Severity
import dev.bezant.wallet.internal.SinceApi

/** What is wrong with the phone's NFC itself. */
internal fun radioFindings(context: Context): List<Finding> {
    val features = context.packageManager
    val adapter = NfcAdapter.getDefaultAdapter(context)
    if (adapter == null || !features.hasSystemFeature(PackageManager.FEATURE_NFC)) {
        return listOf(Finding(Code.NFC_MISSING, Severity.BLOCKS, "This phone has no NFC: it cannot pay at terminals.", null))
    }
    if (!features.hasSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)) {
        return listOf(Finding(Code.HCE_MISSING, Severity.BLOCKS, "This phone has NFC but lets no app emulate a card.", null))
    }
    return listOfNotNull(off(adapter), secureNfc(adapter), observeMode(adapter))
}

private fun off(adapter: NfcAdapter): Finding? {
    if (asked { adapter.isEnabled } != false) return null
    val sentence = "NFC is switched off: switch it on in the settings."
    return Finding(Code.NFC_OFF, Severity.BLOCKS, sentence, Intent(Settings.ACTION_NFC_SETTINGS))
}

private fun secureNfc(adapter: NfcAdapter): Finding? {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || asked { SecureNfc.isOn(adapter) } != true) return null
    return Finding(
        Code.SECURE_NFC_ON,
        Severity.LIMITS,
        "Secure NFC (\"Require device unlock for NFC\") is on: while the phone is locked Android refuses terminals itself (6A82).",
        Intent(Settings.ACTION_NFC_SETTINGS),
    )
}

private fun observeMode(adapter: NfcAdapter): Finding? {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.VANILLA_ICE_CREAM || asked { ObserveMode.isOn(adapter) } != true) return null
    return Finding(
        Code.OBSERVE_MODE_ON,
        Severity.BLOCKS,
        "Observe mode is on: no command of a terminal reaches any app until the preferred app calls setObserveModeEnabled(false).",
        null,
    )
}

@SinceApi(Build.VERSION_CODES.Q)
private object SecureNfc {
    fun isOn(adapter: NfcAdapter): Boolean = adapter.isSecureNfcEnabled
}

@SinceApi(Build.VERSION_CODES.VANILLA_ICE_CREAM)
private object ObserveMode {
    fun isOn(adapter: NfcAdapter): Boolean = adapter.isObserveModeEnabled
}

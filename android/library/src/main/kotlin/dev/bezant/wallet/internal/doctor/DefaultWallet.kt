package dev.bezant.wallet.internal.doctor

import android.app.role.RoleManager
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.nfc.cardemulation.CardEmulation
import android.os.Build
import android.provider.Settings
import dev.bezant.wallet.internal.SinceApi

/** The phone's card emulation; `null` where it has none. */
internal fun cardEmulationOf(context: Context): CardEmulation? {
    if (!context.packageManager.hasSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION)) return null
    val adapter = NfcAdapter.getDefaultAdapter(context) ?: return null
    return asked { CardEmulation.getInstance(adapter) }
}

/** The answer of Android's NFC; `null` where it refuses one, or its service has just gone. */
internal inline fun <T> asked(question: () -> T): T? =
    try {
        question()
    } catch (_: RuntimeException) {
        null
    }

/** Who answers payment terminals: the holder of the wallet role from Android 15 on, the default payment service before. */
internal class DefaultWallet(
    private val context: Context,
    private val services: PaymentServices,
) {
    fun isThisApp(): Boolean {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) {
            WalletRole.isHeld(context)?.let { return it }
        }
        val emulation = cardEmulationOf(context) ?: return false
        return services.all().any { service ->
            asked { emulation.isDefaultServiceForCategory(service.component, CardEmulation.CATEGORY_PAYMENT) } == true
        }
    }

    /** What asks the user for it. */
    @Suppress("DEPRECATION") // in favour of the role, which older phones do not know
    fun requestIntent(): Intent {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) {
            WalletRole.requestIntent(context)?.let { return it }
        }
        val service = services.main() ?: return Intent(Settings.ACTION_NFC_PAYMENT_SETTINGS)
        return Intent(CardEmulation.ACTION_CHANGE_DEFAULT)
            .putExtra(CardEmulation.EXTRA_CATEGORY, CardEmulation.CATEGORY_PAYMENT)
            .putExtra(CardEmulation.EXTRA_SERVICE_COMPONENT, service)
    }
}

/** The role of the wallet app; `null` where the phone does not know it. */
@SinceApi(Build.VERSION_CODES.VANILLA_ICE_CREAM)
private object WalletRole {
    fun isHeld(context: Context): Boolean? = roles(context)?.isRoleHeld(RoleManager.ROLE_WALLET)

    fun requestIntent(context: Context): Intent? = roles(context)?.createRequestRoleIntent(RoleManager.ROLE_WALLET)

    private fun roles(context: Context): RoleManager? =
        context.getSystemService(RoleManager::class.java)?.takeIf { it.isRoleAvailable(RoleManager.ROLE_WALLET) }
}

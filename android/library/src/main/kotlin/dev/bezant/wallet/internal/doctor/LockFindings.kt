package dev.bezant.wallet.internal.doctor

import android.app.KeyguardManager
import android.app.admin.DevicePolicyManager
import android.content.Context
import android.content.Intent
import dev.bezant.wallet.Finding
import dev.bezant.wallet.Finding.Code
import dev.bezant.wallet.Finding.Severity

/** What the screen and its lock do to payments. */
internal fun lockFindings(
    context: Context,
    declared: List<PaymentService>,
): List<Finding> = listOfNotNull(noScreenLock(context)) + declared.mapNotNull(::unlockRequired)

private fun noScreenLock(context: Context): Finding? {
    if (context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure != false) return null
    return Finding(
        Code.NO_SCREEN_LOCK,
        Severity.LIMITS,
        "No screen lock is set: the cardholder cannot be verified, so payments that need it are refused.",
        Intent(DevicePolicyManager.ACTION_SET_NEW_PASSWORD),
    )
}

private fun unlockRequired(service: PaymentService): Finding? {
    val resource = service.resource ?: return null
    val (attribute, state) =
        when {
            resource.requiresUnlock -> "requireDeviceUnlock" to "unlocked"
            resource.requiresScreenOn -> "requireDeviceScreenOn" to "on"
            else -> return null
        }
    return Finding(
        Code.UNLOCK_REQUIRED,
        if (resource.requiresUnlock) Severity.LIMITS else Severity.INFORMS,
        "The service ${service.info.name} has $attribute: unless the phone is $state, Android refuses terminals itself (6A82).",
        null,
    )
}

/** How the wallet came to be. */
internal fun setupFindings(isSetUpInOnCreate: Boolean): List<Finding> {
    if (isSetUpInOnCreate) return emptyList()
    val sentence = "Wallet.setup was not called in Application.onCreate: a process that a terminal starts has no wallet and cannot pay."
    return listOf(Finding(Code.SETUP_OUTSIDE_APPLICATION, Severity.LIMITS, sentence, null))
}

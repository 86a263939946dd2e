package dev.bezant.wallet.internal.doctor

import android.content.Context
import android.content.Intent
import android.nfc.cardemulation.CardEmulation
import android.provider.Settings
import dev.bezant.wallet.Finding
import dev.bezant.wallet.Finding.Code
import dev.bezant.wallet.Finding.Severity

/** Why Android would take a terminal's command to somebody else. */
internal fun routingFindings(
    context: Context,
    declared: List<PaymentService>,
    defaultWallet: DefaultWallet,
): List<Finding> {
    val emulation = cardEmulationOf(context) ?: return emptyList()
    val isPreferable = asked { emulation.categoryAllowsForegroundPreference(CardEmulation.CATEGORY_PAYMENT) } ?: true
    val isDefault = defaultWallet.isThisApp()
    return listOfNotNull(
        if (isDefault) conflict(emulation, declared) else notDefault(isPreferable, defaultWallet),
        if (isPreferable) null else preferenceNotAllowed(isDefault),
    )
}

private fun notDefault(
    isPreferable: Boolean,
    defaultWallet: DefaultWallet,
): Finding {
    val (severity, remedy) =
        if (isPreferable) {
            Severity.LIMITS to "it pays only while an activity that called preferWhileResumed is in the foreground"
        } else {
            Severity.BLOCKS to "and the user's setting lets no other app pay"
        }
    return Finding(
        Code.NOT_DEFAULT,
        severity,
        "This app is not the phone's default for payments: $remedy.",
        defaultWallet.requestIntent(),
    )
}

/**
 * Asked only of the default: to every other app Android denies all payment identifiers, which is no conflict. An identifier that
 * stands for more than itself cannot be asked about.
 */
private fun conflict(
    emulation: CardEmulation,
    declared: List<PaymentService>,
): Finding? {
    val lost =
        declared.flatMap { service ->
            aidsOf(emulation, service)
                .filter { it.last().isLetterOrDigit() }
                .filter { aid -> asked { emulation.isDefaultServiceForAid(service.component, aid) } == false }
        }
    if (lost.isEmpty()) return null
    return Finding(
        Code.AID_CONFLICT,
        Severity.LIMITS,
        "Android would ask the user, or another service, for ${lost.joinToString()}, although this app is the default for payments.",
        Intent(Settings.ACTION_NFC_PAYMENT_SETTINGS),
    )
}

/** What the app has registered while it ran takes the place of what the resource says. */
private fun aidsOf(
    emulation: CardEmulation,
    service: PaymentService,
): List<String> {
    val registered = asked { emulation.getAidsForService(service.component, CardEmulation.CATEGORY_PAYMENT) }.orEmpty()
    return registered.ifEmpty { service.resource?.paymentAids.orEmpty() }
}

private fun preferenceNotAllowed(isDefault: Boolean): Finding =
    Finding(
        Code.PREFERENCE_NOT_ALLOWED,
        if (isDefault) Severity.INFORMS else Severity.LIMITS,
        "The user's setting keeps the default app in charge even while another payment app is open: preferWhileResumed has no effect.",
        Intent(Settings.ACTION_NFC_PAYMENT_SETTINGS),
    )

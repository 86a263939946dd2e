package dev.bezant.wallet.samples

import android.app.Activity
import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.AuthenticationException
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.ReplenishReason
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletHost

/** Pays nothing above 500.00, and hears of every tap once. */
fun aHost(askServer: (InstrumentId) -> Unit): WalletHost =
    object : WalletHost {
        private val known = HashSet<String>()

        override fun finalDecision(input: AdviceInput): Advice {
            val amount = input.transaction.amountMinorUnits ?: return Advice.DECLINE
            return if (amount > 500_00) Advice.DECLINE else input.recommendedAdvice
        }

        override fun onContactlessPaymentCompleted(payment: ContactlessPayment) {
            // An app that has been killed meanwhile keeps the identifiers on disk.
            if (known.add(payment.id)) println("tap ${payment.number}: ${payment.outcome}")
        }

        override fun onReplenishNeeded(
            instrument: InstrumentId,
            reason: ReplenishReason,
        ) = askServer(instrument)
    }

/** Gives how many payments the card can make now. */
suspend fun bringACardIn(
    wallet: Wallet,
    profile: ByteArray,
    credentials: ByteArray,
): Int {
    val card = InstrumentId("card-1")
    wallet.instruments.installProfile(card, profile, null)
    val left = wallet.instruments.loadCredentials(card, credentials)
    wallet.instruments.activate(card)
    return left
}

/** Gives what the screen says next. */
suspend fun verifyTheCardholder(
    wallet: Wallet,
    activity: Activity,
): String =
    try {
        wallet.authentication.authenticate(activity, AuthenticationPrompt("Pay by phone", null, "Cancel"))
        "Hold the phone to the reader."
    } catch (exception: AuthenticationException) {
        when (exception.code) {
            ErrorCode.AUTHENTICATION_CANCELLED -> "Not verified."
            ErrorCode.AUTHENTICATION_UNAVAILABLE -> "Set a screen lock to pay with this phone."
            else -> "Not verified: try again."
        }
    }

/** In `onCreate` of the screen that shows the card. */
fun becomeTheDefaultWallet(
    wallet: Wallet,
    activity: Activity,
) {
    // This app pays while the screen is in the foreground, whoever is the default…
    wallet.tapAndPay.preferWhileResumed(activity)
    // …and always, if the user agrees. Android shows nothing unless the intent is started for a result.
    if (!wallet.tapAndPay.isDefault()) activity.startActivityForResult(wallet.tapAndPay.requestDefaultIntent(), 1)
}

/** Gives all taps that are remembered, newest first, a page at a time. */
suspend fun readTheHistory(
    wallet: Wallet,
    card: InstrumentId,
): List<ContactlessPayment> {
    val all = mutableListOf<ContactlessPayment>()
    var after: String? = null
    do {
        val page = wallet.history.payments(card, after, limit = 20)
        all += page.payments
        after = page.next
    } while (after != null)
    return all
}

/** Collects until it is cancelled. */
suspend fun followEvents(
    wallet: Wallet,
    show: (String) -> Unit,
) {
    wallet.events.collect { event ->
        when (event) {
            is WalletEvent.CredentialsLow -> show("${event.credentialsLeft} payments are left")
            is WalletEvent.EventsMissed -> show("${event.count} events came too fast")
            is WalletEvent.HostMisbehaved -> show("${event.call}: ${event.how}")
            // A newer version may tell of more.
            else -> show(event.toString())
        }
    }
}

package dev.bezant.sample

import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.Finding
import dev.bezant.wallet.PaymentInstrument
import dev.bezant.wallet.Reason
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.TapState
import dev.bezant.wallet.TransactionInfo
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletState
import java.math.BigDecimal
import java.util.Currency

/** What the screen says. An app for the field would take its sentences from its resources. */
internal object Sentences {
    fun of(state: WalletState): String =
        when (state) {
            is WalletState.Ready -> "The wallet is open."
            is WalletState.Opening -> "The wallet is being opened."
            is WalletState.Inert -> "There is no wallet in the process ${state.process}."
            is WalletState.SecurityEvent -> "A security event has ended the wallet's life: ${state.kind ?: "reported earlier"}."
            is WalletState.Failed -> "The wallet cannot be opened. ${of(state.exception)}"
            else -> "The wallet is in a state that this app has no words for: $state."
        }

    fun of(cards: List<PaymentInstrument>): String =
        if (cards.isEmpty()) "There is no card yet." else cards.joinToString("\n", transform = ::of)

    private fun of(card: PaymentInstrument): String {
        val fault = card.fault?.let { ", unusable: $it" }.orEmpty()
        val default = if (card.isDefault) ", pays by default" else ""
        return "Card ${card.id}: ${card.status}$default, ${card.credentialsLeft} payments left$fault."
    }

    fun of(state: TapState): String =
        when (state) {
            is TapState.Idle -> "Hold the phone to a reader, or verify yourself first."
            is TapState.ReadyToTap -> "Verified: hold the phone to the reader."
            is TapState.Paying -> "Paying…"
            is TapState.Interrupted -> "The link was lost: hold the phone to the reader again."
            is TapState.AuthenticationRequired -> "${amountOf(state.request.transaction)}: verify yourself, then tap again."
            is TapState.Ended -> of(state.payment)
            else -> "The tap is in a state that this app has no words for: $state."
        }

    fun of(payment: ContactlessPayment): String {
        val amount = payment.transaction?.let { amountOf(it) + ": " }.orEmpty()
        val end =
            when (payment.outcome) {
                TapOutcome.AUTHORIZE_ONLINE -> "sent to the bank."
                TapOutcome.AUTHENTICATE_OFFLINE -> "the card has proved itself; nothing was paid."
                TapOutcome.DECLINED_BY_TERMINAL -> "the terminal has declined."
                TapOutcome.DECLINED_BY_WALLET -> "declined${because(payment.reasons)}."
                TapOutcome.WALLET_ACTION_REQUIRED -> "not paid yet${because(payment.reasons)}."
                TapOutcome.INTERRUPTED -> "the phone left the reader too early: tap again."
                TapOutcome.ERROR -> "something failed: tap again."
                TapOutcome.UNKNOWN -> "ended in a way that this app has no words for."
            }
        return amount + end
    }

    fun of(exception: WalletException): String {
        val remedy =
            when {
                exception.needsUpdate -> " Update the app."
                exception.needsUser -> " The cardholder has to do something."
                exception.isRetryable -> " Try again."
                else -> ""
            }
        return "${exception.message}.$remedy"
    }

    fun of(finding: Finding): String = "${finding.severity}: ${finding.sentence} (${finding.code})"

    private fun because(reasons: Set<Reason>): String =
        if (reasons.isEmpty()) "" else reasons.joinToString(prefix = ", because: ") { it.name.lowercase().replace('_', ' ') }

    private fun amountOf(transaction: TransactionInfo): String {
        val minorUnits = transaction.amountMinorUnits ?: return "An unknown amount"
        val currency = Currency.getAvailableCurrencies().firstOrNull { it.numericCode == transaction.currency?.toIntOrNull() }
        val amount = BigDecimal.valueOf(minorUnits, currency?.defaultFractionDigits?.coerceAtLeast(0) ?: 2)
        return "${amount.toPlainString()} ${currency?.currencyCode ?: transaction.currency ?: "?"}"
    }
}

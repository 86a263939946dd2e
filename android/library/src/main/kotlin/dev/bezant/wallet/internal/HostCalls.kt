package dev.bezant.wallet.internal

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.TapState
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletHost
import kotlinx.coroutines.flow.MutableStateFlow

/** What happens, told to screens, to collectors and to the app, in this order. What the app throws goes back to the native side. */
internal class HostCalls(
    private val host: WalletHost,
    private val elapsedMillis: () -> Long,
    private val publish: (WalletEvent) -> Unit,
    private val deliver: (ContactlessPayment) -> Unit,
) : NativePort.Listener {
    val tap = MutableStateFlow<TapState>(TapState.Idle())

    override fun finalDecision(input: AdviceInput): Advice = host.finalDecision(input)

    override fun onEvent(event: WalletEvent) {
        stateAfter(event)?.let { tap.value = it }
        publish(event)
        when (event) {
            is WalletEvent.AuthenticationRequired -> host.onAuthRequiredForContactless(event.request)
            is WalletEvent.ContactlessPaymentCompleted -> deliver(event.payment)
            is WalletEvent.ContactlessPaymentStarted -> host.onContactlessPaymentStarted(event.instrument)
            is WalletEvent.PaymentInstrumentStatusChanged ->
                host.onPaymentInstrumentStatusChanged(event.instrument, event.old, event.new)
            is WalletEvent.ReplenishNeeded -> host.onReplenishNeeded(event.instrument, event.reason)
            is WalletEvent.SecurityIssue -> host.onSecurityIssueAppeared(event.kind)
            else -> Unit
        }
    }

    private fun stateAfter(event: WalletEvent): TapState? =
        when (event) {
            is WalletEvent.AuthenticationRequired -> TapState.AuthenticationRequired(event.request)
            is WalletEvent.ContactlessPaymentCompleted -> ended(event)
            is WalletEvent.ContactlessPaymentInterrupted -> TapState.Interrupted(event.instrument, event.retriesLeft)
            is WalletEvent.ContactlessPaymentStarted -> TapState.Paying(event.instrument)
            is WalletEvent.ReadyToTap -> TapState.ReadyToTap(elapsedMillis() + event.secondsLeft * 1_000L)
            is WalletEvent.SecurityIssue -> TapState.Idle()
            else -> null
        }

    /** A tap that has asked for a verification goes on waiting for it; both events tell of the same end. */
    private fun ended(event: WalletEvent.ContactlessPaymentCompleted): TapState? {
        val waits = tap.value is TapState.AuthenticationRequired
        return if (waits &&
            event.payment.outcome == dev.bezant.wallet.TapOutcome.WALLET_ACTION_REQUIRED
        ) {
            null
        } else {
            TapState.Ended(event.payment)
        }
    }
}

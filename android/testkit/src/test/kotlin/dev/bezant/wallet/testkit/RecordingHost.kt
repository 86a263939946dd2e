package dev.bezant.wallet.testkit

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.ReplenishReason
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.WalletHost
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertNotNull

/** An app that writes down what it is told, and does what a test wants it to. */
class RecordingHost : WalletHost {
    val calls = CopyOnWriteArrayList<String>()
    val requests = LinkedBlockingQueue<AuthenticationRequest>()
    private val payments = LinkedBlockingQueue<ContactlessPayment>()

    @Volatile
    var onStarted: () -> Unit = {}

    @Volatile
    var decides: (AdviceInput) -> Advice = { it.recommendedAdvice }

    @Volatile
    var onCompleted: (ContactlessPayment) -> Unit = {}

    /** The next tap that it is told of; it must be one of these. */
    fun completed(vararg outcomes: TapOutcome): ContactlessPayment {
        val payment = assertNotNull(payments.poll(5, SECONDS), "no tap was told: $calls")
        if (outcomes.isNotEmpty()) assertEquals(outcomes.toSet(), outcomes.toSet() + payment.outcome, "${payment.sentence}")
        return payment
    }

    fun hasUntoldOf(millis: Long): ContactlessPayment? = payments.poll(millis, java.util.concurrent.TimeUnit.MILLISECONDS)

    override fun onContactlessPaymentStarted(instrument: InstrumentId) {
        calls += "started $instrument"
        onStarted()
    }

    override fun finalDecision(input: AdviceInput): Advice {
        calls += "decision ${input.recommendedAdvice}"
        return decides(input)
    }

    override fun onAuthRequiredForContactless(request: AuthenticationRequest) {
        calls += "authentication required"
        requests += request
    }

    override fun onContactlessPaymentCompleted(payment: ContactlessPayment) {
        calls += "completed ${payment.outcome}"
        try {
            onCompleted(payment)
        } finally {
            payments += payment
        }
    }

    override fun onReplenishNeeded(
        instrument: InstrumentId,
        reason: ReplenishReason,
    ) {
        calls += "replenish $reason"
    }

    override fun onPaymentInstrumentStatusChanged(
        instrument: InstrumentId,
        old: InstrumentStatus,
        new: InstrumentStatus,
    ) {
        calls += "$old to $new"
    }

    override fun onSecurityIssueAppeared(kind: String) {
        calls += "security $kind"
    }
}

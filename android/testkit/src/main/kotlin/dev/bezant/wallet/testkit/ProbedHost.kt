package dev.bezant.wallet.testkit

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.ReplenishReason
import dev.bezant.wallet.WalletHost
import java.util.concurrent.TimeUnit

/** An app's host, each of its calls timed. */
internal class ProbedHost(
    private val host: WalletHost,
) : WalletHost {
    private val made = mutableListOf<Call>()

    /** A call of the host. */
    class Call(
        val name: String,
    ) {
        private val began = System.nanoTime()

        @Volatile
        private var ended = 0L

        @Volatile
        var thrown: Throwable? = null

        @Volatile
        var isLooser = false

        val isOpen: Boolean get() = ended == 0L
        val millis: Long get() = TimeUnit.NANOSECONDS.toMillis((if (isOpen) System.nanoTime() else ended) - began)

        fun end() {
            ended = System.nanoTime()
        }
    }

    /** All calls so far, in order. */
    val calls: List<Call> get() = synchronized(made) { made.toList() }

    /** Waits until a function has been called so often and come back; not longer than a patient user would. */
    fun await(
        times: Int,
        name: String,
    ) {
        val deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS)
        while (calls.count { it.name == name && !it.isOpen } < times && System.nanoTime() < deadline) Thread.sleep(2)
    }

    override fun onContactlessPaymentStarted(instrument: InstrumentId) =
        call(HostContract.STARTED) { host.onContactlessPaymentStarted(instrument) }

    override fun finalDecision(input: AdviceInput): Advice =
        call(HostContract.FINAL_DECISION) { call ->
            host.finalDecision(input).also { call.isLooser = it == Advice.PROCEED && input.recommendedAdvice != Advice.PROCEED }
        }

    override fun onAuthRequiredForContactless(request: AuthenticationRequest) =
        call("onAuthRequiredForContactless") { host.onAuthRequiredForContactless(request) }

    override fun onContactlessPaymentCompleted(payment: ContactlessPayment) =
        call(HostContract.COMPLETED) { host.onContactlessPaymentCompleted(payment) }

    override fun onReplenishNeeded(
        instrument: InstrumentId,
        reason: ReplenishReason,
    ) = call("onReplenishNeeded") { host.onReplenishNeeded(instrument, reason) }

    override fun onPaymentInstrumentStatusChanged(
        instrument: InstrumentId,
        old: InstrumentStatus,
        new: InstrumentStatus,
    ) = call(HostContract.STATUS_CHANGED) { host.onPaymentInstrumentStatusChanged(instrument, old, new) }

    override fun onSecurityIssueAppeared(kind: String) = call("onSecurityIssueAppeared") { host.onSecurityIssueAppeared(kind) }

    private fun <T> call(
        name: String,
        call: (Call) -> T,
    ): T {
        val probed = Call(name)
        synchronized(made) { made += probed }
        return try {
            call(probed)
        } catch (thrown: Throwable) {
            probed.thrown = thrown
            throw thrown
        } finally {
            probed.end()
        }
    }

    private companion object {
        const val LONGEST_MILLIS = 5_000L
    }
}

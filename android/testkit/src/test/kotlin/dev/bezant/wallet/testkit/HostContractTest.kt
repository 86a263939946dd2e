package dev.bezant.wallet.testkit

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class HostContractTest {
    @Test
    fun `a host that calls the wallet from inside keeps the contract`() {
        val report =
            HostContract.check(
                object : WalletHost {
                    override fun onContactlessPaymentStarted(instrument: InstrumentId) {
                        runBlocking { Wallet.get().instruments.selectForPayment(instrument) }
                    }

                    override fun onContactlessPaymentCompleted(payment: ContactlessPayment) {
                        runBlocking { Wallet.get().history.payments(null, null, 1) }
                    }
                },
                patient().build(),
            )
        assertTrue(report.isKept, "$report")
        val calls = report.calls.map { it.call }.toSet()
        assertEquals(
            setOf(
                "onContactlessPaymentStarted",
                "finalDecision",
                "onAuthRequiredForContactless",
                "onContactlessPaymentCompleted",
                "onReplenishNeeded",
                "onPaymentInstrumentStatusChanged",
            ),
            calls,
        )
    }

    @Test
    fun `a host that throws is told what becomes of it`() {
        val report =
            HostContract.check(
                object : WalletHost {
                    override fun finalDecision(input: AdviceInput): Advice = error("no idea")

                    override fun onContactlessPaymentCompleted(payment: ContactlessPayment): Unit = error("no room")
                },
                patient().build(),
            )
        val said = report.faults.map { it.sentence }.toSet()
        assertEquals(
            setOf(
                "threw java.lang.IllegalStateException: the payment is declined (budget 5000 ms)",
                "threw java.lang.IllegalStateException: the payment is told again, by this process or the next, until the call returns",
            ),
            said,
        )
    }

    @Test
    fun `a host that is too slow or too generous is told so`() {
        val report =
            HostContract.check(
                object : WalletHost {
                    override fun onContactlessPaymentStarted(instrument: InstrumentId) = Thread.sleep(120)

                    override fun finalDecision(input: AdviceInput): Advice {
                        if (input.recommendedAdvice == Advice.PROCEED) Thread.sleep(120)
                        return Advice.PROCEED
                    }
                },
                WalletConfig.builder().hostBudgetMillis(60).build(),
            )
        val said = report.faults.joinToString("\n")
        assertTrue("the terminal was kept waiting for at most 60 ms" in said, said)
        assertTrue("the payment is declined (budget 60 ms)" in said, said)
        assertTrue("answered PROCEED against the recommendation: the recommendation stands" in said, said)
    }
}

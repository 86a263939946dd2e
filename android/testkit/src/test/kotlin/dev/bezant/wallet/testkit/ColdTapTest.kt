package dev.bezant.wallet.testkit

import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletState
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** A tap wakes the process: nobody has waited for the wallet. */
class ColdTapTest {
    private val host = RecordingHost()
    private val shop = FakeTerminal.selling(2_500)

    @Test
    fun `s2_031_the first commands of a process are answered while the vault still unwraps, and GENERATE AC waits for it`() {
        phone(host).use { phone ->
            phone.endProcess()
            val before = phone.vault.unwrapCount
            // The budget is real time, and this machine may be busy with something else.
            val paid = (1..5).firstOrNull { coldTapPays(phone) }
            assertEquals(before + assertNotNull(paid, "GENERATE AC never waited for the vault"), phone.vault.unwrapCount)

            // What a payment leaves to be done is done when no terminal waits any more.
            var asked: Int
            do {
                asked = phone.vault.questionCount
                Thread.sleep(800)
            } while (asked != phone.vault.questionCount)
            phone.vault.fault = TestVault.Fault.UNAVAILABLE
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            assertEquals(asked, phone.vault.questionCount, "a warm tap touches no vault")
        }
    }

    private fun coldTapPays(phone: TestWallet): Boolean {
        phone.vault.delayMillis = 40
        phone.startProcess()
        val port = TimedPort(ApduPorts.ofWallet())
        val tap = shop.tap(port)
        val (generateAc, before) = port.millis.last() to port.millis.dropLast(1).sum()
        val pays = tap.outcome == TapResult.Outcome.ONLINE_REQUEST && before < generateAc
        if (pays) tap.assertAuthorised()
        phone.awaitReady()
        phone.vault.delayMillis = 0
        if (!pays) phone.endProcess()
        return pays
    }

    @Test
    fun `s2_031_a vault that is too slow means no payment, within the budget, and the next tap pays under the same credential`() {
        phone(host).use { phone ->
            phone.endProcess()
            phone.vault.delayMillis = 400
            phone.startProcess()
            val port = TimedPort(ApduPorts.ofWallet())
            val tap = shop.tap(port)
            assertTrue(tap.outcome in setOf(TapResult.Outcome.SEE_PHONE, TapResult.Outcome.DECLINED), "$tap")
            assertTrue(port.millis.max() < 600, "${port.millis}")
            phone.awaitReady()
            val paid = shop.tap(ApduPorts.ofWallet())
            paid.assertAuthorised()
            assertEquals(1, paid.atc)
        }
    }

    @Test
    fun `s2_031_commands before the wallet is there are answered when it comes`() {
        val go = CountDownLatch(1)
        val config = WalletConfig.builder().environmentPolicy { go.await().let { null } }.build()
        TestWallet.builder().config(config).prepare().use { phone ->
            go.countDown()
            phone.startProcess()
            phone.awaitReady()
            Syn1.provision(phone.wallet)
        }
        val again = CountDownLatch(1)
        val slow = WalletConfig.builder().environmentPolicy { again.await().let { null } }.build()
        phoneOf(slow).use { phone ->
            phone.startProcess()
            val tapping = Executors.newSingleThreadExecutor().submit<TapResult> { shop.tap(ApduPorts.ofWallet()) }
            Thread.sleep(100)
            assertIs<WalletState.Opening>(phone.wallet.state.value)
            again.countDown()
            // It has no card yet: that is an answer.
            assertEquals("6A82", tapping.get(5, SECONDS).statusWord)
        }
    }

    @Test
    fun `s2_031_a wallet that does not come in time says tap again within a second or so`() {
        val go = CountDownLatch(1)
        phoneOf(WalletConfig.builder().environmentPolicy { go.await().let { null } }.build()).use { phone ->
            phone.startProcess()
            val port = TimedPort(ApduPorts.ofWallet())
            assertEquals("6F00", shop.tap(port).statusWord)
            assertTrue(port.millis.max() in 900..2_000, "${port.millis}")
            go.countDown()
            phone.awaitReady()
            Syn1.provision(phone.wallet)
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    private fun phoneOf(config: WalletConfig): TestWallet = TestWallet.builder().config(config).prepare()

    private class TimedPort(
        private val port: ApduPort,
    ) : ApduPort by port {
        val millis = mutableListOf<Long>()

        override fun transmit(command: ByteArray): ByteArray? {
            val began = System.nanoTime()
            return port.transmit(command).also { millis += (System.nanoTime() - began) / 1_000_000 }
        }
    }
}

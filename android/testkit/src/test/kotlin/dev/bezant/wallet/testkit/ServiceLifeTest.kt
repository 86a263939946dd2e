package dev.bezant.wallet.testkit

import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.internal.ApduResponder
import dev.bezant.wallet.internal.WalletProcess
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

/** What Android does with a service: it stays for days, or is made anew for each tap; its field goes while an answer is due. */
class ServiceLifeTest {
    private val host = RecordingHost()
    private val shop = FakeTerminal.selling(2_500)
    private val selectPpse = bytesOf("00A404000E325041592E5359532E444446303100")

    @Test
    fun `a default wallet's service that stays bound for days serves every tap`() {
        phone(host).use { phone ->
            val port = ApduPorts.ofWallet()
            repeat(5) {
                phone.clock.advance(86_400_000)
                phone.verify()
                shop.tap(port).assertAuthorised()
                host.completed(TapOutcome.AUTHORIZE_ONLINE)
            }
        }
    }

    @Test
    fun `a service that is made anew for each tap knows what the one before knew`() {
        phone(host).use { phone ->
            val first = FakeTerminal.selling(25_000).tap(ApduPorts.ofWallet())
            assertEquals(TapResult.Outcome.SEE_PHONE, first.outcome)
            phone.verify()
            FakeTerminal.selling(25_000).tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    @Test
    fun `an answer that waits for the app comes late, and none comes to the next tap`() {
        phone(host, config = patient().build()).use { phone ->
            phone.verify()
            val go = CountDownLatch(1)
            host.decides = { input -> input.recommendedAdvice.also { go.await() } }
            val sent = LinkedBlockingQueue<ByteArray>()
            val responder = ApduResponder(WalletProcess.terminalSide(), sent::put)
            val tap = Thread { shop.hold(portOf(responder, sent)) }.apply { start() }
            eventually("the app is asked") { "decision PROCEED" in host.calls }
            responder.deactivated(0)
            go.countDown()
            tap.join()
            assertNull(sent.poll(100, MILLISECONDS), "Android would give it to the next terminal")
            // Whether the card answered before the field went or not, the next tap is answered as one.
            host.decides = { it.recommendedAdvice }
            val next = responder.command(selectPpse) ?: sent.poll(5, SECONDS)
            assertEquals("9000", hexOf(assertNotNull(next)).takeLast(4))
            responder.deactivated(1)
        }
    }

    @Test
    fun `a tap that ends in the middle is told as interrupted, and costs nothing`() {
        phone(host).use { phone ->
            phone.verify()
            val port = ApduPorts.ofWallet()
            port.transmit(selectPpse)
            port.deactivate(0)
            host.completed(TapOutcome.INTERRUPTED)
            assertEquals(1, shop.tap(port).atc)
        }
    }

    private fun portOf(
        responder: ApduResponder,
        sent: LinkedBlockingQueue<ByteArray>,
    ) = object : ApduPort {
        override fun transmit(command: ByteArray): ByteArray? = responder.command(command) ?: sent.poll(500, MILLISECONDS)

        override fun deactivate(reason: Int) = responder.deactivated(reason)
    }
}

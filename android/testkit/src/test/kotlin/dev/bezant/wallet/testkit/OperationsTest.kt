package dev.bezant.wallet.testkit

import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.WalletEvent
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What an app calls and watches, against the real wallet. */
class OperationsTest {
    private val shop = FakeTerminal.selling(2_500)

    @Test
    fun `two who activate at once get one activation, and one who leaves does not stop the other`() {
        val host = RecordingHost()
        phone(host).use { phone ->
            val cards = phone.wallet.instruments
            runBlocking {
                cards.suspendInstrument(Syn1.ID)
                val leaves = async(start = CoroutineStart.UNDISPATCHED) { cards.activate(Syn1.ID) }
                val stays = async(start = CoroutineStart.UNDISPATCHED) { cards.activate(Syn1.ID) }
                leaves.cancelAndJoin()
                withTimeout(5_000) { stays.await() }
            }
            eventually("the app is told") { host.calls.count { it == "SUSPENDED to ACTIVE" } == 1 }
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    @Test
    fun `work begun while the wallet opens is done when it is open`() {
        TestWallet.builder().prepare().use { phone ->
            phone.vault.delayMillis = 50
            phone.startProcess()
            Syn1.provision(phone.wallet)
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    @Test
    fun `the cards are seen as they change`() {
        phone(credentials = 3).use { phone ->
            runBlocking {
                withTimeout(5_000) {
                    phone.wallet.instruments.all
                        .first { cards -> cards.any { it.credentialsLeft == 3 } }
                }
                shop.tap(ApduPorts.ofWallet()).assertAuthorised()
                val card =
                    withTimeout(5_000) {
                        phone.wallet.instruments.all.first { cards ->
                            cards.any { it.credentialsLeft == 2 }
                        }
                    }.single()
                assertEquals(InstrumentStatus.ACTIVE, card.status)
                assertTrue(card.isDefault)
                assertEquals(1, card.consecutiveLowValuePayments)
                phone.wallet.instruments.delete(Syn1.ID)
                withTimeout(5_000) {
                    phone.wallet.instruments.all
                        .first { it.isEmpty() }
                }
            }
        }
    }

    @Test
    fun `events come in order to each who listens`() {
        phone(credentials = 2).use { phone ->
            val heard = List(2) { CopyOnWriteArrayList<WalletEvent>() }
            val listening =
                heard.map { list ->
                    CoroutineScope(
                        Dispatchers.Default,
                    ).launch(start = CoroutineStart.UNDISPATCHED) { phone.wallet.events.collect { list += it } }
                }
            shop.tap(ApduPorts.ofWallet())
            eventually("all of it") { heard.all { list -> list.any { it is WalletEvent.CredentialsLow } } }
            for (list in heard) {
                val names = list.map { it.toString() }
                assertEquals(listOf("ContactlessPaymentStarted", "ContactlessPaymentCompleted", "NextTapReady"), names.take(3), "$names")
            }
            listening.forEach { it.cancel() }
        }
    }

    @Test
    fun `the history goes back page by page`() {
        phone().use { phone ->
            repeat(5) { shop.tap(ApduPorts.ofWallet()).assertAuthorised() }
            val seen = mutableListOf<Long>()
            var next: String? = null
            do {
                val page = runBlocking { phone.wallet.history.payments(Syn1.ID, next, 2) }
                seen += page.payments.map { it.number }
                next = page.next
            } while (next != null)
            assertEquals(listOf(5L, 4, 3, 2, 1), seen)
        }
    }

    @Test
    fun `a recording is masked, and there only where it was wanted`() {
        phone(config = patient().recordedSteps(100).build()).use { phone ->
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            val recording = String(runBlocking { phone.wallet.diagnostics.exportRecording() }!!)
            assertTrue("GENERATE" in recording || "80AE" in recording, recording.take(200))
            assertTrue(Syn1.pan !in recording)
        }
        phone().use { phone -> assertEquals(null, runBlocking { phone.wallet.diagnostics.exportRecording() }) }
    }
}

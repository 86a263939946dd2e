package dev.bezant.wallet.testkit

import dev.bezant.wallet.Advice
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletEvent
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** An app that is slow, throws, or calls the wallet from inside. */
class UnrulyHostTest {
    private val host = RecordingHost()
    private val shop = FakeTerminal.selling(2_500)
    private val port by lazy { ApduPorts.ofWallet() }
    private val misbehaved = CopyOnWriteArrayList<String>()

    private fun tapping(
        config: WalletConfig = WalletConfig.builder().hostBudgetMillis(100).build(),
        story: (TestWallet) -> Unit,
    ) = phone(host, config = config).use { phone ->
        val listening =
            CoroutineScope(Dispatchers.Unconfined).launch(start = CoroutineStart.UNDISPATCHED) {
                phone.wallet.events.collect { if (it is WalletEvent.HostMisbehaved) misbehaved += "${it.call} ${it.how}" }
            }
        phone.verify()
        story(phone)
        listening.cancel()
    }

    @Test
    fun `a decision that throws declines this payment and no other`() =
        tapping {
            host.decides = { error("no idea") }
            assertEquals(TapResult.Outcome.DECLINED, shop.tap(port).outcome)
            host.completed(TapOutcome.DECLINED_BY_WALLET)
            eventually("the app is told") { misbehaved.toList() == listOf("FinalDecision Failed") }
            host.decides = { it.recommendedAdvice }
            shop.tap(port).assertAuthorised()
        }

    @Test
    fun `a decision that comes too late declines within the budget, and the next one is heard`() =
        tapping {
            val go = CountDownLatch(1)
            host.decides = { input -> input.recommendedAdvice.also { go.await() } }
            val began = System.nanoTime()
            assertEquals(TapResult.Outcome.DECLINED, shop.tap(port).outcome)
            assertTrue(System.nanoTime() - began < 2_000_000_000, "the terminal waited for the app")
            eventually("the app is told") { misbehaved.toList() == listOf("FinalDecision Late") }
            host.decides = { it.recommendedAdvice }
            shop.tap(port).assertAuthorised()
            go.countDown()
        }

    @Test
    fun `an app may tighten and never loosen`() =
        tapping { phone ->
            host.decides = { Advice.DECLINE }
            assertEquals(TapResult.Outcome.DECLINED, shop.tap(port).outcome)
            host.decides = { Advice.AUTHENTICATION_REQUIRED }
            assertEquals(TapResult.Outcome.SEE_PHONE, shop.tap(port).outcome)
            phone.clock.advance(60_000)
            host.decides = { Advice.PROCEED }
            assertEquals(TapResult.Outcome.SEE_PHONE, FakeTerminal.selling(25_000).tap(port).outcome)
            eventually("all are told") { host.calls.count { it.startsWith("completed") } == 3 }
        }

    @Test
    fun `a start that throws or dawdles keeps nobody from paying`() =
        tapping {
            host.onStarted = { error("not now") }
            shop.tap(port).assertAuthorised()
            val go = CountDownLatch(1)
            host.onStarted = { go.await() }
            shop.tap(port).assertAuthorised()
            eventually("the app is told of the first") { host.calls.count { it == "completed AUTHORIZE_ONLINE" } == 1 }
            go.countDown()
            eventually("and then of the second") { host.calls.count { it == "completed AUTHORIZE_ONLINE" } == 2 }
            eventually("and of itself") { misbehaved.toList() == listOf("Event Failed", "Event Late") }
        }

    @Test
    fun `s2_059_a card chosen and a cardholder verified from inside count for this very tap`() =
        tapping { phone ->
            val other = InstrumentId("other")
            runBlocking {
                // Selecting is the fast face's, and may be called from a thread that has no coroutine.
                phone.wallet.instruments.installProfile(other, Syn1.profileV2(), null)
                phone.wallet.instruments.loadCredentials(other, Syn1.credentials(500, 2))
                phone.wallet.instruments.activate(other)
            }
            phone.wallet.authentication.clearUserAuthentication()
            host.onStarted = {
                runBlocking { phone.wallet.instruments.selectForPayment(other) }
                phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FACE, null)
            }
            val tap = FakeTerminal.selling(25_000).tap(port)
            tap.assertAuthorised()
            assertEquals(500, tap.atc)
            assertEquals(other, host.completed(TapOutcome.AUTHORIZE_ONLINE).instrument)
            // The choice lasts for one tap.
            host.onStarted = {}
            assertEquals(1, shop.tap(port).atc)
        }

    @Test
    fun `a decision that uses the wallet is heard`() =
        tapping(WalletConfig.builder().hostBudgetMillis(2_000).build()) { phone ->
            host.decides = { input ->
                runBlocking {
                    phone.wallet.history.payments(null, null, 10)
                    phone.wallet.instruments.replenishCredentials(Syn1.ID)
                }
                assertEquals(
                    "6985",
                    hexOf(
                        dev.bezant.wallet.internal.Native
                            .answer(bytesOf("00A404000E325041592E5359532E444446303100"))!!,
                    ),
                )
                input.recommendedAdvice
            }
            shop.tap(port).assertAuthorised()
        }

    @Test
    fun `a completion that uses the wallet is no dead end`() =
        tapping { phone ->
            host.onCompleted = {
                runBlocking {
                    phone.wallet.awaitReady()
                    assertEquals(
                        1,
                        phone.wallet.history
                            .payments(null, null, 10)
                            .payments.size,
                    )
                    phone.wallet.instruments.suspendInstrument(Syn1.ID)
                }
            }
            shop.tap(port).assertAuthorised()
            host.completed(TapOutcome.AUTHORIZE_ONLINE)
            eventually("the card is suspended") { "ACTIVE to SUSPENDED" in host.calls }
            assertEquals(TapResult.Outcome.NO_CARD, shop.tap(port).outcome)
        }
}

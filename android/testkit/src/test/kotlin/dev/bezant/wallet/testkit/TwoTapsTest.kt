package dev.bezant.wallet.testkit

import dev.bezant.wallet.CvmModel
import dev.bezant.wallet.Reason
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.TapState
import org.junit.jupiter.api.Test
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull

class TwoTapsTest {
    private val host = RecordingHost()
    private val jeweller = FakeTerminal.selling(25_000)

    @Test
    fun `s2_020_the first tap asks for a verification, the second one pays`() {
        phone(host).use { phone ->
            val port = ApduPorts.ofWallet()
            val first = jeweller.tap(port)
            assertEquals(TapResult.Outcome.SEE_PHONE, first.outcome, "$first")
            assertEquals("000100", first.posCardholderInteraction?.let(::hexOf))

            val request = assertNotNull(host.requests.poll(5, SECONDS))
            assertEquals(25_000, request.transaction.amountMinorUnits)
            assertEquals(phone.clock.bootMillis + 30_000, request.deadlineElapsedMillis)
            val refused = host.completed(TapOutcome.WALLET_ACTION_REQUIRED)
            assertEquals(setOf(Reason.MISSING_CDCVM), refused.reasons)
            // The screen goes on asking, though the tap is over.
            assertIs<TapState.AuthenticationRequired>(phone.wallet.tap.value)

            phone.verify()
            eventually("ready to tap") { phone.wallet.tap.value is TapState.ReadyToTap }
            jeweller.tap(port).assertAuthorised()
            val paid = host.completed(TapOutcome.AUTHORIZE_ONLINE)
            assertEquals(refused.transaction?.amountMinorUnits, paid.transaction?.amountMinorUnits)
            assertNotEquals(refused.id, paid.id)
            assertIs<TapState.Ended>(phone.wallet.tap.value)
            val told = host.calls.filter { it.startsWith("started") || it.startsWith("completed") || it.startsWith("auth") }
            assertEquals(
                listOf(
                    "started syn-1",
                    "authentication required",
                    "completed WALLET_ACTION_REQUIRED",
                    "started syn-1",
                    "completed AUTHORIZE_ONLINE",
                ),
                told,
            )
        }
    }

    @Test
    fun `another amount in the second tap is declined, and forgets the first`() {
        phone(host).use { phone ->
            jeweller.tap(ApduPorts.ofWallet())
            phone.verify()
            val other = FakeTerminal.selling(90_000).tap(ApduPorts.ofWallet())
            assertEquals(TapResult.Outcome.DECLINED, other.outcome)
            host.completed(TapOutcome.WALLET_ACTION_REQUIRED)
            val declined = host.completed(TapOutcome.DECLINED_BY_WALLET)
            assertEquals(setOf(Reason.CONTEXT_NOT_MATCHING), declined.reasons)
            assertEquals("CONTEXT_DIFFERS", declined.rule)
            FakeTerminal.selling(90_000).tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    @Test
    fun `s2_019_a verified cardholder pays in one tap, in every model`() {
        for (model in CvmModel.entries) {
            phone(host, config = patient().cvmModel(model).build()).use { phone ->
                phone.verify()
                FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).assertAuthorised()
                host.completed(TapOutcome.AUTHORIZE_ONLINE)
            }
        }
    }

    @Test
    fun `a verification is forgotten when its time is over, when it is cleared, and when it has served`() {
        phone(host, config = patient().authenticationMaxPayments(1).build()).use { phone ->
            val port = ApduPorts.ofWallet()
            phone.verify()
            phone.clock.advance(46_000)
            assertEquals(TapResult.Outcome.SEE_PHONE, jeweller.tap(port).outcome)
            phone.verify()
            phone.wallet.authentication.clearUserAuthentication()
            assertEquals(TapResult.Outcome.SEE_PHONE, jeweller.tap(port).outcome)
            phone.verify()
            jeweller.tap(port).assertAuthorised()
            assertEquals(TapResult.Outcome.SEE_PHONE, jeweller.tap(port).outcome)
        }
    }

    @Test
    fun `a locked phone pays nothing`() {
        phone(host).use { phone ->
            phone.verify()
            phone.device.isLocked = true
            assertEquals(TapResult.Outcome.SEE_PHONE, FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).outcome)
            phone.device.isLocked = false
            FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }
}

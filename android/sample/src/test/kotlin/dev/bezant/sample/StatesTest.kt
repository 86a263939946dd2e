package dev.bezant.sample

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.Reason
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.testkit.ApduPorts
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.Syn1
import dev.bezant.wallet.testkit.TapResult
import dev.bezant.wallet.testkit.TestWallet
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Rows of the table of states in GETTING-STARTED.md, as a terminal sees them; the test kit's own tests have the others. */
class StatesTest {
    @Test
    fun `without an active card, a terminal finds no card`() {
        TestWallet.builder().open().use {
            val tap = tap()
            assertEquals(TapResult.Outcome.NO_CARD, tap.outcome)
            assertEquals("6A82", tap.statusWord)
        }
    }

    @Test
    fun `where the store takes too long to open, the tap ends unpaid and costs no credential`() {
        TestWallet.withSyn1().use { phone ->
            phone.endProcess()
            phone.vault.delayMillis = 1_000
            phone.startProcess()
            assertEquals(TapResult.Outcome.DECLINED, tap().outcome)
            phone.awaitReady()
            assertEquals(setOf(Reason.CREDENTIALS_NOT_AVAILABLE), phone.latest().reasons)
            assertEquals(1, tap().atc)
        }
    }

    @Test
    fun `a locked phone asks for its cardholder, unless it may pay`() {
        TestWallet.withSyn1().use { phone ->
            phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
            phone.device.isLocked = true
            assertEquals(TapResult.Outcome.SEE_PHONE, tap().outcome)
            assertEquals(TapOutcome.WALLET_ACTION_REQUIRED, phone.latest().outcome)
            assertEquals("DEVICE_LOCKED", phone.latest().rule)
        }
        val config = WalletConfig.builder().allowWhenLocked(true).build()
        TestWallet.builder().config(config).open().use { phone ->
            Syn1.provision(phone.wallet)
            phone.device.isLocked = true
            assertEquals(TapResult.Outcome.ONLINE_REQUEST, tap().outcome)
        }
    }

    private fun TestWallet.latest(): ContactlessPayment = runBlocking { wallet.history.payments(null, null, 1) }.payments.single()

    private fun tap(): TapResult = FakeTerminal.selling(10_00).tap(ApduPorts.ofWallet())
}

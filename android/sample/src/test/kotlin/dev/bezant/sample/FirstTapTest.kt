package dev.bezant.sample

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.testkit.ApduPorts
import dev.bezant.wallet.testkit.FakeIssuer
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.TapResult
import dev.bezant.wallet.testkit.TestWallet
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

// region test

class FirstTapTest {
    @Test
    fun `a verified cardholder pays, and the issuer authorises`() {
        TestWallet.withSyn1().use { phone ->
            phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)

            val tap = FakeTerminal.selling(150_00).tap(ApduPorts.ofWallet())

            val verdict = FakeIssuer().authorise(tap)
            assertTrue(verdict.isAuthorised, verdict.sentence)
            val payment = runBlocking { phone.wallet.history.payments(null, null, 1) }.payments.single()
            assertEquals(TapOutcome.AUTHORIZE_ONLINE, payment.outcome)
        }
    }

    @Test
    fun `above the terminal's limit nobody pays unverified`() {
        TestWallet.withSyn1().use {
            val tap = FakeTerminal.selling(150_00).tap(ApduPorts.ofWallet())

            assertEquals(TapResult.Outcome.SEE_PHONE, tap.outcome)
        }
    }
}
// endregion

package dev.bezant.sample

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletState
import dev.bezant.wallet.testkit.ApduPorts
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.TestVault
import dev.bezant.wallet.testkit.TestWallet
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What the cardholder reads, from taps that happen. */
class SentencesTest {
    @Test
    fun `a payment above the limit needs a verification and a second tap`() {
        TestWallet.withSyn1().use { phone ->
            FakeTerminal.selling(150_00).tap(ApduPorts.ofWallet())
            phone.wallet.shows("150.00 PLN: verify yourself, then tap again.")

            phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
            FakeTerminal.selling(150_00).tap(ApduPorts.ofWallet())

            phone.wallet.shows("150.00 PLN: sent to the bank.")
            assertEquals(
                listOf("150.00 PLN: sent to the bank.", "150.00 PLN: not paid yet, because: missing cdcvm."),
                runBlocking { phone.wallet.history.payments(null, null, 10) }.payments.map(Sentences::of),
            )
        }
    }

    @Test
    fun `the card shows what is left of it`() {
        TestWallet.withSyn1().use { phone ->
            phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
            FakeTerminal.selling(10_00).tap(ApduPorts.ofWallet())
            val cards = phone.wallet.instruments.all
            val shown = await { cards.first { it.singleOrNull()?.credentialsLeft == 2 } }
            assertEquals("Card syn-1: ACTIVE, pays by default, 2 payments left.", Sentences.of(shown))
            assertEquals("There is no card yet.", Sentences.of(emptyList<Nothing>()))
        }
    }

    @Test
    fun `an exception says what is wrong and who can help`() {
        TestWallet.withSyn1().use { phone ->
            val thrown =
                assertThrows(WalletException::class.java) { runBlocking { phone.wallet.instruments.activate(InstrumentId("none")) } }
            assertEquals("${thrown.message}.", Sentences.of(thrown))
            assertEquals("The wallet is open.", Sentences.of(phone.wallet.state.value))
        }
        TestWallet.builder().prepare().use { phone ->
            phone.vault.fault = TestVault.Fault.LOCKED
            phone.startProcess()
            val failed = await { phone.wallet.state.first { it is WalletState.Failed } }
            assertTrue(
                Regex(
                    "The wallet cannot be opened\\. STORAGE_LOCKED: .*The cardholder has to do something\\.",
                ).matches(Sentences.of(failed)),
            )
        }
    }

    private fun Wallet.shows(sentence: String) {
        assertEquals(sentence, Sentences.of(await { tap.first { Sentences.of(it) == sentence } }))
    }

    private fun <T> await(what: suspend () -> T): T = runBlocking { withTimeout(5_000) { what() } }
}

package dev.bezant.wallet.testkit

import android.content.pm.ApplicationInfo
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentException
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.StorageException
import dev.bezant.wallet.TapState
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletEvent
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertSame

class FakeWalletTest {
    private val wallet = FakeWallet()

    @Test
    fun `it is the process's wallet while it is installed`() {
        wallet.install()
        assertSame(wallet, Wallet.get())
        wallet.uninstall()
        assertFailsWith<dev.bezant.wallet.SetupException> { Wallet.get() }
    }

    @Test
    fun `cards come in and obey, and arrays are wiped as the real one does`() =
        runBlocking {
            val (profile, credentials) = ByteArray(4) { 1 } to ByteArray(4) { 1 }
            wallet.instruments.installProfile(Syn1.ID, profile, null)
            assertEquals(10, wallet.instruments.loadCredentials(Syn1.ID, credentials))
            wallet.instruments.activate(Syn1.ID)
            val card =
                wallet.instruments.all.value
                    .single()
            assertEquals(Triple(InstrumentStatus.ACTIVE, true, 10), Triple(card.status, card.isDefault, card.credentialsLeft))
            assertContentEquals(ByteArray(8), profile + credentials)
            assertEquals(listOf("installProfile syn-1", "loadCredentials syn-1", "activate syn-1"), wallet.instruments.calls)
            wallet.instruments.suspendInstrument(Syn1.ID)
            assertEquals(
                ErrorCode.INSTRUMENT_NOT_ACTIVE,
                assertFailsWith<InstrumentException> { wallet.instruments.selectForPayment(Syn1.ID) }.code,
            )
        }

    @Test
    fun `it fails as it is told to, and waits as the real one does`() =
        runBlocking {
            wallet.failure = WalletValues.exception(ErrorCode.STORAGE_FULL)
            assertEquals(ErrorCode.STORAGE_FULL, assertFailsWith<StorageException> { wallet.instruments.delete(Syn1.ID) }.code)
            wallet.failure = null
            wallet.setState(WalletStates.opening())
            val waiting = async(start = CoroutineStart.UNDISPATCHED) { wallet.awaitReady() }
            wallet.setState(WalletStates.ready())
            waiting.await()
            wallet.setState(WalletStates.failed(WalletValues.exception(ErrorCode.STORAGE_CORRUPTED)))
            assertEquals(ErrorCode.STORAGE_CORRUPTED, assertFailsWith<StorageException> { wallet.awaitReady() }.code)
        }

    @Test
    fun `a payment is in the history, on the screen and among the events`() =
        runBlocking {
            val heard = async(start = CoroutineStart.UNDISPATCHED) { wallet.events.first() }
            val payment = WalletValues.payment()
            wallet.complete(payment)
            assertSame(payment, assertIs<WalletEvent.ContactlessPaymentCompleted>(heard.await()).payment)
            assertSame(payment, assertIs<TapState.Ended>(wallet.tap.value).payment)
            assertSame(
                payment,
                wallet.history
                    .payments(null, null, 5)
                    .payments
                    .single(),
            )
        }

    @Test
    fun `its cardholder does what the test says`() {
        assertEquals(45, wallet.authentication.setUserAuthenticated(CdcvmMethod.FACE, null))
        assertEquals(CdcvmMethod.FACE, wallet.authentication.verifiedBy)
        wallet.authentication.clearUserAuthentication()
        assertEquals(null, wallet.authentication.verifiedBy)
    }

    @Test
    fun `the kit refuses to work in an app that is not debuggable`() {
        val thrown = assertFailsWith<IllegalStateException> { ReleaseBuild.refuse(ApplicationInfo.FLAG_HAS_CODE) }
        assertEquals("bezant-wallet-testkit is for tests: it does not work in an app that is not debuggable", thrown.message)
        assertFailsWith<IllegalStateException> { ReleaseBuild.refuse(null) }
        ReleaseBuild.refuse(ApplicationInfo.FLAG_HAS_CODE or ApplicationInfo.FLAG_DEBUGGABLE)
    }
}

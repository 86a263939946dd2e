package dev.bezant.wallet.testkit

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentException
import dev.bezant.wallet.SecurityEventException
import dev.bezant.wallet.SetupException
import dev.bezant.wallet.StorageException
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletState
import dev.bezant.wallet.internal.InertWallet
import dev.bezant.wallet.internal.WalletProcess
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** Where no wallet can be had: what terminals are answered, what the app is told, and the ways out. */
class FailedStoreTest {
    private val shop = FakeTerminal.selling(2_500)

    @AfterEach
    fun end() = WalletProcess.end()

    @Test
    fun `before the set-up there is no card`() {
        assertNoCard()
        assertEquals(ErrorCode.NOT_SET_UP, assertIs<SetupException>(runCatching { Wallet.get() }.exceptionOrNull()).code)
    }

    @Test
    fun `in another process of the app there is no card, and every call says why`() {
        val wallet = WalletProcess.put(InertWallet("app:sync"), null, null)
        assertNoCard()
        assertEquals("app:sync", assertIs<WalletState.Inert>(wallet.state.value).process)
        assertFails<SetupException>(ErrorCode.WRONG_PROCESS) { wallet.awaitReady() }
        assertFails<SetupException>(ErrorCode.WRONG_PROCESS) { wallet.instruments.activate(Syn1.ID) }
    }

    @Test
    fun `a vault that does not answer now is told as such, and awaitReady tries again`() {
        prepared().use { phone ->
            for (fault in listOf(
                TestVault.Fault.LOCKED to ErrorCode.STORAGE_LOCKED,
                TestVault.Fault.UNAVAILABLE to ErrorCode.KEYSTORE_UNAVAILABLE,
            )) {
                phone.vault.fault = fault.first
                phone.startProcess()
                val thrown = assertFails<StorageException>(fault.second) { phone.wallet.awaitReady() }
                assertTrue(thrown.isRetryable)
                assertEquals(fault.second, assertIs<WalletState.Failed>(phone.wallet.state.value).exception.code)
                assertNoCard()
                phone.vault.fault = null
                phone.awaitReady()
                assertIs<WalletState.Ready>(phone.wallet.state.value)
                assertPays(phone)
            }
        }
    }

    @Test
    fun `a key that is gone is told as such, and startOver is the way out`() {
        prepared().use { phone ->
            phone.endProcess()
            phone.vault.loseKey()
            phone.startProcess()
            val thrown = assertFails<StorageException>(ErrorCode.KEYSTORE_KEY_INVALIDATED) { phone.wallet.awaitReady() }
            assertFalse(thrown.isRetryable)
            assertNoCard()
            assertFails<StorageException>(ErrorCode.KEYSTORE_KEY_INVALIDATED) { phone.wallet.history.payments(null, null, 1) }
            runBlocking { phone.wallet.security.startOver() }
            assertIs<WalletState.Ready>(phone.wallet.state.value)
            assertNoCard()
            Syn1.provision(phone.wallet, Syn1.credentials(1, 5))
            assertPays(phone)
        }
    }

    @Test
    fun `a store that was put back is told as such`() {
        prepared().use { phone ->
            phone.endProcess()
            val backup = java.io.File(phone.folder, "backup")
            java.io.File(phone.folder, "store").copyRecursively(backup)
            phone.startProcess()
            assertPays(phone)
            phone.endProcess()
            java.io.File(phone.folder, "store").deleteRecursively()
            backup.copyRecursively(java.io.File(phone.folder, "store"))
            phone.startProcess()
            assertFails<StorageException>(ErrorCode.STORAGE_ROLLED_BACK) { phone.wallet.awaitReady() }
            assertNoCard()
        }
    }

    @Test
    fun `after a security event nothing is answered, in this process and the next`() {
        val host = RecordingHost()
        phone(host).use { phone ->
            runBlocking { phone.wallet.security.reportSecurityEvent("root detected") }
            eventually("the state says so") { phone.wallet.state.value is WalletState.SecurityEvent }
            assertEquals("root detected", assertIs<WalletState.SecurityEvent>(phone.wallet.state.value).kind)
            eventually("the app is told") { "security root detected" in host.calls }
            assertNoCard()
            assertFails<SecurityEventException>(ErrorCode.SECURITY_EVENT_OCCURRED) { phone.wallet.instruments.activate(Syn1.ID) }
            assertFails<SecurityEventException>(ErrorCode.SECURITY_EVENT_OCCURRED) { phone.wallet.awaitReady() }
            assertIs<WalletState.SecurityEvent>(phone.wallet.state.value)
            assertEquals(listOf("root detected"), runBlocking { phone.wallet.security.reports() }.map { it.kind })
            phone.startProcess()
            assertNoCard()
            assertEquals(listOf("root detected"), runBlocking { phone.wallet.security.reports() }.map { it.kind })
        }
    }

    @Test
    fun `s2_005_a policy that refuses this device touches nothing`() {
        val config = WalletConfig.builder().environmentPolicy { facts -> facts.firstOrNull { it.holds == true } }.build()
        TestWallet.builder().config(config).prepare().use { phone ->
            phone.device.environment = listOf(WalletValues.environmentFact(dev.bezant.wallet.EnvironmentFact.Code.DEBUGGER_ATTACHED, true))
            phone.startProcess()
            assertFails<SetupException>(ErrorCode.ENVIRONMENT_REFUSED) { phone.wallet.awaitReady() }
            assertNoCard()
            assertEquals(
                emptyList(),
                phone.folder
                    .list()
                    .orEmpty()
                    .toList(),
            )
            phone.device.environment = emptyList()
            phone.awaitReady()
        }
    }

    @Test
    fun `a configuration that is not possible fails the set-up and names what is wrong`() {
        TestWallet.builder().config(WalletConfig.builder().authenticationValiditySeconds(0).build()).prepare().use { phone ->
            phone.startProcess()
            val thrown = assertFails<SetupException>(ErrorCode.INVALID_CONFIG) { phone.wallet.awaitReady() }
            assertTrue("auth_validity_s" in thrown.detail, thrown.detail)
        }
    }

    @Test
    fun `after a wipe the wallet goes on without a card`() {
        phone().use { phone ->
            assertPays(phone)
            runBlocking { phone.wallet.security.wipe() }
            assertNoCard()
            assertEquals(0, runBlocking { phone.wallet.history.payments(null, null, 10) }.payments.size)
            Syn1.provision(phone.wallet, Syn1.credentials(100, 3))
            assertPays(phone)
        }
    }

    @Test
    fun `failures of calls are in their families`() {
        phone().use { phone ->
            val cards = phone.wallet.instruments
            assertFails<InstrumentException>(ErrorCode.INSTRUMENT_NOT_FOUND) { cards.activate(dev.bezant.wallet.InstrumentId("none")) }
            assertFails<InstrumentException>(ErrorCode.CREDENTIALS_INVALID) { cards.loadCredentials(Syn1.ID, "[]x".toByteArray()) }
            assertFails<InstrumentException>(ErrorCode.PROFILE_INVALID) { cards.installProfile(Syn1.ID, ByteArray(3), null) }
            runBlocking { cards.suspendInstrument(Syn1.ID) }
            assertFails<InstrumentException>(ErrorCode.INSTRUMENT_NOT_ACTIVE) { cards.selectForPayment(Syn1.ID) }
        }
    }

    private fun prepared(): TestWallet = phone().apply { startProcess() }.apply { awaitReady() }

    private fun assertPays(phone: TestWallet) {
        phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.PIN, null)
        shop.tap(ApduPorts.ofWallet()).assertAuthorised()
    }

    private fun assertNoCard() {
        val port = ApduPorts.ofWallet()
        assertEquals(listOf("6A82"), shop.tap(port).let { listOf(it.statusWord) })
        assertEquals("6985", port.transmit(bytesOf("00B2010C00"))?.let(::hexOf))
    }
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentException
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.ProfileKeys
import dev.bezant.wallet.StorageException
import dev.bezant.wallet.WalletException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse

/** What is secret is wiped where the wallet was given it, and stands in no text. */
class SecretsTest {
    @Test
    fun `s2_006_profile, keys and credentials are wiped in the caller's arrays`() {
        TestWallet.builder().open().use { phone ->
            val (profile, credentials) = Syn1.profile() to Syn1.credentials()
            val keys = ProfileKeys(ByteArray(16) { 0x5A }, ByteArray(32) { 0x5A })
            runBlocking {
                phone.wallet.instruments.installProfile(Syn1.ID, profile, keys)
                phone.wallet.instruments.loadCredentials(Syn1.ID, credentials)
            }
            assertWiped(profile, credentials, keys.dataEncryptionKey!!, keys.iccKek!!)
        }
    }

    @Test
    fun `s2_006_they are wiped also when the call fails`() {
        TestWallet.builder().open().use { phone ->
            val secrets = List(2) { "not a card ".repeat(9).toByteArray() }
            assertFailsWith<InstrumentException> { runBlocking { phone.wallet.instruments.installProfile(Syn1.ID, secrets[0], null) } }
            assertFailsWith<InstrumentException> { runBlocking { phone.wallet.instruments.loadCredentials(Syn1.ID, secrets[1]) } }
            assertWiped(*secrets.toTypedArray())
        }
        TestWallet.builder().prepare().use { phone ->
            phone.vault.fault = TestVault.Fault.UNAVAILABLE
            phone.startProcess()
            val credentials = Syn1.credentials()
            assertFails<StorageException>(ErrorCode.KEYSTORE_UNAVAILABLE) { phone.wallet.instruments.loadCredentials(Syn1.ID, credentials) }
            assertWiped(credentials)
        }
    }

    @Test
    fun `s2_006_they are wiped for both who ask at once`() {
        TestWallet.builder().open().use { phone ->
            runBlocking { phone.wallet.instruments.installProfile(Syn1.ID, Syn1.profile(), null) }
            val arrays = List(2) { Syn1.credentials() }
            runBlocking {
                arrays
                    .map { async(start = CoroutineStart.UNDISPATCHED) { phone.wallet.instruments.loadCredentials(Syn1.ID, it) } }
                    .forEach { it.await() }
            }
            assertWiped(*arrays.toTypedArray())
        }
    }

    @Test
    fun `s2_006_a wrong length of a key wipes it too and quotes nothing`() {
        TestWallet.builder().open().use { phone ->
            val key = ByteArray(5) { 0x5A }
            val thrown =
                assertFailsWith<WalletException> {
                    runBlocking { phone.wallet.instruments.installProfile(InstrumentId("card"), Syn1.profile(), ProfileKeys(key, null)) }
                }
            assertWiped(key)
            assertFalse("5A5A" in thrown.toString().uppercase())
        }
    }

    @Test
    fun `s2_006_no key and no account number is on disk in clear, or in what is told`() {
        val host = RecordingHost()
        phone(host).use { phone ->
            FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).assertAuthorised()
            val told = host.completed().toString() + host.calls + phone.warnings
            val keys = Syn1.sessionKeys(2)
            val hidden = listOf(keys.umd, keys.md, bytesOf(Syn1.pan))
            val texts = hidden.map(::hexOf)
            for (text in texts) assertFalse(text in told.uppercase())
            for (file in phone.folder.walk().filter { it.isFile }) {
                val content = file.readBytes()
                for (secret in hidden) assertFalse(content.contains(secret), "${file.name} holds ${hexOf(secret)}")
                for (text in texts) assertFalse(content.contains(text.toByteArray()), "${file.name} spells $text")
            }
        }
    }

    private fun ByteArray.contains(part: ByteArray): Boolean =
        (0..size - part.size).any { at -> part.indices.all { this[at + it] == part[it] } }

    private fun assertWiped(vararg arrays: ByteArray) {
        for (array in arrays) assertContentEquals(ByteArray(array.size), array)
    }
}

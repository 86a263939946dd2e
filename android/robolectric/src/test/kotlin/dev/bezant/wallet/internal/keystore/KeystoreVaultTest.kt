package dev.bezant.wallet.internal.keystore

import android.app.Application
import android.content.pm.PackageManager
import android.os.Build
import android.os.UserManager
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import dev.bezant.wallet.internal.VaultFailure
import dev.bezant.wallet.internal.VaultFailure.Kind
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.util.ReflectionHelpers
import java.security.InvalidKeyException
import java.security.ProviderException
import java.security.UnrecoverableKeyException

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class KeystoreVaultTest {
    private val context: Application = RuntimeEnvironment.getApplication()
    private val key = ByteArray(32) { it.toByte() }

    @Before
    fun install() = FakeKeystore.install()

    @After
    fun remove() {
        FakeKeystore.remove()
        onAndroid(35)
    }

    private fun onAndroid(level: Int) = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)

    /** A vault as a new process has it. */
    private fun vault() = KeystoreVault(context, FakeKeystore.NAME) { FakeKeystore.nanos }

    private fun failureOf(question: () -> Unit): Kind = assertThrows(VaultFailure::class.java) { question() }.kind

    private fun giveStrongBox() = shadowOf(context.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)

    private fun storeKey() = FakeKeystore.keys.getValue(KeystoreVault.STORE_KEY)

    @Test
    fun what_was_wrapped_is_opened_by_the_next_process() {
        val wrapped = vault().wrap(key)
        assertArrayEquals(key, vault().unwrap(wrapped))
        assertEquals(61, wrapped.size)
        assertEquals(listOf(KeystoreVault.STORE_KEY), FakeKeystore.keys.keys.toList())
    }

    @Test
    fun two_wrappings_of_one_key_have_nothing_in_common_but_the_version() {
        val first = vault().wrap(key)
        val second = vault().wrap(key)
        assertFalse(first.drop(1) == second.drop(1))
        assertArrayEquals(key, vault().unwrap(first))
        assertArrayEquals(key, vault().unwrap(second))
    }

    @Test
    fun s2_006_no_array_of_ours_keeps_the_key_and_the_callers_is_left_alone() {
        val callers = key.copyOf()
        vault().wrap(callers)
        assertArrayEquals(key, callers)
        assertTrue(FakeKeystore.opened.isNotEmpty())
        FakeKeystore.opened.forEach { assertArrayEquals(ByteArray(32), it) }
    }

    @Test
    fun the_key_is_bound_neither_to_a_verification_nor_to_the_screen_lock() {
        vault().wrap(key)
        val spec = FakeKeystore.specs.single()
        assertFalse(spec.isUserAuthenticationRequired)
        assertFalse(spec.isUnlockedDeviceRequired)
        assertTrue(spec.isRandomizedEncryptionRequired)
        assertEquals(256, spec.keySize)
        assertEquals(listOf(KeyProperties.BLOCK_MODE_GCM), spec.blockModes.toList())
        assertFalse(spec.isStrongBoxBacked)
    }

    @Test
    fun s2_031_a_strongbox_that_is_fast_enough_keeps_the_key() {
        giveStrongBox()
        FakeKeystore.strongBoxNanos = KeystoreVault.STRONGBOX_LIMIT_NANOS
        val wrapped = vault().wrap(key)
        assertTrue(storeKey().isInStrongBox)
        assertArrayEquals(key, vault().unwrap(wrapped))
        assertEquals(1, FakeKeystore.keys.size)
    }

    @Test
    fun s2_031_a_strongbox_that_is_slow_leaves_the_key_to_the_trusted_environment() {
        giveStrongBox()
        FakeKeystore.strongBoxNanos = KeystoreVault.STRONGBOX_LIMIT_NANOS + 1
        val wrapped = vault().wrap(key)
        assertFalse(storeKey().isInStrongBox)
        assertArrayEquals(key, vault().unwrap(wrapped))
        assertEquals(1, FakeKeystore.keys.size)
    }

    @Test
    fun a_strongbox_that_fails_leaves_the_key_to_the_trusted_environment() {
        giveStrongBox()
        FakeKeystore.onGenerate = { if (it.isStrongBoxBacked) throw ProviderException("no room") }
        vault().wrap(key)
        assertFalse(storeKey().isInStrongBox)
    }

    @Test
    fun a_strongbox_that_is_full_after_the_measuring_leaves_the_key_to_the_trusted_environment() {
        giveStrongBox()
        FakeKeystore.onGenerate = {
            if (it.isStrongBoxBacked && it.keystoreAlias == KeystoreVault.STORE_KEY) throw ProviderException("no room")
        }
        vault().wrap(key)
        assertFalse(storeKey().isInStrongBox)
    }

    @Test
    fun a_missing_key_is_gone_when_the_keystore_keeps_another() {
        val wrapped = vault().wrap(key)
        FakeKeystore.keys.clear()
        assertEquals(Kind.KEY_GONE, failureOf { vault().unwrap(wrapped) })
        assertTrue(FakeKeystore.keys.isEmpty())
    }

    @Test
    fun a_missing_key_is_no_loss_while_the_keystore_does_not_answer() {
        val wrapped = vault().wrap(key)
        FakeKeystore.isDead = true
        assertEquals(Kind.UNAVAILABLE, failureOf { vault().unwrap(wrapped) })
        FakeKeystore.isDead = false
        assertArrayEquals(key, vault().unwrap(wrapped))
    }

    @Test
    fun an_invalidated_key_is_gone() {
        val wrapped = vault().wrap(key)
        FakeKeystore.onInit = { throw KeyPermanentlyInvalidatedException("new fingerprint") }
        assertEquals(Kind.KEY_GONE, failureOf { vault().unwrap(wrapped) })
    }

    @Test
    fun a_key_that_cannot_be_recovered_is_gone_when_the_keystore_keeps_another() {
        val wrapped = vault().wrap(key)
        FakeKeystore.onGetKey = { if (it == KeystoreVault.STORE_KEY) throw UnrecoverableKeyException("blob") }
        assertEquals(Kind.KEY_GONE, failureOf { vault().unwrap(wrapped) })
    }

    @Test
    fun a_key_that_cannot_be_recovered_is_no_loss_when_no_key_can() {
        val wrapped = vault().wrap(key)
        FakeKeystore.onGetKey = { throw UnrecoverableKeyException("blob") }
        assertEquals(Kind.UNAVAILABLE, failureOf { vault().unwrap(wrapped) })
    }

    @Test
    fun the_keystores_own_word_tells_what_passes_from_what_does_not() {
        val wrapped = vault().wrap(key)
        val kinds =
            mapOf(
                KEY_NOT_FOUND to Kind.KEY_GONE,
                VALUE_CORRUPTED to Kind.KEY_GONE,
                SYSTEM_ERROR to Kind.UNAVAILABLE,
                BACKEND_BUSY to Kind.UNAVAILABLE,
                INVALID_KEY_BLOB to Kind.UNAVAILABLE, // Android files it with passing failures of the hardware
                HARDWARE_BUSY to Kind.UNAVAILABLE,
                UNKNOWN_ERROR to Kind.UNAVAILABLE,
            )
        for ((error, kind) in kinds) {
            val word = KeyStoreException(error, "for the test")
            FakeKeystore.onGetKey = { if (it == KeystoreVault.STORE_KEY) throw UnrecoverableKeyException("what").apply { initCause(word) } }
            assertEquals("$error from getKey", kind, failureOf { vault().unwrap(wrapped) })
            FakeKeystore.onGetKey = {}
            FakeKeystore.onInit = { throw InvalidKeyException("Keystore operation failed", word) }
            assertEquals("$error from init", kind, failureOf { vault().unwrap(wrapped) })
            FakeKeystore.onInit = {}
        }
        assertArrayEquals(key, vault().unwrap(wrapped))
    }

    @Test
    fun before_android_13_the_keystore_has_no_word_and_another_key_decides() {
        val wrapped = vault().wrap(key)
        onAndroid(32)
        val unknown = UnrecoverableKeyException("Failed to obtain information about key")
        unknown.initCause(KeyStoreException(SYSTEM_ERROR, "for the test"))
        FakeKeystore.onGetKey = { throw unknown }
        assertEquals(Kind.UNAVAILABLE, failureOf { vault().unwrap(wrapped) })
        FakeKeystore.onGetKey = { if (it == KeystoreVault.STORE_KEY) throw unknown }
        assertEquals(Kind.KEY_GONE, failureOf { vault().unwrap(wrapped) })
    }

    @Test
    fun before_android_9_there_is_no_strongbox() {
        giveStrongBox()
        onAndroid(27)
        vault().wrap(key)
        assertFalse(storeKey().isInStrongBox)
    }

    @Test
    fun another_phones_files_are_told_from_a_lost_key() {
        val wrapped = vault().wrap(key)
        FakeKeystore.keys.clear()
        val other = vault().wrap(key)
        assertEquals(Kind.OTHER_KEY, failureOf { vault().unwrap(wrapped) })
        assertArrayEquals(key, vault().unwrap(other))
    }

    @Test
    fun bytes_that_no_vault_gave_are_another_keys() {
        val wrapped = vault().wrap(key)
        val others = listOf(ByteArray(0), wrapped.copyOf(60), wrapped + 0, wrapped.copyOf().also { it[0] = 2 })
        others.forEach { assertEquals(Kind.OTHER_KEY, failureOf { vault().unwrap(it) }) }
        for (at in 1 until wrapped.size) {
            val changed = wrapped.copyOf().also { it[at] = (it[at].toInt() xor 1).toByte() }
            assertEquals(Kind.OTHER_KEY, failureOf { vault().unwrap(changed) })
        }
    }

    @Test
    fun nothing_is_asked_of_the_keystore_before_the_first_unlock() {
        val vault = vault()
        val wrapped = vault.wrap(key)
        shadowOf(context.getSystemService(UserManager::class.java)).setUserUnlocked(false)
        FakeKeystore.onGetKey = { throw AssertionError("asked") }
        val questions: List<() -> Unit> =
            listOf({ vault.wrap(key) }, { vault.unwrap(wrapped) }, { vault.anchor() }, { vault.raiseAnchor(1) }, { vault.destroy() })
        questions.forEach { assertEquals(Kind.LOCKED, failureOf(it)) }
    }

    @Test
    fun nothing_unexpected_is_taken_for_a_loss() {
        val wrapped = vault().wrap(key)
        val failures = listOf(ProviderException("busy"), NullPointerException(), AssertionError("keystore"), IllegalStateException())
        for (failure in failures) {
            FakeKeystore.onInit = { throw failure }
            assertEquals(Kind.UNAVAILABLE, failureOf { vault().unwrap(wrapped) })
            assertEquals(Kind.UNAVAILABLE, failureOf { vault().wrap(key) })
            FakeKeystore.onInit = {}
            FakeKeystore.onGetKey = { throw failure }
            assertEquals(Kind.UNAVAILABLE, failureOf { vault().unwrap(wrapped) })
            FakeKeystore.onGetKey = {}
        }
    }

    @Test
    fun a_phone_without_the_provider_says_unavailable() {
        assertEquals(Kind.UNAVAILABLE, failureOf { KeystoreVault(context).wrap(key) })
        assertEquals(Kind.UNAVAILABLE, failureOf { KeystoreVault(context).anchor() })
    }

    @Test
    fun a_new_store_gets_a_new_key_where_the_old_one_is_gone() {
        val first = vault().wrap(key)
        val dead = storeKey()
        vault().raiseAnchor(9)
        FakeKeystore.onInit = { if (it === dead) throw KeyPermanentlyInvalidatedException() }
        val second = vault().wrap(key)
        assertArrayEquals(key, vault().unwrap(second))
        assertEquals(0, vault().anchor())
        assertEquals(Kind.OTHER_KEY, failureOf { vault().unwrap(first) })
    }

    @Test
    fun the_anchor_only_rises() {
        val vault = vault()
        vault.wrap(key)
        assertEquals(0, vault.anchor())
        vault.raiseAnchor(3)
        vault.raiseAnchor(2)
        assertEquals(3, vault().anchor())
        vault.raiseAnchor(Long.MAX_VALUE)
        assertEquals(Long.MAX_VALUE, vault().anchor())
        assertEquals(2, FakeKeystore.keys.size)
    }

    @Test
    fun an_anchor_that_was_raised_half_way_has_been_raised() {
        val vault = vault()
        vault.wrap(key)
        vault.raiseAnchor(3)
        FakeKeystore.onDelete = { throw IllegalStateException("the process dies") }
        assertEquals(Kind.UNAVAILABLE, failureOf { vault.raiseAnchor(4) })
        assertEquals(4, vault().anchor())
        FakeKeystore.onDelete = {}
        vault().raiseAnchor(5)
        assertEquals(5, vault().anchor())
        assertEquals(2, FakeKeystore.keys.size)
    }

    @Test
    fun an_anchor_that_could_not_be_kept_stands_where_it_stood() {
        val vault = vault()
        vault.wrap(key)
        vault.raiseAnchor(3)
        FakeKeystore.onSetEntry = { throw java.security.KeyStoreException("full") }
        assertEquals(Kind.UNAVAILABLE, failureOf { vault.raiseAnchor(4) })
        assertEquals(3, vault().anchor())
    }

    @Test
    fun what_is_destroyed_is_lost_and_the_next_store_begins_at_nothing() {
        val vault = vault()
        val wrapped = vault.wrap(key)
        vault.raiseAnchor(7)
        vault.destroy()
        assertTrue(FakeKeystore.keys.isEmpty())
        assertEquals(Kind.KEY_GONE, failureOf { vault.unwrap(wrapped) })
        vault.destroy()
        vault.wrap(key)
        assertEquals(0, vault.anchor())
    }

    @Test
    fun a_keystore_that_does_not_answer_has_destroyed_nothing() {
        val vault = vault()
        vault.wrap(key)
        FakeKeystore.isDead = true
        assertEquals(Kind.UNAVAILABLE, failureOf { vault.destroy() })
    }

    @Test
    fun entries_of_the_app_itself_are_left_alone() {
        val vault = vault()
        vault.wrap(key)
        FakeKeystore.keys["of.the.app"] = storeKey()
        FakeKeystore.keys["dev.bezant.wallet.anchor.x"] = storeKey()
        vault.raiseAnchor(1)
        vault.destroy()
        assertEquals(setOf("of.the.app", "dev.bezant.wallet.anchor.x"), FakeKeystore.keys.keys)
    }

    /** The keystore's and KeyMint's own numbers. */
    private companion object {
        const val SYSTEM_ERROR = 4
        const val KEY_NOT_FOUND = 7
        const val VALUE_CORRUPTED = 8
        const val BACKEND_BUSY = 18
        const val INVALID_KEY_BLOB = -33
        const val HARDWARE_BUSY = -85
        const val UNKNOWN_ERROR = -1000
    }
}

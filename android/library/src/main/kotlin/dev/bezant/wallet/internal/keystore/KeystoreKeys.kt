package dev.bezant.wallet.internal.keystore

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.KeyProtection
import dev.bezant.wallet.internal.SinceApi
import dev.bezant.wallet.internal.VaultFailure
import java.security.KeyStore
import java.security.SecureRandom
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** The keys of this app in the keystore of the given name. */
internal class KeystoreKeys(
    private val keystore: String,
) {
    private val entries: KeyStore by lazy { KeyStore.getInstance(keystore).apply { load(null) } }

    fun find(alias: String): SecretKey? = entries.getKey(alias, null) as SecretKey?

    /** Makes a key in hardware; one of the same name makes room for it. */
    fun make(
        alias: String,
        inStrongBox: Boolean,
    ): SecretKey {
        val spec =
            KeyGenParameterSpec
                .Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                .setKeySize(KEY_BITS)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
        if (inStrongBox && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) StrongBox.ask(spec)
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, keystore).apply { init(spec.build()) }.generateKey()
    }

    /** Keeps a key that serves for nothing but to be there. */
    fun keepToken(alias: String) {
        val bytes = ByteArray(TOKEN_LENGTH).also { SecureRandom().nextBytes(it) }
        val token = KeyStore.SecretKeyEntry(SecretKeySpec(bytes, KeyProperties.KEY_ALGORITHM_AES))
        bytes.fill(0)
        val protection =
            KeyProtection
                .Builder(KeyProperties.PURPOSE_ENCRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .build()
        entries.setEntry(alias, token, protection)
    }

    fun aliases(): List<String> = entries.aliases().toList()

    fun isListed(alias: String): Boolean = alias in aliases()

    fun delete(alias: String) {
        if (isListed(alias)) entries.deleteEntry(alias)
    }

    /** Whether the keystore answers: it keeps a new key, shows it, and lets it go. */
    fun keepsAnother(): Boolean =
        try {
            keepToken(KeystoreVault.PROBE_KEY)
            find(KeystoreVault.PROBE_KEY) != null
        } catch (_: Exception) {
            false
        } finally {
            runCatching { delete(KeystoreVault.PROBE_KEY) }
        }

    /** What a failure of the key of the store means. */
    fun kindOf(failure: Throwable): VaultFailure.Kind = kindOf(failure, ::keepsAnother)

    @SinceApi(Build.VERSION_CODES.P)
    private object StrongBox {
        fun ask(spec: KeyGenParameterSpec.Builder) {
            spec.setIsStrongBoxBacked(true)
        }
    }

    private companion object {
        const val KEY_BITS = 256
        const val TOKEN_LENGTH = 16
    }
}

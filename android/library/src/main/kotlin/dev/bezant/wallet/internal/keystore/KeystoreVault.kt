package dev.bezant.wallet.internal.keystore

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.os.SystemClock
import android.os.UserManager
import dev.bezant.wallet.internal.KeyVault
import dev.bezant.wallet.internal.VaultFailure
import java.security.MessageDigest
import javax.crypto.AEADBadTagException
import javax.crypto.SecretKey

/**
 * The Android Keystore as a vault.
 *
 * Its key is AES-256 in the phone's secure hardware and is bound neither to the cardholder's verification nor to the screen lock:
 * neither a new fingerprint nor a new PIN can take the cards away. Nothing is read from it or written to it before the first call.
 */
internal class KeystoreVault(
    context: Context,
    keystore: String = ANDROID_KEYSTORE,
    private val elapsedNanos: () -> Long = SystemClock::elapsedRealtimeNanos,
) : KeyVault {
    private val context = context.applicationContext ?: context
    private val keys = KeystoreKeys(keystore)
    private val anchors = KeystoreAnchors(keys)

    override fun wrap(key: ByteArray): ByteArray =
        answer {
            val underHeldKey =
                try {
                    keys.find(STORE_KEY)?.let { wrapAndProve(it, key) }
                } catch (failure: Exception) {
                    // What was wrapped under a key that is gone is lost already: a new store gets a new key.
                    if (keys.kindOf(failure) != VaultFailure.Kind.KEY_GONE) throw failure
                    null
                }
            underHeldKey ?: wrapAndProve(newKey(), key)
        }

    override fun unwrap(wrapped: ByteArray): ByteArray =
        answer {
            if (!WrappedKey.isWellFormed(wrapped)) throw VaultFailure(VaultFailure.Kind.OTHER_KEY)
            WrappedKey.open(keys.find(STORE_KEY) ?: throw missing(), wrapped)
        }

    override fun anchor(): Long =
        answer {
            // A keystore that lists nothing must not be taken for one that has kept no number.
            if (!keys.isListed(STORE_KEY)) throw missing()
            anchors.highest()
        }

    override fun raiseAnchor(anchor: Long) = answer { anchors.raise(anchor) }

    override fun destroy() =
        answer {
            val wasThere = keys.isListed(STORE_KEY)
            keys.delete(STORE_KEY)
            keys.delete(PROBE_KEY)
            anchors.forget()
            if (!wasThere && !keys.keepsAnother()) throw VaultFailure(VaultFailure.Kind.UNAVAILABLE)
        }

    /** A key that does not open at once what it has closed is none. */
    private fun wrapAndProve(
        vaultKey: SecretKey,
        key: ByteArray,
    ): ByteArray {
        val wrapped = WrappedKey.seal(vaultKey, key)
        val opened =
            try {
                WrappedKey.open(vaultKey, wrapped)
            } catch (failure: AEADBadTagException) {
                throw VaultFailure(VaultFailure.Kind.UNAVAILABLE, failure)
            }
        val isSame = MessageDigest.isEqual(opened, key)
        opened.fill(0)
        if (!isSame) throw VaultFailure(VaultFailure.Kind.UNAVAILABLE)
        return wrapped
    }

    private fun newKey(): SecretKey {
        anchors.forget()
        if (isStrongBoxFast()) {
            try {
                return keys.make(STORE_KEY, inStrongBox = true)
            } catch (_: Exception) {
                // It has no room, or has gone: the trusted environment serves.
            }
        }
        return keys.make(STORE_KEY, inStrongBox = false)
    }

    /** Measured on a key that is thrown away, so that a process that dies in between leaves no slow key behind. */
    private fun isStrongBoxFast(): Boolean {
        if (!hasStrongBox()) return false
        return try {
            val wrapped = WrappedKey.seal(keys.make(PROBE_KEY, inStrongBox = true), ByteArray(WrappedKey.KEY_LENGTH))
            val begin = elapsedNanos()
            keys.find(PROBE_KEY)?.let { WrappedKey.open(it, wrapped) } != null && elapsedNanos() - begin <= STRONGBOX_LIMIT_NANOS
        } catch (_: Exception) {
            false
        } finally {
            runCatching { keys.delete(PROBE_KEY) }
        }
    }

    private fun hasStrongBox(): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.P &&
            context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)

    /** A keystore that does not answer says of every key that there is none; so it has to show that it keeps another one. */
    private fun missing(): VaultFailure =
        VaultFailure(if (keys.keepsAnother()) VaultFailure.Kind.KEY_GONE else VaultFailure.Kind.UNAVAILABLE)

    private inline fun <T> answer(question: () -> T): T {
        if (context.getSystemService(UserManager::class.java)?.isUserUnlocked == false) throw VaultFailure(VaultFailure.Kind.LOCKED)
        try {
            return question()
        } catch (failure: VaultFailure) {
            throw failure
        } catch (failure: Throwable) {
            throw VaultFailure(keys.kindOf(failure), failure)
        }
    }

    companion object {
        /** The name of the provider and of its key store. */
        const val ANDROID_KEYSTORE: String = "AndroidKeyStore"

        /** The key that wraps the store's key. */
        const val STORE_KEY: String = "dev.bezant.wallet.key"

        /** A key that is made to be thrown away. */
        const val PROBE_KEY: String = "dev.bezant.wallet.probe"

        /**
         * How long a StrongBox may take to open one key. A cold tap waits for it between SELECT and GENERATE AC, and a terminal
         * gives a card about 500 ms for everything; phones are known whose StrongBox takes seconds.
         */
        const val STRONGBOX_LIMIT_NANOS: Long = 50_000_000
    }
}

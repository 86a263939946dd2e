package dev.bezant.wallet.testkit

import dev.bezant.wallet.internal.KeyVault
import dev.bezant.wallet.internal.VaultFailure
import java.io.File
import java.nio.ByteBuffer
import java.security.GeneralSecurityException
import java.security.SecureRandom
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** The key store of a [TestWallet]: a file, which tests make slow, ill, or lose. It protects nothing. */
public class TestVault internal constructor(
    private val file: File,
) {
    /** What is wrong with a key store. */
    public enum class Fault {
        /** The device has not been unlocked yet since it started. */
        LOCKED,

        /** It does not answer now. */
        UNAVAILABLE,

        /** The key is gone for good. */
        KEY_GONE,
    }

    /** What is wrong with it now; `null` when nothing is. */
    @Volatile
    public var fault: Fault? = null

    /** How long it takes for each answer, in milliseconds. */
    @Volatile
    public var delayMillis: Long = 0

    private val unwraps = AtomicInteger()
    private val questions = AtomicInteger()

    /** How often it has been asked to open the key of the store: once for each start of a process, never in a warm tap. */
    public val unwrapCount: Int get() = unwraps.get()

    /** How often it has been asked for anything. After a payment the wallet asks it once, when no terminal waits any more. */
    public val questionCount: Int get() = questions.get()

    /** Loses the key, as some phones do. */
    @Synchronized
    public fun loseKey() {
        file.delete()
    }

    internal val asKeyVault: KeyVault =
        object : KeyVault {
            override fun wrap(key: ByteArray): ByteArray =
                asked {
                    val iv = ByteArray(IV_LENGTH).also(SecureRandom()::nextBytes)
                    iv + cipher(Cipher.ENCRYPT_MODE, read() ?: make(), iv).doFinal(key)
                }

            override fun unwrap(wrapped: ByteArray): ByteArray =
                asked {
                    unwraps.incrementAndGet()
                    val own = read() ?: throw VaultFailure(VaultFailure.Kind.KEY_GONE)
                    try {
                        cipher(Cipher.DECRYPT_MODE, own, wrapped.copyOf(IV_LENGTH)).doFinal(wrapped, IV_LENGTH, wrapped.size - IV_LENGTH)
                    } catch (wrong: GeneralSecurityException) {
                        throw VaultFailure(VaultFailure.Kind.OTHER_KEY, wrong)
                    }
                }

            override fun anchor(): Long = asked { read()?.let { ByteBuffer.wrap(it).getLong(KEY_LENGTH) } ?: 0 }

            override fun raiseAnchor(anchor: Long) =
                asked {
                    val own = read() ?: throw VaultFailure(VaultFailure.Kind.KEY_GONE)
                    if (anchor >
                        ByteBuffer.wrap(own).getLong(KEY_LENGTH)
                    ) {
                        file.writeBytes(ByteBuffer.wrap(own).putLong(KEY_LENGTH, anchor).array())
                    }
                }

            override fun destroy() = asked { loseKey() }
        }

    private fun <T> asked(answer: () -> T): T {
        questions.incrementAndGet()
        Thread.sleep(delayMillis)
        fault?.let { throw VaultFailure(VaultFailure.Kind.valueOf(it.name)) }
        return synchronized(this, answer)
    }

    /** The key, then the anchor. */
    private fun read(): ByteArray? = if (file.exists()) file.readBytes() else null

    private fun make(): ByteArray {
        val made = ByteArray(KEY_LENGTH).also(SecureRandom()::nextBytes) + ByteArray(Long.SIZE_BYTES)
        file.parentFile?.mkdirs()
        file.writeBytes(made)
        return made
    }

    private fun cipher(
        mode: Int,
        own: ByteArray,
        iv: ByteArray,
    ): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            init(mode, SecretKeySpec(own, 0, KEY_LENGTH, "AES"), GCMParameterSpec(TAG_BITS, iv))
        }

    private companion object {
        const val KEY_LENGTH = 32
        const val IV_LENGTH = 12
        const val TAG_BITS = 128
    }
}

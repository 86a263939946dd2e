package dev.bezant.wallet.internal.keystore

import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** The store's key under the vault's: a byte for the version, the initialisation vector, AES-GCM's ciphertext with its tag. */
internal object WrappedKey {
    /** The length of the store's key. */
    const val KEY_LENGTH: Int = 32

    private const val VERSION: Byte = 1
    private const val IV_LENGTH = 12
    private const val TAG_LENGTH = 16
    private const val BITS_IN_A_BYTE = 8
    private const val BODY = 1 + IV_LENGTH
    private const val LENGTH = BODY + KEY_LENGTH + TAG_LENGTH
    private const val TRANSFORMATION = "AES/GCM/NoPadding"
    private val PURPOSE = "dev.bezant.wallet store key 1".toByteArray(Charsets.US_ASCII)

    fun isWellFormed(wrapped: ByteArray): Boolean = wrapped.size == LENGTH && wrapped[0] == VERSION

    /** The keystore chooses the initialisation vector. */
    fun seal(
        vaultKey: SecretKey,
        key: ByteArray,
    ): ByteArray {
        require(key.size == KEY_LENGTH) { "a store's key has $KEY_LENGTH bytes" }
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.ENCRYPT_MODE, vaultKey)
        cipher.updateAAD(PURPOSE)
        val ciphertext = cipher.doFinal(key)
        check(cipher.iv.size == IV_LENGTH) { "an initialisation vector of another length" }
        return byteArrayOf(VERSION) + cipher.iv + ciphertext
    }

    /** The caller wipes the answer. */
    fun open(
        vaultKey: SecretKey,
        wrapped: ByteArray,
    ): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, vaultKey, GCMParameterSpec(TAG_LENGTH * BITS_IN_A_BYTE, wrapped, 1, IV_LENGTH))
        cipher.updateAAD(PURPOSE)
        return cipher.doFinal(wrapped, BODY, wrapped.size - BODY)
    }
}

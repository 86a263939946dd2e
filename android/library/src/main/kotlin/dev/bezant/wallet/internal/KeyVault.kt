package dev.bezant.wallet.internal

/**
 * The device's key store: it wraps the one key of the wallet's store, and keeps one number that no copy of the store's files brings
 * back. Called on the thread that owns the store, never while a terminal waits for an answer. What it cannot do, it says by a
 * [VaultFailure].
 */
internal interface KeyVault {
    /** Wraps the 32 bytes of a new store's key, making a key of the vault where there is none. */
    fun wrap(key: ByteArray): ByteArray

    /** Opens what [wrap] gave; the caller wipes the answer. */
    fun unwrap(wrapped: ByteArray): ByteArray

    /** The highest anchor that was kept since the key was made; 0 for a new key. */
    fun anchor(): Long

    /** Keeps a higher anchor, durably; a lower one changes nothing. */
    fun raiseAnchor(anchor: Long)

    /** Destroys key and anchor. Done when there is nothing left to destroy. */
    fun destroy()
}

/** What a vault cannot do, and whether it is worth to ask again. */
internal class VaultFailure(
    val kind: Kind,
    cause: Throwable? = null,
) : Exception(kind.name, cause) {
    /** In the order of the native side's numbers, from 1 on. */
    enum class Kind {
        /** Nothing can be read before the device has been unlocked once since it started. */
        LOCKED,

        /** It does not answer now. */
        UNAVAILABLE,

        /** The key is gone for good. */
        KEY_GONE,

        /** There is a key, but not the one that the store was wrapped under. */
        OTHER_KEY,
    }
}

package dev.bezant.wallet.internal

/**
 * The fast face of the native library. What it cannot do it throws as a [NativeFailure], but for the first four, which answer
 * terminals and never throw.
 */
internal object Native {
    /** The answer to a command, or `null` where it has to be waited for: then [finish] gives it, in the order of the commands. */
    @JvmStatic
    external fun begin(command: ByteArray): ByteArray?

    /** Waits for the answer to the first command that [begin] had none for. */
    @JvmStatic
    external fun finish(): ByteArray?

    /** The answer to a command, waited for. */
    @JvmStatic
    external fun answer(command: ByteArray): ByteArray?

    /** Gives whether the wallet knows: not while it is busy, unless this [waits]. */
    @JvmStatic
    external fun deactivated(
        deselected: Boolean,
        waits: Boolean,
    ): Boolean

    /** Gives whether the wallet knows: not while it is busy, unless this [waits]. */
    @JvmStatic
    external fun device(
        locked: Boolean,
        screenOn: Boolean,
        waits: Boolean,
    ): Boolean

    /** Returns before the vault has been asked. */
    @JvmStatic
    external fun open(
        lines: String,
        folder: String,
        boot: String?,
        port: NativePort,
        hasVault: Boolean,
        hasClock: Boolean,
    )

    /** Waits until the store is open, or throws why it cannot be opened. */
    @JvmStatic
    external fun awaitUsable()

    @JvmStatic
    external fun close()

    @JvmStatic
    external fun erase(
        folder: String,
        port: NativePort,
        hasVault: Boolean,
    )

    /** Wipes the arrays. */
    @JvmStatic
    external fun installProfile(
        id: String,
        profile: ByteArray,
        dataEncryptionKey: ByteArray?,
        iccKek: ByteArray?,
    )

    /** Wipes the array. */
    @JvmStatic
    external fun loadCredentials(
        id: String,
        credentials: ByteArray,
    ): Int

    @JvmStatic
    external fun select(id: String)

    @JvmStatic
    external fun authenticated(
        method: String,
        instrument: String?,
    ): Int

    @JvmStatic
    external fun clearAuthentication()

    /** All taps that are remembered, newest first, as [Told] reads them. */
    @JvmStatic
    external fun payments(): ByteArray

    @JvmStatic
    external fun version(): String

    @JvmStatic
    external fun grade(): String

    @JvmStatic
    external fun abi(): String
}

/** What the native side cannot do. Made by it, by this constructor. */
internal class NativeFailure(
    val code: String,
    val detail: String,
    val flags: Int,
) : RuntimeException(code)

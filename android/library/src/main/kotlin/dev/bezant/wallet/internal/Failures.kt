package dev.bezant.wallet.internal

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InternalWalletException
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.internal.wide.InternalException
import dev.bezant.wallet.internal.wide.WideFailure
import dev.bezant.wallet.internal.wide.uniffiEnsureInitialized

/** A call through the fast face, its failure in the public words. */
internal inline fun <T> native(call: () -> T): T =
    try {
        call()
    } catch (failure: NativeFailure) {
        throw failure.toPublic()
    }

internal fun NativeFailure.toPublic(): WalletException =
    WalletException.of(ErrorCode.of(code), detail, flags and 1 != 0, flags and 2 != 0, flags and 4 != 0)

/** The wide face: uniffi's, on JNA, which takes its time to start. No tap may touch it. */
internal object Wide {
    private val checked by lazy { uniffiEnsureInitialized() }

    /** A call, once contract and checksums are proved; its failure in the public words. */
    fun <T> call(call: () -> T): T =
        try {
            checked
            call()
        } catch (failure: WideFailure.Failed) {
            throw WalletException.of(ErrorCode.of(failure.code), failure.detail, failure.retryable, failure.needsUser, failure.needsUpdate)
        } catch (_: InternalException) {
            throw InternalWalletException(ErrorCode.INTERNAL, "a panic was caught at the border")
        }
}

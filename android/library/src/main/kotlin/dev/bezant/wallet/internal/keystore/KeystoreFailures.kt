package dev.bezant.wallet.internal.keystore

import android.os.Build
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import dev.bezant.wallet.internal.SinceApi
import dev.bezant.wallet.internal.VaultFailure
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException

/**
 * What a failure of the keystore means. A key that is taken for gone costs the cardholder all cards, so nothing unexpected counts as
 * that: it has to be said in so many words, or to be so while the keystore keeps another key without trouble.
 */
internal fun kindOf(
    failure: Throwable,
    keepsAnother: () -> Boolean,
): VaultFailure.Kind {
    val chain = generateSequence(failure) { it.cause }.take(DEEPEST_CAUSE).toList()
    chain.filterIsInstance<VaultFailure>().firstOrNull()?.let { return it.kind }
    if (chain.any { it is AEADBadTagException }) return VaultFailure.Kind.OTHER_KEY
    if (chain.any { it is KeyPermanentlyInvalidatedException }) return VaultFailure.Kind.KEY_GONE
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
        chain.firstNotNullOfOrNull(PublicKeystoreError::isLoss)?.let { isLoss ->
            return if (isLoss) VaultFailure.Kind.KEY_GONE else VaultFailure.Kind.UNAVAILABLE
        }
    }
    // Android gives this one for whatever it could not find out about a key, a keystore that has just crashed included.
    val isUnrecoverable = chain.any { it is UnrecoverableKeyException }
    return if (isUnrecoverable && keepsAnother()) VaultFailure.Kind.KEY_GONE else VaultFailure.Kind.UNAVAILABLE
}

private const val DEEPEST_CAUSE = 8

/** The keystore's own word, which is public since Android 13. */
@SinceApi(Build.VERSION_CODES.TIRAMISU)
private object PublicKeystoreError {
    /** `null` where it is none of the keystore's errors. */
    fun isLoss(failure: Throwable): Boolean? {
        if (failure !is KeyStoreException) return null
        val isGone = failure.numericErrorCode in setOf(KeyStoreException.ERROR_KEY_DOES_NOT_EXIST, KeyStoreException.ERROR_KEY_CORRUPTED)
        return isGone && !failure.isTransientFailure
    }
}

package dev.bezant.wallet.samples

import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletFutures
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException

/** As an app in Java would: futures instead of suspending functions. */
class JavaStyle(
    wallet: Wallet,
) {
    private val futures = WalletFutures(wallet)

    /** Gives a sentence, also for a failure. */
    fun bringACardIn(
        profile: ByteArray,
        credentials: ByteArray,
    ): CompletableFuture<String> {
        val card = InstrumentId("card-1")
        return futures
            .installProfile(card, profile, null)
            .thenCompose { futures.loadCredentials(card, credentials) }
            .thenCompose { left -> futures.activate(card).thenApply { "$left payments can be made" } }
            .exceptionally { thrown ->
                val cause = (thrown as? CompletionException)?.cause ?: thrown
                (cause as? WalletException)?.code?.value ?: throw thrown
            }
    }
}

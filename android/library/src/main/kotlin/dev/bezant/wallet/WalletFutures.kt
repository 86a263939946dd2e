package dev.bezant.wallet

import android.app.Activity
import dev.bezant.wallet.internal.future
import java.util.concurrent.CompletableFuture

/**
 * The waiting functions of a [Wallet] as futures, for Java. A future fails with a [WalletException]; cancelling it stops the waiting,
 * not the work.
 *
 * @sample dev.bezant.wallet.samples.JavaStyle
 */
public class WalletFutures(
    private val wallet: Wallet,
) {
    /** [Wallet.awaitReady]. */
    public fun awaitReady(): CompletableFuture<Void?> = future { wallet.awaitReady().asVoid() }

    /** [Instruments.installProfile]. */
    public fun installProfile(
        id: InstrumentId,
        profile: ByteArray,
        keys: ProfileKeys?,
    ): CompletableFuture<Void?> = future { wallet.instruments.installProfile(id, profile, keys).asVoid() }

    /** [Instruments.loadCredentials]. */
    public fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): CompletableFuture<Int> = future { wallet.instruments.loadCredentials(id, credentials) }

    /** [Instruments.activate]. */
    public fun activate(id: InstrumentId): CompletableFuture<Void?> = future { wallet.instruments.activate(id).asVoid() }

    /** [Instruments.suspendInstrument]. */
    public fun suspendInstrument(id: InstrumentId): CompletableFuture<Void?> = future { wallet.instruments.suspendInstrument(id).asVoid() }

    /** [Instruments.delete]. */
    public fun delete(id: InstrumentId): CompletableFuture<Void?> = future { wallet.instruments.delete(id).asVoid() }

    /** [Instruments.setDefaultForContactless]. */
    public fun setDefaultForContactless(id: InstrumentId): CompletableFuture<Void?> =
        future { wallet.instruments.setDefaultForContactless(id).asVoid() }

    /** [Instruments.selectForPayment]. */
    public fun selectForPayment(id: InstrumentId): CompletableFuture<Void?> = future { wallet.instruments.selectForPayment(id).asVoid() }

    /** [Instruments.replenishCredentials]. */
    public fun replenishCredentials(id: InstrumentId): CompletableFuture<Boolean> = future { wallet.instruments.replenishCredentials(id) }

    /** [Authentication.authenticate]. */
    public fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CompletableFuture<CdcvmMethod> = future { wallet.authentication.authenticate(activity, prompt) }

    /** [History.payments]. */
    public fun payments(
        instrument: InstrumentId?,
        after: String?,
        limit: Int,
    ): CompletableFuture<PaymentPage> = future { wallet.history.payments(instrument, after, limit) }

    /** [TapAndPay.doctor]. */
    public fun doctor(): CompletableFuture<List<Finding>> = future { wallet.tapAndPay.doctor() }

    /** [Security.reportSecurityEvent]. */
    public fun reportSecurityEvent(kind: String): CompletableFuture<Void?> = future { wallet.security.reportSecurityEvent(kind).asVoid() }

    /** [Security.wipe]. */
    public fun wipe(): CompletableFuture<Void?> = future { wallet.security.wipe().asVoid() }

    /** [Security.startOver]. */
    public fun startOver(): CompletableFuture<Void?> = future { wallet.security.startOver().asVoid() }
}

private fun Unit.asVoid(): Void? = null

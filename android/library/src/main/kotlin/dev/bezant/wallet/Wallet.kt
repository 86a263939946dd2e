package dev.bezant.wallet

import android.app.Application
import dev.bezant.wallet.internal.WalletProcess
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow

/**
 * A phone full of payment cards: one for each process, set up in `Application.onCreate`.
 *
 * It is an interface so that an app can put a fake in its place. All of it may be used from any thread; functions that have to
 * wait are suspending, and [WalletFutures] shows them to Java.
 *
 * @sample dev.bezant.wallet.samples.setUpAWallet
 */
public interface Wallet {
    /** Whether the wallet can be used. */
    public val state: StateFlow<WalletState>

    /** What a screen shows of the tap that goes on, or of the latest one. */
    public val tap: StateFlow<TapState>

    /** The cards. */
    public val instruments: Instruments

    /** The cardholder's verification. */
    public val authentication: Authentication

    /** The payments that were made, or tried. */
    public val history: History

    /** The phone's side of contactless payments: role, preference, what is in the way. */
    public val tapAndPay: TapAndPay

    /** Security events, wiping, starting over. */
    public val security: Security

    /** What this library is, what it has recorded, and what it thinks of the phone. */
    public val diagnostics: Diagnostics

    /**
     * What happens, from now on. Each collector has room for 64 events that it has not collected yet; where more come, the oldest
     * go, and [WalletEvent.EventsMissed] says how many. Completed payments are told to [WalletHost] in any case.
     */
    public val events: Flow<WalletEvent>

    /**
     * Waits until the wallet can be used.
     *
     * @throws WalletException when it cannot be opened; what may pass says so ([WalletException.isRetryable]), and calling again
     * tries again.
     */
    public suspend fun awaitReady()

    public companion object {
        /**
         * Sets the wallet up; to be called in `Application.onCreate`, so that a process which a tap has started can pay. It returns
         * at once and touches neither the disk nor the native library on the caller's thread. In a process of the app other than
         * its main one the wallet is inert ([WalletState.Inert]).
         *
         * @throws SetupException with [ErrorCode.ALREADY_SET_UP] when it was called before with something else, or with
         * [ErrorCode.INVALID_CONFIG].
         */
        @JvmStatic
        public fun setup(
            application: Application,
            config: WalletConfig,
            host: WalletHost,
        ): Wallet = WalletProcess.setup(application, config, host)

        /**
         * The wallet of this process.
         *
         * @throws SetupException with [ErrorCode.NOT_SET_UP] before [setup].
         */
        @JvmStatic
        public fun get(): Wallet = WalletProcess.wallet ?: throw SetupException(ErrorCode.NOT_SET_UP, "Wallet.setup was not called")
    }
}

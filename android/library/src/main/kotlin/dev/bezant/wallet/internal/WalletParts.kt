package dev.bezant.wallet.internal

import android.app.Activity
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.TapAndPay
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import java.io.File

/** What a wallet stands on. On a phone Android gives it, in tests whoever tests. */
internal class WalletParts(
    val config: WalletConfig,
    val host: WalletHost,
    /** The folder of the wallet's files; asked for on the wallet's own thread, for it may touch the disk. */
    val folder: () -> File,
    /** Tells one start of the device from another; `null` where the native side is to ask the system. */
    val boot: () -> String?,
    /** `null` on a desk: a file then. */
    val vault: KeyVault?,
    /** `null` for the system's clocks. */
    val clock: WalletClock?,
    val device: DeviceFacts,
    val screenLock: () -> Boolean,
    val environment: () -> List<EnvironmentFact>,
    val tapAndPay: TapAndPay,
    val ask: suspend (Activity, AuthenticationPrompt) -> CdcvmMethod,
    val log: WalletLog,
    /** Milliseconds since the device started. */
    val elapsedMillis: () -> Long,
)

/** Where warnings for a developer go. They hold no secret. */
internal fun interface WalletLog {
    fun warn(
        text: String,
        cause: Throwable?,
    )
}

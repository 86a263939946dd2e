package dev.bezant.wallet.internal

import android.app.Application
import android.app.KeyguardManager
import android.content.Context
import android.os.SystemClock
import android.provider.Settings
import android.util.Log
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.SetupException
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.internal.device.AndroidDeviceFacts
import dev.bezant.wallet.internal.device.AndroidEnvironment
import dev.bezant.wallet.internal.device.isMainProcess
import dev.bezant.wallet.internal.device.nameOfThisProcess
import dev.bezant.wallet.internal.dialogs.PlatformAuthentication
import dev.bezant.wallet.internal.doctor.AndroidTapAndPay
import dev.bezant.wallet.internal.keystore.KeystoreVault
import java.io.File

/** The one wallet of a process. */
internal object WalletProcess {
    @Volatile
    var wallet: Wallet? = null
        private set
    private var setUpWith: Pair<WalletConfig, WalletHost>? = null

    @Synchronized
    fun setup(
        application: Application,
        config: WalletConfig,
        host: WalletHost,
    ): Wallet {
        wallet?.let { there ->
            if (setUpWith == config to host) return there
            throw SetupException(ErrorCode.ALREADY_SET_UP, "it was set up with another configuration or host")
        }
        val made =
            if (isMainProcess(application)) {
                NativeWallet(partsOf(application, config, host)).also { it.start() }
            } else {
                InertWallet(nameOfThisProcess())
            }
        return put(made, config, host)
    }

    /** What answers the terminals of a service in this process. */
    fun terminalSide(): TerminalSide = CurrentTerminalSide { (wallet as? NativeWallet)?.terminalSide ?: NoTerminalSide }

    /** Puts a wallet in its place, or none: for tests that begin a process anew. */
    @Synchronized
    fun put(
        made: Wallet,
        config: WalletConfig?,
        host: WalletHost?,
    ): Wallet {
        setUpWith = if (config == null || host == null) null else config to host
        wallet = made
        return made
    }

    /** Ends it, as the death of the process would. */
    @Synchronized
    fun end() {
        (wallet as? NativeWallet)?.close()
        wallet = null
        setUpWith = null
    }

    private fun partsOf(
        application: Application,
        config: WalletConfig,
        host: WalletHost,
    ): WalletParts {
        val context: Context = application
        val authentication = PlatformAuthentication(context)
        return WalletParts(
            config = config,
            host = host,
            folder = { File(context.noBackupFilesDir, "dev.bezant.wallet/store") },
            boot = { bootOf(context) },
            vault = KeystoreVault(context),
            clock = null,
            device = AndroidDeviceFacts(context),
            screenLock = { context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure == true },
            environment = { AndroidEnvironment(context).facts() },
            tapAndPay = AndroidTapAndPay(context, isCalledByApplicationOnCreate()),
            ask = authentication::authenticate,
            log = { text, cause -> Log.w("Bezant", text, cause) },
            elapsedMillis = SystemClock::elapsedRealtime,
        )
    }

    /** Android counts its starts, from API 24 on. */
    private fun bootOf(context: Context): String? =
        Settings.Global
            .getInt(context.contentResolver, Settings.Global.BOOT_COUNT, -1)
            .takeIf { it >= 0 }
            ?.let { "boot $it" }

    private fun isCalledByApplicationOnCreate(): Boolean =
        Thread.currentThread().stackTrace.any {
            it.methodName == "callApplicationOnCreate" && it.className == "android.app.Instrumentation"
        }
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.internal.NativeWallet
import dev.bezant.wallet.internal.WalletParts
import dev.bezant.wallet.internal.WalletProcess
import kotlinx.coroutines.runBlocking
import java.io.File
import java.nio.file.Files
import java.util.concurrent.CopyOnWriteArrayList

/**
 * The real wallet in a test: the native library of this machine, a folder, and a phone, clocks and a key store that the test moves. It
 * takes the place of the process's wallet, so `Wallet.get()` and the app's own service find it; one at a time.
 *
 * What [endProcess] ends and [startProcess] begins again is all that a process holds; the folder stays. The end is one in order:
 * work that was begun is on disk, as it is when Android stops a process that does nothing.
 *
 * @sample dev.bezant.wallet.testkit.samples.theFirstTap
 */
public class TestWallet private constructor(
    /** Where its files are. */
    public val folder: File,
    private val config: WalletConfig,
    private var host: WalletHost,
    private val usesTestClock: Boolean,
) : AutoCloseable {
    /** Its clocks; not looked at with [Builder.clockOfThisMachine]. */
    public val clock: TestClock = TestClock()

    /** Its phone. */
    public val device: TestDevice = TestDevice()

    /** Its key store. */
    public val vault: TestVault = TestVault(File(folder, "vault"))

    /** Its role among the phone's wallets. */
    public val tapAndPay: FakeTapAndPay = FakeTapAndPay()

    private val warned = CopyOnWriteArrayList<String>()
    private var boots = 1
    private var current: NativeWallet? = null

    /** What the wallet has warned developers of. */
    public val warnings: List<String> get() = warned

    /** The wallet, while its process lives. */
    public val wallet: Wallet get() = checkNotNull(current) { "its process has ended: startProcess begins another" }

    /** Waits until it is ready. */
    public fun awaitReady() {
        runBlocking { wallet.awaitReady() }
    }

    /** Ends its process, in order. */
    public fun endProcess() {
        if (current != null && WalletProcess.wallet === current) WalletProcess.end() else current?.close()
        current = null
    }

    /** Begins a new process on the same folder, with the same app or another one. It does not wait until the wallet is ready. */
    @JvmOverloads
    public fun startProcess(host: WalletHost = this.host): Wallet {
        endProcess()
        WalletProcess.end()
        this.host = host
        val made = NativeWallet(parts())
        current = made
        WalletProcess.put(made, config, host)
        made.start()
        return made
    }

    /** Switches the device off and on: the process ends, the clock since the start begins anew, and a new process begins. */
    public fun restartDevice(): Wallet {
        endProcess()
        clock.restart()
        boots++
        return startProcess()
    }

    /** Ends its process. The folder stays. */
    override fun close() {
        endProcess()
    }

    private fun parts(): WalletParts {
        val boot = "test boot $boots"
        return WalletParts(
            config = config,
            host = host,
            folder = { File(folder, "store") },
            boot = { boot },
            vault = vault.asKeyVault,
            clock = clock.asWalletClock.takeIf { usesTestClock },
            device = device.facts,
            screenLock = { device.hasScreenLock },
            environment = { device.environment },
            tapAndPay = tapAndPay,
            ask = { _, _ -> device.verify() },
            log = { text, cause -> warned += if (cause == null) text else "$text: $cause" },
            elapsedMillis = { if (usesTestClock) clock.bootMillis else System.nanoTime() / 1_000_000 },
        )
    }

    /** How a [TestWallet] is opened. */
    public class Builder internal constructor() {
        private var folder: File? = null
        private var config = WalletConfig.builder().hostBudgetMillis(PATIENT_BUDGET_MILLIS).build()
        private var host: WalletHost = object : WalletHost {}
        private var usesTestClock = true

        /** Where its files go; by default to a temporary folder that nobody removes. */
        public fun folder(folder: File): Builder = apply { this.folder = folder }

        /** How it behaves; by default as always, but for an app that may take its time, so that no slow machine declines a payment. */
        public fun config(config: WalletConfig): Builder = apply { this.config = config }

        /** The app behind it; by default one that does nothing. */
        public fun host(host: WalletHost): Builder = apply { this.host = host }

        /** Lets time pass by itself, for a test that measures or waits; then [TestWallet.clock] moves nothing. */
        public fun clockOfThisMachine(): Builder = apply { usesTestClock = false }

        /** Prepares it without a process: [startProcess] begins one, after phone and key store have been set. */
        public fun prepare(): TestWallet {
            ReleaseBuild.refuse()
            HostLibrary.use()
            return TestWallet(folder ?: Files.createTempDirectory("bezant-wallet").toFile(), config, host, usesTestClock)
        }

        /** Opens it and waits until it is ready. */
        public fun open(): TestWallet =
            prepare().apply {
                startProcess()
                awaitReady()
            }
    }

    public companion object {
        private const val PATIENT_BUDGET_MILLIS = 2_000

        /** Begins to say how. */
        @JvmStatic
        public fun builder(): Builder = Builder()

        /** Opens one in a temporary folder with [Syn1] in it, ready to pay three times. */
        @JvmStatic
        @JvmOverloads
        public fun withSyn1(host: WalletHost = object : WalletHost {}): TestWallet =
            builder().host(host).open().apply {
                Syn1.provision(wallet)
            }
    }
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import kotlinx.coroutines.runBlocking

/**
 * Whether an app's [WalletHost] keeps to its contract. It is put behind the real wallet with [Syn1] in it, which taps a terminal: a
 * small payment, one that needs a verification, its second tap, and one after that; then it loses its card. Each call is timed, and
 * the report says what the wallet does about it.
 *
 * The host may call the wallet from inside (`Wallet.get()` is the one that is tapped). It must not be one that a wallet of this process
 * has already.
 *
 * @sample dev.bezant.wallet.testkit.samples.aHostUnderTest
 */
public object HostContract {
    /** Checks a host. It takes about a second, and longer if the host does. */
    @JvmStatic
    @JvmOverloads
    public fun check(
        host: WalletHost,
        config: WalletConfig = WalletConfig.builder().build(),
    ): Report {
        val budget = config.settings["host_budget_ms"]?.toString()?.toLong() ?: DEFAULT_BUDGET_MILLIS
        val probe = ProbedHost(host)
        val phone =
            TestWallet
                .builder()
                .config(config)
                .host(probe)
                .open()
        try {
            play(phone, probe)
        } finally {
            phone.close()
            phone.folder.deleteRecursively()
        }
        return Report(probe.calls.map { judge(it, budget) })
    }

    private fun play(
        phone: TestWallet,
        probe: ProbedHost,
    ) {
        val (shop, jeweller) = FakeTerminal.selling(2_500) to FakeTerminal.selling(25_000)
        val port = ApduPorts.ofWallet()
        Syn1.provision(phone.wallet)
        listOf(false to shop, false to jeweller, true to jeweller, true to shop).forEachIndexed { i, (verified, terminal) ->
            val authentication = phone.wallet.authentication
            if (verified) authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null) else authentication.clearUserAuthentication()
            terminal.tap(port)
            probe.await(i + 1, COMPLETED)
        }
        runBlocking { phone.wallet.instruments.suspendInstrument(Syn1.ID) }
        probe.await(2, STATUS_CHANGED)
    }

    private fun judge(
        call: ProbedHost.Call,
        budget: Long,
    ): CallReport {
        val terminalWaits = call.name == FINAL_DECISION || call.name == STARTED
        val late = call.millis > (if (terminalWaits) budget else PATIENCE_MILLIS)
        val how =
            when {
                call.isOpen -> "did not return within ${call.millis} ms"
                call.thrown != null -> "threw ${call.thrown?.javaClass?.name}"
                late -> "took ${call.millis} ms"
                call.isLooser -> "answered PROCEED against the recommendation"
                else -> null
            }
        return CallReport(
            call.name,
            call.millis,
            call.thrown,
            how == null,
            if (how ==
                null
            ) {
                "fine"
            } else {
                "$how: ${consequence(call, budget)}"
            },
        )
    }

    private fun consequence(
        call: ProbedHost.Call,
        budget: Long,
    ): String =
        when (call.name) {
            FINAL_DECISION -> if (call.isLooser) "the recommendation stands" else "the payment is declined (budget $budget ms)"
            STARTED -> "the terminal was kept waiting for at most $budget ms, and the tap went on without the app"
            COMPLETED ->
                if (call.thrown != null) {
                    "the payment is told again, by this process or the next, until the call returns"
                } else {
                    "what happens meanwhile is told later"
                }
            else -> if (call.thrown != null) "HostMisbehaved is told and the wallet goes on" else "what happens meanwhile is told later"
        }

    /** What became of one call. */
    public class CallReport internal constructor(
        /** The function of [WalletHost]. */
        public val call: String,
        /** How long it took. */
        public val millis: Long,
        /** What it threw. */
        public val thrown: Throwable?,
        /** Nothing is wrong with it. */
        public val isFine: Boolean,
        /** What is wrong, and what the wallet does about it. */
        public val sentence: String,
    ) {
        override fun toString(): String = "$call ($millis ms): $sentence"
    }

    /** What became of all calls, in the order they were made. */
    public class Report internal constructor(
        /** The calls. */
        public val calls: List<CallReport>,
    ) {
        /** Nothing is wrong with any of them. */
        public val isKept: Boolean get() = calls.all { it.isFine }

        /** Those that something is wrong with. */
        public val faults: List<CallReport> get() = calls.filterNot { it.isFine }

        override fun toString(): String = calls.joinToString("\n")
    }

    internal const val FINAL_DECISION = "finalDecision"
    internal const val STARTED = "onContactlessPaymentStarted"
    internal const val COMPLETED = "onContactlessPaymentCompleted"
    internal const val STATUS_CHANGED = "onPaymentInstrumentStatusChanged"

    /** The default of [WalletConfig.Builder.hostBudgetMillis]. */
    private const val DEFAULT_BUDGET_MILLIS = 200L

    /** How long a call may take that no terminal waits for. */
    private const val PATIENCE_MILLIS = 1_000L
}

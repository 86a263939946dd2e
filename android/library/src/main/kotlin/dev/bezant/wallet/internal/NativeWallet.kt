package dev.bezant.wallet.internal

import dev.bezant.wallet.Authentication
import dev.bezant.wallet.BuildInfo
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.Diagnostics
import dev.bezant.wallet.History
import dev.bezant.wallet.Instruments
import dev.bezant.wallet.Security
import dev.bezant.wallet.TapAndPay
import dev.bezant.wallet.TapState
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import dev.bezant.wallet.internal.wide.exportRecording as wideExportRecording

/** The wallet on the native library. */
internal class NativeWallet(
    private val parts: WalletParts,
) : Wallet {
    private val states = MutableStateFlow<WalletState>(WalletState.Opening())
    private val hub = EventHub()
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val operations = Operations(scope)
    private val listener = HostCalls(parts.host, parts.elapsedMillis, ::publish, ::deliver)
    private val port = NativePort(parts.vault, parts.clock, listener)
    private val terminals =
        NativeTerminalSide(
            // One thread, while there is something to wait for.
            ThreadPoolExecutor(1, 1, 30, TimeUnit.SECONDS, LinkedBlockingQueue()) { task ->
                Thread(task, "bezant-answers").apply { isDaemon = true }
            }.apply { allowCoreThreadTimeOut(true) },
            parts.device,
        )
    private val opening = Opening(parts, port, terminals, states)
    private val deliveries by lazy {
        Deliveries(File(opening.folder.path + ".delivered"), {
            Told.payments(native { Native.payments() })
        }, parts.host::onContactlessPaymentCompleted)
    }
    private val cards = lazy { NativeInstruments(scope, operations, ::awaitReady) }

    override val state: StateFlow<WalletState> = states.asStateFlow()
    override val tap: StateFlow<TapState> = listener.tap.asStateFlow()
    override val events: Flow<WalletEvent> = hub.events
    override val instruments: Instruments get() = cards.value.also { it.refreshSoon() }
    override val authentication: Authentication = NativeAuthentication(parts, opening::awaitNative)
    override val history: History = NativeHistory(operations, ::awaitReady)
    override val tapAndPay: TapAndPay get() = parts.tapAndPay
    override val security: Security = NativeSecurity(operations, parts, opening, ::awaitReady, { deliveries.forget() }) { refresh() }
    override val diagnostics: Diagnostics =
        object : Diagnostics {
            override val buildInfo: BuildInfo get() = NativeLibrary.buildInfo

            override suspend fun exportRecording(): ByteArray? {
                if ((parts.config.settings["recorded_steps"] ?: 0) == 0) return null
                awaitReady()
                return operations.join("exportRecording") { Wide.call { wideExportRecording() } }
            }
        }

    /** What answers terminals. */
    val terminalSide: TerminalSide get() = terminals

    override suspend fun awaitReady() {
        if (states.value is WalletState.Ready) return
        val known = opening.attempts
        operations.join("open") { openAndDeliver(known) }
    }

    /** Begins to open the wallet, on a thread of its own. */
    fun start() {
        val known = opening.attempts
        Thread({
            try {
                openAndDeliver(known)
            } catch (_: WalletException) {
                // The state says so, and whoever waits is told.
            }
        }, "bezant-setup").apply { isDaemon = true }.start()
    }

    /** Ends the wallet in this process, as its death would, but in order. */
    fun close() {
        opening.end()
        scope.cancel()
    }

    private fun openAndDeliver(known: Int) {
        if (!opening.open(known)) return
        try {
            deliver(null)
        } catch (exception: Throwable) {
            // The app's. It is told again, as the next process would; this thread is not the app's to end.
            parts.log.warn("the app failed when it was told of a payment", exception)
            publish(WalletEvent.HostMisbehaved("Event", "Failed"))
        }
        refresh()
    }

    private fun deliver(ended: ContactlessPayment?) {
        // Until it is ready nobody knows what was told before; then all of it is.
        if (states.value !is WalletState.Ready) return
        try {
            deliveries.deliver(ended)
        } catch (exception: WalletException) {
            parts.log.warn("completed payments could not be read", exception)
        }
    }

    private fun publish(event: WalletEvent) {
        if (event is WalletEvent.SecurityIssue) states.value = WalletState.SecurityEvent(event.kind)
        hub.publish(event)
        if (event !is WalletEvent.ContactlessPaymentStarted) refresh()
    }

    /** Only where somebody has looked at the cards: the wide face is slow to start. */
    private fun refresh() {
        if (cards.isInitialized()) cards.value.refreshSoon()
    }
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.BuildInfo
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.Diagnostics
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.History
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.PaymentPage
import dev.bezant.wallet.TapState
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.WalletState
import dev.bezant.wallet.internal.EventHub
import dev.bezant.wallet.internal.WalletProcess
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import java.util.concurrent.CopyOnWriteArrayList

/**
 * A wallet in memory for an app's own tests of screens and view models: it is what the test says, remembers what the app asked of it,
 * and touches neither the native library nor the disk. It judges no payment; for that there is [TestWallet].
 *
 * @sample dev.bezant.wallet.testkit.samples.aScreenUnderTest
 */
public class FakeWallet : Wallet {
    private val states = MutableStateFlow<WalletState>(WalletState.Ready())
    private val taps = MutableStateFlow<TapState>(TapState.Idle())
    private val hub = EventHub()
    private val remembered = CopyOnWriteArrayList<ContactlessPayment>()

    /** What the next calls fail with; `null` lets them succeed. */
    @Volatile
    public var failure: WalletException? = null

    /** What [Diagnostics.buildInfo] answers. */
    @Volatile
    public var buildInfo: BuildInfo = BuildInfo("0.0.0", "fake", "none")

    /** What [Diagnostics.exportRecording] answers. */
    @Volatile
    public var recording: ByteArray? = null

    override val state: StateFlow<WalletState> = states.asStateFlow()
    override val tap: StateFlow<TapState> = taps.asStateFlow()
    override val events: Flow<WalletEvent> = hub.events
    override val instruments: FakeInstruments = FakeInstruments(::fail)
    override val authentication: FakeAuthentication = FakeAuthentication(::fail)
    override val tapAndPay: FakeTapAndPay = FakeTapAndPay()
    override val security: FakeSecurity = FakeSecurity(::fail)

    override val history: History =
        object : History {
            override suspend fun payments(
                instrument: InstrumentId?,
                after: String?,
                limit: Int,
            ): PaymentPage {
                fail()
                val newest = remembered.sortedByDescending { it.number }.filter { instrument == null || it.instrument == instrument }
                val rest = if (after == null) newest else newest.dropWhile { it.id != after }.drop(1)
                return PaymentPage(rest.take(limit), if (rest.size > limit) rest[limit - 1].id else null)
            }
        }

    override val diagnostics: Diagnostics =
        object : Diagnostics {
            override val buildInfo: BuildInfo get() = this@FakeWallet.buildInfo

            override suspend fun exportRecording(): ByteArray? = recording
        }

    init {
        ReleaseBuild.refuse()
    }

    /** Waits for the state ready; throws what a failed state, or [failure], says. */
    override suspend fun awaitReady() {
        fail()
        val state = states.first { it !is WalletState.Opening }
        if (state is WalletState.Failed) throw state.exception
        if (state is WalletState.SecurityEvent) throw WalletValues.exception(ErrorCode.SECURITY_EVENT_OCCURRED)
        if (state is WalletState.Inert) throw WalletValues.exception(ErrorCode.WRONG_PROCESS)
    }

    /** Changes its state; [WalletStates] has them. */
    public fun setState(state: WalletState) {
        states.value = state
    }

    /** Changes what a screen shows of a tap; [WalletStates] has them. */
    public fun setTap(tap: TapState) {
        taps.value = tap
    }

    /** Tells an event to whoever collects [events]; [WalletEvents] has them. */
    public fun emit(event: WalletEvent) {
        hub.publish(event)
    }

    /** Lets a tap end like that: it is in the history, the screen shows it, and collectors are told. */
    public fun complete(payment: ContactlessPayment) {
        remembered += payment
        taps.value = TapState.Ended(payment)
        hub.publish(WalletEvent.ContactlessPaymentCompleted(payment))
    }

    /** Puts it in the place of the process's wallet, so that `Wallet.get()` gives it; `Wallet.setup` does, for the same arguments. */
    @JvmOverloads
    public fun install(
        config: WalletConfig? = null,
        host: WalletHost? = null,
    ): FakeWallet =
        apply {
            WalletProcess.end()
            WalletProcess.put(this, config, host)
        }

    /** Takes it away again. */
    public fun uninstall() {
        if (WalletProcess.wallet === this) WalletProcess.end()
    }

    private fun fail() {
        failure?.let { throw it }
    }
}

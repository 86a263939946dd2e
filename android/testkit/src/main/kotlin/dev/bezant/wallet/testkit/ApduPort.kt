package dev.bezant.wallet.testkit

import android.content.Intent
import dev.bezant.wallet.BezantApduService
import dev.bezant.wallet.internal.ApduResponder
import dev.bezant.wallet.internal.WalletProcess
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/**
 * Where a terminal's commands go. [FakeTerminal] needs no more than this: a test may bring its own.
 *
 * @see ApduPorts
 */
public interface ApduPort {
    /** The answer to a command; `null` when none came in time. */
    public fun transmit(command: ByteArray): ByteArray?

    /** The field has gone, by one of the reasons of `HostApduService`: 0 the link was lost, 1 another application was selected. */
    public fun deactivate(reason: Int)
}

/** The ways to the wallet of this process. */
public object ApduPorts {
    /** How long a terminal waits for an answer. */
    internal const val PATIENCE_MILLIS: Long = 5_000

    /** As a service of its own would ask it, without Android: for tests on a JVM. */
    @JvmStatic
    public fun ofWallet(): ApduPort = WalletPort()

    /** Through the app's own service, which a test has made, as Android's NFC service talks to it; see [ServicePort]. */
    @JvmStatic
    public fun ofService(service: BezantApduService): ServicePort = ServicePort(checkNotNull(service.onBind(Intent())))
}

/** A conversation with the wallet of this process. */
internal class WalletPort : ApduPort {
    private val late = LinkedBlockingQueue<ByteArray>()
    private val responder = ApduResponder(WalletProcess.terminalSide(), late::put)

    override fun transmit(command: ByteArray): ByteArray? =
        responder.command(command) ?: late.poll(ApduPorts.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)

    override fun deactivate(reason: Int) {
        responder.deactivated(reason)
        // What was sent before the field went is nobody's answer any more.
        late.clear()
    }
}

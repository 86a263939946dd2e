package dev.bezant.wallet

import android.nfc.cardemulation.HostApduService
import android.os.Bundle
import dev.bezant.wallet.internal.ApduResponder
import dev.bezant.wallet.internal.WalletProcess

/**
 * Answers terminals. An app declares a subclass of its own in its manifest, with its application identifiers, banner and label; there
 * is nothing to override.
 *
 * Android calls it on the main thread. It answers on the spot whenever that needs no waiting; where the store, a credential or the app
 * has to be waited for, the answer follows through `sendResponseApdu`, and one that comes after the field is gone is dropped, as far
 * as Android has not queued it yet. What it knows lives in the process: Android may destroy and recreate the service between two taps.
 *
 * @sample dev.bezant.wallet.samples.PaymentService
 */
public open class BezantApduService : HostApduService() {
    private val responder: ApduResponder by lazy { ApduResponder(WalletProcess.terminalSide()) { sendResponseApdu(it) } }

    final override fun processCommandApdu(
        commandApdu: ByteArray?,
        extras: Bundle?,
    ): ByteArray? = responder.command(commandApdu ?: ByteArray(0))

    final override fun onDeactivated(reason: Int) {
        responder.deactivated(reason)
    }

    override fun onDestroy() {
        responder.close()
        super.onDestroy()
    }
}

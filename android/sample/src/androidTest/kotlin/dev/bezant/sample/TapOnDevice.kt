package dev.bezant.sample

import android.content.Context
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.testkit.FakeIssuer
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.ServicePort
import dev.bezant.wallet.testkit.Syn1

// region device

/** Taps the app's own service, as Android's NFC service talks to it. Not on the main thread: the service answers there. */
fun payOnThisDevice(context: Context): FakeIssuer.Verdict {
    val wallet = Wallet.get()
    Syn1.provision(wallet, Syn1.credentials(firstAtc = 100, count = 1))
    wallet.authentication.setUserAuthenticated(CdcvmMethod.DEVICE_CREDENTIAL, null)
    ServicePort.bind(context, PaymentService::class.java).use { service ->
        return FakeIssuer().authorise(FakeTerminal.selling(25_00).tap(service))
    }
}
// endregion

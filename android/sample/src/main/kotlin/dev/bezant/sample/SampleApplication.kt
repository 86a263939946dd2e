package dev.bezant.sample

import android.app.Application
import android.content.Intent
import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost

// region application

/** The app's process, whoever has started it: the launcher, or a terminal. */
class SampleApplication :
    Application(),
    WalletHost {
    override fun onCreate() {
        super.onCreate()
        Wallet.setup(this, WalletConfig.builder().build(), this)
    }

    /** A terminal wants the cardholder verified: the screen asks. Called on a thread of the wallet's own. */
    override fun onAuthRequiredForContactless(request: AuthenticationRequest) {
        // Android lets the app behind a bound payment service do so; an app for the field shows a notification as well.
        startActivity(Intent(this, CardActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
    }
}
// endregion

package dev.bezant.sample

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletException
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch

/** The one screen: the card, the verification, the tap, what went wrong and why, the taps before. */
class CardActivity : Activity() {
    private val scope = MainScope()
    private val wallet: Wallet by lazy { Wallet.get() }
    private lateinit var screen: CardScreen

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val demoCard = DemoCard.of(assets)
        screen =
            CardScreen(
                this,
                onAuthenticate = { act { authenticate() } },
                onBecomeDefault = { act { open(wallet.tapAndPay.requestDefaultIntent()) } },
                onBringIn = demoCard?.let { card -> { act { card.bringIn(wallet) } } },
                onStartOver = { act { wallet.security.startOver() } },
            )
        setContentView(screen.view)
        // It ends by itself when this activity does.
        wallet.tapAndPay.preferWhileResumed(this)
        scope.launch { wallet.state.collect { screen.wallet.text = Sentences.of(it) } }
        scope.launch { wallet.tap.collect { screen.tap.text = Sentences.of(it) } }
        scope.launch { wallet.instruments.all.collect { screen.card.text = Sentences.of(it) } }
        // Whenever the wallet has opened or a tap has gone on.
        scope.launch { wallet.state.combine(wallet.tap) { _, _ -> }.collect { attempt { showHistory() } } }
    }

    override fun onResume() {
        super.onResume()
        // What was in the way may have been mended in the settings meanwhile.
        scope.launch { attempt { examine() } }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private suspend fun showHistory() {
        val page = wallet.history.payments(null, null, 10)
        screen.history.text = page.payments.joinToString("\n", transform = Sentences::of)
    }

    // region authenticate

    /** The wallet throws where the cardholder was not verified: the dialog was left, there is no screen lock. */
    private suspend fun authenticate() {
        val prompt = AuthenticationPrompt("Pay by phone", "Then hold the phone to the reader", "Cancel")
        wallet.authentication.authenticate(this, prompt)
    }
    // endregion

    // region doctor

    /** Each finding has a code, a sentence, and an intent that leads the user to the remedy where there is one. */
    private suspend fun examine() {
        screen.showFindings(wallet.tapAndPay.doctor(), ::open)
    }

    /** Android heeds the wish to become the default only where a result is waited for. */
    private fun open(intent: Intent) {
        try {
            startActivityForResult(intent, 0)
        } catch (exception: ActivityNotFoundException) {
            screen.problem.text = exception.message
        }
    }
    // endregion

    /** What the user has asked for. */
    private fun act(action: suspend () -> Unit) {
        screen.problem.text = ""
        scope.launch { attempt(action) }
    }

    /** What the wallet cannot do it throws, with a code, a sentence, and who can help. */
    private suspend fun attempt(action: suspend () -> Unit) {
        try {
            action()
        } catch (exception: WalletException) {
            screen.problem.text = Sentences.of(exception)
        }
    }
}

package dev.bezant.consumer

import android.app.Application
import dev.bezant.wallet.BezantApduService
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.TapState
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletHost
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.map

/** An app that still compiles with Kotlin 2.0. */
class KotlinApp : Application() {
    override fun onCreate() {
        super.onCreate()
        Wallet.setup(this, WalletConfig.builder().build(), object : WalletHost {})
    }
}

class KotlinPaymentService : BezantApduService()

/** Text for a screen. */
fun texts(wallet: Wallet): Flow<String> =
    wallet.tap.map { tap ->
        when (tap) {
            is TapState.ReadyToTap -> "Hold the phone to the reader"
            is TapState.Ended -> tap.payment.id.toString()
            else -> ""
        }
    }

fun missed(wallet: Wallet): Flow<Int> = wallet.events.filterIsInstance<WalletEvent.EventsMissed>().map { it.count }

/** Brings a card in; answers how many credentials it has, or why it cannot. */
suspend fun bringIn(
    wallet: Wallet,
    profile: ByteArray,
    credentials: ByteArray,
): String =
    try {
        wallet.awaitReady()
        wallet.instruments.installProfile(InstrumentId("card-1"), profile, null)
        wallet.instruments.loadCredentials(InstrumentId("card-1"), credentials).toString()
    } catch (failure: WalletException) {
        "${failure.code}: ${failure.message}, again: ${failure.isRetryable}"
    }

package dev.bezant.wallet.samples

import android.app.Application
import dev.bezant.wallet.BezantApduService
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.CvmModel
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletHost

/** In `Application.onCreate`. */
fun setUpAWallet(application: Application) {
    val host =
        object : WalletHost {
            override fun onContactlessPaymentCompleted(payment: ContactlessPayment) {
                println("tap ${payment.number}: ${payment.outcome} ${payment.reasons}")
            }
        }
    Wallet.setup(application, WalletConfig.builder().build(), host)
}

fun aConfiguration(): WalletConfig =
    WalletConfig
        .builder()
        .cvmModel(CvmModel.FLEXIBLE)
        .authenticationValiditySeconds(60)
        .maxConsecutiveLowValuePayments(3)
        .maxCumulativeLowValueAmount(150_00)
        .environmentPolicy { facts ->
            facts.firstOrNull { it.code == EnvironmentFact.Code.DEBUGGER_ATTACHED && it.holds == true }
        }.build()

/** Tries once more after a failure that may pass, and starts over after one that never will. Gives why neither helped. */
suspend fun openWhateverHappens(wallet: Wallet): ErrorCode? =
    try {
        wallet.awaitReady()
        null
    } catch (exception: WalletException) {
        when (exception.code) {
            ErrorCode.KEYSTORE_KEY_INVALIDATED, ErrorCode.STORAGE_ROLLED_BACK, ErrorCode.STORAGE_CORRUPTED -> {
                // The cards are lost with their key: the backend has to provision them again.
                wallet.security.startOver()
                null
            }
            else -> exception.code
        }
    }

/** In the manifest it is exported, with the permission `BIND_NFC_SERVICE`, the action and the resource of its identifiers. */
class PaymentService : BezantApduService()

package dev.bezant.wallet.internal.doctor

import android.app.Activity
import android.content.Context
import android.content.Intent
import dev.bezant.wallet.Finding
import dev.bezant.wallet.TapAndPay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** The phone's side of contactless payments, asked of Android. */
internal class AndroidTapAndPay(
    private val context: Context,
    /** The wallet was set up in `Application.onCreate`. */
    private val isSetUpInOnCreate: Boolean,
    private val services: PaymentServices = PaymentServices(context),
) : TapAndPay {
    private val defaultWallet = DefaultWallet(context, services)

    override fun isDefault(): Boolean = defaultWallet.isThisApp()

    override fun requestDefaultIntent(): Intent = defaultWallet.requestIntent()

    override fun preferWhileResumed(activity: Activity): AutoCloseable =
        ForegroundPreference.begin(activity, cardEmulationOf(context), services.main())

    override suspend fun doctor(): List<Finding> =
        withContext(Dispatchers.IO) {
            val declared = services.all()
            radioFindings(context) +
                serviceFindings(context, declared) +
                routingFindings(context, declared, defaultWallet) +
                lockFindings(context, declared) +
                setupFindings(isSetUpInOnCreate)
        }
}

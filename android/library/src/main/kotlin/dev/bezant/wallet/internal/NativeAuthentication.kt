package dev.bezant.wallet.internal

import android.app.Activity
import dev.bezant.wallet.Authentication
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.InstrumentId
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** The cardholder's verification, asked of the phone and told to the native wallet. */
internal class NativeAuthentication(
    private val parts: WalletParts,
    /** Waits for the moment that the native side takes to be loaded; throws where it has no wallet. */
    private val awaitNative: () -> Unit,
) : Authentication {
    override suspend fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CdcvmMethod = parts.ask(activity, prompt).also { withContext(Dispatchers.IO) { setUserAuthenticated(it, null) } }

    override fun setUserAuthenticated(
        method: CdcvmMethod,
        instrument: InstrumentId?,
    ): Int {
        awaitNative()
        return native { Native.authenticated(method.name.lowercase(), instrument?.value) }
    }

    override fun clearUserAuthentication() {
        awaitNative()
        native { Native.clearAuthentication() }
    }

    override fun isAvailable(): Boolean = parts.screenLock()
}

package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.app.KeyguardManager
import android.content.Context
import android.os.Build
import dev.bezant.wallet.AuthenticationException
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode

/**
 * Verifies the cardholder by the means of Android.
 *
 * From API 30 on one dialog takes a biometric or the screen lock. On API 28 and 29 the biometric dialog has a button that leads to
 * the screen lock, and where no biometric can serve the screen lock comes at once. Below, there is the screen lock alone.
 */
internal class PlatformAuthentication(
    private val context: Context,
    private val biometrics: CardholderDialog? = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) BiometricDialog() else null,
    private val screenLock: CardholderDialog = ScreenLockDialog(),
) {
    /** A screen lock is set: without one there are no biometrics either. */
    val isAvailable: Boolean get() = context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure == true

    /** @throws AuthenticationException unless the cardholder was verified. */
    suspend fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CdcvmMethod {
        if (!isAvailable) throw exception(ErrorCode.AUTHENTICATION_UNAVAILABLE, "no screen lock is set")
        if (activity.isFinishing || activity.isDestroyed) throw exception(ErrorCode.AUTHENTICATION_FAILED, "the activity has ended")
        val first = biometrics?.ask(activity, prompt) ?: DialogAnswer.ScreenLockWanted
        val answer = if (first == DialogAnswer.ScreenLockWanted) screenLock.ask(activity, prompt) else first
        return when (answer) {
            is DialogAnswer.Verified -> answer.method
            is DialogAnswer.Cancelled -> throw exception(ErrorCode.AUTHENTICATION_CANCELLED, answer.detail)
            is DialogAnswer.Failed -> throw exception(ErrorCode.AUTHENTICATION_FAILED, answer.detail)
            is DialogAnswer.Unavailable -> throw exception(ErrorCode.AUTHENTICATION_UNAVAILABLE, answer.detail)
            is DialogAnswer.ScreenLockWanted -> throw exception(ErrorCode.AUTHENTICATION_UNAVAILABLE, "no dialog can serve")
        }
    }

    private fun exception(
        code: ErrorCode,
        detail: String,
    ) = AuthenticationException(code, detail, isRetryable = code != ErrorCode.AUTHENTICATION_UNAVAILABLE)
}

package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.content.Context
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricManager.Authenticators
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.internal.SinceApi

/** Android's biometric dialog. */
@SinceApi(Build.VERSION_CODES.P)
internal class BiometricDialog : CardholderDialog {
    override fun show(
        activity: Activity,
        prompt: AuthenticationPrompt,
        answer: (DialogAnswer) -> Unit,
    ): () -> Unit {
        val dialog = BiometricPrompt.Builder(activity).setTitle(prompt.title)
        prompt.subtitle?.let { dialog.setSubtitle(it) }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            OneDialogForAll.allow(dialog)
        } else {
            dialog.setNegativeButton(prompt.negativeButton, activity.mainExecutor) { _, _ -> answer(DialogAnswer.ScreenLockWanted) }
        }
        val cancellation = CancellationSignal()
        dialog.build().authenticate(cancellation, activity.mainExecutor, Listener(activity, answer))
        return cancellation::cancel
    }

    /** A finger that is not recognised is no answer yet: the dialog stays. */
    @SinceApi(Build.VERSION_CODES.P)
    private class Listener(
        private val context: Context,
        private val answer: (DialogAnswer) -> Unit,
    ) : BiometricPrompt.AuthenticationCallback() {
        override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult?) {
            val isBiometric = Build.VERSION.SDK_INT < Build.VERSION_CODES.R || (result != null && OneDialogForAll.isBiometric(result))
            answer(DialogAnswer.Verified(if (isBiometric) biometricMethod(context.packageManager) else CdcvmMethod.DEVICE_CREDENTIAL))
        }

        override fun onAuthenticationError(
            errorCode: Int,
            errString: CharSequence?,
        ) {
            answer(answerOf(errorCode, errString, hasScreenLock = Build.VERSION.SDK_INT >= Build.VERSION_CODES.R))
        }
    }
}

/** Biometrics and the screen lock in one dialog. */
@SinceApi(Build.VERSION_CODES.R)
private object OneDialogForAll {
    fun allow(dialog: BiometricPrompt.Builder) {
        dialog.setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL)
    }

    fun isBiometric(result: BiometricPrompt.AuthenticationResult): Boolean =
        result.authenticationType == BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC
}

/**
 * Which biometric it was, Android does not tell: a phone that has a sensor for the face and none for fingers says `FACE`, every
 * other `FINGERPRINT`. Where a phone has both, the one that Android takes for strong is nearly always the finger.
 */
internal fun biometricMethod(features: PackageManager): CdcvmMethod {
    val hasFace = features.hasSystemFeature(PackageManager.FEATURE_FACE)
    val hasFingerprint = features.hasSystemFeature(PackageManager.FEATURE_FINGERPRINT)
    return if (hasFace && !hasFingerprint) CdcvmMethod.FACE else CdcvmMethod.FINGERPRINT
}

/** What an error of the dialog means, where the dialog itself offers the screen lock and where it does not. */
@SinceApi(Build.VERSION_CODES.P)
internal fun answerOf(
    error: Int,
    text: CharSequence?,
    hasScreenLock: Boolean,
): DialogAnswer {
    val detail = "BiometricPrompt error $error: ${text ?: "no text"}"
    return when (error) {
        BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_CANCELED -> DialogAnswer.Cancelled(detail)
        BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT, BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS,
        BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL,
        -> if (hasScreenLock) DialogAnswer.Unavailable(detail) else DialogAnswer.ScreenLockWanted
        BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT,
        BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT,
        -> if (hasScreenLock) DialogAnswer.Failed(detail) else DialogAnswer.ScreenLockWanted
        else -> DialogAnswer.Failed(detail)
    }
}

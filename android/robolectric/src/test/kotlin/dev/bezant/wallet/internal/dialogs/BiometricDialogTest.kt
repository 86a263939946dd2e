package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.content.DialogInterface
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricManager.Authenticators
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import android.os.Looper
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.util.ReflectionHelpers
import java.util.concurrent.Executor

/** The biometric dialog in the hands of a test. */
@Implements(BiometricPrompt::class)
class PlantedBiometricPrompt {
    @RealObject
    lateinit var prompt: BiometricPrompt

    @Implementation
    fun authenticate(
        cancel: CancellationSignal,
        executor: Executor,
        callback: BiometricPrompt.AuthenticationCallback,
    ) {
        shown = prompt
        cancellation = cancel
        listener = callback
    }

    companion object {
        lateinit var shown: BiometricPrompt
        lateinit var cancellation: CancellationSignal
        lateinit var listener: BiometricPrompt.AuthenticationCallback
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [PlantedBiometricPrompt::class])
class BiometricDialogTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val answers = mutableListOf<DialogAnswer>()
    private val features = shadowOf(activity.packageManager)
    private val listener get() = PlantedBiometricPrompt.listener

    @After
    fun forget() = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 35)

    private fun show(level: Int = 35): () -> Unit {
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)
        return BiometricDialog().show(activity, AuthenticationPrompt("Pay", "3 francs", "Use PIN")) { answers += it }
    }

    private fun method() = (answers.single() as DialogAnswer.Verified).method

    private fun succeed(type: Int) = listener.onAuthenticationSucceeded(BiometricPrompt.AuthenticationResult(null, type))

    @Test
    fun from_android_11_on_one_dialog_takes_biometrics_and_the_screen_lock() {
        show(level = 30)
        val prompt = PlantedBiometricPrompt.shown
        assertEquals(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL, prompt.allowedAuthenticators)
        assertEquals("Pay", prompt.title)
        assertEquals("3 francs", prompt.subtitle)
        succeed(BiometricPrompt.AUTHENTICATION_RESULT_TYPE_DEVICE_CREDENTIAL)
        assertEquals(CdcvmMethod.DEVICE_CREDENTIAL, method())
    }

    @Test
    fun on_android_9_and_10_the_button_leads_to_the_screen_lock() {
        show(level = 29)
        val prompt = PlantedBiometricPrompt.shown
        assertEquals("Use PIN", prompt.negativeButtonText)
        assertEquals(0, prompt.allowedAuthenticators and Authenticators.DEVICE_CREDENTIAL)
        val button = ReflectionHelpers.getField<Any>(prompt, "mNegativeButtonInfo")
        ReflectionHelpers.getField<DialogInterface.OnClickListener>(button, "listener").onClick(null, 0)
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(DialogAnswer.ScreenLockWanted, answers.single())
    }

    @Test
    fun which_biometric_it_was_is_read_from_what_the_phone_has() {
        val methods =
            mapOf(
                (false to false) to CdcvmMethod.FINGERPRINT,
                (false to true) to CdcvmMethod.FACE,
                (true to false) to CdcvmMethod.FINGERPRINT,
                (true to true) to CdcvmMethod.FINGERPRINT,
            )
        for ((sensors, method) in methods) {
            features.setSystemFeature(PackageManager.FEATURE_FINGERPRINT, sensors.first)
            features.setSystemFeature(PackageManager.FEATURE_FACE, sensors.second)
            answers.clear()
            show()
            succeed(BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC)
            assertEquals(method, method())
        }
    }

    @Test
    fun a_finger_that_is_not_recognised_is_no_answer_yet() {
        show()
        listener.onAuthenticationFailed()
        listener.onAuthenticationHelp(1, "press harder")
        assertTrue(answers.isEmpty())
    }

    @Test
    fun who_stops_waiting_cancels_the_dialog() {
        val takeAway = show()
        assertFalse(PlantedBiometricPrompt.cancellation.isCanceled)
        takeAway()
        assertTrue(PlantedBiometricPrompt.cancellation.isCanceled)
    }

    @Test
    fun an_error_of_the_dialog_has_its_meaning() {
        fun meaning(
            error: Int,
            level: Int,
        ): String {
            answers.clear()
            show(level)
            listener.onAuthenticationError(error, "text")
            return answers.single().javaClass.simpleName
        }

        val left = listOf(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_CANCELED)
        val absent = listOf(BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT, BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS)
        val refused = listOf(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT, BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE)
        val other = listOf(BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT, BiometricPrompt.BIOMETRIC_ERROR_VENDOR, 999)
        for (level in listOf(28, 35)) {
            val hasScreenLock = level == 35
            left.forEach { assertEquals("Cancelled", meaning(it, level)) }
            absent.forEach { assertEquals(if (hasScreenLock) "Unavailable" else "ScreenLockWanted", meaning(it, level)) }
            refused.forEach { assertEquals(if (hasScreenLock) "Failed" else "ScreenLockWanted", meaning(it, level)) }
            other.forEach { assertEquals("Failed", meaning(it, level)) }
        }
    }
}

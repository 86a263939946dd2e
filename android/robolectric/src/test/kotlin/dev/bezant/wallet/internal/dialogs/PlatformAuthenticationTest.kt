package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.app.KeyguardManager
import android.os.Looper
import dev.bezant.wallet.AuthenticationException
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.internal.doctor.asked
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** A dialog that a test answers. */
private class AnsweredDialog : CardholderDialog {
    var isShown = false
    var timesTakenAway = 0
    lateinit var answer: (DialogAnswer) -> Unit

    override fun show(
        activity: Activity,
        prompt: AuthenticationPrompt,
        answer: (DialogAnswer) -> Unit,
    ): () -> Unit {
        isShown = true
        this.answer = answer
        return { timesTakenAway++ }
    }
}

@OptIn(ExperimentalCoroutinesApi::class)
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class PlatformAuthenticationTest {
    private val controller = Robolectric.buildActivity(Activity::class.java).setup()
    private val activity: Activity = controller.get()
    private val keyguard = shadowOf(activity.getSystemService(KeyguardManager::class.java)).apply { setIsDeviceSecure(true) }
    private val biometrics = AnsweredDialog()
    private val screenLock = AnsweredDialog()
    private val prompt = AuthenticationPrompt("Pay", null, "Use PIN")

    private fun begin(
        first: CardholderDialog? = biometrics,
        second: CardholderDialog = screenLock,
    ): Deferred<CdcvmMethod> =
        // A scope of its own each time: a failure belongs to who awaits it.
        CoroutineScope(Dispatchers.Unconfined).async { PlatformAuthentication(activity, first, second).authenticate(activity, prompt) }

    private fun codeOf(asked: Deferred<CdcvmMethod>): ErrorCode = (asked.getCompletionExceptionOrNull() as AuthenticationException).code

    @Test
    fun a_biometric_verifies_the_cardholder() {
        val asked = begin()
        biometrics.answer(DialogAnswer.Verified(CdcvmMethod.FINGERPRINT))
        assertEquals(CdcvmMethod.FINGERPRINT, asked.getCompleted())
        assertFalse(screenLock.isShown)
    }

    @Test
    fun the_negative_button_leads_to_the_screen_lock() {
        val asked = begin()
        assertFalse(screenLock.isShown)
        biometrics.answer(DialogAnswer.ScreenLockWanted)
        assertTrue(screenLock.isShown)
        screenLock.answer(DialogAnswer.Verified(CdcvmMethod.DEVICE_CREDENTIAL))
        assertEquals(CdcvmMethod.DEVICE_CREDENTIAL, asked.getCompleted())
    }

    @Test
    fun an_android_without_biometric_dialogs_asks_for_the_screen_lock_at_once() {
        val asked = begin(first = null)
        screenLock.answer(DialogAnswer.Verified(CdcvmMethod.DEVICE_CREDENTIAL))
        assertEquals(CdcvmMethod.DEVICE_CREDENTIAL, asked.getCompleted())
    }

    @Test
    fun each_failure_has_its_code() {
        val codes =
            mapOf(
                DialogAnswer.Cancelled("x") to ErrorCode.AUTHENTICATION_CANCELLED,
                DialogAnswer.Failed("x") to ErrorCode.AUTHENTICATION_FAILED,
                DialogAnswer.Unavailable("x") to ErrorCode.AUTHENTICATION_UNAVAILABLE,
            )
        for ((answer, code) in codes) {
            val asked = begin()
            biometrics.answer(answer)
            assertEquals(code, codeOf(asked))
        }
    }

    @Test
    fun s2_005_without_a_screen_lock_there_is_nothing_to_verify_by() {
        keyguard.setIsDeviceSecure(false)
        assertFalse(PlatformAuthentication(activity).isAvailable)
        assertEquals(ErrorCode.AUTHENTICATION_UNAVAILABLE, codeOf(begin()))
        assertFalse(biometrics.isShown)
    }

    @Test
    fun an_activity_that_ends_shows_nothing() {
        activity.finish()
        assertEquals(ErrorCode.AUTHENTICATION_FAILED, codeOf(begin()))
        assertFalse(biometrics.isShown)
    }

    @Test
    fun who_stops_waiting_takes_the_dialog_away_and_late_answers_are_not_heard() {
        val asked = begin()
        asked.cancel()
        assertEquals(1, biometrics.timesTakenAway)
        biometrics.answer(DialogAnswer.Verified(CdcvmMethod.FACE))
        biometrics.answer(DialogAnswer.ScreenLockWanted)
        assertTrue(asked.isCancelled)
        assertFalse(screenLock.isShown)
    }

    @Test
    fun a_dialog_that_answers_twice_is_heard_once() {
        val asked = begin()
        biometrics.answer(DialogAnswer.Verified(CdcvmMethod.FACE))
        biometrics.answer(DialogAnswer.Cancelled("x"))
        assertEquals(CdcvmMethod.FACE, asked.getCompleted())
    }

    @Test
    fun a_dialog_that_cannot_be_shown_is_a_failure_and_no_crash() {
        val asked = begin(first = { _, _, _ -> throw SecurityException("USE_BIOMETRIC") })
        assertEquals(ErrorCode.AUTHENTICATION_FAILED, codeOf(asked))
    }

    @Test
    fun a_caller_on_another_thread_waits_for_the_main_thread() {
        var asked: Deferred<CdcvmMethod>? = null
        Thread { asked = begin() }.apply { start() }.join()
        assertFalse(biometrics.isShown)
        shadowOf(Looper.getMainLooper()).idle()
        assertTrue(biometrics.isShown)
        biometrics.answer(DialogAnswer.Verified(CdcvmMethod.FINGERPRINT))
        assertEquals(CdcvmMethod.FINGERPRINT, asked?.getCompleted())
    }

    @Test
    fun a_wait_that_ended_before_the_dialog_came_shows_none() {
        var asked: Deferred<CdcvmMethod>? = null
        Thread { asked = begin() }.apply { start() }.join()
        asked?.cancel()
        shadowOf(Looper.getMainLooper()).idle()
        assertFalse(biometrics.isShown)
    }
}

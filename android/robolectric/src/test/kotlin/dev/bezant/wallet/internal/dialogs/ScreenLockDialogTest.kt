@file:Suppress("DEPRECATION")

package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.app.KeyguardManager
import android.content.Intent
import android.os.Looper
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowKeyguardManager

/** A keyguard that has a screen to confirm the screen lock on. */
@Implements(KeyguardManager::class)
class ConfirmingKeyguard : ShadowKeyguardManager() {
    @Implementation
    fun createConfirmDeviceCredentialIntent(
        title: CharSequence?,
        description: CharSequence?,
    ): Intent? = Intent(CONFIRM).putExtra("title", title).takeIf { isSecure }

    companion object {
        const val CONFIRM = "android.app.action.CONFIRM_DEVICE_CREDENTIAL"
        var isSecure = true
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [ConfirmingKeyguard::class])
class ScreenLockDialogTest {
    private val controller = Robolectric.buildActivity(Activity::class.java).setup()
    private val activity: Activity = controller.get()
    private val answers = mutableListOf<DialogAnswer>()
    private val prompt = AuthenticationPrompt("Pay", "3 francs", "Use PIN")

    private fun show(): () -> Unit =
        ScreenLockDialog().show(activity, prompt) { answers += it }.also { shadowOf(Looper.getMainLooper()).idle() }

    private fun started(): Intent = shadowOf(activity).nextStartedActivityForResult.intent

    private fun answer(result: Int) {
        shadowOf(activity).receiveResult(started(), result, null)
        shadowOf(Looper.getMainLooper()).idle()
    }

    private fun fragment() = activity.fragmentManager.findFragmentByTag(ScreenLockFragment.TAG)

    @Test
    fun the_screen_lock_verifies_the_cardholder_and_leaves_nothing_behind() {
        show()
        answer(Activity.RESULT_OK)
        assertEquals(CdcvmMethod.DEVICE_CREDENTIAL, (answers.single() as DialogAnswer.Verified).method)
        assertNull(fragment())
    }

    @Test
    fun a_screen_lock_that_was_left_verifies_nobody() {
        show()
        answer(Activity.RESULT_CANCELED)
        assertTrue(answers.single() is DialogAnswer.Cancelled)
        assertNull(fragment())
    }

    @Test
    fun a_phone_without_a_screen_lock_says_so() {
        ConfirmingKeyguard.isSecure = false
        try {
            show()
        } finally {
            ConfirmingKeyguard.isSecure = true
        }
        assertTrue(answers.single() is DialogAnswer.Unavailable)
    }

    @Test
    fun what_was_taken_away_answers_nobody() {
        val takeAway = show()
        takeAway()
        shadowOf(Looper.getMainLooper()).idle()
        assertNull(fragment())
        assertTrue(answers.isEmpty())
    }

    @Test
    fun what_was_taken_away_before_it_came_does_not_come() {
        val takeAway = ScreenLockDialog().show(activity, prompt) { answers += it }
        takeAway()
        shadowOf(Looper.getMainLooper()).idle()
        assertNull(shadowOf(activity).nextStartedActivityForResult)
        assertNull(fragment())
    }

    @Test
    fun the_answer_survives_a_turn_of_the_phone() {
        show()
        val question = started()
        val turned = controller.recreate().get()
        shadowOf(turned).receiveResult(question, Activity.RESULT_OK, null)
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(CdcvmMethod.DEVICE_CREDENTIAL, (answers.single() as DialogAnswer.Verified).method)
    }

    @Test
    fun an_activity_that_ends_ends_the_waiting() {
        show()
        controller.pause().stop().destroy()
        assertTrue(answers.single() is DialogAnswer.Cancelled)
    }
}

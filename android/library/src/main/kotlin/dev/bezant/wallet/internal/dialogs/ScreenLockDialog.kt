@file:Suppress("DEPRECATION")

package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import android.app.Fragment
import android.app.KeyguardManager
import android.content.Intent
import android.os.Bundle
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod

/**
 * The screen lock's own screen. Android has no way to take it away again: where the waiting is cancelled it stays, and what it
 * answers is not heard.
 */
internal class ScreenLockDialog : CardholderDialog {
    override fun show(
        activity: Activity,
        prompt: AuthenticationPrompt,
        answer: (DialogAnswer) -> Unit,
    ): () -> Unit {
        val keyguard = activity.getSystemService(KeyguardManager::class.java)
        val question = keyguard?.createConfirmDeviceCredentialIntent(prompt.title, prompt.subtitle)
        if (question == null) {
            answer(DialogAnswer.Unavailable("no screen lock is set"))
            return {}
        }
        val fragment = ScreenLockFragment()
        fragment.question = question
        fragment.answer = answer
        activity.fragmentManager
            .beginTransaction()
            .add(fragment, ScreenLockFragment.TAG)
            .commitAllowingStateLoss()
        return fragment::leave
    }
}

/** Starts an activity for its result, for an activity that knows nothing of it. It is public and named, as Android wants fragments. */
internal class ScreenLockFragment : Fragment() {
    var question: Intent? = null
    var answer: ((DialogAnswer) -> Unit)? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        retainInstance = true
        val question = question ?: return leave() // the process has died in between: nobody waits any more
        try {
            startActivityForResult(question, REQUEST)
        } catch (failure: RuntimeException) {
            end(DialogAnswer.Failed("the screen lock could not be shown: $failure"))
        }
    }

    override fun onActivityResult(
        requestCode: Int,
        resultCode: Int,
        data: Intent?,
    ) {
        if (requestCode != REQUEST) return
        val isVerified = resultCode == Activity.RESULT_OK
        end(if (isVerified) DialogAnswer.Verified(CdcvmMethod.DEVICE_CREDENTIAL) else DialogAnswer.Cancelled("the screen lock was left"))
    }

    override fun onDestroy() {
        super.onDestroy()
        tell(DialogAnswer.Cancelled("the activity has ended"))
    }

    /** Goes without an answer. */
    fun leave() {
        answer = null
        question = null
        fragmentManager?.beginTransaction()?.remove(this)?.commitAllowingStateLoss()
    }

    private fun end(ended: DialogAnswer) {
        tell(ended)
        leave()
    }

    private fun tell(ended: DialogAnswer) {
        val waiting = answer
        answer = null
        waiting?.invoke(ended)
    }

    companion object {
        const val TAG: String = "dev.bezant.wallet.screen-lock"
        private const val REQUEST = 0x42
    }
}

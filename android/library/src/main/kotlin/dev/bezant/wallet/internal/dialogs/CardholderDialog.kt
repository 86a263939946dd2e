package dev.bezant.wallet.internal.dialogs

import android.app.Activity
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/** One of Android's dialogs that verify a cardholder. */
internal fun interface CardholderDialog {
    /** Shows it, on the main thread, where the answer arrives too. What it gives takes the dialog away. */
    fun show(
        activity: Activity,
        prompt: AuthenticationPrompt,
        answer: (DialogAnswer) -> Unit,
    ): () -> Unit
}

/** How a dialog ended. */
internal sealed class DialogAnswer {
    class Verified(
        val method: CdcvmMethod,
    ) : DialogAnswer()

    /** The cardholder prefers the screen lock, or this dialog cannot serve and the screen lock may. */
    data object ScreenLockWanted : DialogAnswer()

    class Cancelled(
        val detail: String,
    ) : DialogAnswer()

    class Failed(
        val detail: String,
    ) : DialogAnswer()

    class Unavailable(
        val detail: String,
    ) : DialogAnswer()
}

/** Shows the dialog and waits for its answer; a coroutine that is cancelled takes the dialog away. */
internal suspend fun CardholderDialog.ask(
    activity: Activity,
    prompt: AuthenticationPrompt,
): DialogAnswer =
    suspendCancellableCoroutine { waiting ->
        activity.runOnUiThread {
            if (!waiting.isActive) return@runOnUiThread
            val answer: (DialogAnswer) -> Unit = { if (waiting.isActive) waiting.resume(it) }
            try {
                val takeAway = show(activity, prompt, answer)
                waiting.invokeOnCancellation { activity.runOnUiThread(takeAway) }
            } catch (failure: RuntimeException) {
                answer(DialogAnswer.Failed("the dialog could not be shown: $failure"))
            }
        }
    }

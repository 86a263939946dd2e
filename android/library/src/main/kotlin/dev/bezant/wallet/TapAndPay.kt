package dev.bezant.wallet

import android.app.Activity
import android.content.Intent

/**
 * The phone's side of contactless payments.
 *
 * @sample dev.bezant.wallet.samples.becomeTheDefaultWallet
 */
public interface TapAndPay {
    /** Whether this app answers payment terminals by default: it holds the wallet role, or is the default payment service. */
    public fun isDefault(): Boolean

    /** What asks the user to make this app the default; to be started for a result. */
    public fun requestDefaultIntent(): Intent

    /**
     * Has this app answer terminals while the activity is resumed, whoever is the default; to be called on the main thread, once in
     * `onCreate` or each time in `onResume`. It ends when it is closed or the activity is destroyed. Where Android prefers nobody
     * (no NFC, no service declared, the user's setting), nothing is done, and [doctor] says why.
     */
    public fun preferWhileResumed(activity: Activity): AutoCloseable

    /** Looks for what keeps a phone from paying. */
    public suspend fun doctor(): List<Finding>
}

/** Something that keeps this phone from paying, or may. */
public class Finding internal constructor(
    /** A stable code. */
    public val code: Code,
    /** How bad it is. */
    public val severity: Severity,
    /** What it is and what to do, in English, for a developer. */
    public val sentence: String,
    /** What leads the user to where it is mended, if there is such a place. */
    public val fix: Intent?,
) {
    /** What can be found. */
    public enum class Code {
        /** The phone has no NFC. */
        NFC_MISSING,

        /** NFC is switched off. */
        NFC_OFF,

        /** The phone cannot emulate a card. */
        HCE_MISSING,

        /** The app declares no payment service of this library that Android could start. */
        SERVICE_NOT_DECLARED,

        /** The declaration of the service lacks something. */
        SERVICE_DECLARED_WRONGLY,

        /** Another app answers payment terminals. */
        NOT_DEFAULT,

        /** Another app, or another service, answers for one of our application identifiers. */
        AID_CONFLICT,

        /** While the activity is in the foreground the app would not be preferred: the user's setting does not allow it. */
        PREFERENCE_NOT_ALLOWED,

        /** Secure NFC is on: Android answers terminals itself while the phone is locked. */
        SECURE_NFC_ON,

        /** The service wants the phone unlocked, or its screen on. */
        UNLOCK_REQUIRED,

        /** Observe mode is on: no command of a terminal reaches any app. */
        OBSERVE_MODE_ON,

        /** No screen lock is set: the cardholder cannot be verified. */
        NO_SCREEN_LOCK,

        /** The wallet was not set up in `Application.onCreate`: a process that a tap starts cannot pay. */
        SETUP_OUTSIDE_APPLICATION,

        /** The service runs in another process than the wallet. */
        SERVICE_IN_OTHER_PROCESS,

        /** Whatever a newer version finds. */
        UNKNOWN,
    }

    /** How bad it is. */
    public enum class Severity {
        /** No payment will succeed. */
        BLOCKS,

        /** Some payments will not. */
        LIMITS,

        /** Good to know. */
        INFORMS,
    }

    override fun toString(): String = "$code: $sentence"
}

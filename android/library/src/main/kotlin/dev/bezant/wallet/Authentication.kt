package dev.bezant.wallet

import android.app.Activity

/**
 * The cardholder's verification on this device.
 *
 * @sample dev.bezant.wallet.samples.verifyTheCardholder
 */
public interface Authentication {
    /**
     * Asks the cardholder by the means of the platform (biometrics or the screen lock) and tells the wallet. Which dialog is shown
     * depends on the Android version: the biometric prompt with the screen lock as its way out from API 30 on, the biometric
     * prompt or the screen lock below, the screen lock alone below API 28.
     *
     * Android does not tell which biometric it was: the answer is [CdcvmMethod.FACE] on a phone that has a sensor for the face and none
     * for fingers, and [CdcvmMethod.FINGERPRINT] on every other.
     *
     * @throws AuthenticationException when it was cancelled, failed, or no screen lock is set.
     */
    public suspend fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CdcvmMethod

    /**
     * Tells that the device has just verified the cardholder, before a tap or in the middle of one, for all cards or for one. It
     * takes the place of any earlier verification. It does not wait for the disk, but while the wallet is being opened it waits for that.
     *
     * @return for how many seconds that serves.
     */
    public fun setUserAuthenticated(
        method: CdcvmMethod,
        instrument: InstrumentId?,
    ): Int

    /** Forgets the cardholder's verification. */
    public fun clearUserAuthentication()

    /** Whether this phone can verify its cardholder at all: without a screen lock it cannot. */
    public fun isAvailable(): Boolean
}

/** How the cardholder was verified by the device. */
public enum class CdcvmMethod {
    /** The device's own PIN, pattern or password, whichever is set. */
    DEVICE_CREDENTIAL,

    /** A face. */
    FACE,

    /** A fingerprint. */
    FINGERPRINT,

    /** The screen lock's password. */
    PASSWORD,

    /** The screen lock's pattern. */
    PATTERN,

    /** The screen lock's PIN. */
    PIN,
}

/** What the dialog says. */
public class AuthenticationPrompt(
    /** Its title. */
    public val title: CharSequence,
    /** Below it, or `null`. */
    public val subtitle: CharSequence?,
    /** What the button says that leads away from a biometric prompt below API 30. */
    public val negativeButton: CharSequence,
)

package dev.bezant.wallet.testkit

import dev.bezant.wallet.AuthenticationException
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.internal.DeviceFacts

/** The phone of a [TestWallet], as tests set it; at first unlocked, its screen on, a screen lock set, the finger on the sensor. */
public class TestDevice internal constructor() {
    /** The screen lock keeps it closed now. */
    @Volatile
    public var isLocked: Boolean = false

    /** Somebody can see the screen. */
    @Volatile
    public var isScreenOn: Boolean = true

    /** A screen lock is set: without one the cardholder cannot be verified. */
    @Volatile
    public var hasScreenLock: Boolean = true

    /** What `Authentication.authenticate` comes to; with `null` the cardholder leaves the dialog. */
    @Volatile
    public var verifiesBy: CdcvmMethod? = CdcvmMethod.FINGERPRINT

    /** What `Security.environment` finds. */
    @Volatile
    public var environment: List<EnvironmentFact> = emptyList()

    internal val facts: DeviceFacts =
        object : DeviceFacts {
            override val isLocked: Boolean get() = this@TestDevice.isLocked
            override val isScreenOn: Boolean get() = this@TestDevice.isScreenOn
        }

    internal fun verify(): CdcvmMethod {
        if (!hasScreenLock) throw AuthenticationException(ErrorCode.AUTHENTICATION_UNAVAILABLE, "the test device has no screen lock")
        return verifiesBy ?: throw AuthenticationException(ErrorCode.AUTHENTICATION_CANCELLED, "the test device was told so")
    }
}

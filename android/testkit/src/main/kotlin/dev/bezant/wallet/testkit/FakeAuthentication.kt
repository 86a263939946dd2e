package dev.bezant.wallet.testkit

import android.app.Activity
import dev.bezant.wallet.Authentication
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentId

/** The cardholder of a [FakeWallet], who does what the test says. */
public class FakeAuthentication internal constructor(
    private val fail: () -> Unit,
) : Authentication {
    /** What a dialog comes to; with `null` the cardholder leaves it. */
    @Volatile
    public var verifiesBy: CdcvmMethod? = CdcvmMethod.FINGERPRINT

    /** Whether the phone has a screen lock. */
    @Volatile
    public var available: Boolean = true

    /** For how many seconds a verification serves. */
    @Volatile
    public var validitySeconds: Int = 45

    /** How the cardholder has been verified, as far as this wallet has been told and nothing was cleared. */
    @Volatile
    public var verifiedBy: CdcvmMethod? = null
        private set

    override suspend fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CdcvmMethod {
        if (!available) throw WalletValues.exception(ErrorCode.AUTHENTICATION_UNAVAILABLE, needsUser = true)
        val method = verifiesBy ?: throw WalletValues.exception(ErrorCode.AUTHENTICATION_CANCELLED, needsUser = true)
        setUserAuthenticated(method, null)
        return method
    }

    override fun setUserAuthenticated(
        method: CdcvmMethod,
        instrument: InstrumentId?,
    ): Int {
        fail()
        verifiedBy = method
        return validitySeconds
    }

    override fun clearUserAuthentication() {
        verifiedBy = null
    }

    override fun isAvailable(): Boolean = available
}

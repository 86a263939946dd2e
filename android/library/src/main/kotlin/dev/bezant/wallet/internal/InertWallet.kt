package dev.bezant.wallet.internal

import android.app.Activity
import android.content.Intent
import dev.bezant.wallet.Authentication
import dev.bezant.wallet.AuthenticationPrompt
import dev.bezant.wallet.BuildInfo
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.Diagnostics
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Finding
import dev.bezant.wallet.History
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Instruments
import dev.bezant.wallet.PaymentInstrument
import dev.bezant.wallet.PaymentPage
import dev.bezant.wallet.ProfileKeys
import dev.bezant.wallet.Security
import dev.bezant.wallet.SecurityReport
import dev.bezant.wallet.SetupException
import dev.bezant.wallet.TapAndPay
import dev.bezant.wallet.TapState
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletEvent
import dev.bezant.wallet.WalletState
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.emptyFlow

/** The wallet in a process of the app that is not its own: it touches nothing, and says so. */
internal class InertWallet(
    private val process: String,
) : Wallet,
    Instruments,
    Authentication,
    History,
    TapAndPay,
    Security,
    Diagnostics {
    override val state: StateFlow<WalletState> = MutableStateFlow(WalletState.Inert(process))
    override val tap: StateFlow<TapState> = MutableStateFlow(TapState.Idle())
    override val all: StateFlow<List<PaymentInstrument>> = MutableStateFlow(emptyList())
    override val events: Flow<WalletEvent> = emptyFlow()
    override val instruments: Instruments get() = this
    override val authentication: Authentication get() = this
    override val history: History get() = this
    override val tapAndPay: TapAndPay get() = this
    override val security: Security get() = this
    override val diagnostics: Diagnostics get() = this
    override val buildInfo: BuildInfo get() = NativeLibrary.buildInfo

    override suspend fun awaitReady() = elsewhere()

    override suspend fun installProfile(
        id: InstrumentId,
        profile: ByteArray,
        keys: ProfileKeys?,
    ) = elsewhere()

    override suspend fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): Int = elsewhere()

    override suspend fun activate(id: InstrumentId) = elsewhere()

    override suspend fun suspendInstrument(id: InstrumentId) = elsewhere()

    override suspend fun delete(id: InstrumentId) = elsewhere()

    override suspend fun setDefaultForContactless(id: InstrumentId) = elsewhere()

    override suspend fun selectForPayment(id: InstrumentId) = elsewhere()

    override suspend fun replenishCredentials(id: InstrumentId): Boolean = elsewhere()

    override suspend fun giveUpReplenishment(id: InstrumentId) = elsewhere()

    override suspend fun authenticate(
        activity: Activity,
        prompt: AuthenticationPrompt,
    ): CdcvmMethod = elsewhere()

    override fun setUserAuthenticated(
        method: CdcvmMethod,
        instrument: InstrumentId?,
    ): Int = elsewhere()

    override fun clearUserAuthentication() = elsewhere()

    override fun isAvailable(): Boolean = false

    override suspend fun payments(
        instrument: InstrumentId?,
        after: String?,
        limit: Int,
    ): PaymentPage = elsewhere()

    override fun isDefault(): Boolean = elsewhere()

    override fun requestDefaultIntent(): Intent = elsewhere()

    override fun preferWhileResumed(activity: Activity): AutoCloseable = elsewhere()

    override suspend fun doctor(): List<Finding> = elsewhere()

    override suspend fun reportSecurityEvent(kind: String) = elsewhere()

    override suspend fun wipe() = elsewhere()

    override suspend fun startOver() = elsewhere()

    override suspend fun reports(): List<SecurityReport> = elsewhere()

    override suspend fun environment(): List<EnvironmentFact> = elsewhere()

    override suspend fun exportRecording(): ByteArray? = elsewhere()

    private fun elsewhere(): Nothing = throw SetupException(ErrorCode.WRONG_PROCESS, "this is the process $process")
}

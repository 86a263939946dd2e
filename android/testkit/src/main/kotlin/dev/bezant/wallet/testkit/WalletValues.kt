package dev.bezant.wallet.testkit

import android.content.Intent
import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.BuildInfo
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Finding
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.PaymentInstrument
import dev.bezant.wallet.Reason
import dev.bezant.wallet.SecurityReport
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.TransactionInfo
import dev.bezant.wallet.WalletException

/**
 * What a wallet tells an app, made by hand: for [FakeWallet], previews and tests of a `WalletHost`. States are in [WalletStates],
 * events in [WalletEvents].
 */
public object WalletValues {
    /** A payment of 25.00 PLN that the terminal asks its issuer about, unless said otherwise. */
    @JvmStatic
    @JvmOverloads
    public fun payment(
        outcome: TapOutcome = TapOutcome.AUTHORIZE_ONLINE,
        transaction: TransactionInfo? = transaction(),
        instrument: InstrumentId = Syn1.ID,
        reasons: Set<Reason> = emptySet(),
        number: Long = 1,
        beganAtMillis: Long = 1_768_471_200_000,
    ): ContactlessPayment =
        ContactlessPayment(
            id = "$number-$beganAtMillis",
            number = number,
            beganAtMillis = beganAtMillis,
            instrument = instrument,
            outcome = outcome,
            reasons = reasons,
            rule = null,
            sentence = null,
            isOverruled = false,
            transaction = transaction,
            transactionId = null,
        )

    /** The facts of a purchase in a Polish shop. */
    @JvmStatic
    @JvmOverloads
    public fun transaction(
        amountMinorUnits: Long = 2_500,
        currency: String = "985",
        country: String = "616",
        merchantCategory: String = "5411",
        range: String = "Low",
        type: String = "Purchase",
    ): TransactionInfo =
        TransactionInfo(
            amountMinorUnits = amountMinorUnits,
            currency = currency,
            country = country,
            merchantCategory = merchantCategory,
            range = range,
            type = type,
            purpose = "Authorize",
            conditions = if (country == "616") "Domestic" else "International",
            isCdcvmSupported = true,
        )

    /** A card. */
    @JvmStatic
    @JvmOverloads
    public fun instrument(
        id: InstrumentId = Syn1.ID,
        status: InstrumentStatus = InstrumentStatus.ACTIVE,
        isDefault: Boolean = true,
        isSelected: Boolean = false,
        credentialsLeft: Int = 10,
        fault: ErrorCode? = null,
    ): PaymentInstrument =
        PaymentInstrument(
            id = id,
            status = status,
            isDefault = isDefault,
            isSelected = isSelected,
            credentialsLeft = credentialsLeft,
            consecutiveLowValuePayments = 0,
            cumulativeLowValueAmount = 0,
            fault = fault,
        )

    /** A payment that needs a verified cardholder and a second tap. */
    @JvmStatic
    @JvmOverloads
    public fun authenticationRequest(
        deadlineElapsedMillis: Long,
        transaction: TransactionInfo = transaction(amountMinorUnits = 25_000, range = "High"),
        instrument: InstrumentId = Syn1.ID,
    ): AuthenticationRequest = AuthenticationRequest(instrument, transaction, deadlineElapsedMillis)

    /** What an app is asked before it has the last word. */
    @JvmStatic
    @JvmOverloads
    public fun adviceInput(
        recommendedAdvice: Advice = Advice.PROCEED,
        transaction: TransactionInfo = transaction(),
        reasons: Set<Reason> = emptySet(),
        isUserAuthenticated: Boolean = true,
        instrument: InstrumentId = Syn1.ID,
    ): AdviceInput =
        AdviceInput(
            instrument = instrument,
            transaction = transaction,
            recommendedAdvice = recommendedAdvice,
            reasons = reasons,
            rule = "TEST",
            sentence = "made by a test",
            isUserAuthenticated = isUserAuthenticated,
        )

    /** Something that keeps a phone from paying. */
    @JvmStatic
    @JvmOverloads
    public fun finding(
        code: Finding.Code,
        severity: Finding.Severity = Finding.Severity.BLOCKS,
        sentence: String = code.name,
        fix: Intent? = null,
    ): Finding = Finding(code, severity, sentence, fix)

    /** Something that was seen of the device or the app. */
    @JvmStatic
    @JvmOverloads
    public fun environmentFact(
        code: EnvironmentFact.Code,
        holds: Boolean?,
        evidence: String = "made by a test",
    ): EnvironmentFact = EnvironmentFact(code, holds, evidence)

    /** What a backend is to be told of a security event. */
    @JvmStatic
    public fun securityReport(
        kind: String,
        atMillis: Long,
    ): SecurityReport = SecurityReport(kind, atMillis)

    /** What a library is. */
    @JvmStatic
    public fun buildInfo(
        version: String,
        grade: String,
        abi: String,
    ): BuildInfo = BuildInfo(version, grade, abi)

    /** What cannot be done, in its family. */
    @JvmStatic
    @JvmOverloads
    public fun exception(
        code: ErrorCode,
        isRetryable: Boolean = false,
        needsUser: Boolean = false,
        needsUpdate: Boolean = false,
    ): WalletException = WalletException.of(code, "made by a test", isRetryable, needsUser, needsUpdate)
}

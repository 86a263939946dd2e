package dev.bezant.wallet.internal

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.Reason
import dev.bezant.wallet.ReplenishReason
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.TransactionInfo
import dev.bezant.wallet.WalletEvent
import java.io.DataInputStream

/** Reads what the native side tells; `told.rs` writes it. */
internal object Told {
    /** An event; `null` for one that this version has no words for. */
    fun event(bytes: ByteArray): WalletEvent? = if (bytes.isEmpty()) null else DataInputStream(bytes.inputStream()).event()

    /** The question for the last word. */
    fun question(bytes: ByteArray): AdviceInput =
        DataInputStream(bytes.inputStream()).run {
            AdviceInput(
                instrument = id(),
                transaction = facts(),
                recommendedAdvice = enumOf(readUTF(), Advice.DECLINE),
                reasons = reasons(),
                rule = readUTF(),
                sentence = readUTF(),
                isUserAuthenticated = readBoolean(),
            )
        }

    /** Taps that are over, newest first. */
    fun payments(bytes: ByteArray): List<ContactlessPayment> = DataInputStream(bytes.inputStream()).run { List(readInt()) { payment() } }

    private fun DataInputStream.event(): WalletEvent? =
        when (readByte().toInt()) {
            1 -> WalletEvent.AuthenticationRequired(AuthenticationRequest(id(), facts(), readLong()))
            2 -> WalletEvent.ContactlessPaymentCompleted(payment())
            3 -> WalletEvent.ContactlessPaymentInterrupted(id(), readInt())
            4 -> WalletEvent.ContactlessPaymentStarted(id())
            5 -> WalletEvent.CredentialsLow(id(), readInt())
            6 -> WalletEvent.HostMisbehaved(readUTF(), readUTF())
            7 -> WalletEvent.NextTapReady(id(), readInt())
            8 -> WalletEvent.NoTransactionCredentials(id())
            9 ->
                WalletEvent.PaymentInstrumentStatusChanged(
                    id(),
                    enumOf(readUTF(), InstrumentStatus.UNKNOWN),
                    enumOf(readUTF(), InstrumentStatus.UNKNOWN),
                    readUTF(),
                )
            10 -> WalletEvent.ReadyToTap(readInt())
            11 -> WalletEvent.ReplenishNeeded(id(), enumOf(readUTF(), ReplenishReason.UNKNOWN))
            12 -> WalletEvent.SecurityIssue(readUTF())
            else -> null
        }

    private fun DataInputStream.payment(): ContactlessPayment {
        val number = readLong()
        val began = readLong()
        val instrument = id()
        val outcome = enumOf(readUTF(), TapOutcome.UNKNOWN)
        val reasons = reasons()
        val decision = optional { Triple(readUTF(), readUTF(), readBoolean()) }
        return ContactlessPayment(
            id = "$number-$began",
            number = number,
            beganAtMillis = began,
            instrument = instrument,
            outcome = outcome,
            reasons = reasons,
            rule = decision?.first,
            sentence = decision?.second,
            isOverruled = decision?.third ?: false,
            transaction = optional { facts() },
            transactionId = optional { readUTF() },
        )
    }

    private fun DataInputStream.facts(): TransactionInfo =
        TransactionInfo(
            amountMinorUnits = optional { readLong() },
            currency = optional { readUTF() },
            country = optional { readUTF() },
            merchantCategory = optional { readUTF() },
            range = readUTF(),
            type = readUTF(),
            purpose = readUTF(),
            conditions = readUTF(),
            isCdcvmSupported = readBoolean(),
        )

    private fun DataInputStream.id(): InstrumentId = InstrumentId(readUTF())

    private fun DataInputStream.reasons(): Set<Reason> = List(readInt()) { enumOf(readUTF(), Reason.UNKNOWN) }.toSet()

    private inline fun <T> DataInputStream.optional(read: () -> T): T? = if (readBoolean()) read() else null
}

/** The entry of this name, or what stands for those that a newer version has. */
internal inline fun <reified T : Enum<T>> enumOf(
    name: String,
    otherwise: T,
): T = enumValues<T>().firstOrNull { it.name == name } ?: otherwise

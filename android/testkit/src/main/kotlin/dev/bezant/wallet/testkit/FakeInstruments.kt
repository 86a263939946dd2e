package dev.bezant.wallet.testkit

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.Instruments
import dev.bezant.wallet.PaymentInstrument
import dev.bezant.wallet.ProfileKeys
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import java.util.concurrent.CopyOnWriteArrayList

/** The cards of a [FakeWallet]: they obey, and what was asked is in [calls]. */
public class FakeInstruments internal constructor(
    private val fail: () -> Unit,
) : Instruments {
    private val cards = MutableStateFlow<List<PaymentInstrument>>(emptyList())
    private val asked = CopyOnWriteArrayList<String>()

    /** What was asked for, in order, such as `activate syn-1`. */
    public val calls: List<String> get() = asked

    /** How many credentials the next `loadCredentials` finds in what it is given. */
    @Volatile
    public var credentialsInNextLoad: Int = 10

    override val all: StateFlow<List<PaymentInstrument>> = cards.asStateFlow()

    /** Replaces all cards; [WalletValues.instrument] makes them. */
    public fun set(vararg instruments: PaymentInstrument) {
        cards.value = instruments.toList()
    }

    override suspend fun installProfile(
        id: InstrumentId,
        profile: ByteArray,
        keys: ProfileKeys?,
    ) {
        listOfNotNull(profile, keys?.dataEncryptionKey, keys?.iccKek).forEach { it.fill(0) }
        heard("installProfile", id)
        if (cards.value.none { it.id == id }) {
            cards.value += WalletValues.instrument(id, InstrumentStatus.INACTIVE, isDefault = false, credentialsLeft = 0)
        }
    }

    override suspend fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): Int {
        credentials.fill(0)
        heard("loadCredentials", id)
        return change(id) { it.copy(credentialsLeft = it.credentialsLeft + credentialsInNextLoad) }.credentialsLeft
    }

    override suspend fun activate(id: InstrumentId) {
        heard("activate", id)
        val first = cards.value.none { it.isDefault }
        change(id) { it.copy(status = InstrumentStatus.ACTIVE, isDefault = it.isDefault || first) }
    }

    override suspend fun suspendInstrument(id: InstrumentId) {
        heard("suspendInstrument", id)
        change(id) { it.copy(status = InstrumentStatus.SUSPENDED) }
    }

    override suspend fun delete(id: InstrumentId) {
        heard("delete", id)
        cards.value = cards.value.filter { it.id != id }
    }

    override suspend fun setDefaultForContactless(id: InstrumentId) {
        heard("setDefaultForContactless", id)
        active(id)
        cards.value = cards.value.map { it.copy(isDefault = it.id == id) }
    }

    override suspend fun selectForPayment(id: InstrumentId) {
        heard("selectForPayment", id)
        active(id)
        cards.value = cards.value.map { it.copy(isSelected = it.id == id) }
    }

    override suspend fun replenishCredentials(id: InstrumentId): Boolean {
        heard("replenishCredentials", id)
        return true
    }

    override suspend fun giveUpReplenishment(id: InstrumentId) {
        heard("giveUpReplenishment", id)
    }

    private fun heard(
        call: String,
        id: InstrumentId,
    ) {
        asked += "$call $id"
        fail()
    }

    private fun active(id: InstrumentId) {
        val card = cards.value.firstOrNull { it.id == id } ?: throw WalletValues.exception(ErrorCode.INSTRUMENT_NOT_FOUND)
        if (card.status != InstrumentStatus.ACTIVE) throw WalletValues.exception(ErrorCode.INSTRUMENT_NOT_ACTIVE)
    }

    private fun change(
        id: InstrumentId,
        change: (PaymentInstrument) -> PaymentInstrument,
    ): PaymentInstrument {
        val card = cards.value.firstOrNull { it.id == id } ?: throw WalletValues.exception(ErrorCode.INSTRUMENT_NOT_FOUND)
        val changed = change(card)
        cards.value = cards.value.map { if (it.id == id) changed else it }
        return changed
    }
}

private fun PaymentInstrument.copy(
    status: InstrumentStatus = this.status,
    isDefault: Boolean = this.isDefault,
    isSelected: Boolean = this.isSelected,
    credentialsLeft: Int = this.credentialsLeft,
): PaymentInstrument =
    PaymentInstrument(
        id = id,
        status = status,
        isDefault = isDefault,
        isSelected = isSelected,
        credentialsLeft = credentialsLeft,
        consecutiveLowValuePayments = consecutiveLowValuePayments,
        cumulativeLowValueAmount = cumulativeLowValueAmount,
        fault = fault,
    )

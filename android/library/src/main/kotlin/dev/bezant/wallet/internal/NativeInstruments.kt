package dev.bezant.wallet.internal

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.Instruments
import dev.bezant.wallet.PaymentInstrument
import dev.bezant.wallet.ProfileKeys
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.internal.wide.WideInstrument
import dev.bezant.wallet.internal.wide.activate
import dev.bezant.wallet.internal.wide.deleteInstrument
import dev.bezant.wallet.internal.wide.giveUpReplenishment
import dev.bezant.wallet.internal.wide.instruments
import dev.bezant.wallet.internal.wide.replenishCredentials
import dev.bezant.wallet.internal.wide.setDefaultForContactless
import dev.bezant.wallet.internal.wide.suspendInstrument
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import java.security.MessageDigest

/** The cards of the native wallet. */
internal class NativeInstruments(
    scope: CoroutineScope,
    private val operations: Operations,
    private val awaitReady: suspend () -> Unit,
) : Instruments {
    private val cards = MutableStateFlow<List<PaymentInstrument>>(emptyList())
    private val wishes = Channel<Unit>(Channel.CONFLATED)

    override val all: StateFlow<List<PaymentInstrument>> = cards.asStateFlow()

    init {
        scope.launch {
            for (wish in wishes) {
                try {
                    awaitReady()
                    refresh()
                } catch (_: WalletException) {
                    cards.value = emptyList()
                }
            }
        }
    }

    /** Looks at the cards again, on a thread that may wait. */
    fun refreshSoon() {
        wishes.trySend(Unit)
    }

    override suspend fun installProfile(
        id: InstrumentId,
        profile: ByteArray,
        keys: ProfileKeys?,
    ) {
        withSecrets("installProfile", id, listOf(profile, keys?.dataEncryptionKey, keys?.iccKek)) { (json, dataKey, kek) ->
            native { Native.installProfile(id.value, json ?: ByteArray(0), dataKey, kek) }
        }
    }

    override suspend fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): Int =
        withSecrets("loadCredentials", id, listOf(credentials)) { (json) ->
            native {
                Native.loadCredentials(
                    id.value,
                    json ?: ByteArray(0),
                )
            }
        }

    override suspend fun activate(id: InstrumentId) = changing("activate", id) { activate(id.value) }

    override suspend fun suspendInstrument(id: InstrumentId) = changing("suspend", id) { suspendInstrument(id.value) }

    override suspend fun delete(id: InstrumentId) = changing("delete", id) { deleteInstrument(id.value) }

    override suspend fun setDefaultForContactless(id: InstrumentId) =
        changing("setDefaultForContactless", id) { setDefaultForContactless(id.value) }

    override suspend fun selectForPayment(id: InstrumentId) {
        awaitReady()
        operations.join("select" to id) { native { Native.select(id.value) }.also { refreshSoon() } }
    }

    override suspend fun replenishCredentials(id: InstrumentId): Boolean =
        changing("replenishCredentials", id) { replenishCredentials(id.value) }

    override suspend fun giveUpReplenishment(id: InstrumentId) = changing("giveUpReplenishment", id) { giveUpReplenishment(id.value) }

    private suspend fun <T> changing(
        name: String,
        id: InstrumentId,
        change: () -> T,
    ): T {
        awaitReady()
        return operations.join(name to id) { Wide.call(change).also { refresh() } }
    }

    /** The caller's arrays are wiped at once, and the copies that the work has when it is done, whatever becomes of it. */
    private suspend fun <T> withSecrets(
        name: String,
        id: InstrumentId,
        secrets: List<ByteArray?>,
        change: (List<ByteArray?>) -> T,
    ): T {
        val copies = secrets.map { it?.clone() }
        secrets.forEach { it?.fill(0) }
        val digest = MessageDigest.getInstance("SHA-256")
        copies.forEach { copy ->
            digest.update((copy?.size ?: -1).toString().toByteArray())
            copy?.let(digest::update)
        }
        val wipe = { copies.forEach { it?.fill(0) } }
        return operations.join(Triple(name, id, digest.digest().asList()), joined = wipe) {
            try {
                awaitReady()
                change(copies).also { refreshSoon() }
            } finally {
                wipe()
            }
        }
    }

    private fun refresh() {
        cards.value = Wide.call { instruments() }.map { it.toPublic() }
    }
}

private fun WideInstrument.toPublic(): PaymentInstrument =
    PaymentInstrument(
        id = InstrumentId(id),
        status = enumOf(status, InstrumentStatus.UNKNOWN),
        isDefault = isDefault,
        isSelected = isSelected,
        credentialsLeft = credentialsLeft.toInt(),
        consecutiveLowValuePayments = consecutiveLvt.toInt(),
        cumulativeLowValueAmount = cumulativeLvt.toLong(),
        fault = fault?.let(ErrorCode::of),
    )

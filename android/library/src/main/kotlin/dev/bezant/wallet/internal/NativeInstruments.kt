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
        val secrets = listOfNotNull(profile, keys?.dataEncryptionKey, keys?.iccKek)
        withSecrets("installProfile", id, secrets) {
            native { Native.installProfile(id.value, profile, keys?.dataEncryptionKey, keys?.iccKek) }
        }
    }

    override suspend fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): Int = withSecrets("loadCredentials", id, listOf(credentials)) { native { Native.loadCredentials(id.value, credentials) } }

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

    /** Whatever becomes of the call, the arrays are wiped once nobody reads them any more. */
    private suspend fun <T> withSecrets(
        name: String,
        id: InstrumentId,
        secrets: List<ByteArray>,
        change: () -> T,
    ): T {
        val digest =
            MessageDigest
                .getInstance("SHA-256")
                .apply { secrets.forEach(::update) }
                .digest()
                .asList()
        val wipe = { secrets.forEach { it.fill(0) } }
        // Who joins has the same bytes in arrays that nobody reads.
        return operations.join(Triple(name, id, digest), joined = wipe) {
            try {
                awaitReady()
                change().also { refreshSoon() }
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

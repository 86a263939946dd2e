package dev.bezant.wallet

import kotlinx.coroutines.flow.StateFlow

/**
 * The cards of a wallet.
 *
 * Cancelling a call stops the waiting, not the work; calling again meanwhile with the same arguments waits for the same work.
 * Every function may throw a [WalletException].
 *
 * @sample dev.bezant.wallet.samples.bringACardIn
 */
public interface Instruments {
    /** All cards, in the order they came; empty until the wallet is open. */
    public val all: StateFlow<List<PaymentInstrument>>

    /**
     * Adds a card, inactive, or gives a card that is there a new profile from the next tap on.
     *
     * @param profile the JSON of the profile in UTF-8; the wallet wipes this array, and a garbage collector may have copied it.
     * @param keys what wrapped parts of the profile are opened with; wiped too.
     */
    public suspend fun installProfile(
        id: InstrumentId,
        profile: ByteArray,
        keys: ProfileKeys?,
    )

    /**
     * Takes in credentials, all or none.
     *
     * @param credentials a JSON array in UTF-8, each `{"atc": 1, "idn": "…", "contactless_umd": "…", "contactless_md": "…"}` with
     * hexadecimal strings; the wallet wipes this array, and a garbage collector may have copied it.
     * @return how many are left then.
     */
    public suspend fun loadCredentials(
        id: InstrumentId,
        credentials: ByteArray,
    ): Int

    /** Makes a card one that pays; the first one becomes the default. */
    public suspend fun activate(id: InstrumentId)

    /** Makes a card one that does not pay until it is activated again. */
    public suspend fun suspendInstrument(id: InstrumentId)

    /** Removes a card and erases its credentials; a tap with it ends unpaid. */
    public suspend fun delete(id: InstrumentId)

    /** Makes an active card the one that pays when none is chosen. */
    public suspend fun setDefaultForContactless(id: InstrumentId)

    /** Chooses an active card for one tap. */
    public suspend fun selectForPayment(id: InstrumentId)

    /** Asks for credentials; gives whether a request was raised ([WalletHost.onReplenishNeeded]). */
    public suspend fun replenishCredentials(id: InstrumentId): Boolean

    /** Tells that the refill under way has failed; the next payment may ask again. */
    public suspend fun giveUpReplenishment(id: InstrumentId)
}

/** AES keys that open the wrapped parts of a profile. The wallet wipes them. */
public class ProfileKeys(
    /** 16, 24 or 32 bytes, or `null`. */
    public val dataEncryptionKey: ByteArray?,
    /** 16, 24 or 32 bytes, or `null`. */
    public val iccKek: ByteArray?,
)

package dev.bezant.wallet.testkit

/** What a terminal got out of a tap. */
public class TapResult internal constructor(
    /** How it ended. */
    public val outcome: Outcome,
    /** Why it ended like that, in a sentence. */
    public val sentence: String,
    /** Every command and its answer, in order. */
    public val exchanges: List<Exchange>,
    /** What the card sent, by tag. */
    internal val card: Map<Int, ByteArray>,
    /** The CDOL1 data that the terminal sent. */
    internal val cdol1: ByteArray,
    /** What the signature says. */
    internal val signed: SignedAnswer?,
    /** What it covers. */
    private val hashed: ByteArray,
) {
    /** How a tap ended for the terminal. */
    public enum class Outcome {
        /** The issuer is asked: an ARQC. */
        ONLINE_REQUEST,

        /** The card refused, and the cardholder is to look at the phone and tap again: an AAC, DF4B with a bit that says so. */
        SEE_PHONE,

        /** The card refused: an AAC. */
        DECLINED,

        /** The card has signed that it refuses, because that was all the terminal wanted: an AAC with CDA. */
        AUTHENTICATED,

        /** There is no card: a SELECT was not answered by 9000. */
        NO_CARD,

        /** The tap broke off: a status word other than 9000, or something that is no answer. */
        BROKEN_OFF,
    }

    /** A command and its answer. */
    public class Exchange internal constructor(
        /** The command. */
        public val command: ByteArray,
        /** The answer with its status word; empty when none came. */
        public val answer: ByteArray,
    ) {
        override fun toString(): String = "> ${hexOf(command)}\n< ${hexOf(answer)}"
    }

    /** The last status word, such as `9000`; empty when no answer came. */
    public val statusWord: String get() =
        exchanges
            .lastOrNull()
            ?.answer
            ?.let { hexOf(it).takeLast(4) }
            .orEmpty()

    /** 9F27, cryptogram information data: 80 for an ARQC, 00 for an AAC; -1 where there was none. */
    public val cid: Int get() = card[CID]?.firstOrNull()?.let { it.toInt() and 0xFF } ?: -1

    /** 9F36, the application transaction counter; -1 where there was none. */
    public val atc: Int get() = card[ATC]?.let { hexOf(it).toInt(16) } ?: -1

    /** 9F26, the application cryptogram, from the signature where there is one. */
    public val cryptogram: ByteArray? get() = signed?.cryptogram ?: card[CRYPTOGRAM]

    /** 9F10, issuer application data. */
    public val issuerApplicationData: ByteArray? get() = card[ISSUER_APPLICATION_DATA]

    /** DF4B, POS cardholder interaction information. */
    public val posCardholderInteraction: ByteArray? get() = card[POS_CARDHOLDER_INTERACTION]

    /** The answer was signed, and the signature holds up to the certification authority. */
    public val isSigned: Boolean get() = signed != null

    /** Every command (`>`) and answer (`<`) in hexadecimal, a line each. It holds the account number. */
    public val transcript: String get() = exchanges.joinToString("\n")

    /**
     * The request that an acquirer sends to the issuer, in the JSON of `sandbox verify`: for whoever wants a second opinion on a
     * cryptogram. It holds the account number.
     */
    public val authorisationRequest: String
        get() {
            val named = sortedMapOf<Int, ByteArray>()
            var at = 0
            for ((tag, length) in Tlv.list(card[CDOL1] ?: ByteArray(0))) {
                named[tag] = cdol1.copyOfRange(at, at + length)
                at += length
            }
            for (tag in OF_CARD) card[tag]?.let { named[tag] = it }
            cryptogram?.let { named[CRYPTOGRAM] = it }
            val elements = named.filterKeys { it in REQUEST }.entries.joinToString(",") { "\"%X\":\"%s\"".format(it.key, hexOf(it.value)) }
            val signature = card[SIGNATURE]?.let { ",\"signed\":{\"signature\":\"${hexOf(it)}\",\"hashed\":\"${hexOf(hashed)}\"}" }
            val pan = card[PAN]?.let(::hexOf)?.trimEnd('F').orEmpty()
            val psn = card[PSN]?.let(::hexOf)?.toInt() ?: 0
            return "{\"pan\":\"$pan\",\"psn\":$psn,\"elements\":{$elements}${signature.orEmpty()}}"
        }

    /** How it ended, and nothing of the card. */
    override fun toString(): String = "$outcome: $sentence (${exchanges.size} commands)"

    internal companion object {
        const val CID = 0x9F27
        const val ATC = 0x9F36
        const val CRYPTOGRAM = 0x9F26
        const val ISSUER_APPLICATION_DATA = 0x9F10
        const val POS_CARDHOLDER_INTERACTION = 0xDF4B
        const val SIGNATURE = 0x9F4B
        const val AIP = 0x82
        const val CDOL1 = 0x8C
        private const val PAN = 0x5A
        private const val PSN = 0x5F34

        /** What goes to the issuer besides the cryptogram, and what of that comes from the card. */
        private val OF_CARD = setOf(AIP, ATC, ISSUER_APPLICATION_DATA, CID)
        private val REQUEST =
            OF_CARD + setOf(CRYPTOGRAM, 0x95, 0x9A, 0x9C, 0x5F2A, 0x9F02, 0x9F03, 0x9F15, 0x9F1A, 0x9F34, 0x9F35, 0x9F37)
    }
}

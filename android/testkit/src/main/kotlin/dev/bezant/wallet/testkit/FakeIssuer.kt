package dev.bezant.wallet.testkit

/**
 * The issuer of [Syn1]: it recomputes both cryptograms of a tap from its own master keys and lets each counter pay once.
 *
 * @sample dev.bezant.wallet.testkit.samples.theFirstTap
 */
public class FakeIssuer {
    private val seen = HashSet<Int>()

    init {
        ReleaseBuild.refuse()
    }

    /** Decides on what a terminal got out of a tap. */
    public fun authorise(tap: TapResult): Verdict {
        val fault = faultOf(tap)
        if (fault != null) return Verdict(false, fault)
        if (!seen.add(tap.atc)) return Verdict(false, "the counter ${tap.atc} has paid before")
        return Verdict(true, "authorised: both cryptograms of counter ${tap.atc} verify")
    }

    private fun faultOf(tap: TapResult): String? {
        if (tap.outcome != TapResult.Outcome.ONLINE_REQUEST) return "the issuer is not asked: ${tap.sentence}"
        val iad = tap.issuerApplicationData
        val aip = tap.card[TapResult.AIP]
        if (iad == null || iad.size < IAD_LENGTH || aip == null) return "the issuer application data are missing"
        val cvr = iad.copyOfRange(2, 8)
        // 29 bytes of CDOL1 data, AIP, ATC, CVR (M/Chip, cryptogram version 14).
        val input = tap.cdol1.copyOf(COVERED_OF_CDOL1) + aip + bytesOf("%04X".format(tap.atc)) + cvr
        val keys = Syn1.sessionKeys(tap.atc)
        val device = CardKeys.retailMac(keys.md, input).copyOf(MD_LENGTH)
        return when {
            !CardKeys.retailMac(keys.umd, input).contentEquals(tap.cryptogram) -> "the cryptogram of user and device is not under our keys"
            !device.contentEquals(iad.copyOfRange(MD_AT, MD_AT + MD_LENGTH)) -> "the cryptogram of the device is not under our keys"
            cvr.first().toInt() and ARQC_MASK != ARQC_ANSWERED -> "the card says that it refused"
            else -> null
        }
    }

    /** What an issuer says. */
    public class Verdict internal constructor(
        /** Whether the payment is made. */
        public val isAuthorised: Boolean,
        /** Why, in a sentence. */
        public val sentence: String,
    ) {
        override fun toString(): String = sentence
    }

    private companion object {
        /** 9F10: length, version, CVR (6), dynamic numbers (3), cryptogram of the device (5), what follows. */
        const val IAD_LENGTH = 18
        const val MD_AT = 11
        const val MD_LENGTH = 5
        const val COVERED_OF_CDOL1 = 29

        /** CVR byte 1: second GENERATE AC not requested, ARQC in the first. */
        const val ARQC_MASK = 0xF0
        const val ARQC_ANSWERED = 0xA0
    }
}

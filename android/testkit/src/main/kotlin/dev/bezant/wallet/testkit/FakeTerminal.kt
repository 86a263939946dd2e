package dev.bezant.wallet.testkit

import java.security.SecureRandom

/**
 * A small contactless reader for cards like [Syn1]: it selects, reads, decides whether the cardholder has to be verified, and asks for
 * a cryptogram, as a shop's terminal that always goes online would. It is no certified kernel; for what terminals do wrong there is
 * the virtual terminal of the core.
 *
 * One instance may tap often; a tap is what happens between a phone coming near and going away.
 *
 * @sample dev.bezant.wallet.testkit.samples.theFirstTap
 */
public class FakeTerminal private constructor(
    private val sale: Sale,
) {
    /** A phone comes near, pays or not, and goes away again. */
    public fun tap(port: ApduPort): TapResult {
        val result = hold(port)
        port.deactivate(if (result.outcome == TapResult.Outcome.BROKEN_OFF) LINK_LOST else DESELECTED)
        return result
    }

    /** The same, but the phone stays: `port.deactivate` takes it away. */
    public fun hold(port: ApduPort): TapResult {
        ReleaseBuild.refuse()
        return Tap(sale, port).run()
    }

    /** What a sale is about, and what the terminal can do. */
    internal class Sale(
        val amount: Long,
        val currency: String,
        val country: String,
        val cvmLimit: Long,
        val onDeviceCvm: Boolean,
        val cda: Boolean,
        val date: String,
        val merchantCategory: String,
        val unpredictableNumber: String?,
        val cryptogramType: Int,
    ) {
        /** Above its limit a terminal wants the cardholder verified. */
        val requiresCvm: Boolean get() = amount > cvmLimit
    }

    /** Sets a terminal up: by default an attended Polish one that sells for 25.00 PLN and asks for a verification above 100.00. */
    public class Builder internal constructor() {
        private var amount = 2_500L
        private var currency = "985"
        private var country = "616"
        private var cvmLimit = 10_000L
        private var onDeviceCvm = true
        private var cda = true
        private var date = "260115"
        private var merchantCategory = "5411"
        private var unpredictableNumber: String? = null
        private var cryptogramType = ARQC

        /** What is to be paid, in minor units. */
        public fun amount(minorUnits: Long): Builder = apply { amount = minorUnits }

        /** In which currency: three digits, ISO 4217. */
        public fun currency(code: String): Builder = apply { currency = code }

        /** Where the terminal stands: three digits, ISO 3166-1. */
        public fun country(code: String): Builder = apply { country = code }

        /** Above which amount the cardholder must be verified, in minor units. */
        public fun cvmLimit(minorUnits: Long): Builder = apply { cvmLimit = minorUnits }

        /** Whether it accepts a verification on the phone. */
        public fun onDeviceCvm(accepted: Boolean): Builder = apply { onDeviceCvm = accepted }

        /** Whether it wants answers signed. */
        public fun cda(wanted: Boolean): Builder = apply { cda = wanted }

        /** Today, YYMMDD. */
        public fun date(yymmdd: String): Builder = apply { date = yymmdd }

        /** What is sold: four digits, ISO 18245; 4111 to 4131 and some others are transit. */
        public fun merchantCategory(code: String): Builder = apply { merchantCategory = code }

        /** Its unpredictable number, eight hexadecimal digits; by default another one in each tap. */
        public fun unpredictableNumber(hex: String): Builder = apply { unpredictableNumber = hex }

        /** It asks the card to refuse: with [cda] a proof that the card is genuine, without it a decline of its own. */
        public fun wantsRefusal(): Builder = apply { cryptogramType = AAC }

        /** The terminal. */
        public fun build(): FakeTerminal =
            FakeTerminal(
                Sale(
                    amount,
                    currency,
                    country,
                    cvmLimit,
                    onDeviceCvm,
                    cda,
                    date,
                    merchantCategory,
                    unpredictableNumber,
                    cryptogramType,
                ),
            )
    }

    public companion object {
        /** Sets a terminal up. */
        @JvmStatic
        public fun builder(): Builder = Builder()

        /** One that sells for this amount of PLN, in minor units. */
        @JvmStatic
        public fun selling(minorUnits: Long): FakeTerminal = builder().amount(minorUnits).build()

        /** GENERATE AC reference control parameter (EMV Book 3, table 12). */
        internal const val AAC = 0x00
        internal const val ARQC = 0x80
        internal const val CDA_REQUESTED = 0x10

        internal val numbers = SecureRandom()

        /** `HostApduService.DEACTIVATION_LINK_LOSS` and `DEACTIVATION_DESELECTED`. */
        private const val LINK_LOST = 0
        private const val DESELECTED = 1
    }
}

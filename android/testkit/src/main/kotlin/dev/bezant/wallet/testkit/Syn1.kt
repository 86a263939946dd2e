package dev.bezant.wallet.testkit

import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.Wallet
import kotlinx.coroutines.runBlocking

/**
 * The synthetic card SYN-1: profile, credentials, and the keys of its issuer. All of it is published and worth nothing: no terminal
 * outside a laboratory trusts its certificates, and its number belongs to nobody.
 *
 * @sample dev.bezant.wallet.testkit.samples.theFirstTap
 */
public object Syn1 {
    /** The name that [provision] gives it. */
    @JvmField
    public val ID: InstrumentId = InstrumentId("syn-1")

    /** Its application identifier. */
    public const val AID: String = "A0000000041010"

    /** Its account number. */
    public val pan: String get() = text("pan")

    /** Its profile, in the first generation of the format; a new array each time, for the wallet wipes what it is given. */
    @JvmStatic
    public fun profile(): ByteArray = file("syn-1.profile-v1.json")

    /** Its profile, in the second generation of the format. */
    @JvmStatic
    public fun profileV2(): ByteArray = file("syn-1.profile-v2.json")

    /** The three published credentials: of the counters 1, 2 and 31. */
    @JvmStatic
    public fun credentials(): ByteArray =
        keys
            .substring(keys.indexOf('[', keys.indexOf("\"credentials\"")), keys.lastIndexOf(']') + 1)
            .toByteArray()

    /** As many credentials as are wanted, of counters from [firstAtc] on, as its token service would make them. */
    @JvmStatic
    public fun credentials(
        firstAtc: Int,
        count: Int,
    ): ByteArray =
        (firstAtc until firstAtc + count)
            .joinToString(",", "[", "]") { atc ->
                val keys = sessionKeys(atc)
                """{"atc":$atc,"idn":"5A%014X","contactless_umd":"${hexOf(keys.umd)}","contactless_md":"${hexOf(keys.md)}"}""".format(atc)
            }.toByteArray()

    /**
     * Brings it into a wallet: profile, credentials, activation. It waits until that is done.
     *
     * @param credentials the three published ones, or [credentials] of other counters.
     */
    @JvmStatic
    @JvmOverloads
    public fun provision(
        wallet: Wallet,
        credentials: ByteArray = credentials(),
    ) {
        ReleaseBuild.refuse()
        runBlocking {
            wallet.instruments.installProfile(ID, profile(), null)
            wallet.instruments.loadCredentials(ID, credentials)
            wallet.instruments.activate(ID)
        }
    }

    /** The key of the certification authority that its certificates go back to. */
    internal val authority: PublicKey by lazy { PublicKey(bytesOf(text("modulus")), bytesOf(text("exponent"))) }

    /** What its issuer knows of one counter. */
    internal fun sessionKeys(atc: Int): SessionKeys = SessionKeys(CardKeys.session(umd, atc), CardKeys.session(md, atc))

    private val keys: String by lazy { String(file("syn-1.credentials.json")) }
    private val umd: ByteArray by lazy { CardKeys.master(bytesOf(text("imk_umd")), pan, text("psn")) }
    private val md: ByteArray by lazy { CardKeys.master(bytesOf(text("imk_md")), pan, text("psn")) }

    private fun text(name: String): String = requireNotNull(Regex("\"$name\": *\"([^\"]*)\"").find(keys)) { name }.groupValues[1]

    private fun file(name: String): ByteArray =
        requireNotNull(Syn1::class.java.getResourceAsStream("syn-1/$name")) { "$name is not in this test kit" }.use { it.readBytes() }
}

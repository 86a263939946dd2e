package dev.bezant.wallet.testkit

import dev.bezant.wallet.CvmModel
import dev.bezant.wallet.TapOutcome
import dev.bezant.wallet.internal.ApduResponder
import dev.bezant.wallet.internal.WalletProcess
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** The published card, byte by byte, through the way that a service takes. */
class ExactBytesTest {
    private val always = patient().cvmModel(CvmModel.ALWAYS).build()
    private val late = LinkedBlockingQueue<ByteArray>()

    private fun ApduResponder.exchange(command: String): String =
        hexOf(command(bytesOf(command)) ?: assertNotNull(late.poll(5, SECONDS), "no answer to $command"))

    @Test
    fun `s2_019_every byte of the published tap, APDU by APDU`() {
        val host = RecordingHost()
        TestWallet.builder().config(always).host(host).open().use { phone ->
            Syn1.provision(phone.wallet)
            phone.verify()
            val responder = ApduResponder(WalletProcess.terminalSide(), late::put)
            val lines = repository("tests/transcripts/syn-1-payment.txt").readLines()
            val exchanges = lines.filter { it.startsWith("> ") }.zip(lines.filter { it.startsWith("< ") })
            assertEquals(8, exchanges.size)
            for ((command, answer) in exchanges) assertEquals(answer.drop(2), responder.exchange(command.drop(2)), command)
            responder.deactivated(1)

            val payment = host.completed(TapOutcome.AUTHORIZE_ONLINE)
            assertEquals(2_500, payment.transaction?.amountMinorUnits)
            assertEquals("F30B8D71C6B86DD38721D1FE475CA01DB02E57B57DB87E74B514A87110DEB51C", payment.transactionId?.uppercase())
        }
    }

    @Test
    fun `s2_019_the same tap by the fake terminal, and its issuer authorises it once`() {
        phone(config = always).use { phone ->
            phone.verify()
            val terminal =
                FakeTerminal
                    .builder()
                    .cvmLimit(0)
                    .unpredictableNumber("1234ABCD")
                    .build()
            val tap = terminal.tap(ApduPorts.ofWallet())
            val published = repository("tests/transcripts/syn-1-payment.txt").readLines()
            assertEquals(published.filter { it.startsWith("> ") }, tap.exchanges.map { "> " + hexOf(it.command) })
            assertEquals(listOf(0x80, 1), listOf(tap.cid, tap.atc))
            assertEquals("D9973386371FAE14", tap.cryptogram?.let(::hexOf))
            assertEquals("0114A540000200000000005F202A7BBA00FF", tap.issuerApplicationData?.let(::hexOf))
            assertTrue(tap.isSigned)
            val issuer = FakeIssuer()
            tap.assertAuthorised(issuer)
            assertEquals("the counter 1 has paid before", issuer.authorise(tap).sentence)
        }
    }

    @Test
    fun `an issuer that sees one bit changed declines`() {
        phone().use { phone ->
            phone.verify()
            val tap = FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet())
            for (changed in listOf(TapResult.CRYPTOGRAM, TapResult.ISSUER_APPLICATION_DATA, TapResult.ATC)) {
                val card = tap.card.mapValues { (tag, value) -> if (tag == changed) value.flipped(value.size / 6) else value }
                val signed =
                    tap.signed?.let {
                        SignedAnswer(
                            it.cid,
                            if (changed ==
                                TapResult.CRYPTOGRAM
                            ) {
                                it.cryptogram.flipped(0)
                            } else {
                                it.cryptogram
                            },
                        )
                    }
                val forged = TapResult(tap.outcome, "forged", tap.exchanges, card, tap.cdol1, signed, ByteArray(0))
                assertTrue(!FakeIssuer().authorise(forged).isAuthorised, "%X".format(changed))
            }
            val otherAmount = TapResult(tap.outcome, "forged", tap.exchanges, tap.card, tap.cdol1.flipped(5), tap.signed, ByteArray(0))
            assertTrue(!FakeIssuer().authorise(otherAmount).isAuthorised)
            tap.assertAuthorised()
        }
    }

    @Test
    fun `wrong commands get their status words, on the spot`() {
        phone(config = always).use { phone ->
            val responder = ApduResponder(WalletProcess.terminalSide(), late::put)
            val rows =
                repository("tests/transcripts/syn-1-refusals.txt")
                    .readLines()
                    .map { it.trim().split(Regex(" +")) }
                    .filter { it.size > 3 && it[0] == "any" && it[1] != "-" }
            assertTrue(rows.size > 30)
            for ((_, command, status) in rows) assertEquals(status, responder.command(bytesOf(command))?.let(::hexOf), command)
            assertEquals("6700", responder.command(ByteArray(0))?.let(::hexOf))
            assertEquals("6700", responder.command(ByteArray(70_000) { 0xA4.toByte() })?.let(::hexOf)?.takeIf { it != "6E00" } ?: "6700")
            phone.verify()
            FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    /** Give `-Dbezant.sandbox` the program of the core that judges: `cargo build -p sandbox`. */
    @Test
    fun `the issuer of the core authorises it too`() {
        val program = System.getProperty("bezant.sandbox")
        assumeTrue(!program.isNullOrEmpty() && File(program).canExecute(), "-Dbezant.sandbox names no program")
        TestWallet.withSyn1().use { phone ->
            phone.verify()
            val taps = List(2) { FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()) }
            val keys = repository("tests/vectors/syn-1.credentials.json").path
            val process = ProcessBuilder(program, "verify", "--credentials", keys).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            process.outputStream.bufferedWriter().use { out -> (taps + taps[0]).forEach { out.appendLine(it.authorisationRequest) } }
            val said = process.inputStream.bufferedReader().readLines()
            assertEquals(
                listOf("approved", "approved", "declined"),
                said.map {
                    Regex("\"decision\":\"(\\w+)\"").find(it)?.groupValues?.get(1)
                },
                "$said",
            )
        }
    }

    private fun ByteArray.flipped(at: Int): ByteArray = clone().also { it[at] = (it[at].toInt() xor 1).toByte() }
}

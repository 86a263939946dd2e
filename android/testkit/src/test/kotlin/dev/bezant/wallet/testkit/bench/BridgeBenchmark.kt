package dev.bezant.wallet.testkit.bench

import dev.bezant.wallet.internal.Native
import dev.bezant.wallet.internal.NativeLibrary
import dev.bezant.wallet.internal.Wide
import dev.bezant.wallet.internal.wide.instruments
import dev.bezant.wallet.internal.wide.libraryVersion
import dev.bezant.wallet.testkit.ApduPorts
import dev.bezant.wallet.testkit.FakeTerminal
import dev.bezant.wallet.testkit.Syn1
import dev.bezant.wallet.testkit.TestWallet
import dev.bezant.wallet.testkit.bytesOf
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals

/**
 * What the two bridges to the native library cost. No test: its name keeps it out of every run that does not ask for it.
 *
 * ```text
 * cargo build --release -p bezant-ffi --features bench
 * mvn -f android -pl tools,library,testkit test -Dtest=BridgeBenchmark -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dbezant.native=$PWD/target/release/libbezant_ffi.so
 * ```
 *
 * Give it a library of the release profile, and a JVM of its own: the first figures are those of a process that begins.
 */
class BridgeBenchmark {
    @Test
    fun measure() {
        beginning()
        val echo = HandWrittenEcho.load()
        val nobody = bytesOf("80CA9F3600")
        val bridge = perCall("JNI: begin, before there is a wallet, 6F00") { Native.begin(nobody) }
        TestWallet.builder().clockOfThisMachine().open().use { phone ->
            Syn1.provision(phone.wallet, Syn1.credentials(1, 50))
            val (empty, unknown, record) = listOf("", "80CA9F3600", "00B2011400").map(::bytesOf)
            val port = ApduPorts.ofWallet()
            for (command in SELECTING) port.transmit(command)
            assertEquals(164, Native.begin(record)?.size)
            val byHand = if (echo) perCall("hand-written JNI in C, byte[] there and back") { HandWrittenEcho.echo(unknown) } else null
            val ours = perCall("JNI: begin, a command of 0 bytes, 6700") { Native.begin(empty) }
            perCall("JNI: begin, GET DATA, 6D00") { Native.begin(unknown) }
            perCall("JNI: begin, READ RECORD, 164 bytes") { Native.begin(record) }
            perCall("JNI: through ApduResponder, READ RECORD") { port.transmit(record) }
            val jna = perCall("JNA: libraryVersion") { libraryVersion() }
            perCall("JNA: instruments") { instruments() }
            val bridged = if (echo) perCall("JNI: ours, byte[] there and back") { BridgeEcho.echo(unknown) } else null
            if (byHand != null && bridged != null) println("ours / hand-written: %.2f".format(bridged / byHand))
            byHand?.let { println("ours without a wallet / hand-written: %.2f; with one: %.2f".format(bridge / it, ours / it)) }
            println("JNA / ours: %.0f".format(jna / ours))
            port.deactivate(1)

            val taps =
                LongArray(20) {
                    val began = System.nanoTime()
                    FakeTerminal
                        .builder()
                        .cda(it % 2 == 0)
                        .build()
                        .tap(port)
                    System.nanoTime() - began
                }
            println("a whole tap with its terminal, signed: %.1f ms; unsigned: %.1f ms".format(median(taps, 0), median(taps, 1)))
        }
    }

    /** What a process that a tap has started waits for. */
    private fun beginning() {
        val command = bytesOf("00A404000E325041592E5359532E444446303100")
        val began = System.nanoTime()
        NativeLibrary.load()
        val loaded = System.nanoTime()
        Native.begin(command)
        val answered = System.nanoTime()
        Wide.call { libraryVersion() }
        val jna = System.nanoTime()
        println("System.load and three calls: %.2f ms".format((loaded - began) / 1e6))
        println("the first command after that: %.3f ms".format((answered - loaded) / 1e6))
        println("the first call through JNA after that: %.1f ms".format((jna - answered) / 1e6))
    }

    private fun median(
        taps: LongArray,
        parity: Int,
    ): Double = taps.filterIndexed { i, _ -> i % 2 == parity }.sorted().let { it[it.size / 2] / 1e6 }

    /** The best of some rounds, in nanoseconds. */
    private fun perCall(
        name: String,
        call: () -> Any?,
    ): Double {
        fun round(calls: Int): Long {
            val began = System.nanoTime()
            repeat(calls) { call() }
            return System.nanoTime() - began
        }
        var calls = 16
        while (round(calls) < ROUND_NANOS) calls *= 2
        val best = (1..5).minOf { round(calls) }.toDouble() / calls
        println("%-48s %10.0f ns".format(name, best))
        return best
    }

    private companion object {
        const val ROUND_NANOS = 100_000_000L
        val SELECTING =
            listOf(
                "00A404000E325041592E5359532E444446303100",
                "00A4040007A000000004101000",
                "80A800000D830B2C0080000000000006162200",
            ).map(::bytesOf)
    }
}

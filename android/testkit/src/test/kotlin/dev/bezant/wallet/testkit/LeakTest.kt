package dev.bezant.wallet.testkit

import dev.bezant.wallet.internal.ApduResponder
import dev.bezant.wallet.internal.WalletProcess
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** A default wallet's process lives for days: a hundred thousand commands leave nothing behind. */
class LeakTest {
    private val late = LinkedBlockingQueue<ByteArray>()
    private val readRecord = bytesOf("00B2011400")

    @Test
    fun `a hundred thousand commands in two thousand taps leave handles, threads and heap as they were`() {
        // Memory for a disk, where there is one: what is counted here is not what the disk costs.
        val folder = File("/dev/shm").takeIf { it.canWrite() }?.let { File(it, "bezant-leak-${ProcessHandle.current().pid()}") }
        val builder = TestWallet.builder().config(patient().maxStoredCredentials(1_000).build())
        folder?.let(builder::folder)
        try {
            builder.open().use { phone ->
                Syn1.provision(phone.wallet, Syn1.credentials(1, 200))
                val responder = ApduResponder(WalletProcess.terminalSide(), late::put)
                repeat(300) { tap(responder, it) }
                val before = Standing.now()
                repeat(1_700) { tap(responder, it) }
                val after = Standing.now()
                assertTrue(exchanges > 100_000, "$exchanges")
                assertEquals(200, paid)
                assertTrue(after.handles <= before.handles + 2, "$before, then $after")
                assertTrue(after.threads <= before.threads + 2, "$before, then $after")
                assertTrue(after.heap < before.heap + 2_000_000, "$before, then $after")
                // 700 bytes a command would be more than this; the JVM's own heap and code are in it.
                assertTrue(after.resident < before.resident + 64_000_000, "$before, then $after")
            }
        } finally {
            folder?.deleteRecursively()
        }
    }

    private var exchanges = 0
    private var paid = 0

    /** Every tenth pays; the others only read. */
    private fun tap(
        responder: ApduResponder,
        n: Int,
    ) {
        val pays = n % 10 == 0
        for (command in SELECTING) responder.exchange(command)
        repeat(48) { responder.exchange(readRecord) }
        if (pays && responder.exchange(GENERATE_AC)[CID_AT] == ARQC) paid++
        responder.deactivated(1)
    }

    private fun ApduResponder.exchange(command: ByteArray): ByteArray {
        exchanges++
        return command(command) ?: late.take()
    }

    private data class Standing(
        val handles: Int,
        val threads: Int,
        val heap: Long,
        val resident: Long,
    ) {
        companion object {
            fun now(): Standing {
                repeat(3) {
                    System.gc()
                    Thread.sleep(50)
                }
                val runtime = Runtime.getRuntime()
                val resident =
                    File("/proc/self/status")
                        .readLines()
                        .first { it.startsWith("VmRSS:") }
                        .filter(Char::isDigit)
                        .toLong() * 1_024
                return Standing(
                    File("/proc/self/fd").list().orEmpty().size,
                    File("/proc/self/task").list().orEmpty().size,
                    runtime.totalMemory() - runtime.freeMemory(),
                    resident,
                )
            }
        }
    }

    private companion object {
        /** An unsigned answer: 77, its length, 9F27, 01, then the cryptogram information data. */
        const val CID_AT = 5
        const val ARQC = 0x80.toByte()
        val SELECTING =
            listOf(
                "00A404000E325041592E5359532E444446303100",
                "00A4040007A000000004101000",
                "80A800000D830B2C0080000000000006162200",
            ).map(::bytesOf)

        /** 25.00 PLN, below the terminal's limit, unsigned. */
        val GENERATE_AC =
            bytesOf(
                "80AE80002D00000000250000000000000006160000008001098526011500" + "1234ABCD22000000000000000000003F0002541100",
            )
    }
}

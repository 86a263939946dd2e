package dev.bezant.wallet.testkit

import dev.bezant.wallet.TapOutcome
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** The process dies between taps, or in the middle of one. */
class ProcessDeathTest {
    private val shop = FakeTerminal.selling(2_500)

    @Test
    fun `a completed tap is told once, and not again by the next process`() {
        val (first, second) = RecordingHost() to RecordingHost()
        phone(first).use { phone ->
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            val payment = first.completed(TapOutcome.AUTHORIZE_ONLINE)
            eventually("the cursor is on disk") { File(phone.folder, "store.delivered").exists() }
            phone.startProcess(second)
            phone.awaitReady()
            assertNull(second.hasUntoldOf(100))
            val page = runBlocking { phone.wallet.history.payments(null, null, 10) }
            assertEquals(listOf(payment.id), page.payments.map { it.id })
        }
    }

    @Test
    fun `a tap that the app threw at is told again, under the same id, until it returns`() {
        val (first, second, third) = List(3) { RecordingHost() }
        first.onCompleted = { error("the database is closed") }
        second.onCompleted = { error("still") }
        phone(first).use { phone ->
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            val told = first.completed(TapOutcome.AUTHORIZE_ONLINE)
            phone.startProcess(second)
            phone.awaitReady()
            assertEquals(told.id, second.completed().id)
            phone.startProcess(third)
            phone.awaitReady()
            val again = third.completed()
            eventually("the cursor is on disk") { File(phone.folder, "store.delivered").exists() }
            assertEquals(
                listOf<Any?>(told.id, told.transactionId, told.beganAtMillis),
                listOf(again.id, again.transactionId, again.beganAtMillis),
            )
            phone.startProcess(second)
            phone.awaitReady()
            assertNull(second.hasUntoldOf(100))
        }
    }

    @Test
    fun `a tap that the app threw at is told again by the same process, with the next one`() {
        val host = RecordingHost()
        host.onCompleted = { error("not now") }
        phone(host).use {
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            val first = host.completed().id
            host.onCompleted = {}
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            assertEquals(first, host.completed().id)
            assertTrue(first != host.completed().id)
        }
    }

    @Test
    fun `after a wipe taps are told although they count anew`() {
        val (first, second) = RecordingHost() to RecordingHost()
        phone(first).use { phone ->
            repeat(3) {
                shop.tap(ApduPorts.ofWallet())
                first.completed()
            }
            runBlocking { phone.wallet.security.wipe() }
            Syn1.provision(phone.wallet, Syn1.credentials(50, 5))
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            first.completed(TapOutcome.AUTHORIZE_ONLINE)
            phone.startProcess(second)
            phone.awaitReady()
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
            second.completed(TapOutcome.AUTHORIZE_ONLINE)
            assertNull(second.hasUntoldOf(50))
        }
    }

    @Test
    fun `every tap is told even where no history is kept`() {
        val host = RecordingHost()
        phone(host, config = patient().historyLimit(0).build()).use {
            repeat(3) { shop.tap(ApduPorts.ofWallet()).assertAuthorised() }
            repeat(3) { host.completed(TapOutcome.AUTHORIZE_ONLINE) }
        }
    }

    @Test
    fun `a process that ends in the middle of a tap spends nothing`() {
        val (first, second) = RecordingHost() to RecordingHost()
        phone(first).use { phone ->
            ApduPorts.ofWallet().transmit(bytesOf("00A404000E325041592E5359532E444446303100"))
            phone.startProcess(second)
            phone.awaitReady()
            assertEquals(TapOutcome.INTERRUPTED, second.completed().outcome)
            assertEquals(1, shop.tap(ApduPorts.ofWallet()).atc)
        }
    }

    @Test
    fun `a verification does not outlive the device's restart, a card does`() {
        phone().use { phone ->
            phone.verify()
            phone.restartDevice()
            phone.awaitReady()
            assertEquals(TapResult.Outcome.SEE_PHONE, FakeTerminal.selling(25_000).tap(ApduPorts.ofWallet()).outcome)
            phone.verify()
            FakeTerminal.selling(25_000).tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }

    /** A process of its own is killed while its app is being told; this one takes its folder over. */
    @Test
    fun `a process that is killed has spent what it answered, and its tap is told here`(
        @TempDir folder: File,
    ) {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val library = "-Dbezant.native=${System.getProperty("bezant.native")}"
        val killed =
            ProcessBuilder(java, library, "-cp", System.getProperty("java.class.path"), KilledProcess::class.java.name, folder.path)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
        try {
            val said =
                killed.inputStream
                    .bufferedReader()
                    .lineSequence()
                    .first { it.startsWith("told ") }
            killed.destroyForcibly().waitFor(10, SECONDS)
            val host = RecordingHost()
            TestWallet.builder().folder(folder).host(host).open().use { phone ->
                val payment = host.completed(TapOutcome.AUTHORIZE_ONLINE)
                assertEquals(said, "told ${payment.id}")
                val next = shop.tap(ApduPorts.ofWallet())
                next.assertAuthorised()
                assertEquals(2, next.atc)
            }
        } finally {
            killed.destroyForcibly()
        }
    }
}

/** Pays once, and never comes back from being told. */
object KilledProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val host = RecordingHost()
        host.onCompleted = {
            // A tap is entered some milliseconds after its answer; before that it cannot be told again.
            Thread.sleep(500)
            println("told ${it.id}")
            Thread.sleep(60_000)
        }
        val phone =
            TestWallet
                .builder()
                .folder(File(arguments[0]))
                .host(host)
                .open()
        Syn1.provision(phone.wallet, Syn1.credentials(1, 5))
        FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet())
    }
}

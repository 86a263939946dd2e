package dev.bezant.wallet.testkit

import dev.bezant.wallet.TapOutcome
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** Alone in its JVM, which writes down the classes that it loads: `-Xlog:class+load`, into the folder `bezant.class.load`. */
class ColdTapOwnJvmTest {
    @Test
    fun `s2_031_a cold tap with host and vault in place never loads JNA`(
        @TempDir folder: File,
    ) {
        val loaded = File(System.getProperty("bezant.class.load").orEmpty(), "${ProcessHandle.current().pid()}.log")
        assumeTrue(loaded.exists(), "$loaded: this JVM does not write down what it loads")
        anotherProcess(PreparedFolder::class.java, folder)

        val host = RecordingHost()
        TestWallet.builder().folder(folder).host(host).prepare().use { phone ->
            phone.startProcess()
            phone.verify()
            FakeTerminal.selling(2_500).tap(ApduPorts.ofWallet()).assertAuthorised()
            host.completed(TapOutcome.AUTHORIZE_ONLINE)
            assertTrue("decision PROCEED" in host.calls && "started syn-1" in host.calls)
            phone.awaitReady()
            assertEquals(1, runBlocking { phone.wallet.history.payments(null, null, 10) }.payments.size)

            assertTrue(loaded.has("dev.bezant.wallet.internal.NativePort"), "the list is one")
            assertFalse(loaded.has("com.sun.jna."), "a tap waited for JNA")
            assertFalse(loaded.has("dev.bezant.wallet.internal.wide."), "a tap touched the wide face")

            runBlocking { phone.wallet.instruments.replenishCredentials(Syn1.ID) }
            assertTrue(loaded.has("com.sun.jna.Native "), "the wide face stands on JNA")
        }
    }

    private fun File.has(name: String): Boolean = readLines().any { " $name" in it }

    private fun anotherProcess(
        main: Class<*>,
        folder: File,
    ) {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val library = "-Dbezant.native=${System.getProperty("bezant.native")}"
        val process =
            ProcessBuilder(
                java,
                library,
                "-cp",
                System.getProperty("java.class.path"),
                main.name,
                folder.path,
            ).inheritIO().start()
        assertTrue(process.waitFor(60, SECONDS))
        assertEquals(0, process.exitValue())
    }
}

/** Brings a card in, as an earlier process of the app did. */
object PreparedFolder {
    @JvmStatic
    fun main(arguments: Array<String>) {
        TestWallet
            .builder()
            .folder(File(arguments[0]))
            .open()
            .use { Syn1.provision(it.wallet, Syn1.credentials(1, 20)) }
        Runtime.getRuntime().halt(0)
    }
}

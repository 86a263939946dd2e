package dev.bezant.wallet.samples

import android.app.Activity
import android.content.Intent
import dev.bezant.wallet.AuthenticationException
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Finding
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.SetupException
import dev.bezant.wallet.TapAndPay
import dev.bezant.wallet.Wallet
import dev.bezant.wallet.WalletConfig
import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.internal.DeviceFacts
import dev.bezant.wallet.internal.NativeWallet
import dev.bezant.wallet.internal.WalletParts
import dev.bezant.wallet.internal.WalletProcess
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import sun.misc.Unsafe
import java.io.File

/** What the KDoc shows does what it says. */
class SamplesTest {
    @TempDir
    lateinit var folder: File

    @AfterEach
    fun end() = WalletProcess.end()

    @Test
    fun `a process is set up once`() {
        wallet()
        // The first set-up needs a phone, or Robolectric; the second one ends before it looks at either.
        val thrown = assertThrows(SetupException::class.java) { setUpAWallet(withoutConstructor()) }
        assertEquals(ErrorCode.ALREADY_SET_UP, thrown.code)
    }

    @Test
    fun `a card comes in, and the host of the sample serves`() {
        val asked = mutableListOf<InstrumentId>()
        val wallet = wallet(aHost { synchronized(asked) { asked += it } }, WalletConfig.builder().replenishThreshold(9).build())
        runBlocking {
            assertEquals(3, bringACardIn(wallet, file("syn-1.profile-v1.json"), credentials()))
            val card =
                wallet.instruments.all
                    .first { it.isNotEmpty() }
                    .single()
            assertEquals(InstrumentStatus.ACTIVE, card.status)
            assertTrue(readTheHistory(wallet, card.id).isEmpty())
        }
    }

    @Test
    fun `a card comes in by futures, and a failure is a sentence`() {
        val java = JavaStyle(wallet())
        assertEquals("3 payments can be made", java.bringACardIn(file("syn-1.profile-v1.json"), credentials()).get())
        assertEquals("PROFILE_INVALID", java.bringACardIn("{}".toByteArray(), credentials()).get())
    }

    @Test
    fun `the cardholder is verified, leaves, or cannot be verified`() {
        var answer: () -> CdcvmMethod = { CdcvmMethod.FINGERPRINT }
        val wallet = wallet(ask = { answer() })
        val screen = withoutConstructor<Activity>()
        runBlocking {
            assertEquals("Hold the phone to the reader.", verifyTheCardholder(wallet, screen))
            answer = { throw AuthenticationException(ErrorCode.AUTHENTICATION_CANCELLED, "") }
            assertEquals("Not verified.", verifyTheCardholder(wallet, screen))
            answer = { throw AuthenticationException(ErrorCode.AUTHENTICATION_UNAVAILABLE, "") }
            assertEquals("Set a screen lock to pay with this phone.", verifyTheCardholder(wallet, screen))
            answer = { throw AuthenticationException(ErrorCode.AUTHENTICATION_FAILED, "") }
            assertEquals("Not verified: try again.", verifyTheCardholder(wallet, screen))
        }
    }

    @Test
    fun `becoming the default is asked for a result, once it is not`() {
        val screen = withoutConstructor<AskingActivity>()
        val phone = Phone()
        val wallet = wallet(phone = phone)
        becomeTheDefaultWallet(wallet, screen)
        assertEquals(listOf(screen), phone.preferred)
        assertSame(phone.request, screen.asked)
    }

    @Test
    fun `the configuration is one that the wallet takes`() {
        runBlocking { assertNull(openWhateverHappens(wallet(config = aConfiguration(), await = false))) }
    }

    @Test
    fun `a store whose key is gone is started over`() {
        runBlocking {
            bringACardIn(wallet(), file("syn-1.profile-v1.json"), credentials())
            WalletProcess.end()
            // On a desk the vault is a folder beside the store; a new one has another key.
            check(File(folder, "store.vault").deleteRecursively())
            val wallet = wallet(await = false)
            assertNull(openWhateverHappens(wallet))
            assertTrue(
                wallet.instruments.all.value
                    .isEmpty(),
            )
        }
    }

    @Test
    fun `events are followed`() {
        val shown = mutableListOf<String>()
        val wallet = wallet()
        runBlocking {
            val following = launch(start = CoroutineStart.UNDISPATCHED) { followEvents(wallet) { shown += it } }
            bringACardIn(wallet, file("syn-1.profile-v1.json"), credentials())
            withTimeout(5_000) { while ("PaymentInstrumentStatusChanged" !in shown) delay(5) }
            following.cancel()
        }
    }

    private fun wallet(
        host: WalletHost = object : WalletHost {},
        config: WalletConfig = WalletConfig.builder().build(),
        phone: TapAndPay = Phone(),
        ask: () -> CdcvmMethod = { CdcvmMethod.PIN },
        await: Boolean = true,
    ): Wallet {
        val parts =
            WalletParts(
                config = config,
                host = host,
                folder = { File(folder, "store") },
                boot = { null },
                vault = null,
                clock = null,
                device = Unlocked,
                screenLock = { true },
                environment = { emptyList() },
                tapAndPay = phone,
                ask = { _, _ -> ask() },
                log = { text, cause -> println("$text: $cause") },
                elapsedMillis = { System.nanoTime() / 1_000_000 },
            )
        val made = NativeWallet(parts)
        WalletProcess.put(made, config, host)
        if (await) runBlocking { made.awaitReady() }
        return made
    }

    private object Unlocked : DeviceFacts {
        override val isLocked = false
        override val isScreenOn = true
    }

    private fun file(name: String): ByteArray = File(vectors, name).readBytes()

    private fun credentials(): ByteArray {
        val keys = String(file("syn-1.credentials.json"))
        return keys.substring(keys.indexOf('[', keys.indexOf("\"credentials\"")), keys.lastIndexOf(']') + 1).toByteArray()
    }

    private val vectors =
        generateSequence(File("").absoluteFile) { it.parentFile }.map { File(it, "tests/vectors") }.first { it.isDirectory }

    private class Phone : TapAndPay {
        val request = Intent("become the default")
        val preferred = mutableListOf<Activity>()

        override fun isDefault() = false

        override fun requestDefaultIntent() = request

        override fun preferWhileResumed(activity: Activity): AutoCloseable {
            preferred += activity
            return AutoCloseable { preferred -= activity }
        }

        override suspend fun doctor(): List<Finding> = emptyList()
    }

    private class AskingActivity : Activity() {
        var asked: Intent? = null

        override fun startActivityForResult(
            intent: Intent,
            requestCode: Int,
        ) {
            asked = intent
        }
    }
}

/** What cannot be constructed off a phone. */
private inline fun <reified T> withoutConstructor(): T {
    val field = Unsafe::class.java.getDeclaredField("theUnsafe").apply { isAccessible = true }
    return (field.get(null) as Unsafe).allocateInstance(T::class.java) as T
}

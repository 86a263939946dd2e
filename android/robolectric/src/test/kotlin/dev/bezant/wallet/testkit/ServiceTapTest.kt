package dev.bezant.wallet.testkit

import android.content.Intent
import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.BezantApduService
import dev.bezant.wallet.CdcvmMethod
import dev.bezant.wallet.WalletHost
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.util.concurrent.CountDownLatch

/** The app's own service, asked as Android's NFC service asks it: through its Messenger, on the main thread. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class ServiceTapTest {
    class PaymentService : BezantApduService()

    @Volatile
    private var waits: CountDownLatch? = null

    private val host =
        object : WalletHost {
            override fun finalDecision(input: AdviceInput): Advice = input.recommendedAdvice.also { waits?.await() }
        }
    private val phone = TestWallet.withSyn1(host)
    private val shop = FakeTerminal.selling(2_500)
    private val issuer = FakeIssuer()

    @After
    fun close() = phone.close()

    @Test
    fun `a tap through the Messenger is authorised`() {
        val controller = Robolectric.buildService(PaymentService::class.java).create()
        ApduPorts.ofService(controller.get()).use { port ->
            phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FINGERPRINT, null)
            assertAuthorised(FakeTerminal.selling(25_000).tap(port))
        }
        controller.destroy()
    }

    @Test
    fun `a service that stays bound serves every tap`() {
        val controller = Robolectric.buildService(PaymentService::class.java).create()
        ApduPorts.ofService(controller.get()).use { port -> repeat(3) { assertAuthorised(shop.tap(port)) } }
        controller.destroy()
    }

    @Test
    fun `a service that is made for each tap serves each, and knows what the one before knew`() {
        val jeweller = FakeTerminal.selling(25_000)
        assertEquals(TapResult.Outcome.SEE_PHONE, withNewService { jeweller.tap(it) }.outcome)
        phone.wallet.authentication.setUserAuthenticated(CdcvmMethod.FACE, null)
        assertAuthorised(withNewService { jeweller.tap(it) })
    }

    @Test
    fun `an answer that the app makes wait is dropped when the field has gone, and the next tap gets its own`() {
        val go = CountDownLatch(1)
        waits = go
        val controller = Robolectric.buildService(PaymentService::class.java).create()
        ApduPorts.ofService(controller.get()).use { port ->
            val impatient = Impatient(port)
            val lost = shop.hold(impatient)
            assertEquals(TapResult.Outcome.BROKEN_OFF, lost.outcome)
            port.deactivate(0)
            waits = null
            go.countDown()
            assertNull("Android would give it to the next terminal", port.await(200))
            assertAuthorised(shop.tap(port))
        }
        controller.destroy()
    }

    @Test
    fun `a service that is bound as an app binds its own`() {
        val context = org.robolectric.RuntimeEnvironment.getApplication()
        val controller = Robolectric.buildService(PaymentService::class.java).create()
        val component = android.content.ComponentName(context, PaymentService::class.java)
        shadowOf(context).setComponentNameAndServiceForBindService(component, controller.get().onBind(Intent()))
        ServicePort.bind(context, PaymentService::class.java).use { port -> assertAuthorised(shop.tap(port)) }
    }

    private fun withNewService(tap: (ServicePort) -> TapResult): TapResult {
        val controller = Robolectric.buildService(PaymentService::class.java).create()
        val result = ApduPorts.ofService(controller.get()).use(tap)
        controller.destroy()
        return result
    }

    private fun assertAuthorised(tap: TapResult) {
        val verdict = issuer.authorise(tap)
        assertTrue(verdict.sentence, verdict.isAuthorised)
    }

    /** Takes the phone away when GENERATE AC is not answered at once. */
    private class Impatient(
        private val port: ServicePort,
    ) : ApduPort by port {
        override fun transmit(command: ByteArray): ByteArray? {
            if (command[1] != 0xAE.toByte()) return port.transmit(command)
            port.send(command)
            return port.await(100)
        }
    }
}

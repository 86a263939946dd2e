package dev.bezant.wallet.testkit

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InternalWalletException
import dev.bezant.wallet.TapOutcome
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** A clock that shows a time before 1970 makes the native side panic: it comes out as an answer, or as an exception of ours. */
class PanicTest {
    private val host = RecordingHost()
    private val shop = FakeTerminal.selling(2_500)

    @Test
    fun `a panic in the middle of a tap is 6F00, and the next tap pays under the same credential`() {
        phone(host).use { phone ->
            val now = phone.clock.unixMillis
            val port = ApduPorts.ofWallet()
            for (command in listOf("00A404000E325041592E5359532E444446303100", "00A4040007A000000004101000")) {
                assertEquals("9000", port.transmit(bytesOf(command))?.let(::hexOf)?.takeLast(4))
            }
            phone.clock.setWallClock(-1)
            val gpo = bytesOf("80A800000D830B2C0080000000000006162200")
            assertEquals("6F00", port.transmit(gpo)?.let(::hexOf))
            phone.clock.setWallClock(now)
            assertTrue(port.transmit(gpo)?.let(::hexOf) in setOf("6985", "6F00"), "the tap is over")
            port.deactivate(0)

            val paid = shop.tap(port)
            paid.assertAuthorised()
            eventually("the app is told of the payment") { "completed ${TapOutcome.AUTHORIZE_ONLINE}" in host.calls }
        }
    }

    @Test
    fun `a panic in a management call is an exception of ours, by either face`() {
        phone(host).use { phone ->
            val now = phone.clock.unixMillis
            phone.clock.setWallClock(-1)
            assertFails<InternalWalletException>(ErrorCode.INTERNAL) { phone.verify() }
            assertFails<InternalWalletException>(ErrorCode.INTERNAL) { phone.wallet.instruments.suspendInstrument(Syn1.ID) }
            phone.clock.setWallClock(now)
            phone.verify()
            shop.tap(ApduPorts.ofWallet()).assertAuthorised()
        }
    }
}

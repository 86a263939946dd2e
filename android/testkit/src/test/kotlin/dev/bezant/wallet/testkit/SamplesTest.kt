package dev.bezant.wallet.testkit

import dev.bezant.wallet.WalletHost
import dev.bezant.wallet.WalletState
import dev.bezant.wallet.testkit.samples.aHostUnderTest
import dev.bezant.wallet.testkit.samples.aScreenUnderTest
import dev.bezant.wallet.testkit.samples.theFirstTap
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the KDoc shows does what it says. */
class SamplesTest {
    @Test
    fun `the first tap is authorised`() {
        assertEquals("authorised: both cryptograms of counter 1 verify", theFirstTap().sentence)
    }

    @Test
    fun `a screen sees what the test says`() {
        assertEquals("STORAGE_FULL", aScreenUnderTest { (it.state.value as WalletState.Failed).exception.code.value })
    }

    @Test
    fun `a host is checked`() {
        val slow =
            object : WalletHost {
                override fun onReplenishNeeded(
                    instrument: dev.bezant.wallet.InstrumentId,
                    reason: dev.bezant.wallet.ReplenishReason,
                ): Unit = error("no network")
            }
        assertTrue(aHostUnderTest(slow).any { it.call == "onReplenishNeeded" && "HostMisbehaved" in it.sentence })
    }
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.Security
import dev.bezant.wallet.SecurityReport
import java.util.concurrent.CopyOnWriteArrayList

/** What ends a [FakeWallet]'s life: nothing does, but what was asked is in [calls]. */
public class FakeSecurity internal constructor(
    private val fail: () -> Unit,
) : Security {
    private val asked = CopyOnWriteArrayList<String>()

    /** What was asked for, in order: `wipe`, `startOver`, `reportSecurityEvent KIND`. */
    public val calls: List<String> get() = asked

    /** What [reports] answers; [WalletValues.securityReport] makes them. */
    @Volatile
    public var kept: List<SecurityReport> = emptyList()

    /** What [environment] answers; [WalletValues.environmentFact] makes them. */
    @Volatile
    public var facts: List<EnvironmentFact> = emptyList()

    override suspend fun reportSecurityEvent(kind: String) {
        asked += "reportSecurityEvent $kind"
        fail()
    }

    override suspend fun wipe() {
        asked += "wipe"
        fail()
    }

    override suspend fun startOver() {
        asked += "startOver"
        fail()
    }

    override suspend fun reports(): List<SecurityReport> = kept

    override suspend fun environment(): List<EnvironmentFact> = facts
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.internal.WalletClock

/** The clocks of a [TestWallet], which stand still until a test moves them. */
public class TestClock internal constructor() {
    @Volatile
    private var unix = 1_768_471_200_000L

    @Volatile
    private var boot = 3_600_000L

    /** Milliseconds since 1970; at first it is 2026-01-15, 10:00 UTC. */
    public val unixMillis: Long get() = unix

    /** Milliseconds since the device started, as `SystemClock.elapsedRealtime()` has them; at first one hour. */
    public val bootMillis: Long get() = boot

    /** Lets time pass, on both clocks. */
    @Synchronized
    public fun advance(millis: Long) {
        unix += millis
        boot += millis
    }

    /** Sets the wall clock, as a user may at any time. */
    @Synchronized
    public fun setWallClock(unixMillis: Long) {
        unix = unixMillis
    }

    @Synchronized
    internal fun restart() {
        boot = 0
    }

    internal val asWalletClock: WalletClock =
        object : WalletClock {
            override fun unixMillis(): Long = unix

            override fun bootMillis(): Long = boot
        }
}

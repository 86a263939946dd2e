package dev.bezant.wallet.testkit

import android.app.Activity
import android.content.Intent
import dev.bezant.wallet.Finding
import dev.bezant.wallet.TapAndPay

/** A phone's side of contactless payments that answers what a test has set. */
public class FakeTapAndPay internal constructor() : TapAndPay {
    /** Whether the app is the default. */
    @Volatile
    public var default: Boolean = true

    /** What the doctor finds; [WalletValues.finding] makes some. */
    @Volatile
    public var findings: List<Finding> = emptyList()

    /** How many activities it prefers the app for now. */
    @Volatile
    public var preferences: Int = 0
        private set

    override fun isDefault(): Boolean = default

    override fun requestDefaultIntent(): Intent = Intent("dev.bezant.wallet.testkit.REQUEST_DEFAULT")

    @Synchronized
    override fun preferWhileResumed(activity: Activity): AutoCloseable {
        preferences++
        return AutoCloseable { synchronized(this) { preferences-- } }
    }

    override suspend fun doctor(): List<Finding> = findings
}

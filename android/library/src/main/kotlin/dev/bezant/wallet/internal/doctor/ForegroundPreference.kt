package dev.bezant.wallet.internal.doctor

import android.app.Activity
import android.app.Application
import android.content.ComponentName
import android.nfc.cardemulation.CardEmulation
import android.os.Bundle

/**
 * Has Android prefer a service while an activity is resumed: it is set at once if the activity is, at each resuming, and taken back at
 * each pausing, until it is closed or the activity is destroyed. On the main thread.
 */
internal class ForegroundPreference private constructor(
    private val activity: Activity,
    private val emulation: CardEmulation,
    private val service: ComponentName,
) : AutoCloseable,
    Application.ActivityLifecycleCallbacks {
    private var isClosed = false
    private var isSet = false

    override fun close() {
        if (isClosed) return
        isClosed = true
        activity.application.unregisterActivityLifecycleCallbacks(this)
        unset()
    }

    override fun onActivityResumed(activity: Activity) {
        if (activity === this.activity) set()
    }

    override fun onActivityPaused(activity: Activity) {
        if (activity === this.activity) unset()
    }

    override fun onActivityDestroyed(activity: Activity) {
        if (activity === this.activity) close()
    }

    override fun onActivityCreated(
        activity: Activity,
        savedInstanceState: Bundle?,
    ) = Unit

    override fun onActivityStarted(activity: Activity) = Unit

    override fun onActivityStopped(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(
        activity: Activity,
        outState: Bundle,
    ) = Unit

    /** Android refuses it to an activity that is not resumed; then it is set when that has happened. */
    private fun set() {
        if (!isClosed && !isSet) isSet = asked { emulation.setPreferredService(activity, service) } == true
    }

    /** After the pausing Android refuses it, and has forgotten the preference by itself. */
    private fun unset() {
        if (!isSet) return
        isSet = false
        asked { emulation.unsetPreferredService(activity) }
    }

    companion object {
        /** Where there is nothing to prefer, nothing is done: the doctor says why. */
        fun begin(
            activity: Activity,
            emulation: CardEmulation?,
            service: ComponentName?,
        ): AutoCloseable {
            if (emulation == null || service == null) return AutoCloseable { }
            val preference = ForegroundPreference(activity, emulation, service)
            activity.application.registerActivityLifecycleCallbacks(preference)
            preference.set()
            return preference
        }
    }
}

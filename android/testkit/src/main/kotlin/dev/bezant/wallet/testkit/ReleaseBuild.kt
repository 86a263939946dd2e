package dev.bezant.wallet.testkit

import android.content.pm.ApplicationInfo

/** The test kit does nothing in an app that is not debuggable: it holds keys that everybody knows, and lets an app pay with them. */
internal object ReleaseBuild {
    /** Refuses to work there. A desk has no app; a phone whose app is not known yet is taken for a release. */
    fun refuse() {
        if (System.getProperty("java.vm.name") == "Dalvik") refuse(applicationInfo()?.flags)
    }

    /** By the flags of `ApplicationInfo`; `null` where they are not known. */
    fun refuse(flags: Int?) {
        val debuggable = flags != null && flags and ApplicationInfo.FLAG_DEBUGGABLE != 0
        check(debuggable) { "bezant-wallet-testkit is for tests: it does not work in an app that is not debuggable" }
    }

    /** Of the app that this process belongs to. Android's own entry, which libraries without a context have always used. */
    private fun applicationInfo(): ApplicationInfo? =
        try {
            val application = Class.forName("android.app.ActivityThread").getMethod("currentApplication").invoke(null)
            (application as? android.app.Application)?.applicationInfo
        } catch (_: ReflectiveOperationException) {
            null
        }
}

package dev.bezant.wallet.internal.device

import android.app.KeyguardManager
import android.content.Context
import android.content.pm.ApplicationInfo
import android.os.Build
import android.os.Debug
import android.provider.Settings
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.EnvironmentFact.Code
import java.io.File
import java.io.IOException

/**
 * What can be seen of the device and the app, each with what was read. There is no verdict here: every one of these values can be
 * forged by who controls the device, and most are harmless on a developer's.
 */
internal class AndroidEnvironment(
    private val context: Context,
    private val processStatus: File = File("/proc/self/status"),
) {
    fun facts(): List<EnvironmentFact> =
        listOf(appDebuggable(), debuggerAttached(), adbEnabled(), emulator(), testKeys(), screenLockSet(), androidSupported())

    private fun appDebuggable(): EnvironmentFact {
        val isSo = context.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0
        return EnvironmentFact(Code.APP_DEBUGGABLE, isSo, "ApplicationInfo.FLAG_DEBUGGABLE is ${setOrNot(isSo)}")
    }

    private fun debuggerAttached(): EnvironmentFact {
        val ofJava = Debug.isDebuggerConnected()
        val isWaiting = Debug.waitingForDebugger()
        val tracer = tracer()
        val evidence = "Debug.isDebuggerConnected=$ofJava; Debug.waitingForDebugger=$isWaiting; TracerPid=${tracer ?: "not readable"}"
        return EnvironmentFact(Code.DEBUGGER_ATTACHED, ofJava || isWaiting || (tracer ?: 0) != 0, evidence)
    }

    /** The process that traces this one, as the kernel says; 0 for none. */
    private fun tracer(): Int? =
        try {
            processStatus
                .readLines()
                .firstOrNull { it.startsWith(TRACER) }
                ?.removePrefix(TRACER)
                ?.trim()
                ?.toIntOrNull()
        } catch (_: IOException) {
            null
        }

    private fun adbEnabled(): EnvironmentFact {
        val value = Settings.Global.getString(context.contentResolver, Settings.Global.ADB_ENABLED)
        return EnvironmentFact(Code.ADB_ENABLED, value?.let { it == "1" }, "Settings.Global.adb_enabled=${value ?: "not set"}")
    }

    private fun emulator(): EnvironmentFact {
        val seen = emulatorSigns()
        val read = "Build.FINGERPRINT=${Build.FINGERPRINT}; Build.HARDWARE=${Build.HARDWARE}; Build.PRODUCT=${Build.PRODUCT}"
        val evidence = if (seen.isEmpty()) "nothing of an emulator in: $read" else seen.joinToString("; ")
        return EnvironmentFact(Code.EMULATOR, seen.isNotEmpty(), evidence)
    }

    private fun testKeys(): EnvironmentFact {
        val tags: String? = Build.TAGS
        return EnvironmentFact(Code.TEST_KEYS, tags?.contains("test-keys"), "Build.TAGS=${tags ?: "not set"}")
    }

    private fun screenLockSet(): EnvironmentFact {
        val isSecure = context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure
        return EnvironmentFact(Code.SCREEN_LOCK_SET, isSecure, "KeyguardManager.isDeviceSecure=${isSecure ?: "not told"}")
    }

    private fun androidSupported(): EnvironmentFact {
        val level = Build.VERSION.SDK_INT
        return EnvironmentFact(
            Code.ANDROID_SUPPORTED,
            level >= OLDEST_ANDROID,
            "Build.VERSION.SDK_INT=$level, the oldest served is $OLDEST_ANDROID",
        )
    }

    private fun setOrNot(isSet: Boolean) = if (isSet) "set" else "not set"

    private companion object {
        const val TRACER = "TracerPid:"
        const val OLDEST_ANDROID = 24
    }
}

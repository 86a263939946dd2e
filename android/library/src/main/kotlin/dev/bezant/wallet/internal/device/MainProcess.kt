package dev.bezant.wallet.internal.device

import android.app.Application
import android.os.Build
import android.os.StrictMode
import dev.bezant.wallet.internal.SinceApi
import java.io.File
import java.io.IOException

/** Whether this is the process that the app's components run in if they name no other. One that has no name is taken for it. */
internal fun isMainProcess(application: Application): Boolean {
    val main = application.applicationInfo.processName ?: application.packageName
    val name = nameOfThisProcess()
    return name.isEmpty() || name == main
}

/** The name of this process; empty where Android does not tell it. */
internal fun nameOfThisProcess(): String =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) ProcessOfApplication.name() else nameInCommandLine(File("/proc/self/cmdline"))

/** Android writes the name of a process where Linux has the command line: it ends at the first zero. */
internal fun nameInCommandLine(file: File): String {
    // What lies under /proc is no disk, though StrictMode takes it for one.
    val policy = StrictMode.allowThreadDiskReads()
    return try {
        file.readText().substringBefore('\u0000').trim()
    } catch (_: IOException) {
        ""
    } finally {
        StrictMode.setThreadPolicy(policy)
    }
}

@SinceApi(Build.VERSION_CODES.P)
private object ProcessOfApplication {
    fun name(): String = Application.getProcessName()
}

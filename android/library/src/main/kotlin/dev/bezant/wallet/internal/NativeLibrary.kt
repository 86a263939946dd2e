package dev.bezant.wallet.internal

import dalvik.system.BaseDexClassLoader
import dev.bezant.wallet.BuildInfo
import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.SetupException

/**
 * Finds and loads the one native library. Both faces are given the same absolute path: a second copy, which JNA would extract for
 * itself, would hold a second wallet.
 */
internal object NativeLibrary {
    @Volatile
    var buildInfo: BuildInfo = BuildInfo(VERSION, "unknown", "unknown")
        private set

    @Synchronized
    fun load() {
        if (buildInfo.abi != "unknown") return
        try {
            val path = path()
            // Read by uniffi's generated code.
            System.setProperty("uniffi.component.$NAME.libraryOverride", path)
            System.load(path)
            val found = Native.version()
            if (found != VERSION) throw unusable("the library is version $found, this is $VERSION")
            buildInfo = BuildInfo(VERSION, Native.grade(), Native.abi())
        } catch (error: UnsatisfiedLinkError) {
            throw unusable(error.message.orEmpty())
        }
    }

    /** Where it is: on a phone the class loader knows, possibly inside the APK; on a desk a system property says. */
    private fun path(): String =
        System.getProperty(PATH_PROPERTY)
            ?: (NativeLibrary::class.java.classLoader as? BaseDexClassLoader)?.findLibrary(NAME)
            ?: throw unusable("lib$NAME.so is not in this app for this ABI")

    private fun unusable(detail: String) = SetupException(ErrorCode.NATIVE_LIBRARY_UNUSABLE, detail)

    const val VERSION = "0.1.0"
    const val PATH_PROPERTY = "bezant.native"
    private const val NAME = "bezant_ffi"
}

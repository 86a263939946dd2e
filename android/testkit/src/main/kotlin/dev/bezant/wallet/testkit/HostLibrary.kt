package dev.bezant.wallet.testkit

import dev.bezant.wallet.internal.NativeLibrary
import java.io.File
import java.util.Locale

/** The native library for the JVM of this machine, out of the test kit or from where the property `bezant.native` says. */
internal object HostLibrary {
    private val prepared by lazy(::prepare)

    /** Sees to it that the wallet finds the library. On a phone it does so by itself. */
    fun use() {
        prepared
    }

    private fun prepare() {
        if (System.getProperty("java.vm.name") == "Dalvik") return
        val given = System.getProperty(NativeLibrary.PATH_PROPERTY)
        val taken = LOADED + given
        when {
            given == null -> System.setProperty(NativeLibrary.PATH_PROPERTY, ownCopy().path)
            // A JVM lets one class loader have a library: the next one, as Robolectric makes them, needs another file.
            System.getProperty(taken) != null ->
                System.setProperty(NativeLibrary.PATH_PROPERTY, temporary().also { File(given).copyTo(it, overwrite = true) }.path)
        }
        System.setProperty(LOADED + System.getProperty(NativeLibrary.PATH_PROPERTY), "true")
    }

    private fun ownCopy(): File {
        val name = "native/$platform/libbezant_ffi.so"
        val resource =
            checkNotNull(HostLibrary::class.java.getResourceAsStream(name)) {
                "this test kit has no library for $platform: build one and name it by -D${NativeLibrary.PATH_PROPERTY}"
            }
        return temporary().also { file -> resource.use { from -> file.outputStream().use { from.copyTo(it) } } }
    }

    private fun temporary(): File = File.createTempFile("libbezant_ffi", ".so").apply { deleteOnExit() }

    private val platform: String
        get() {
            val os =
                System
                    .getProperty("os.name")
                    .orEmpty()
                    .lowercase(Locale.ROOT)
                    .substringBefore(' ')
            val machine = System.getProperty("os.arch").orEmpty().replace("amd64", "x86_64")
            return "$os-$machine"
        }

    private const val LOADED = "bezant.testkit.loaded:"
}

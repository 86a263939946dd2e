package dev.bezant.wallet.testkit.bench

import java.io.File
import java.nio.file.Files
import java.util.concurrent.TimeUnit

/** The least that a `byte[]` can cost through JNI: a few lines of C, compiled here where there is a compiler. */
internal object HandWrittenEcho {
    /** Gives whether it could be made. */
    fun load(): Boolean {
        val folder = Files.createTempDirectory("bezant-echo").toFile()
        val (source, library) = File(folder, "echo.c") to File(folder, "libecho.so")
        source.writeText(SOURCE)
        val include = File(System.getProperty("java.home"), "include")
        val command = listOf("cc", "-O2", "-shared", "-fPIC", "-I$include", "-I$include/linux", "-o", library.path, source.path)
        val made = runCatching { ProcessBuilder(command).inheritIO().start().waitFor(60, TimeUnit.SECONDS) }.getOrDefault(false)
        if (made && library.exists()) System.load(library.path)
        return made && library.exists()
    }

    @JvmStatic
    external fun echo(bytes: ByteArray): ByteArray

    private val SOURCE =
        """
        #include <jni.h>
        JNIEXPORT jbyteArray JNICALL Java_dev_bezant_wallet_testkit_bench_HandWrittenEcho_echo(JNIEnv *env, jclass c, jbyteArray in) {
            jbyte bytes[262];
            jsize length = (*env)->GetArrayLength(env, in);
            if (length > 262) length = 262;
            (*env)->GetByteArrayRegion(env, in, 0, length, bytes);
            jbyteArray out = (*env)->NewByteArray(env, length);
            if (out) (*env)->SetByteArrayRegion(env, out, 0, length, bytes);
            return out;
        }
        """.trimIndent()
}

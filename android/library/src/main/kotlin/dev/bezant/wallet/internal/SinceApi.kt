package dev.bezant.wallet.internal

/**
 * What is marked so uses classes or functions of Android that are newer than the oldest Android served, and is reached behind a
 * comparison with `Build.VERSION.SDK_INT` only. The check of the API level skips it.
 */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION)
internal annotation class SinceApi(
    val level: Int,
)

package dev.bezant.wallet.internal.keystore

/**
 * One number that no copy of the app's files brings back: the keystore keeps it in the name of an entry which serves for nothing
 * else. The higher entry is there before the lower ones go, so the number never falls.
 */
internal class KeystoreAnchors(
    private val keys: KeystoreKeys,
) {
    fun highest(): Long = all().maxOrNull() ?: 0

    fun raise(anchor: Long) {
        val standing = all()
        if (anchor <= (standing.maxOrNull() ?: 0)) return
        keys.keepToken(PREFIX + anchor)
        standing.forEach { keys.delete(PREFIX + it) }
    }

    fun forget() {
        all().forEach { keys.delete(PREFIX + it) }
    }

    private fun all(): List<Long> = keys.aliases().filter { it.startsWith(PREFIX) }.mapNotNull { it.removePrefix(PREFIX).toLongOrNull() }

    private companion object {
        const val PREFIX = "dev.bezant.wallet.anchor."
    }
}

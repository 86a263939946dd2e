package dev.bezant.wallet.internal

import dev.bezant.wallet.Advice
import dev.bezant.wallet.AdviceInput
import dev.bezant.wallet.WalletEvent
import java.nio.ByteBuffer

/**
 * What the native library asks of this side, on threads of its own and without a lock. Methods are found by name and signature: they
 * must not be renamed.
 */
internal class NativePort(
    private val vault: KeyVault?,
    private val clock: WalletClock?,
    private val listener: Listener,
) {
    /** Who is told and asked. */
    interface Listener {
        fun finalDecision(input: AdviceInput): Advice

        fun onEvent(event: WalletEvent)
    }

    /** 1 proceeds, 2 declines, 3 asks for a verification; an exception counts as a failure. */
    fun decide(question: ByteArray): Int =
        when (listener.finalDecision(Told.question(question))) {
            Advice.PROCEED -> 1
            Advice.DECLINE -> 2
            Advice.AUTHENTICATION_REQUIRED -> 3
        }

    /** An exception counts as a failure of the app. */
    fun event(event: ByteArray) {
        Told.event(event)?.let(listener::onEvent)
    }

    /** Wraps (1), unwraps (2), tells the anchor (3), raises it (4), destroys (5). The answer's first byte is 0, or what is wrong. */
    fun vault(
        operation: Int,
        argument: ByteArray,
    ): ByteArray {
        val vault = vault ?: return byteArrayOf(UNAVAILABLE)
        return try {
            when (operation) {
                1 -> fine(vault.wrap(argument))
                2 -> vault.unwrap(argument).let { key -> fine(key).also { key.fill(0) } }
                3 -> fine(ByteBuffer.allocate(Long.SIZE_BYTES).putLong(vault.anchor()).array())
                4 -> fine(ByteArray(0)).also { vault.raiseAnchor(ByteBuffer.wrap(argument).getLong()) }
                5 -> fine(ByteArray(0)).also { vault.destroy() }
                else -> byteArrayOf(UNAVAILABLE)
            }
        } catch (failure: VaultFailure) {
            byteArrayOf((failure.kind.ordinal + 1).toByte())
        } catch (_: Exception) {
            byteArrayOf(UNAVAILABLE)
        } finally {
            argument.fill(0)
        }
    }

    fun unixMillis(): Long = clock?.unixMillis() ?: 0

    fun bootMillis(): Long = clock?.bootMillis() ?: 0

    private fun fine(payload: ByteArray): ByteArray = ByteArray(payload.size + 1).also { payload.copyInto(it, 1) }

    private companion object {
        const val UNAVAILABLE: Byte = 2
    }
}

/** Tells the time, where tests move it. */
internal interface WalletClock {
    fun unixMillis(): Long

    fun bootMillis(): Long
}

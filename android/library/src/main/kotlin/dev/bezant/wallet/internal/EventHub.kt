package dev.bezant.wallet.internal

import dev.bezant.wallet.WalletEvent
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.util.concurrent.CopyOnWriteArraySet

/** Tells events to whoever collects; a slow collector loses its oldest ones, and is told how many. */
internal class EventHub(
    private val room: Int = 64,
) {
    private val lines = CopyOnWriteArraySet<Line>()

    val events: Flow<WalletEvent> =
        flow {
            val line = Line(room)
            lines += line
            try {
                while (true) emit(line.next())
            } finally {
                lines -= line
            }
        }

    fun publish(event: WalletEvent) {
        lines.forEach { it.add(event) }
    }

    private class Line(
        private val room: Int,
    ) {
        private val waiting = ArrayDeque<WalletEvent>()
        private var missed = 0
        private val wake = Channel<Unit>(Channel.CONFLATED)

        fun add(event: WalletEvent) {
            synchronized(waiting) {
                if (waiting.size == room) {
                    waiting.removeFirst()
                    missed++
                }
                waiting.addLast(event)
            }
            wake.trySend(Unit)
        }

        suspend fun next(): WalletEvent {
            while (true) {
                take()?.let { return it }
                wake.receive()
            }
        }

        private fun take(): WalletEvent? =
            synchronized(waiting) {
                if (missed == 0) return waiting.removeFirstOrNull()
                WalletEvent.EventsMissed(missed).also { missed = 0 }
            }
    }
}

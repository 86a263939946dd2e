package dev.bezant.wallet.internal

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.async
import kotlinx.coroutines.future.future
import java.util.concurrent.CompletableFuture

/** Work that goes on whoever waits for it: cancelling stops the waiting, and asking again meanwhile joins. */
internal class Operations(
    private val scope: CoroutineScope,
) {
    private val running = HashMap<Any, Deferred<*>>()

    /** Does the work, or waits for the one under way; then [joined] is called first. */
    @Suppress("UNCHECKED_CAST")
    suspend fun <T> join(
        key: Any,
        joined: () -> Unit = {},
        work: suspend () -> T,
    ): T {
        val operation =
            synchronized(running) {
                running[key]?.takeIf { it.isActive }?.also { joined() }
                    ?: scope.async(start = CoroutineStart.LAZY) { work() }.also { started ->
                        running[key] = started
                        started.invokeOnCompletion { synchronized(running) { running.remove(key, started) } }
                    }
            }
        return (operation as Deferred<T>).also { it.start() }.await()
    }
}

@OptIn(DelicateCoroutinesApi::class)
internal fun <T> future(work: suspend () -> T): CompletableFuture<T> = GlobalScope.future(Dispatchers.Default) { work() }

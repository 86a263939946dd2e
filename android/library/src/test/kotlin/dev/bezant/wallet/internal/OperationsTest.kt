package dev.bezant.wallet.internal

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class OperationsTest {
    private val operations = Operations(CoroutineScope(SupervisorJob() + Dispatchers.Default))
    private val runs = AtomicInteger()
    private val go = CompletableDeferred<Unit>()

    private suspend fun work(): Int =
        operations.join("work") {
            runs.incrementAndGet()
            go.await()
            7
        }

    @Test
    fun `two who ask for the same at once get the result of one run`() =
        runBlocking {
            val asked = List(2) { async(start = CoroutineStart.UNDISPATCHED) { work() } }
            go.complete(Unit)
            assertEquals(listOf(7, 7), withTimeout(5_000) { asked.map { it.await() } })
            assertEquals(1, runs.get())
        }

    @Test
    fun `who stops waiting stops neither the work nor the others`() =
        runBlocking {
            val gone = async(start = CoroutineStart.UNDISPATCHED) { work() }
            val waits = async(start = CoroutineStart.UNDISPATCHED) { work() }
            gone.cancelAndJoin()
            go.complete(Unit)
            assertEquals(7, withTimeout(5_000) { waits.await() })
            assertEquals(1, runs.get())
        }

    @Test
    fun `work goes on when nobody waits any more, and who comes back joins it`() =
        runBlocking {
            val gone = async(start = CoroutineStart.UNDISPATCHED) { work() }
            gone.cancelAndJoin()
            val back = async(start = CoroutineStart.UNDISPATCHED) { work() }
            go.complete(Unit)
            assertEquals(7, withTimeout(5_000) { back.await() })
            assertEquals(1, runs.get())
        }

    @Test
    fun `what has ended runs anew, also when it failed`() =
        runBlocking {
            go.complete(Unit)
            assertFailsWith<IllegalStateException> { operations.join("fails") { error("no") } }
            assertEquals("now", operations.join("fails") { "now" })
            assertEquals(7, work())
            assertEquals(7, work())
            assertEquals(2, runs.get())
        }

    @Test
    fun `waiting can be cancelled at once`() =
        runBlocking {
            val waits = async(start = CoroutineStart.UNDISPATCHED) { work() }
            waits.cancel()
            assertFailsWith<CancellationException> { withTimeout(5_000) { waits.await() } }
            go.complete(Unit)
            Unit
        }
}

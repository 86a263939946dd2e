package dev.bezant.wallet.internal

import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.WalletEvent
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs

@OptIn(ExperimentalCoroutinesApi::class)
class EventHubTest {
    private val hub = EventHub(room = 4)

    @Test
    fun `every collector gets every event, in order`() =
        runBlocking {
            val collectors = List(3) { async(start = CoroutineStart.UNDISPATCHED) { hub.events.take(3).toList() } }
            for (n in 1..3) hub.publish(event(n))
            for (collector in collectors) assertEquals(listOf(1, 2, 3), collector.await().map(::number))
        }

    @Test
    fun `a slow collector loses the oldest and is told how many, and nobody else does`() =
        runBlocking {
            val seen = mutableListOf<WalletEvent>()
            val (first, go) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
            val slow =
                launch(start = CoroutineStart.UNDISPATCHED) {
                    hub.events.take(6).collect {
                        seen += it
                        first.complete(Unit)
                        go.await()
                    }
                }
            val fast = mutableListOf<Int>()
            val other = launch(UnconfinedTestDispatcher()) { hub.events.take(11).collect { fast += number(it) } }
            hub.publish(event(0))
            withTimeout(5_000) { first.await() }
            for (n in 1..10) hub.publish(event(n))
            go.complete(Unit)
            withTimeout(5_000) {
                slow.join()
                other.join()
            }
            assertEquals(6, assertIs<WalletEvent.EventsMissed>(seen[1]).count)
            assertEquals(listOf(0, 7, 8, 9, 10), (seen - seen[1]).map(::number))
            assertEquals((0..10).toList(), fast)
        }

    @Test
    fun `who has stopped collecting costs nothing`() =
        runBlocking {
            val collector = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { hub.events.collect {} }
            collector.cancel()
            withTimeout(5_000) { collector.join() }
            // Nothing to see but that nobody is written to: a line that stayed would fill up, and a hub of a million lines with it.
            for (n in 1..1_000) hub.publish(event(n))
        }

    private fun event(n: Int): WalletEvent = WalletEvent.CredentialsLow(InstrumentId("card"), n)

    private fun number(event: WalletEvent): Int = assertIs<WalletEvent.CredentialsLow>(event).credentialsLeft
}

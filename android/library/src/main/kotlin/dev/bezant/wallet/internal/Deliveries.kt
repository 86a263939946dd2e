package dev.bezant.wallet.internal

import dev.bezant.wallet.ContactlessPayment
import java.io.File
import java.io.FileOutputStream
import java.io.IOException

/**
 * Tells the app of every tap that is over, oldest first, and remembers on disk how far it has come: a tap whose telling did not return
 * is told again by the next process. So an app may hear of a tap twice, never not at all, as long as the history holds it.
 */
internal class Deliveries(
    private val file: File,
    private val payments: () -> List<ContactlessPayment>,
    private val tell: (ContactlessPayment) -> Unit,
) {
    private var delivered: Long? = null
    private val toldAhead = HashSet<Long>()

    /**
     * Tells what is due, and a tap that has just ended even where the history holds none; throws what the app threw, once everything
     * was told.
     */
    @Synchronized
    fun deliver(ended: ContactlessPayment? = null) {
        val taps = (payments() + listOfNotNull(ended)).distinctBy { it.number }.sortedBy { it.number }
        var mark = delivered ?: read()
        // After a wipe taps are counted anew, which the next process has to know too.
        if ((taps.lastOrNull()?.number ?: 0) < mark) {
            mark = 0
            toldAhead.clear()
            write(mark)
        }
        delivered = mark
        val failures = taps.filter { it.number > mark && it.number !in toldAhead }.mapNotNull(::tryToTell)
        val firstUntold = taps.firstOrNull { it.number > mark && it.number !in toldAhead }?.number
        val reached = firstUntold?.let { it - 1 } ?: taps.lastOrNull()?.number ?: mark
        if (reached != mark) write(reached)
        failures.firstOrNull()?.let { throw it }
    }

    /** Forgets how far it has come: the store has been made anew, and counts its taps anew. */
    @Synchronized
    fun forget() {
        toldAhead.clear()
        write(0)
    }

    private fun tryToTell(payment: ContactlessPayment): Throwable? =
        try {
            tell(payment)
            toldAhead += payment.number
            null
        } catch (thrown: Throwable) {
            // Whatever an app throws, an error too: the taps that follow are told, and no thread of ours ends by it.
            thrown
        }

    private fun read(): Long =
        try {
            file.readText().trim().toLong()
        } catch (_: IOException) {
            0
        } catch (_: NumberFormatException) {
            0
        }

    private fun write(number: Long) {
        delivered = number
        toldAhead.removeAll { it <= number }
        try {
            file.parentFile?.mkdirs()
            val draft = File(file.path + ".draft")
            FileOutputStream(draft).use {
                it.write(number.toString().toByteArray())
                it.fd.sync()
            }
            if (!draft.renameTo(file)) throw IOException("rename")
        } catch (_: IOException) {
            // Then these taps are told once more.
        }
    }
}

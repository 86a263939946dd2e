package dev.bezant.wallet.testkit

/** A data object in BER-TLV, as cards send them (EMV Book 3, annex B): tags of one or two bytes, lengths of one to three. */
internal class Tlv(
    val tag: Int,
    val value: ByteArray,
    /** Tag, length and value as they came. */
    val encoded: ByteArray,
) {
    /** Constructed objects hold others. */
    val isConstructed: Boolean get() = (if (tag > 0xFF) tag shr 8 else tag) and 0x20 != 0

    companion object {
        /** The objects in these bytes, one after the other. */
        fun all(bytes: ByteArray): List<Tlv> {
            val found = mutableListOf<Tlv>()
            var at = 0
            while (at < bytes.size) {
                val (tag, afterTag) = tag(bytes, at)
                val (length, start) = length(bytes, afterTag)
                require(start + length <= bytes.size) { "a data object is longer than what holds it" }
                found += Tlv(tag, bytes.copyOfRange(start, start + length), bytes.copyOfRange(at, start + length))
                at = start + length
            }
            return found
        }

        /** Every primitive object in these bytes, however deep, by its tag; of several with one tag, the first. */
        fun primitives(bytes: ByteArray): Map<Int, ByteArray> {
            val found = LinkedHashMap<Int, ByteArray>()

            fun walk(objects: List<Tlv>) {
                for (it in objects) {
                    if (it.isConstructed) walk(all(it.value)) else found.putIfAbsent(it.tag, it.value)
                }
            }
            walk(all(bytes))
            return found
        }

        /** The entries of a data object list: tags, and how many bytes each. */
        fun list(bytes: ByteArray): List<Pair<Int, Int>> {
            val entries = mutableListOf<Pair<Int, Int>>()
            var at = 0
            while (at < bytes.size) {
                val (tag, next) = tag(bytes, at)
                entries += tag to (bytes[next].toInt() and 0xFF)
                at = next + 1
            }
            return entries
        }

        private fun tag(
            bytes: ByteArray,
            at: Int,
        ): Pair<Int, Int> {
            val first = bytes[at].toInt() and 0xFF
            if (first and 0x1F != 0x1F) return first to at + 1
            return (first shl 8 or (bytes[at + 1].toInt() and 0xFF)) to at + 2
        }

        private fun length(
            bytes: ByteArray,
            at: Int,
        ): Pair<Int, Int> {
            val first = bytes[at].toInt() and 0xFF
            if (first < 0x80) return first to at + 1
            val more = first and 0x7F
            require(more in 1..2) { "a length that no card sends" }
            return (1..more).fold(0) { sum, i -> sum shl 8 or (bytes[at + i].toInt() and 0xFF) } to at + 1 + more
        }
    }
}

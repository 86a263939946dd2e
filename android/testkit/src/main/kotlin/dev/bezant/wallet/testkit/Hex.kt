package dev.bezant.wallet.testkit

/** The bytes that hexadecimal digits stand for; blanks do not count. */
internal fun bytesOf(hex: String): ByteArray {
    val digits = hex.filterNot(Char::isWhitespace)
    require(digits.length % 2 == 0) { "an odd number of hexadecimal digits" }
    return ByteArray(digits.length / 2) { digits.substring(2 * it, 2 * it + 2).toInt(16).toByte() }
}

/** Upper-case hexadecimal digits. */
internal fun hexOf(bytes: ByteArray): String = bytes.joinToString("") { "%02X".format(it) }

/** Decimal digits, two in a byte. */
internal fun packed(
    number: Long,
    length: Int,
): ByteArray = bytesOf(number.toString().padStart(2 * length, '0'))

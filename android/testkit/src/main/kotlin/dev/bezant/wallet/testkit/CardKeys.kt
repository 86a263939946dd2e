package dev.bezant.wallet.testkit

import javax.crypto.Cipher
import javax.crypto.spec.SecretKeySpec
import kotlin.experimental.inv
import kotlin.experimental.xor

/** The two keys of one payment: of user and device together (UMD), and of the device alone (MD). */
internal class SessionKeys(
    val umd: ByteArray,
    val md: ByteArray,
)

/** Triple DES and what EMV makes of it, for the issuer's side. Test keys only: nothing here is wiped. */
internal object CardKeys {
    /** EMV Book 2, annex A1.4.1, option A: a card's master key. */
    fun master(
        issuerMaster: ByteArray,
        pan: String,
        psn: String,
    ): ByteArray {
        val y = bytesOf((pan + psn).takeLast(16).padStart(16, '0'))
        return diversify(issuerMaster, y, ByteArray(8) { y[it].inv() })
    }

    /** EMV Book 2, annex A1.3.1, common session key: the key of one application transaction counter. */
    fun session(
        cardMaster: ByteArray,
        atc: Int,
    ): ByteArray {
        val counter = "%04X".format(atc)
        return diversify(cardMaster, bytesOf(counter + "F00000000000"), bytesOf(counter + "0F0000000000"))
    }

    /** ISO/IEC 9797-1, MAC algorithm 3 with DES and padding method 2: EMV Book 2, annex A1.2.1. */
    fun retailMac(
        key: ByteArray,
        message: ByteArray,
    ): ByteArray {
        val (left, right) = key.copyOf(8) to key.copyOfRange(8, 16)
        val padded = (message + 0x80.toByte()).let { it.copyOf((it.size + 7) / 8 * 8) }
        var chained = ByteArray(8)
        for (block in padded.asList().chunked(8)) {
            chained = des(Cipher.ENCRYPT_MODE, left, ByteArray(8) { chained[it] xor block[it] })
        }
        return des(Cipher.ENCRYPT_MODE, left, des(Cipher.DECRYPT_MODE, right, chained))
    }

    private fun diversify(
        key: ByteArray,
        left: ByteArray,
        right: ByteArray,
    ): ByteArray {
        val cipher = Cipher.getInstance("DESede/ECB/NoPadding")
        // Two of three keys: the third is the first again.
        cipher.init(Cipher.ENCRYPT_MODE, SecretKeySpec(key + key.copyOf(8), "DESede"))
        return cipher.doFinal(left + right)
    }

    private fun des(
        mode: Int,
        key: ByteArray,
        block: ByteArray,
    ): ByteArray =
        Cipher.getInstance("DES/ECB/NoPadding").run {
            init(mode, SecretKeySpec(key, "DES"))
            doFinal(block)
        }
}

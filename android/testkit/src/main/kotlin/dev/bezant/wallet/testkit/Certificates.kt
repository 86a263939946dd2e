package dev.bezant.wallet.testkit

import java.math.BigInteger
import java.security.MessageDigest

/** An RSA public key. */
internal class PublicKey(
    private val modulus: ByteArray,
    private val exponent: ByteArray,
) {
    /** What was signed, as long as the modulus (EMV Book 2, annex B2.1). */
    fun recover(signature: ByteArray): ByteArray {
        require(signature.size == modulus.size) { "it is not as long as the key" }
        val recovered = BigInteger(1, signature).modPow(BigInteger(1, exponent), BigInteger(1, modulus)).toByteArray()
        val block = ByteArray(modulus.size)
        val tail = recovered.takeLast(block.size).toByteArray()
        tail.copyInto(block, block.size - tail.size)
        require(block.first() == 0x6A.toByte() && block.last() == 0xBC.toByte()) { "another key has signed it" }
        return block
    }
}

/** What a card signs with its answer (EMV Book 2, table 19). */
internal class SignedAnswer(
    val cid: Int,
    val cryptogram: ByteArray,
)

/** The chain from a certification authority to a card's signature: EMV Book 2, sections 6.3, 6.4 and 6.6. */
internal object Certificates {
    /** The card's key, out of what it sent; [signed] is what its certificate covers besides. */
    fun cardKey(
        authority: PublicKey,
        card: Map<Int, ByteArray>,
        signed: ByteArray,
    ): PublicKey {
        fun needed(tag: Int) = requireNotNull(card[tag]) { "the card has no %X".format(tag) }
        val issuer = certified(authority, needed(0x90), card[0x92], needed(0x9F32), FIXED_OF_ISSUER, ByteArray(0))
        return certified(issuer, needed(0x9F46), card[0x9F48], needed(0x9F47), FIXED_OF_CARD, signed)
    }

    /** What a signature says, once it holds; [hashed] is PDOL and CDOL1 data and the answer without the signature. */
    fun signedAnswer(
        key: PublicKey,
        signature: ByteArray,
        unpredictableNumber: ByteArray,
        hashed: ByteArray,
    ): SignedAnswer {
        val block = key.recover(signature)
        val covered = block.copyOfRange(1, block.size - 21)
        val hash = block.copyOfRange(block.size - 21, block.size - 1)
        require(sha1(covered, unpredictableNumber).contentEquals(hash)) { "the signature is of other data" }
        require(covered[0] == 0x05.toByte() && covered[1] == 0x01.toByte()) { "it is no signed dynamic data" }
        val number = covered[3].toInt()
        val cid = covered[4 + number].toInt() and 0xFF
        val cryptogram = covered.copyOfRange(5 + number, 13 + number)
        val transaction = covered.copyOfRange(13 + number, 33 + number)
        require(sha1(hashed).contentEquals(transaction)) { "the signature is of another transaction" }
        return SignedAnswer(cid, cryptogram)
    }

    private fun certified(
        signer: PublicKey,
        certificate: ByteArray,
        remainder: ByteArray?,
        exponent: ByteArray,
        fixed: Int,
        more: ByteArray,
    ): PublicKey {
        val block = signer.recover(certificate)
        val covered = block.copyOfRange(1, block.size - 21)
        val hash = block.copyOfRange(block.size - 21, block.size - 1)
        val rest = remainder ?: ByteArray(0)
        require(sha1(covered, rest, exponent, more).contentEquals(hash)) { "the certificate is of other data" }
        val length = covered[fixed - 2].toInt() and 0xFF
        return PublicKey((covered.copyOfRange(fixed, covered.size).asList() + rest.asList()).take(length).toByteArray(), exponent)
    }

    private fun sha1(vararg parts: ByteArray): ByteArray =
        MessageDigest.getInstance("SHA-1").run {
            parts.forEach(::update)
            digest()
        }

    /** How many bytes stand before the modulus: format, identifier, expiry, serial, algorithms, lengths. */
    private const val FIXED_OF_ISSUER = 1 + 4 + 2 + 3 + 2 + 2
    private const val FIXED_OF_CARD = 1 + 10 + 2 + 3 + 2 + 2
}

package dev.bezant.wallet.testkit

import dev.bezant.wallet.testkit.TapResult.Outcome

/** One tap of a [FakeTerminal]. */
internal class Tap(
    private val sale: FakeTerminal.Sale,
    private val port: ApduPort,
) {
    private val exchanges = mutableListOf<TapResult.Exchange>()
    private val card = LinkedHashMap<Int, ByteArray>()
    private var cdol1 = ByteArray(0)
    private var signed: SignedAnswer? = null
    private var hashed = ByteArray(0)
    private val terminal = valuesOfTerminal().toMutableMap()

    fun run(): TapResult =
        try {
            select("2PAY.SYS.DDF01".toByteArray(Charsets.US_ASCII))
            select(needed(APPLICATION_IDENTIFIER))
            val pdol = filled(card[PDOL] ?: ByteArray(0))
            processingOptions(pdol)
            val covered = readRecords()
            val key = if (sale.cda && supports(CDA_SUPPORTED)) Certificates.cardKey(Syn1.authority, card, covered) else null
            generateAc(pdol, key)
        } catch (ended: Ended) {
            result(ended.outcome, ended.message.orEmpty())
        } catch (malformed: IllegalArgumentException) {
            result(Outcome.BROKEN_OFF, "the card makes no sense: ${malformed.message}")
        } catch (malformed: IndexOutOfBoundsException) {
            result(Outcome.BROKEN_OFF, "the card makes no sense: a data object ends too early")
        }

    private fun select(name: ByteArray) {
        val header = bytesOf("00A40400") + name.size.toByte()
        store(send("SELECT", header + name + 0, Outcome.NO_CARD))
    }

    private fun processingOptions(pdol: ByteArray) {
        val data = byteArrayOf(0x83.toByte(), pdol.size.toByte()) + pdol
        store(send("GET PROCESSING OPTIONS", bytesOf("80A80000") + data.size.toByte() + data + 0, Outcome.BROKEN_OFF))
    }

    /** Reads what the AFL names; gives what the card's certificate covers (EMV Book 3, section 10.3). */
    private fun readRecords(): ByteArray {
        var covered = ByteArray(0)
        for (entry in needed(AFL).asList().chunked(4)) {
            val (sfi, first, last, signed) = entry
            for (record in first..last) {
                val command = byteArrayOf(0x00, 0xB2.toByte(), record.toByte(), (sfi.toInt() or 4).toByte(), 0x00)
                val body = send("READ RECORD", command, Outcome.BROKEN_OFF)
                store(body)
                if (record - first < signed) covered += Tlv.all(body).single().value
            }
        }
        return if (card.containsKey(STATIC_DATA_TAG_LIST)) covered + needed(TapResult.AIP) else covered
    }

    private fun generateAc(
        pdol: ByteArray,
        key: PublicKey?,
    ): TapResult {
        terminal[CVM_RESULTS] = cvmResults()
        cdol1 = filled(needed(TapResult.CDOL1))
        val control = sale.cryptogramType or (if (key == null) 0 else FakeTerminal.CDA_REQUESTED)
        val header = byteArrayOf(0x80.toByte(), 0xAE.toByte(), control.toByte(), 0x00, cdol1.size.toByte())
        val body = send("GENERATE AC", header + cdol1 + 0, Outcome.BROKEN_OFF)
        store(body)
        card[TapResult.SIGNATURE]?.let { signature ->
            requireNotNull(key) { "it has signed what nobody asked it to sign" }
            val unsigned = Tlv.all(Tlv.all(body).single().value).filter { it.tag != TapResult.SIGNATURE }
            hashed = unsigned.fold(pdol + cdol1) { sum, it -> sum + it.encoded }
            signed = Certificates.signedAnswer(key, signature, terminal.getValue(UNPREDICTABLE_NUMBER), hashed)
        }
        return judge(needed(TapResult.CID).single().toInt() and 0xFF)
    }

    private fun judge(cid: Int): TapResult {
        val interaction = card[TapResult.POS_CARDHOLDER_INTERACTION] ?: ByteArray(3)
        val again = interaction.indices.any { interaction[it].toInt() and TAP_AGAIN[it] != 0 }
        val signed = signed
        return when {
            signed != null && signed.cid != cid -> result(Outcome.BROKEN_OFF, "the signature is of another kind of answer")
            cid == FakeTerminal.ARQC && (sale.cda && supports(CDA_SUPPORTED)) && signed == null ->
                result(Outcome.DECLINED, "the card did not sign its ARQC")
            cid == FakeTerminal.ARQC -> result(Outcome.ONLINE_REQUEST, "the card answered with an ARQC")
            again -> result(Outcome.SEE_PHONE, "the card refused, DF4B ${hexOf(interaction)}: see phone, then tap again")
            signed != null -> result(Outcome.AUTHENTICATED, "the card proved itself and refused, as it was asked to")
            else -> result(Outcome.DECLINED, "the card refused with an AAC, DF4B ${hexOf(interaction)}")
        }
    }

    /** Book C-2, procedure CVM: a verification on the device where both can and the amount wants it. */
    private fun cvmResults(): ByteArray =
        bytesOf(
            when {
                !supports(ON_DEVICE_CVM) || !sale.onDeviceCvm -> if (sale.requiresCvm) "020300" else "1F0302"
                sale.requiresCvm -> "010002"
                else -> "3F0002"
            },
        )

    private fun supports(bit: Int): Boolean = card[TapResult.AIP]?.first()?.let { it.toInt() and bit != 0 } == true

    private fun send(
        name: String,
        command: ByteArray,
        otherwise: Outcome,
    ): ByteArray {
        val answer = port.transmit(command)
        exchanges += TapResult.Exchange(command, answer ?: ByteArray(0))
        if (answer == null) throw Ended(Outcome.BROKEN_OFF, "no answer to $name")
        if (answer.size < 2) throw Ended(Outcome.BROKEN_OFF, "the answer to $name has no status word")
        val status = hexOf(answer).takeLast(4)
        if (status != "9000") throw Ended(otherwise, "$name was answered by $status")
        return answer.copyOf(answer.size - 2)
    }

    private fun store(body: ByteArray) {
        card += Tlv.primitives(body)
    }

    private fun needed(tag: Int): ByteArray = requireNotNull(card[tag]) { "there is no %X".format(tag) }

    /** EMV Book 3, section 5.4: what nobody knows is zeros. */
    private fun filled(list: ByteArray): ByteArray =
        Tlv.list(list).fold(ByteArray(0)) { sum, (tag, length) ->
            sum + (terminal[tag] ?: card[tag] ?: ByteArray(0)).copyOf(length)
        }

    private fun valuesOfTerminal(): Map<Int, ByteArray> =
        mapOf(
            0x9F02 to packed(sale.amount, 6),
            0x9F03 to ByteArray(6),
            0x9F1A to packed(sale.country.toLong(), 2),
            // Relay resistance was not performed; the floor limit is exceeded, so that every sale goes online.
            0x95 to bytesOf("0000008001"),
            0x5F2A to packed(sale.currency.toLong(), 2),
            0x9A to bytesOf(sale.date),
            0x9C to ByteArray(1),
            UNPREDICTABLE_NUMBER to
                (sale.unpredictableNumber?.let(::bytesOf) ?: ByteArray(4).also(FakeTerminal.numbers::nextBytes)),
            0x9F35 to bytesOf("22"),
            0x9F15 to bytesOf(sale.merchantCategory),
            0x9F1D to bytesOf(if (sale.onDeviceCvm) "2C00800000000000" else "2800800000000000"),
            0x9F33 to bytesOf(if (sale.requiresCvm) "E06008" else "E00808"),
        )

    private fun result(
        outcome: Outcome,
        sentence: String,
    ): TapResult = TapResult(outcome, sentence, exchanges.toList(), card.toMap(), cdol1, signed, hashed)

    /** The tap is over before a cryptogram. */
    private class Ended(
        val outcome: Outcome,
        sentence: String,
    ) : RuntimeException(sentence)

    private companion object {
        const val APPLICATION_IDENTIFIER = 0x4F
        const val PDOL = 0x9F38
        const val AFL = 0x94
        const val STATIC_DATA_TAG_LIST = 0x9F4A
        const val CVM_RESULTS = 0x9F34
        const val UNPREDICTABLE_NUMBER = 0x9F37

        /** AIP byte 1 (Book C-2, annex A). */
        const val CDA_SUPPORTED = 0x01
        const val ON_DEVICE_CVM = 0x02

        /** DF4B: bits that need an action and a new tap (Book C-2, answer to GENERATE AC). */
        val TAP_AGAIN = intArrayOf(0x00, 0x03, 0x0F)
    }
}

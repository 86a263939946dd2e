"""The wallet's signatures and cryptograms against OpenSSL, for keys that OpenSSL made. A failure shows the key,
which is new every time; card and taps are always the same."""

import collections
import concurrent.futures
import hashlib
import json
import random
import tempfile
import unittest

from pyemv import tlv

from card import PROFILES, VECTORS, Card
from expectation import AAC, ARQC, CDA, End, of_cryptogram
from issuer import cryptogram, transaction_id
from openssl import PublicKey, crt_parts, generate_key, retail_mac, wrap
from terminal import AID, PPSE, Terminal, processing_options, records, select
from wallet import Wallet

# Every length in whole bytes that a profile may bring, the two exponents in turn; both at some.
LENGTHS = range(96, 177)
KEYS = [(length, (3, 65537)[length % 2]) for length in LENGTHS]
KEYS += [(length, (65537, 3)[length % 2]) for length in (96, 97, 127, 128, 144, 175, 176)]


class SignedTaps(unittest.TestCase):
    def test_keys_of_every_length(self):
        seen = collections.Counter()
        wallet = Wallet(1, {"cvm_model": "Always"})
        self.addCleanup(wallet.close)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            made = pool.map(lambda key: generate_key(8 * key[0], key[1]), KEYS)
            for (length, exponent), key in zip(KEYS, made):
                with self.subTest(bits=8 * length, exponent=exponent, **crt_parts(key)):
                    self.taps_with(wallet, key, length, exponent, seen)
        self.assertEqual(seen["key"], 88)
        self.assertGreater(min(seen[kind] for kind in SIGNED), 50, seen)

    def taps_with(self, wallet, key, length, exponent, seen):
        rng = random.Random(f"{length} bytes, exponent {exponent}")
        card = Card.random(rng, rng.choice(["v1", "v2"]), "Always")
        instrument = f"card-{length}-{exponent}"
        profile, keys = with_private_key(card.profile(), crt_parts(key), rng)
        wallet.install(instrument, profile, card.credentials(), **keys)
        seen["key"] += 1
        left = list(zip(card.atcs, card.idns))
        with tempfile.TemporaryDirectory(prefix="bezant-") as folder:
            public = PublicKey(key.public_key(), folder)
            for request in (ARQC | CDA, AAC | CDA, ARQC):
                terminal, application = Terminal.random(rng), rng.choice(card.applications())
                wallet.ask("select", instrument=instrument)
                wallet.ask("authenticate", method="fingerprint")
                tap = wallet.tap(terminal, request, application.name)
                expected = of_cryptogram(card, application, terminal, True, request)
                self.assertEqual(tap.outcome, expected.end.value)
                if not expected.end.spends():
                    self.assertNotIn("9F4B", tap.answer)
                    continue
                atc, idn = left.pop(0)
                made = tap.answer.get("9F26")
                if request & CDA:
                    made = self.recovered(public, length, tap, terminal, idn)
                    seen[expected.end] += 1
                self.assert_cryptograms(card, terminal, expected, tap, atc, made)
                self.assertEqual(wallet.transaction_id(instrument), transaction_id(card.pan, atc, made))

    def recovered(self, public, length, tap, terminal, idn):
        """The cryptogram in a signature that vouches for the tap (EMV Book 2, 6.6.2)."""
        signature = tap.answer["9F4B"]
        self.assertEqual(len(signature), length)
        unsigned = tlv.encode({tag: value for tag, value in tap.answer.items() if tag != "9F4B"})
        objects = hashlib.sha1(tap.pdol_data + tap.dol_data + unsigned).digest()

        block = public.recover(signature)

        signed, seal, trailer = block[1:-21], block[-21:-1], block[-1:]
        made = signed[13:21]
        dynamic = b"\x08" + idn + tap.answer["9F27"] + made + objects
        self.assertEqual((block[:1], trailer), (b"\x6a", b"\xbc"))
        self.assertEqual(signed, (b"\x05\x01\x26" + dynamic).ljust(length - 22, b"\xbb"))
        self.assertEqual(seal, hashlib.sha1(signed + terminal.unpredictable).digest())
        return made

    def assert_cryptograms(self, card, terminal, expected, tap, atc, made):
        keys, counter = card.issuer.session_keys(atc), atc.to_bytes(2, "big")
        message = terminal.cryptogram_data() + tap.interchange_profile + counter + expected.cvr
        umd, md = (
            cryptogram(key, terminal, tap.interchange_profile, counter, expected.cvr) for key in (keys.umd, keys.md)
        )
        self.assertEqual((retail_mac(keys.umd, message), retail_mac(keys.md, message)), (umd, md))
        self.assertEqual(tap.answer["9F10"][11:16], md[:5])
        self.assertEqual(made == umd, expected.valid_umd)


class CertificateChain(unittest.TestCase):
    def test_syn_1_is_certified_from_the_authority_down_to_the_key_of_its_card(self):
        wallet = Wallet(1, {"cvm_model": "Always"})
        self.addCleanup(wallet.close)
        given = json.loads((VECTORS / "syn-1.credentials.json").read_text())
        wallet.install("card-1", PROFILES["v2"], given["credentials"])
        terminal, authority = Terminal(), given["ca"]
        wallet.transmit(select(PPSE))
        pdol = wallet.transmit(select(AID))["6F"]["A5"]["9F38"]
        options = wallet.transmit(processing_options(terminal.fill(pdol)))["77"]
        self.assertEqual(options["94"].hex(), "0801010010010301", "of file 2 the first record is signed")
        _, signed, *certificates = (wallet.transmit(record)["70"] for record in records(options["94"]))
        read = {tag: value for record in certificates for tag, value in record.items()}
        # The AIP is signed where the card's list of such tags (9F4A) names it.
        self.assertEqual(signed["9F4A"].hex(), "82")
        static_data = tlv.encode(signed) + options["82"]
        with tempfile.TemporaryDirectory(prefix="bezant-") as folder:
            key = PublicKey.of_modulus(*(bytes.fromhex(authority[part]) for part in ("modulus", "exponent")), folder)
            issuer = self.certified(key, read["90"], b"\x02", 4, read["92"], read["9F32"], b"")
            self.assertEqual(issuer.hex().upper(), given["issuer_modulus"])
            key = PublicKey.of_modulus(issuer, read["9F32"], folder)
            card = self.certified(key, read["9F46"], b"\x04", 10, read["9F48"], read["9F47"], static_data)
            self.assertEqual(card.hex().upper(), given["icc_modulus"])

    def certified(self, signer, certificate, form, identifier_length, remainder, exponent, static_data):
        """The modulus in a certificate that the signer vouches for (EMV Book 2, 5.3 and 6.4)."""
        block = signer.recover(certificate)
        signed, seal = block[1:-21], block[-21:-1]
        self.assertEqual((block[:1], signed[:1], block[-1:]), (b"\x6a", form, b"\xbc"))
        self.assertEqual(seal, hashlib.sha1(signed + remainder + exponent + static_data).digest())
        # Expiry, serial number, two algorithms, then the lengths of modulus and exponent.
        at = 1 + identifier_length + 2 + 3 + 2
        self.assertEqual(signed[at + 1], len(exponent))
        return (signed[at + 2 :] + remainder)[: signed[at]]


def with_private_key(profile, parts, rng):
    """The profile with this key in it, in one of the ways that services bring it, and what opens it."""
    root = profile.get("mppLiteModule") or profile["mchipCardProfile"]
    contactless = root["contactlessPaymentData"]
    clear = {name: part.hex() for name, part in parts.items()}
    way = rng.choice(["clear", "wrapped", "wrapped under a wrapped key"])
    if way == "clear":
        contactless["iccPrivateKeyCrtComponents"] = clear
        return profile, {}
    transport = rng.randbytes(rng.choice([16, 24, 32]))
    wrapped = {name: wrap(transport, part).hex() for name, part in parts.items()}
    name = "iccPrivateKeyCrtComponents" if "mppLiteModule" in profile else "protectedIccPrivateKeyCrtComponents"
    del contactless["iccPrivateKeyCrtComponents"]
    contactless[name] = wrapped
    if way == "wrapped":
        return profile, {"icc_kek": transport.hex()}
    above = rng.randbytes(rng.choice([16, 24, 32]))
    profile["iccKek"] = wrap(above, transport).hex()
    return profile, {"data_encryption_key": above.hex()}


SIGNED = (End.ONLINE, End.SIGNED_DECLINE)


if __name__ == "__main__":
    unittest.main()

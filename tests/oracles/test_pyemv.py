"""The wallet against pyemv, a library that none of us wrote: what the driver answers is computed a second time from
the issuer's master keys. DRIVER is the path of the driver program."""

import json
import pathlib
import random
import unittest

from issuer import Issuer, cryptogram
from terminal import COUNTRIES, Terminal
from wallet import Wallet

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
PROFILE = json.loads((VECTORS / "syn-1.profile-v1.json").read_text())
CARD = json.loads((VECTORS / "syn-1.credentials.json").read_text())

INSTRUMENT = "card-1"
CONFIG = {"cvm_model": "Always"}

# GENERATE AC, P1 (EMV Book 3, 6.5.5.2)
ARQC = 0x80
ARQC_WITH_CDA = 0x90


def bezant_issuer():
    return Issuer(bytes.fromhex(CARD["imk_umd"]), bytes.fromhex(CARD["imk_md"]), CARD["pan"], CARD["psn"])


def without_parity(key):
    return bytes(byte & 0xFE for byte in bytes.fromhex(key))


def md_cryptogram(application_data):
    return application_data[11:16]


def card_results(application_data):
    return application_data[2:8]


class Keys(unittest.TestCase):
    def test_the_vectors_hold_the_keys_of_their_master_keys(self):
        for given in CARD["credentials"]:
            derived = bezant_issuer().credential(given["atc"], bytes.fromhex(given["idn"]))
            for name in ("contactless_umd", "contactless_md"):
                with self.subTest(atc=given["atc"], key=name):
                    self.assertEqual(without_parity(given[name]), without_parity(derived[name]))


class Taps(unittest.TestCase):
    def setUp(self):
        self.issuer = bezant_issuer()

    def wallet(self, seed, credentials):
        wallet = Wallet(seed, CONFIG)
        self.addCleanup(wallet.close)
        wallet.install(INSTRUMENT, PROFILE, credentials)
        return wallet

    def assert_arqc(self, terminal, tap, atc):
        """An ARQC without CDA after the customer was verified, every computed byte of it."""
        keys = self.issuer.session_keys(atc)
        counter = atc.to_bytes(2, "big")
        where = "02" if terminal.country == bytes.fromhex(COUNTRIES["PL"]) else "04"
        cvr = bytes.fromhex(f"A50000{where}0000")
        # The terminal's own data authentication code, unless a card signed for it before.
        code = terminal.dynamic_number[:2] if any(terminal.dynamic_number) else terminal.authentication_code
        md = cryptogram(keys.md, terminal, tap.interchange_profile, counter, cvr)

        answer = tap.answer
        self.assertEqual(list(answer), ["9F27", "9F36", "9F26", "9F10"])
        self.assertEqual(answer["9F27"].hex(), "80")
        self.assertEqual(answer["9F36"], counter)
        self.assertEqual(answer["9F26"], cryptogram(keys.umd, terminal, tap.interchange_profile, counter, cvr))
        self.assertEqual(answer["9F10"], b"\x01\x14" + cvr + code + b"\0" + md[:5] + b"\x00\xff")

    def test_syn_1_without_cda(self):
        wallet = self.wallet(1, CARD["credentials"])
        wallet.ask("authenticate", method="fingerprint")
        terminal = Terminal()

        tap = wallet.tap(terminal, ARQC)

        self.assertEqual(tap.outcome, "AuthorizeOnline")
        self.assertEqual(card_results(tap.answer["9F10"]).hex().upper(), "A50000020000")
        self.assert_arqc(terminal, tap, 1)

    def test_syn_1_with_cda_hides_the_user_cryptogram_and_shows_the_device_one(self):
        wallet = self.wallet(1, CARD["credentials"])
        wallet.ask("authenticate", method="fingerprint")
        terminal = Terminal()

        tap = wallet.tap(terminal, ARQC_WITH_CDA)

        self.assertEqual(tap.outcome, "AuthorizeOnline")
        answer = tap.answer
        self.assertEqual(list(answer), ["9F27", "9F36", "9F4B", "9F10"])
        cvr = bytes.fromhex("A54000020000")
        self.assertEqual(card_results(answer["9F10"]), cvr)
        key = self.issuer.session_keys(1).md
        expected = cryptogram(key, terminal, tap.interchange_profile, b"\x00\x01", cvr)
        self.assertEqual(md_cryptogram(answer["9F10"]), expected[:5])

    def test_twenty_taps_at_random(self):
        rng = random.Random("twenty taps")
        for seed in range(4):
            first = 1 + 5 * seed
            atcs = range(first, first + 5)
            wallet = self.wallet(
                rng.randrange(2**32), [self.issuer.credential(atc, rng.randbytes(8)) for atc in atcs]
            )
            for atc in atcs:
                terminal = Terminal.random(rng)
                with self.subTest(atc=atc, terminal=terminal):
                    wallet.ask("authenticate", method="fingerprint")
                    tap = wallet.tap(terminal, ARQC)
                    self.assertEqual(tap.outcome, "AuthorizeOnline")
                    self.assert_arqc(terminal, tap, atc)

    def test_a_refusal_verifies_under_no_issued_key_and_consumes_none(self):
        atcs = range(1, 6)
        wallet = self.wallet(7, [self.issuer.credential(atc, bytes([atc]) * 8) for atc in atcs])
        terminal = Terminal()

        tap = wallet.tap(terminal, ARQC)

        self.assertEqual(tap.outcome, "WalletActionRequired")
        answer = tap.answer
        self.assertEqual(list(answer), ["9F27", "9F36", "9F26", "9F10", "DF4B"])
        self.assertEqual(answer["9F27"].hex(), "00")
        self.assertEqual(answer["9F36"].hex(), "0001")
        self.assertEqual(answer["DF4B"].hex(), "000100")
        cvr = card_results(answer["9F10"])
        self.assertEqual(cvr[0] & 0x30, 0x00, "the card says in its own results that this is an AAC")
        for atc in atcs:
            keys = self.issuer.session_keys(atc)
            for counter in {answer["9F36"], atc.to_bytes(2, "big")}:
                for key in (keys.umd, keys.md):
                    issued = cryptogram(key, terminal, tap.interchange_profile, counter, cvr)
                    with self.subTest(atc=atc, counter=counter):
                        self.assertNotEqual(answer["9F26"], issued)
                        self.assertNotEqual(md_cryptogram(answer["9F10"]), issued[:5])

        wallet.ask("authenticate", method="fingerprint")
        tap = wallet.tap(terminal, ARQC)
        self.assert_arqc(terminal, tap, 1)

    def test_refusals_differ_from_seed_to_seed(self):
        answers = set()
        for seed in range(3):
            wallet = self.wallet(seed, CARD["credentials"])
            answer = wallet.tap(Terminal(), ARQC).answer
            answers.add((answer["9F26"], md_cryptogram(answer["9F10"])))
        self.assertEqual(len(answers), 3)


if __name__ == "__main__":
    unittest.main()

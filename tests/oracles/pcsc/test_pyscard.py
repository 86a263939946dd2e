"""pyscard pays with the card, tap after tap; pyemv recomputes what the card signed."""

import random
import unittest

from card import CREDENTIALS, PROFILE, Card
from issuer import Issuer, cryptogram
from lane import INSTRUMENT, INTERRUPTED, T0_ONLY, T1, InReader
from pyemv import tlv
from reader import Reader
from tap import OK, cryptogram_template, generate_ac, until_generate_ac
from terminal import Terminal
from tools import readers

CARD = Card(PROFILE)
OPTIONS = tlv.decode(CARD.processing_options)["77"]
TAPS = 50


class PyScard(InReader):
    def test_payments_at_random_under_either_protocol(self):
        for atr in (T1, T0_ONLY):
            with self.subTest(atr=atr):
                self.pay_at_random(atr)

    def pay_at_random(self, atr):
        rng = random.Random(atr)
        issuer = Issuer(
            *(bytes.fromhex(CREDENTIALS[key]) for key in ("imk_umd", "imk_md")), CREDENTIALS["pan"], CREDENTIALS["psn"]
        )
        wallet = self.insert(atr=atr)
        first = 1 + max(credential["atc"] for credential in CREDENTIALS["credentials"])
        more = [issuer.credential(atc, rng.randbytes(8)) for atc in range(first, first + TAPS)]
        wallet.ask("load_credentials", instrument=INSTRUMENT, credentials=more)
        atcs = [credential["atc"] for credential in CREDENTIALS["credentials"] + more][:TAPS]

        for atc in atcs:
            terminal = Terminal.random(rng)
            with self.subTest(atc=atc, terminal=terminal):
                wallet.ask("authenticate", method="fingerprint")
                with self.reader.connected() as transmit:
                    answers = [transmit(command) for command in until_generate_ac(terminal, OPTIONS["94"])]
                    answer = cryptogram_template(transmit(generate_ac(terminal)))
                self.assertTrue(all(answer.endswith(OK) for answer in answers))
                self.assertEqual((answer["9F27"], answer["9F36"]), (b"\x80", atc.to_bytes(2, "big")))
                results = answer["9F10"][2:8]
                key = issuer.session_keys(atc).umd
                self.assertEqual(
                    answer["9F26"], cryptogram(key, terminal, OPTIONS["82"], answer["9F36"], results)
                )

        self.assertEqual(self.outcomes(wallet), ["AuthorizeOnline"] * TAPS)
        wallet.close()
        self.reader.wait_until_empty()

    def test_powering_the_card_down_in_mid_tap_gives_its_credential_back(self):
        wallet = self.insert()
        for taps, last in enumerate((1, 2, 3, 7), start=1):
            with self.reader.connected() as transmit:
                for command in until_generate_ac(Terminal(), OPTIONS["94"])[:last]:
                    self.assertTrue(transmit(command).endswith(OK))
            self.assertEqual(self.outcomes(wallet, taps), [INTERRUPTED] * taps)
        self.assert_credentials_left(wallet, 3)


class DaemonEnds(InReader):
    def test_the_wallet_is_told_that_its_reader_is_gone_and_finds_the_next(self):
        wallet = self.insert()
        with self.reader.connected() as transmit:
            transmit(until_generate_ac(Terminal(), OPTIONS["94"])[0])
            self.reader.close()

        events = []

        def is_gone(answer):
            events.extend(answer.get("events", []))
            return any(event["event"] == "reader_gone" for event in events)

        wallet.ask_until(is_gone, "status")
        self.assertIn(INTERRUPTED, [event.get("outcome") for event in events])
        self.assert_credentials_left(wallet, 3)

        type(self).reader = Reader()
        wallet.ask("card_insert")
        self.reader.wait_for_card()
        self.assertIn(True, readers().values())


if __name__ == "__main__":
    unittest.main()

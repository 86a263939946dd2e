"""Five hundred cards at random through the driver: pyemv recomputes every byte that the wallet computed, from each
card's own issuer master keys. A failure names the card; the same name makes the same card and the same taps."""

import collections
import random
import unittest

from pyemv import cvv

from card import Card, track_2
from expectation import AAC, ARQC, TC, End, of_checksum, of_cryptogram
from issuer import crypto_block, cryptogram, transaction_id
from terminal import Terminal
from wallet import Wallet

CARDS_OF_A_WALLET = 84
TAPS_OF_A_CARD = 2
ATC_OF_REFUSALS = b"\x00\x01"


class RandomCards(unittest.TestCase):
    def test_wallets_that_verify_always(self):
        seen = self.cards("Always", mag_stripe=False) + self.cards("Always", mag_stripe=True)
        self.assertEqual(set(seen), {"card", "tap", "code", *END_OF_ANY, End.AGAIN})

    def test_wallets_that_verify_above_the_limit(self):
        seen = self.cards("Flexible", mag_stripe=False) + self.cards("Flexible", mag_stripe=True)
        self.assertEqual(set(seen), {"card", "tap", "code", *END_OF_ANY, End.AGAIN})

    def test_wallets_that_verify_never(self):
        seen = self.cards("CardLike", mag_stripe=False) + self.cards("CardLike", mag_stripe=True)
        self.assertEqual(set(seen), {"card", "tap", "code", *END_OF_ANY})

    def cards(self, model, mag_stripe):
        """A wallet full of cards, each tapped; counts what came of it."""
        seen = collections.Counter()
        name = f"{model}, mag-stripe {mag_stripe}"
        wallet = Wallet(random.Random(name).randrange(2**32), {"cvm_model": model, "mag_stripe": mag_stripe})
        self.addCleanup(wallet.close)
        for number in range(CARDS_OF_A_WALLET):
            with self.subTest(card=f"{name}, {number}"):
                rng = random.Random(f"{name}, {number}")
                card = Card.random(rng, rng.choice(["v1", "v2"]), model)
                instrument = f"card-{number}"
                wallet.install(instrument, card.profile(), card.credentials())
                seen["card"] += 1
                left = list(card.atcs)
                for _ in range(TAPS_OF_A_CARD):
                    self.shopping(wallet, instrument, card, left, rng, mag_stripe, seen)
                held = {known["id"]: known["credentials_left"] for known in wallet.ask("status")["instruments"]}
                self.assertEqual(held[instrument], len(left), "credentials left")
        return seen

    def shopping(self, wallet, instrument, card, left, rng, mag_stripe, seen):
        """A tap, and the second one at the same terminal where the wallet asks for it."""
        terminal, application = Terminal.random(rng), rng.choice(card.applications())
        verified, request = rng.random() < 0.6, rng.choice([ARQC, ARQC, ARQC, TC, AAC])
        swipes = mag_stripe and rng.random() < 0.4
        while True:
            wallet.ask("select", instrument=instrument)
            wallet.ask("clear_authentication")
            if verified:
                wallet.ask("authenticate", method="fingerprint")
            seen["tap"] += 1
            if swipes:
                seen["code"] += 1
                tap = wallet.swipe(terminal, application.name)
                expected = of_checksum(card, application, terminal, verified)
                self.assert_checksum(card, terminal, expected, tap, left)
                self.assertIsNone(wallet.transaction_id(instrument))
            else:
                tap = wallet.tap(terminal, request, application.name)
                expected = of_cryptogram(card, application, terminal, verified, request, mag_stripe)
                self.assert_cryptogram(card, terminal, expected, tap, left)
                shown = tap.answer["9F26"] if expected.end.spends() else None
                identifier = shown and transaction_id(card.pan, left[0], shown)
                self.assertEqual(wallet.transaction_id(instrument), identifier)
            seen[expected.end] += 1
            if expected.end.spends():
                left.pop(0)
            if expected.end is not End.AGAIN:
                break
            verified = True

    def assert_cryptogram(self, card, terminal, expected, tap, left):
        self.assertEqual((tap.outcome, tap.status.hex()), (expected.end.value, "9000"))
        self.assertEqual(tap.interchange_profile, expected.interchange_profile)
        online = expected.end is End.ONLINE
        atc = left[0].to_bytes(2, "big") if online else ATC_OF_REFUSALS
        interaction = {} if expected.interaction is None else {"DF4B": bytes.fromhex(expected.interaction)}
        shown, application_data = tap.answer["9F26"], tap.answer["9F10"]
        dynamic = terminal.dynamic_number[:2] if any(terminal.dynamic_number) else terminal.authentication_code
        index, version, filler, tail = card.template[:1], card.template[1:2], card.template[10:11], card.template[16:]

        def made(key, counter=atc):
            return cryptogram(key, terminal, tap.interchange_profile, counter, expected.cvr)

        keys = [card.issuer.session_keys(counter) for counter in (left[:1] if online else card.atcs)]
        md = made(keys[0].md)[:5] if online else application_data[11:16]
        umd = made(keys[0].umd) if online and expected.valid_umd else shown
        self.assertEqual(
            list(tap.answer.items()),
            [
                ("9F27", b"\x80" if online else b"\x00"),
                ("9F36", atc),
                ("9F26", umd),
                ("9F10", index + version + expected.cvr + dynamic + filler + md + tail),
                *interaction.items(),
            ],
        )
        if not online or not expected.valid_umd:
            counters = {atc, *(counter.to_bytes(2, "big") for counter in card.atcs)}
            issued = [made(key, counter) for pair in keys for key in (pair.umd, pair.md) for counter in counters]
            self.assertNotIn(shown, issued)
            if not online:
                self.assertNotIn(md, [each[:5] for each in issued])

    def assert_checksum(self, card, terminal, expected, tap, left):
        self.assertEqual(tap.outcome, expected.end.value)
        self.assertEqual(tap.interchange_profile, expected.interchange_profile)
        online = expected.end is End.ONLINE
        if not online and not expected.restarts:
            self.assertEqual((tap.status.hex(), tap.answer), ("6982", None))
            return
        self.assertEqual(tap.status.hex(), "9000")
        interaction = {} if expected.interaction is None else {"DF4B": bytes.fromhex(expected.interaction)}
        if not online:
            # Three digits under a random key, led by the zero of ATC 0001; one in a thousand is anybody's by chance.
            self.assertEqual(list(tap.answer), ["9F36", "DF4B"])
            self.assertEqual(tap.answer["DF4B"], interaction["DF4B"])
            self.assertLess(int.from_bytes(tap.answer["9F36"], "big"), 1000)
            return
        atc, keys = left[0], card.issuer.session_keys(left[0])
        umd, md = (
            crypto_block(key, card.pin_iv, terminal.numeric, atc.to_bytes(2, "big")) for key in (keys.umd, keys.md)
        )
        tens, ones = divmod(atc % 100, 10)
        code = (int.from_bytes(umd[6:], "big") % 1000 + 1000 * ones).to_bytes(2, "big")
        counter = (int.from_bytes(md[:2], "big") % 1000 + 1000 * tens).to_bytes(2, "big")
        shown = code if expected.valid_umd else tap.answer["9F61"]
        self.assertEqual(
            list(tap.answer.items()), [("9F61", shown), ("9F60", shown), ("9F36", counter), *interaction.items()]
        )
        self.assertEqual(int.from_bytes(shown, "big") // 1000, ones)
        if atc == card.atcs[0] and expected.valid_umd:
            classic = cvv.generate_cvc3(keys.umd, track_2(card.pan), atc.to_bytes(2, "big"), terminal.numeric)
            self.assertEqual(int.from_bytes(shown, "big") % 1000, int(classic) % 1000)


END_OF_ANY = {End.ONLINE, End.TERMINAL_DECLINES, End.WALLET_DECLINES}


if __name__ == "__main__":
    unittest.main()

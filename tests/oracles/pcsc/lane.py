"""What every test of this folder begins with: a reader, and a wallet in it."""

import random
import unittest

from card import CREDENTIALS, PROFILE, Card
from reader import ADDRESS, Reader
from random_cards import random_card
from wallet import Wallet

INSTRUMENT = "card-1"
CONFIG = {"cvm_model": "Always"}
T1 = "3B80800101"
T0_ONLY = "3B600000"
INTERRUPTED = "Interrupted"


class InReader(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reader = Reader()
        cls.addClassCleanup(lambda: cls.reader.close())

    def insert(self, card=Card(PROFILE), atr=T1):
        """A wallet with that card and three credentials in the reader, its owner verified."""
        wallet = Wallet(1, CONFIG, ["--vpcd", ADDRESS, "--atr", atr])
        self.addCleanup(lambda: self.reader.wait_until_empty())
        self.addCleanup(wallet.close)
        wallet.install(INSTRUMENT, card.profile, CREDENTIALS["credentials"])
        wallet.ask("authenticate", method="fingerprint")
        self.reader.wait_for_card()
        return wallet

    def random_cards(self, wallet, number):
        """One card after the other in the reader, each of its own random data."""
        rng = random.Random(self.id())
        latest = INSTRUMENT
        for index in range(number):
            wallet.ask("delete", instrument=latest)
            card, latest = random_card(rng), f"random-{index}"
            wallet.install(latest, card.profile, CREDENTIALS["credentials"])
            with self.subTest(card=index, profile=card.profile):
                yield card

    def assert_credentials_left(self, wallet, number):
        self.assertEqual(wallet.ask("status")["instruments"][0]["credentials_left"], number)

    def outcomes(self, wallet, number=0):
        """How the taps ended, newest first, once there are so many: a request may overtake what the reader says."""
        history = wallet.ask_until(lambda answer: len(answer["taps"]) >= number, "history")
        return [tap["outcome"] for tap in history["taps"]]

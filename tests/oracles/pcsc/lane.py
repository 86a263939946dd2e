"""What every test of this folder begins with: a reader, and a wallet in it."""

import unittest

from card import CREDENTIALS, PROFILE, Card
from reader import ADDRESS, Reader
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
        cls.addClassCleanup(cls.reader.close)

    def insert(self, card=Card(PROFILE), atr=T1):
        """A wallet with that card and three credentials in the reader, its owner verified."""
        wallet = Wallet(1, CONFIG, ["--vpcd", ADDRESS, "--atr", atr])
        self.addCleanup(self.reader.wait_until_empty)
        self.addCleanup(wallet.close)
        wallet.install(INSTRUMENT, card.profile, CREDENTIALS["credentials"])
        wallet.ask("authenticate", method="fingerprint")
        self.reader.wait_for_card()
        return wallet

    def assert_credentials_left(self, wallet, number):
        self.assertEqual(wallet.ask("status")["instruments"][0]["credentials_left"], number)

    def outcomes(self, wallet):
        """How the taps ended, newest first."""
        return [tap["outcome"] for tap in wallet.ask("history")["taps"]]

"""cardpeek, with its own script for EMV cards, reads the card into a tree: every element of it is in the profile, and
the other way round."""

import pathlib
import re
import tempfile
import unittest
import xml.etree.ElementTree

from card import PROFILE, Card, leaves
from lane import INTERRUPTED, InReader
from pyemv import tlv
from tools import cardpeek

CARD = Card(PROFILE)
YES = 1
WITHOUT_PIN = 2
STATUS_WORD = re.compile(r"Recv: ([0-9A-F]{4}) ")
# It asks for every record up to 31,6, six data objects, and the life cycle of the chip.
COMMANDS_AT_LEAST = 190
REFUSALS = {"6A82", "6A83", "6A88", "6D00"}


def attributes(node):
    """What a node says of itself; bytes are written as 8:01FF."""
    return {item.get("name"): item.text or "" for item in node.findall("attr")}


def elements(node):
    """Tags and values of the primitive elements below a node."""
    for child in node.findall("node"):
        said = attributes(child)
        if said.get("val", "").startswith("8:"):
            # What stands below it is its meaning.
            yield said["id"], bytes.fromhex(said["val"][2:])
        else:
            yield from elements(child)


def nodes(tree, kind):
    return [node for node in tree.iter("node") if attributes(node).get("classname") == kind]


class CardPeek(InReader):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="bezant-cardpeek-")
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)

    def setUp(self):
        self.wallet = self.insert()
        if not (self.home / ".cardpeek").exists():
            # A first start asks whether it may unpack its scripts, and wants that acknowledged.
            cardpeek("", [YES, YES], self.home)

    def read(self):
        """Its log, and the tree that it makes of the card."""
        view = self.home / "view.xml"
        view.unlink(missing_ok=True)
        script = f'dofile("{self.home}/.cardpeek/scripts/emv.lua"); ui.save_view("{view}")'
        log = cardpeek(script, [YES, WITHOUT_PIN], self.home)
        # What it writes for a declaration of XML is none.
        return log, xml.etree.ElementTree.fromstring(view.read_text().split("\n", 1)[1])

    def assert_understood(self, card):
        _, tree = self.read()
        directory, application = nodes(tree, "application")
        self.assertEqual(list(elements(directory)), list(leaves(tlv.decode(card.directory))))
        self.assertEqual(attributes(application)["id"], "#" + card.aid.hex().upper())
        for kind, answer in (("header", card.control_information), ("block", card.processing_options)):
            [node] = nodes(tree, kind)
            self.assertEqual(attributes(node)["val"], "8:" + answer.hex().upper())
            self.assertEqual(list(elements(node)), list(leaves(tlv.decode(answer))))
        found = {}
        for file in nodes(tree, "file"):
            for record in file.findall("node"):
                found[int(attributes(file)["id"]), int(attributes(record)["id"])] = list(elements(record))
        self.assertEqual(found, card.elements())

    def test_what_it_understood_is_the_profile(self):
        self.assert_understood(CARD)

    def test_fifty_random_cards(self):
        for card in self.random_cards(self.wallet, 50):
            self.assert_understood(card)

    def test_it_shows_account_number_and_expiry_as_people_write_them(self):
        _, tree = self.read()
        said = {attributes(node).get("id"): attributes(node) for node in tree.iter("node")}

        self.assertEqual(said["5A"]["alt"], "5413330000000019")
        self.assertEqual(said["5F24"]["alt"], "12/31/30")

    def test_its_odd_commands_are_refused_and_cost_nothing(self):
        log, _ = self.read()
        statuses = STATUS_WORD.findall(log)

        self.assertGreater(len(statuses), COMMANDS_AT_LEAST)
        self.assertEqual(statuses.count("9000"), 3 + len(CARD.records))
        self.assertLessEqual(set(statuses) - {"9000"}, REFUSALS)
        self.assertEqual(self.wallet.ask("card_remove")["outcome"], INTERRUPTED)
        self.assertEqual(set(self.outcomes(self.wallet)), {INTERRUPTED})
        self.assert_credentials_left(self.wallet, 3)


if __name__ == "__main__":
    unittest.main()

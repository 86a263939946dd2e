"""emvtool, of the Python package emv, reads the card: what it printed is held against the profile, element by element.

It asks for no PDOL, so the card has none, and speaks T=0 only."""

import json
import re
import unittest

from card import PROFILE, Card, leaves
from lane import INTERRUPTED, T0_ONLY, InReader
from pyemv import tlv
from terminal import COUNTRIES, CURRENCIES
from tools import emvtool, tables

CARD = Card(PROFILE).without_pdol()

OBJECT_LISTS = {"8C", "8D", "9F38"}
LISTED_OBJECT = re.compile(r"\(\(\[?([0-9A-F ]{2,5})\]?\) .*?, (\d+)\)(?=,|\])")
LISTED_TAG = re.compile(r"\(\[?([0-9A-F ]{2,5})\]?\) ")
# Application Usage Control (EMV Book 3, C2), in emvtool's words, which counts the bits of a byte from the last one.
APPLICATION_USAGE = [
    [
        "Valid for domestic cash transactions",
        "Valid for international cash transactions",
        "Valid for domestic goods",
        "Valid for international goods",
        "Valid for domestic services",
        "Valid for international services",
        "Valid at ATMs",
        "Valid at terminals other than ATMs",
    ],
    ["Domestic cashback allowed", "International cashback allowed"],
]


def date(value):
    return "/".join(f"{part:02x}" for part in value)


def quoted(value):
    return f'"{value.decode()}"'


def number(value):
    return str(int.from_bytes(value, "big"))


def named_in(codes):
    names = {bytes.fromhex(code): name for name, code in codes.items()}
    return names.__getitem__


def set_bits(byte, names):
    return [name for place, name in enumerate(names) if byte >> place & 1]


# What emvtool puts into words of its own; all else it prints as bytes.
IN_WORDS = {
    "50": quoted,
    "5A": bytes.hex,
    "5F24": date,
    "5F25": date,
    "5F28": named_in(COUNTRIES),
    "5F2D": quoted,
    "5F34": number,
    "87": number,
    "9F42": named_in(CURRENCIES),
}


def object_list(value):
    """Tags and lengths of a data object list (EMV Book 3, 5.4)."""
    found, at = [], 0
    while at < len(value):
        end = at + (2 if value[at] & 0x1F == 0x1F else 1)
        found.append((value[at:end].hex().upper(), value[end]))
        at = end + 1
    return found


def plain(text):
    """A tag or bytes as emvtool prints them: [9F 26]."""
    return text.strip("[]").replace(" ", "")


class EmvTool(InReader):
    def setUp(self):
        self.wallet = self.insert(CARD, T0_ONLY)

    def tearDown(self):
        self.wallet.ask("card_remove")
        self.assertEqual(set(self.outcomes(self.wallet)), {INTERRUPTED}, "it never pays")
        self.assert_credentials_left(self.wallet, 3)

    def assert_element(self, tag, value, printed):
        with self.subTest(tag=tag, printed=printed):
            if tag in OBJECT_LISTS:
                objects = [(plain(name), int(length)) for name, length in LISTED_OBJECT.findall(printed)]
                self.assertEqual(objects, object_list(value))
            elif tag == "9F4A":
                self.assertEqual([plain(name) for name in LISTED_TAG.findall(printed)], [value.hex()])
            elif tag == "9F07":
                names = [name for byte, names in zip(value, APPLICATION_USAGE) for name in set_bits(byte, names)]
                self.assertEqual(printed, f"<AUC: {', '.join(names)}>")
            elif tag == "8E":
                amounts = [int.from_bytes(value[at : at + 4], "big") for at in (0, 4)]
                self.assertTrue(printed.startswith("<CVM List x: {}, y: {},".format(*amounts)))
            elif tag in IN_WORDS:
                self.assertEqual(printed, IN_WORDS[tag](value))
            else:
                self.assertEqual(plain(printed), value.hex().upper())

    def assert_elements(self, elements, table):
        self.assertEqual([plain(tag) for tag, _, _ in table], [tag for tag, _ in elements])
        for (tag, value), (_, _, printed) in zip(elements, table, strict=True):
            self.assert_element(tag, value, printed)

    def assert_application_data(self, card):
        (_, options), (title, data) = tables(emvtool("appdata", "0"))
        options = {name: bytes(json.loads(printed)) for name, printed in options}
        answer = tlv.decode(card.processing_options)["77"]
        self.assertEqual(options, {"AIP": answer["82"], "AFL": answer["94"]})
        self.assertEqual(title, "Application Data")
        # It puts all records into one table, in which a later element takes the place of an earlier one of its tag.
        data_elements = dict(element for record in card.elements().values() for element in record)
        self.assert_elements(list(data_elements.items()), data)

    def test_listapps_finds_the_application(self):
        [(_, [application])] = tables(emvtool("listapps"))

        index, label, name = application
        self.assertEqual((index, label, plain(name)), ("0", '"MASTERCARD"', CARD.aid.hex().upper()))

    def test_appdata_gets_processing_options_and_reads_what_the_file_locator_names(self):
        self.assert_application_data(CARD)

    def test_appdata_of_twenty_random_cards(self):
        for card in self.random_cards(self.wallet, 20):
            self.assert_application_data(card)

    def test_info_walks_every_file(self):
        said = emvtool("info")

        self.assertIn("1PAY.SYS.DDF01 not available", said)
        (_, directory), (_, application), *files = [table for table in tables(said) if table[0]]
        [(tag, _, printed)] = directory
        self.assertEqual(plain(tag), "BF0C")
        self.assertIn("[" + CARD.aid.hex(" ").upper() + "]", printed)
        proprietary = tlv.decode(CARD.control_information)["6F"]["A5"]
        discretionary = proprietary.pop("BF0C")
        self.assert_elements(list(leaves(proprietary)), application[:-1])
        self.assertIn("[" + discretionary["9F6E"].hex(" ").upper() + "]", application[-1][2])
        self.assertEqual([title for title, _ in files], [f"File: {file},{number}" for file, number in CARD.records])
        for record, (title, table) in zip(CARD.elements().values(), files):
            with self.subTest(title):
                self.assert_elements(record, table)


if __name__ == "__main__":
    unittest.main()

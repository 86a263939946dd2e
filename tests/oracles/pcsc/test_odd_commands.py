"""Thousands of commands that make no sense, sent by scriptor of pcsc-tools: every one gets a legal status word, and the
tap that they fall into pays in the end as if nothing had been."""

import collections
import unittest

import odd
from card import PROFILE, Card
from lane import InReader
from tap import OK, PPSE, cryptogram_template, generate_ac, processing_options, until_generate_ac
from terminal import Terminal
from tools import scriptor

CARD = Card(PROFILE)
FILE_LOCATOR = CARD.processing_options[-8:]

# ISO 7816-4 and EMV Book 3: length, state, file, record, parameters, instruction, class.
REFUSALS = {"6700", "6985", "6A82", "6A83", "6A86", "6D00", "6E00"}


class OddCommands(InReader):
    def setUp(self):
        self.wallet = self.insert()
        self.terminal = Terminal()

    def assert_refused(self, commands, answers):
        for command, answer in zip(commands, answers, strict=True):
            with self.subTest(command=command.hex()):
                self.assertIn(answer.hex().upper(), REFUSALS)

    def assert_pays(self):
        """A tap from the start, which spends the first credential."""
        self.assert_credentials_left(self.wallet, 3)
        commands = [*until_generate_ac(self.terminal, FILE_LOCATOR), generate_ac(self.terminal)]
        *_, answer = scriptor(commands)
        self.assertEqual(cryptogram_template(answer)["9F36"].hex(), "0001")
        self.assert_credentials_left(self.wallet, 2)

    def test_every_instruction_under_five_classes(self):
        commands = list(odd.every_instruction())

        answers = scriptor(commands)

        self.assert_refused(commands, answers)
        kinds = collections.Counter(answer.hex().upper() for answer in answers)
        self.assertGreater(kinds["6D00"], 1000, "most instructions are not a card's")
        self.assert_pays()

    def test_commands_in_a_running_tap_leave_it_as_it_is(self):
        odd_ones = list(odd.at_any_stage(self.terminal, CARD.records))
        tap = until_generate_ac(self.terminal, FILE_LOCATOR)
        # After every step of the tap all of them, and after GET PROCESSING OPTIONS that itself once more.
        script = [command for step in tap for command in (step, *odd_ones)]
        script += [processing_options(self.terminal), generate_ac(self.terminal)]

        answers = scriptor(script)

        steps = range(0, len(tap) * (len(odd_ones) + 1), len(odd_ones) + 1)
        expected = [CARD.directory, CARD.control_information, CARD.processing_options, *CARD.records.values()]
        self.assertEqual([answers[step] for step in steps], [data + OK for data in expected])
        refused = [place for place in range(len(script) - 1) if place not in steps]
        self.assert_refused([script[place] for place in refused], [answers[place] for place in refused])
        self.assertEqual(cryptogram_template(answers[-1])["9F36"].hex(), "0001")
        self.assert_credentials_left(self.wallet, 2)
        self.assertEqual(self.outcomes(self.wallet), ["AuthorizeOnline"])

    def test_noise(self):
        commands = list(odd.noise(500))

        self.assert_refused(commands, scriptor(commands))
        self.assert_pays()

    def test_selections_of_what_is_not_there(self):
        other_scheme = bytes.fromhex("A000000003")
        names = [b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF02", bytes(5), CARD.aid[:5], CARD.aid + b"\1", other_scheme]
        commands = [bytes([0x00, 0xA4, 0x04, 0x00, len(name)]) + name + b"\0" for name in names]
        commands += [bytes([0x00, 0xA4, way, 0x00, 0x02, 0x3F, 0x00, 0x00]) for way in (0x00, 0x01, 0x02, 0x08)]

        self.assert_refused(commands, scriptor(commands))
        self.assertEqual(scriptor([PPSE]), [CARD.directory + OK])
        self.assert_pays()


if __name__ == "__main__":
    unittest.main()

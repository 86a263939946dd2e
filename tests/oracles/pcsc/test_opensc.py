"""opensc-tool, of the project OpenSC, reads the card and pays with it."""

import unittest

from card import CREDENTIALS, PROFILE, Card
from issuer import Issuer, cryptogram
from lane import INTERRUPTED, T0_ONLY, InReader
from pyemv import tlv
from reader import NAME, SLOT
from tap import OK, PPSE, SELECT, cryptogram_template, generate_ac, until_generate_ac
from terminal import Terminal, records
from tools import opensc_tool, readers, run

CARD = Card(PROFILE)
FILE_LOCATOR = CARD.processing_options[-8:]


class Reads(InReader):
    def test_the_card_is_in_the_first_slot(self):
        self.insert()

        self.assertEqual(readers(), {SLOT: True, f"{NAME} 00 01": False})
        self.assertEqual(run("opensc-tool", "--atr").strip(), "3b:80:80:01:01")

    def test_the_answer_to_reset_that_was_asked_for(self):
        self.insert(atr=T0_ONLY)

        self.assertEqual(run("opensc-tool", "--atr").strip(), "3b:60:00:00")

    def test_every_byte_of_the_profile(self):
        self.insert()

        answers = opensc_tool(*until_generate_ac(Terminal(), FILE_LOCATOR))

        expected = [CARD.directory, CARD.control_information, CARD.processing_options, *CARD.records.values()]
        self.assertEqual(answers, [data + OK for data in expected])

    def test_every_byte_of_a_hundred_random_cards(self):
        for card in self.random_cards(self.insert(), 100):
            without_objects = bytes.fromhex("80A8000002830000")
            file_locator = tlv.decode(card.processing_options)["77"]["94"]

            answers = opensc_tool(PPSE, SELECT, without_objects, *records(file_locator))

            expected = [card.directory, card.control_information, card.processing_options, *card.records.values()]
            self.assertEqual(answers, [data + OK for data in expected])


class Pays(InReader):
    def test_a_payment_whose_cryptogram_the_issuer_recomputes(self):
        wallet = self.insert()
        terminal = Terminal()
        commands = until_generate_ac(terminal, FILE_LOCATOR)

        *_, answer = opensc_tool(*commands, generate_ac(terminal))

        answer = cryptogram_template(answer)
        issuer = Issuer(
            *(bytes.fromhex(CREDENTIALS[key]) for key in ("imk_umd", "imk_md")), CREDENTIALS["pan"], CREDENTIALS["psn"]
        )
        interchange_profile = CARD.processing_options[4:6]
        results = answer["9F10"][2:8]
        keys = issuer.session_keys(1)
        expected = cryptogram(keys.umd, terminal, interchange_profile, answer["9F36"], results)
        self.assertEqual((answer["9F27"].hex(), answer["9F36"].hex()), ("80", "0001"))
        self.assertEqual(answer["9F26"], expected)
        self.assert_credentials_left(wallet, 2)

        self.assertEqual(opensc_tool(PPSE), [bytes.fromhex("6985")], "one payment a field")

        for ended, kind in enumerate(("warm", "cold"), start=1):
            run("opensc-tool", f"--reset={kind}")
            self.assertEqual(opensc_tool(PPSE), [CARD.directory + OK], kind)
            self.assertEqual(self.outcomes(wallet)[-1], "AuthorizeOnline")
            self.assertEqual(len(self.outcomes(wallet)), ended, kind)


class Removal(InReader):
    def test_a_card_that_is_taken_out_and_put_back(self):
        wallet = self.insert()
        self.assertEqual(opensc_tool(PPSE), [CARD.directory + OK])

        wallet.ask("card_remove")
        self.reader.wait_until_empty()
        self.assertFalse(readers()[SLOT])

        wallet.ask("card_insert", atr=T0_ONLY)
        self.reader.wait_for_card()
        self.assertTrue(readers()[SLOT])
        self.assertEqual(run("opensc-tool", "--atr").strip(), "3b:60:00:00")
        self.assertEqual(opensc_tool(PPSE), [CARD.directory + OK])

    def test_a_tap_that_removal_cuts_before_generate_ac_gives_its_credential_back(self):
        wallet = self.insert()
        terminal = Terminal()
        commands = until_generate_ac(terminal, FILE_LOCATOR)
        opensc_tool(*commands)

        answer = wallet.ask("card_remove")

        self.assertEqual(answer["outcome"], INTERRUPTED)
        self.assertEqual(answer["events"][-1]["event"], "contactless_payment_completed")
        self.assertEqual(answer["events"][-1]["outcome"], INTERRUPTED)
        self.assert_credentials_left(wallet, 3)

        self.reader.wait_until_empty()
        wallet.ask("card_insert")
        self.reader.wait_for_card()
        *_, answer = opensc_tool(*commands, generate_ac(terminal))
        self.assertEqual(cryptogram_template(answer)["9F36"].hex(), "0001", "the same credential")
        self.assertEqual(self.outcomes(wallet), ["AuthorizeOnline", INTERRUPTED])



if __name__ == "__main__":
    unittest.main()

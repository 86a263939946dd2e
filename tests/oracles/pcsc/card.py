"""The card SYN-1 as its profile describes it, read by pyemv's TLV parser."""

import json
import pathlib

from pyemv import tlv

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"
PROFILE = json.loads((VECTORS / "syn-1.profile-v1.json").read_text())
CREDENTIALS = json.loads((VECTORS / "syn-1.credentials.json").read_text())


class Card:
    """What a reader has to find on a card of this profile."""

    def __init__(self, profile):
        self.profile = profile
        self._data = profile["mppLiteModule"]["contactlessPaymentData"]
        self.aid = bytes.fromhex(self._data["aid"])
        self.directory = bytes.fromhex(self._data["ppseFci"])
        self.control_information = bytes.fromhex(self._data["paymentFci"])
        self.processing_options = bytes.fromhex(self._data["gpoResponse"])
        # The profile has the reference control byte of READ RECORD in place of the file's number.
        self.records = {
            (int(record["sfi"], 16) >> 3, record["recordNumber"]): bytes.fromhex(record["recordValue"])
            for record in self._data["records"]
        }

    def elements(self):
        """The data elements of every record, by file and number."""
        return {place: list(leaves(tlv.decode(record))) for place, record in self.records.items()}

    def without_pdol(self):
        """The same card, asking nothing of its terminal."""
        information = tlv.decode(self.control_information)
        del information["6F"]["A5"]["9F38"]
        return self.with_data(paymentFci=tlv.encode(information).hex().upper())

    def with_data(self, **changes):
        """A card with other values in its contactless data."""
        module = {**self.profile["mppLiteModule"], "contactlessPaymentData": {**self._data, **changes}}
        return Card({**self.profile, "mppLiteModule": module})


def leaves(tree):
    """Tags and values of the primitive elements, in their order."""
    for tag, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value)
        else:
            yield tag, bytes(value)

"""A tap of SYN-1 as the terminal of `terminal.py` makes it, over anything that transmits commands."""

from pyemv import tlv

import terminal as terminals
from terminal import AID, records

PPSE = terminals.select(terminals.PPSE)
SELECT = terminals.select(AID)
ARQC = 0x80
OK = b"\x90\x00"

# What SYN-1 asks for, and every card that is made of it and asks at all.
PDOL = bytes.fromhex("9F1D089F1A029F3501")
CDOL1 = bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F1502")


def processing_options(terminal):
    return terminals.processing_options(terminal.fill(PDOL))


def generate_ac(terminal):
    return terminals.generate_ac(ARQC, terminal.fill(CDOL1))


def until_generate_ac(terminal, file_locator):
    """The commands of a tap, up to the records."""
    return [PPSE, SELECT, processing_options(terminal), *records(file_locator)]


def cryptogram_template(answer):
    """The data elements of an answer to GENERATE AC."""
    if answer[-2:] != OK:
        raise AssertionError(f"GENERATE AC was answered {answer.hex()}")
    return tlv.decode(answer[:-2])["77"]

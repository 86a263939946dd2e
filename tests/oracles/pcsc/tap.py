"""A tap as the terminal of `terminal.py` makes it, over anything that transmits commands."""

from pyemv import tlv

PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")
ARQC = 0x80
OK = b"\x90\x00"


def until_generate_ac(terminal, file_locator):
    """The commands of a tap, up to the records."""
    return [PPSE, terminal.select(), terminal.processing_options(), *terminal.records(file_locator)]


def cryptogram_template(answer):
    """The data elements of an answer to GENERATE AC."""
    if answer[-2:] != OK:
        raise AssertionError(f"GENERATE AC was answered {answer.hex()}")
    return tlv.decode(answer[:-2])["77"]

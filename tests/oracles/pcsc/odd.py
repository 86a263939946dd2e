"""Commands that no terminal sends, or none in its right mind."""

import random

from tap import PPSE, SELECT, generate_ac, processing_options

# Instructions of ISO 7816-4, Global Platform and EMV that a contactless card has no answer to, with usual parameters.
STRANGERS = [
    "0084000008",  # GET CHALLENGE
    "0084000000",
    "0020008008 241234FFFFFFFFFF",  # VERIFY
    "0082000008 0102030405060708",  # EXTERNAL AUTHENTICATE
    "0088000004 01020304 00",  # INTERNAL AUTHENTICATE
    "00B0000000",  # READ BINARY
    "00B08100FF",
    "00D6000001 00",  # UPDATE BINARY
    "00DC010C01 00",  # UPDATE RECORD
    "00C0000010",  # GET RESPONSE
    "0070000001",  # MANAGE CHANNEL
    "8050000008 0102030405060708 00",  # INITIALIZE UPDATE
    "84E2000000",  # STORE DATA
    "80F2400002 4F00 00",  # GET STATUS
    "841E000004 01020304",  # APPLICATION BLOCK
    "8424000008 0102030405060708",  # PIN CHANGE/UNBLOCK
    "80E6020000",  # INSTALL
]

# GET DATA: counters, the PIN's tries, the log, and what cards keep to themselves.
WANTED_DATA = ["9F36", "9F13", "9F17", "9F4D", "9F4F", "DF60", "9F7F", "005A", "0057", "0042", "0066", "00CF", "FFFF"]


def every_instruction():
    """Each instruction byte under five classes, without data and with a little."""
    for cla in (0x00, 0x80, 0x84, 0xA0, 0xFF):
        for ins in range(256):
            yield bytes([cla, ins, 0x00, 0x00])
            yield bytes([cla, ins, 0x00, 0x00, 0x02, 0xA5, 0x5A, 0x00])


def strangers():
    yield from (bytes.fromhex(command) for command in STRANGERS)
    for tag in WANTED_DATA:
        for cla in ("80", "00"):
            yield bytes.fromhex(f"{cla}CA{tag}00")


def distorted(good):
    """A good command cut short, drawn out, of another class, with other parameters, and with a length that lies."""
    # vpcd takes a single byte for a word to the card itself, and all but the last one byte is a whole command.
    yield from (good[:length] for length in range(2, len(good) - 1))
    yield good + b"\0"
    yield good + b"\0" * 300
    yield from (bytes([cla]) + good[1:] for cla in (0x01, 0x0C, 0x10, 0x40, 0x90, 0xC0, 0xFF))
    if len(good) > 5:
        yield from (good[:4] + bytes([length]) + good[5:] for length in (0, 1, good[4] - 1, good[4] + 1, 0xFF))
        # Extended length, ISO 7816-4, 5.1.
        yield good[:4] + b"\0\0" + good[4:] + b"\0"


def records_that_are_not_there(places):
    """READ RECORD of every file and of numbers at both ends, but for those of the card; and by other means than a number."""
    for file in range(32):
        for number in (0, 1, 2, 3, 4, 6, 127, 255):
            for way in (0, 2, 4, 5):
                if way != 4 or (file, number) not in places:
                    yield bytes([0x00, 0xB2, number, file << 3 | way, 0x00])


def at_any_stage(terminal, places):
    """What must leave a tap as it is, however far that has come."""
    options, cryptogram = processing_options(terminal), generate_ac(terminal)
    for good in (options, cryptogram):
        yield from distorted(good)
    for good in (PPSE, SELECT):
        # With a length that takes Le for a byte of the name it is sound, and selects nothing in the application's place.
        yield from (command for command in distorted(good) if command[4:5] != bytes([good[4] + 1]))
    for kind in (0x20, 0x60, 0xA0, 0xC0, 0xFF):
        yield cryptogram[:2] + bytes([kind]) + cryptogram[3:]
    yield from strangers()
    yield from records_that_are_not_there(places)


def noise(number):
    """Bytes of no meaning."""
    rng = random.Random("noise")
    for _ in range(number):
        yield rng.randbytes(rng.choice([2, 3, 4, 5, 6, 20, 60, 261, 300, 1000]))

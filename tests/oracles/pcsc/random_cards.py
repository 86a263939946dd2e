"""Cards like SYN-1 whose every data element is another, with more files and more elements in them."""

from card import PROFILE, Card
from pyemv import tlv
from terminal import COUNTRIES, CURRENCIES

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LANGUAGES = ["en", "de", "fr", "pl", "ja", "it"]
# What cardpeek walks through: records 1 to 6 of every file. File 1 and 2 are SYN-1's own.
FILES = range(3, 11)
RECORDS = range(1, 7)
RECORD_ROOM = 240


def random_card(rng):
    """A profile that a wallet takes, and that asks nothing of its terminal."""
    syn_1 = Card(PROFILE).without_pdol()
    label = letters(rng, rng.randint(1, 16))
    directory, information = tlv.decode(syn_1.directory), tlv.decode(syn_1.control_information)
    directory["6F"]["A5"]["BF0C"]["61"]["50"] = label
    information["6F"]["A5"]["50"] = label
    information["6F"]["A5"]["5F2D"] = "".join(rng.sample(LANGUAGES, rng.randint(1, 4))).encode()

    records = {place: tlv.decode(record) for place, record in syn_1.records.items()}
    change_holder(rng, records[1, 1]["70"], records[2, 1]["70"])
    files = {file: rng.choice(RECORDS) for file in sorted(rng.sample(FILES, rng.randint(0, 4)))}
    for file, last in files.items():
        records |= {(file, number): {"70": strange_elements(rng)} for number in range(1, last + 1)}

    options = tlv.decode(syn_1.processing_options)
    options["77"]["94"] += b"".join(bytes([file << 3, 1, last, 0]) for file, last in files.items())
    return syn_1.with_data(
        ppseFci=hexadecimal(directory),
        paymentFci=hexadecimal(information),
        gpoResponse=hexadecimal(options),
        records=[
            {"sfi": f"{file << 3 | 4:02X}", "recordNumber": number, "recordValue": hexadecimal(record)}
            for (file, number), record in records.items()
        ],
    )


def change_holder(rng, mag_stripe, chip):
    """Another account, other dates, another country, another issuer's will."""
    account = "5413" + digits(rng, 12)
    expiry = f"{rng.randint(27, 39)}{rng.randint(1, 12):02}"
    track_2 = bytes.fromhex(f"{account}D{expiry}201{digits(rng, 13)}F")
    mag_stripe["56"] = f"B{account}^ /^{expiry}201{digits(rng, 13)}".encode()
    mag_stripe["9F6B"] = track_2
    chip["57"] = track_2
    chip["5A"] = bytes.fromhex(account)
    chip["5F24"] = bytes.fromhex(expiry + "28")
    chip["5F25"] = bytes.fromhex(f"2{rng.randint(0, 5)}{rng.randint(1, 12):02}01")
    chip["5F34"] = bytes.fromhex(digits(rng, 2))
    chip["5F28"] = bytes.fromhex(rng.choice(list(COUNTRIES.values())))
    chip["9F42"] = bytes.fromhex(rng.choice(list(CURRENCIES.values())))
    chip["9F07"] = rng.randbytes(2)
    chip["8E"] = rng.randbytes(8) + chip["8E"][8:]
    for action_code in ("9F0D", "9F0E", "9F0F"):
        chip[action_code] = rng.randbytes(5)


def strange_elements(rng):
    """Proprietary elements of any length, until a record is full."""
    elements = {}
    while len(tlv.encode(elements)) < RECORD_ROOM - 140 and len(elements) < 12:
        tag = f"DF{rng.randint(0x01, 0x7F):02X}"
        elements[tag] = rng.randbytes(rng.choice([1, 2, 5, 20, 127, 128]))
    return elements


def letters(rng, number):
    return "".join(rng.choices(LETTERS, k=number)).encode()


def digits(rng, number):
    return "".join(rng.choices("0123456789", k=number))


def hexadecimal(tree):
    return tlv.encode(tree).hex().upper()

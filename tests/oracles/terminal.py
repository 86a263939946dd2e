"""What a terminal knows about one payment, and the commands that it makes of it."""

import dataclasses

AID = bytes.fromhex("A0000000041010")
PPSE = b"2PAY.SYS.DDF01"

COUNTRIES = {"PL": "0616", "DE": "0276", "FR": "0250", "US": "0840", "GB": "0826", "JP": "0392"}
CURRENCIES = {"PLN": "0985", "EUR": "0978", "USD": "0840", "GBP": "0826", "JPY": "0392"}


@dataclasses.dataclass(frozen=True)
class Terminal:
    """The terminal's data elements, each in the bytes that its CDOL1 position takes."""

    amount: bytes = bytes.fromhex("000000002500")  # 9F02
    other: bytes = bytes.fromhex("000000000000")  # 9F03
    country: bytes = bytes.fromhex(COUNTRIES["PL"])  # 9F1A
    results: bytes = bytes.fromhex("0000008001")  # 95
    currency: bytes = bytes.fromhex(CURRENCIES["PLN"])  # 5F2A
    date: bytes = bytes.fromhex("260115")  # 9A
    kind: bytes = bytes.fromhex("00")  # 9C
    unpredictable: bytes = bytes.fromhex("1234ABCD")  # 9F37
    terminal_type: bytes = bytes.fromhex("22")  # 9F35
    authentication_code: bytes = bytes.fromhex("0000")  # 9F45
    dynamic_number: bytes = bytes(8)  # 9F4C
    verification: bytes = bytes.fromhex("010002")  # 9F34
    category: bytes = bytes.fromhex("5411")  # 9F15
    risk_management: bytes = bytes.fromhex("2C00800000000000")  # 9F1D
    capabilities: bytes = bytes.fromhex("E008C8")  # 9F33
    merchant: bytes = b"Sklep pod Lipa".ljust(20)  # 9F4E
    exchange: bytes = bytes(20)  # 9F7C
    numeric: bytes = bytes.fromhex("00000765")  # 9F6A
    mobile: bytes = bytes.fromhex("03")  # 9F7E

    @classmethod
    def random(cls, rng):
        """Any payment of this world that an online card can answer."""

        def decimal(digits, least=0):
            return bytes.fromhex(str(rng.randrange(least, 10**digits)).zfill(digits + digits % 2))

        kind = rng.choice(["00", "01", "09"])
        return cls(
            amount=decimal(rng.randint(1, 12), least=1).rjust(6, b"\0"),
            other=decimal(6).rjust(6, b"\0") if kind == "09" else bytes(6),
            country=bytes.fromhex(rng.choice(list(COUNTRIES.values()))),
            results=rng.randbytes(5),
            currency=bytes.fromhex(rng.choice(list(CURRENCIES.values()))),
            date=bytes.fromhex(f"26{rng.randint(1, 12):02}{rng.randint(1, 28):02}"),
            kind=bytes.fromhex(kind),
            unpredictable=rng.randbytes(4),
            terminal_type=bytes.fromhex(rng.choice(["21", "22", "24", "25"])),
            authentication_code=rng.randbytes(2),
            dynamic_number=rng.choice([bytes(8), rng.randbytes(8)]),
            verification=bytes.fromhex(rng.choice(["010002", "3F0002", "1F0302", "1F0300", "020000", "5E0300"])),
            category=bytes.fromhex(rng.choice(["5411", "5812", "5999"])),
            risk_management=rng.choice([bytes(8), rng.randbytes(8)]),
            capabilities=bytes.fromhex(rng.choice(["E008C8", "E048C8", "E068C8"])),
            merchant=rng.randbytes(20),
            exchange=rng.randbytes(20),
            numeric=decimal(rng.randint(1, 8)).rjust(4, b"\0"),
            mobile=bytes([rng.randrange(4)]),
        )

    def cryptogram_data(self):
        """The part of CDOL1 that enters the cryptogram: its first 29 bytes."""
        return b"".join(
            [
                self.amount,
                self.other,
                self.country,
                self.results,
                self.currency,
                self.date,
                self.kind,
                self.unpredictable,
            ]
        )

    def fill(self, object_list):
        """The values that a data object list asks for."""
        return b"".join(self._objects()[tag] for tag, _ in entries(object_list))

    def _objects(self):
        return {
            "9F02": self.amount,
            "9F03": self.other,
            "9F1A": self.country,
            "95": self.results,
            "5F2A": self.currency,
            "9A": self.date,
            "9C": self.kind,
            "9F37": self.unpredictable,
            "9F35": self.terminal_type,
            "9F45": self.authentication_code,
            "9F4C": self.dynamic_number,
            "9F34": self.verification,
            "9F15": self.category,
            "9F1D": self.risk_management,
            "9F33": self.capabilities,
            "9F4E": self.merchant,
            "9F7C": self.exchange,
            "9F6A": self.numeric,
            "9F7E": self.mobile,
        }


def entries(object_list):
    """Tag and length of each data object that a list names; all tags here have one or two bytes."""
    at = 0
    while at < len(object_list):
        width = 2 if object_list[at] & 0x1F == 0x1F else 1
        yield object_list[at : at + width].hex().upper(), object_list[at + width]
        at += width + 1


def select(name):
    return bytes.fromhex("00A40400") + bytes([len(name)]) + name + b"\0"


def processing_options(values):
    data = bytes([0x83, len(values)]) + values
    return bytes.fromhex("80A80000") + bytes([len(data)]) + data + b"\0"


def records(file_locator):
    """A READ RECORD for every record that the file locator names."""
    for entry in range(0, len(file_locator), 4):
        file, first, last, _ = file_locator[entry : entry + 4]
        for number in range(first, last + 1):
            yield bytes([0x00, 0xB2, number, file | 0x04, 0x00])


def generate_ac(reference_control, values):
    return bytes([0x80, 0xAE, reference_control, 0x00, len(values)]) + values + b"\0"


def compute_checksum(values):
    return bytes([0x80, 0x2A, 0x8E, 0x80, len(values)]) + values + b"\0"

"""What a terminal knows about one payment, and the commands that it makes of it."""

import dataclasses

AID = bytes.fromhex("A0000000041010")

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

    @classmethod
    def random(cls, rng):
        """Any payment of this world that an online card has to answer with an ARQC."""

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
            verification=bytes.fromhex(rng.choice(["010002", "3F0002", "1F0002", "020000"])),
            category=bytes.fromhex(rng.choice(["5411", "5812", "5999"])),
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

    def select(self):
        return bytes.fromhex("00A40400") + bytes([len(AID)]) + AID + b"\0"

    def processing_options(self):
        """For the PDOL 9F1D 9F1A 9F35."""
        values = self.risk_management + self.country + self.terminal_type
        data = bytes([0x83, len(values)]) + values
        return bytes.fromhex("80A80000") + bytes([len(data)]) + data + b"\0"

    def records(self, file_locator):
        """A READ RECORD for every record that the file locator names."""
        for entry in range(0, len(file_locator), 4):
            file, first, last, _ = file_locator[entry : entry + 4]
            for number in range(first, last + 1):
                yield bytes([0x00, 0xB2, number, file | 0x04, 0x00])

    def generate_ac(self, reference_control):
        data = self.cryptogram_data() + b"".join(
            [
                self.terminal_type,
                self.authentication_code,
                self.dynamic_number,
                self.verification,
                self.category,
            ]
        )
        return bytes([0x80, 0xAE, reference_control, 0x00, len(data)]) + data + b"\0"

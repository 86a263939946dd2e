"""Cards at random: SYN-1's profile, with everything else in it that an issuer may choose. Encoded by pyemv."""

import copy
import dataclasses
import json
import pathlib

from pyemv import kd, mac, tlv

from issuer import Issuer
from terminal import COUNTRIES, PPSE, entries

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
PROFILES = {version: json.loads((VECTORS / f"syn-1.profile-{version}.json").read_text()) for version in ("v1", "v2")}

CVM_MODELS = {"Always": "CDCVM_ALWAYS", "Flexible": "FLEXIBLE_CDCVM", "CardLike": "CARD_LIKE"}
VALID_UMD, VALID_UMD_ON_CDCVM, RANDOM_UMD = (
    "ALWAYS_GENERATE_VALID_UMD",
    "GENERATE_VALID_UMD_ON_CDCVM",
    "ALWAYS_GENERATE_RANDOM_UMD",
)


@dataclasses.dataclass(frozen=True)
class Application:
    """One name in the PPSE and what the issuer chose for it."""

    name: bytes
    interchange_profile: bytes
    pdol: bytes
    action_code: bytes = bytes(3)  # ciacDecline
    mask: bytes = b"\xff" * 6  # cvrMaskAnd

    def payment_fci(self):
        proprietary = {"50": b"BEZANT", "87": b"\x01"} | ({"9F38": self.pdol} if self.pdol else {})
        return tlv.encode({"6F": {"84": self.name, "A5": proprietary}})

    def options(self):
        return tlv.encode({"77": {"82": self.interchange_profile, "94": "0801010010010301"}})


@dataclasses.dataclass(frozen=True)
class Card:
    """All that a judge has to know of a card."""

    version: str
    model: str
    pan: str
    psn: str
    issuer: Issuer
    atcs: list
    idns: list
    primary: Application
    alternate: Application | None
    cdol1: bytes
    udol: bytes
    country: bytes
    template: bytes  # issuerApplicationData
    check_table: bytes
    pin_iv: bytes
    mag_stripe_action_code: bytes  # ciacDeclineOnPpms
    umd_generation: str
    masks_for_us: bool

    @classmethod
    def random(cls, rng, version, model):
        """A card of this generation for this CVM model; a card-like one shows no on-device verification."""
        pan = rng.choice("25") + "".join(rng.choices("0123456789", k=rng.randint(15, 18)))
        psn = f"{rng.randrange(100):02}"
        option = kd.derive_icc_mk_b if len(pan) > 16 and rng.random() < 0.7 else kd.derive_icc_mk_a
        issuer = Issuer(rng.randbytes(16), rng.randbytes(16), pan, psn, option)
        atcs = sorted(rng.sample(range(1, 0x10000), 4))
        key = issuer.session_keys(atcs[0]).umd
        names = rng.sample(["A0000000041010", "A0000000043060", "A0000000042203", "A0000000041010D05601"], 2)
        primary, other = (application(rng, bytes.fromhex(name), version) for name in names)
        return cls(
            version=version,
            model=model,
            pan=pan,
            psn=psn,
            issuer=issuer,
            atcs=atcs,
            idns=[rng.randbytes(8) for _ in atcs],
            primary=primary,
            alternate=other if rng.random() < 0.3 else None,
            cdol1=cdol1(rng),
            udol=udol(rng),
            country=bytes.fromhex(rng.choice(list(COUNTRIES.values()))),
            template=rng.randbytes(1) + b"\x14" + rng.randbytes(16),
            check_table=check_table(rng) if version == "v1" else bytes(18),
            # As a magnetic stripe's: so pyemv's own function for CVC3 computes this card's first code.
            pin_iv=mac.mac_iso9797_3(key[:8], key[8:], track_2(pan), 2)[-2:],
            mag_stripe_action_code=rng.choice(["0000", "0000", "0200", "0400", "0600"]),
            umd_generation=rng.choice([VALID_UMD, VALID_UMD_ON_CDCVM, RANDOM_UMD]) if version == "v2" else VALID_UMD,
            masks_for_us=version == "v2" and rng.random() < 0.5,
        )

    def applications(self):
        return [self.primary] + ([self.alternate] if self.alternate else [])

    def credentials(self):
        return [self.issuer.credential(atc, idn) for atc, idn in zip(self.atcs, self.idns)]

    def profile(self):
        """The profile, with SYN-1's private key."""
        profile = copy.deepcopy(PROFILES[self.version])
        if self.version == "v1":
            risk = profile["mppLiteModule"]["cardRiskManagementData"]
            risk["crmCountryCode"] = self.country.hex()
            risk["additionalCheckTable"] = self.check_table.hex()
            contactless = profile["mppLiteModule"]["contactlessPaymentData"]
            contactless["cdol1RelatedDataLength"] = f"{data_length(self.cdol1):02X}"
        else:
            common = profile["mchipCardProfile"]["commonData"]
            common["pan"], common["cardCountryCode"] = self.pan, self.country.hex()
            contactless = profile["mchipCardProfile"]["contactlessPaymentData"]
            contactless["cdol1RelatedDataLength"] = data_length(self.cdol1)
            contactless["cvmModel"] = CVM_MODELS[self.model]
            contactless["umdGeneration"] = self.umd_generation
            contactless["isUsAipMaskingSupported"] = self.masks_for_us
        contactless["ppseFci"] = ppse(self.applications()).hex()
        contactless |= json_of(self.primary)
        if self.alternate:
            contactless["alternateContactlessPaymentData"] = json_of(self.alternate)
        contactless["issuerApplicationData"] = self.template.hex()
        contactless["pinIvCvc3Track2"] = self.pin_iv.hex()
        contactless["ciacDeclineOnPpms"] = self.mag_stripe_action_code
        mag_stripe, payment = (
            tlv.decode(bytes.fromhex(record["recordValue"]))["70"] for record in contactless["records"][:2]
        )
        mag_stripe |= {"56": track_1(self.pan), "9F6B": track_2(self.pan), "9F69": self.udol}
        payment |= {"5A": padded(self.pan), "57": track_2(self.pan), "5F34": self.psn, "5F28": self.country}
        payment |= {"8C": self.cdol1}
        for record, content in zip(contactless["records"], (mag_stripe, payment)):
            record["recordValue"] = tlv.encode({"70": content}).hex()
        return profile


def application(rng, name, version):
    asked = rng.sample(["9F1D08", "9F1A02", "9F3501", "9F1502", "9F3303", "9F4E14"], rng.randint(0, 6))
    action_code, mask = bytes(3), b"\xff" * 6
    if rng.random() < 0.2:
        # One bit of those that a cloud card sets, or none of them.
        action_code = rng.choice(["200000", "020000", "040000", "010000", "000001", "000002", "00FF00"])
        action_code = bytes.fromhex(action_code)
    if rng.random() < 0.4:
        mask = rng.randbytes(6)
    return Application(
        name, rng.choice([b"\x1b\x80", b"\x19\x80", rng.randbytes(2)]), bytes.fromhex("".join(asked)), action_code, mask
    )


def cdol1(rng):
    """The 45 bytes that every such card asks for, and what some ask for behind them."""
    fixed = "9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F1502"
    more = rng.sample(["9F3303", "9F4E14", "9F7C14", "9F1D08"], rng.choice([0, 0, 1, 2]))
    return bytes.fromhex(fixed + "".join(more))


def udol(rng):
    asked = ["9F6A04", "9F0206", "5F2A02", "9F3501"]
    asked += [entry for entry in ("9F7E01", "9F1A02", "9C01", "9A03", "9F1502", "9F3303") if rng.random() < 0.8]
    rng.shuffle(asked)
    return bytes.fromhex("".join(asked))


def check_table(rng):
    """Position, length, count, mask and values over a byte or two of CDOL1 data; a table of zeros does not run."""
    if rng.random() < 0.5:
        return bytes(18)
    position, length = rng.choice([(13, 2), (25, 1), (20, 2), (44, 2)])
    values = {1: [b"\x00", b"\x01", b"\x09"], 2: [bytes.fromhex(code) for code in ("0616", "0840", "0978", "5411")]}
    chosen = b"".join(values[length])
    return (bytes([position, length, 1 + len(values[length])]) + b"\xff" * length + chosen).ljust(18, b"\0")


def json_of(application):
    return {
        "aid": application.name.hex(),
        "paymentFci": application.payment_fci().hex(),
        "gpoResponse": application.options().hex(),
        "ciacDecline": application.action_code.hex(),
        "cvrMaskAnd": application.mask.hex(),
    }


def ppse(applications):
    """Written by hand: pyemv encodes from a mapping, which cannot hold the same tag twice."""
    entries_of_ppse = b"".join(tlv.encode({"61": {"4F": application.name}}) for application in applications)
    directory = b"\xbf\x0c" + bytes([len(entries_of_ppse)]) + entries_of_ppse
    proprietary = b"\xa5" + bytes([len(directory)]) + directory
    content = tlv.encode({"84": PPSE}) + proprietary
    return b"\x6f" + bytes([len(content)]) + content


def track_1(pan):
    return f"B{pan}^ /^301220100000000000000000".encode("ascii")


def track_2(pan):
    return padded(f"{pan}D3012201{'0' * (37 - 8 - len(pan))}")


def padded(digits):
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def data_length(object_list):
    return sum(length for _, length in entries(object_list))

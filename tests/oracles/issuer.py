"""The card's issuer, played by pyemv: every key from two master keys, every cryptogram from those."""

import dataclasses
import hashlib

from pyemv import ac, kd, tools


@dataclasses.dataclass(frozen=True)
class SessionKeys:
    """The two keys of one credential."""

    umd: bytes
    md: bytes


class Issuer:
    """Knows the card's two master keys."""

    def __init__(self, master_key_umd, master_key_md, pan, psn, derive=kd.derive_icc_mk_a):
        """Card keys by option A of EMV Book 2 annex A1.4, or by option B for account numbers of more than 16 digits."""
        self._card_key_umd = derive(master_key_umd, pan, psn)
        self._card_key_md = derive(master_key_md, pan, psn)

    def session_keys(self, atc):
        """EMV common session key derivation. pyemv gives the keys odd parity, which DES does not look at."""
        diversifier = atc.to_bytes(2, "big") + bytes(6)
        return SessionKeys(
            kd.derive_common_sk(self._card_key_umd, diversifier), kd.derive_common_sk(self._card_key_md, diversifier)
        )

    def credential(self, atc, idn):
        """A credential as a wallet is given it."""
        keys = self.session_keys(atc)
        return {
            "atc": atc,
            "idn": idn.hex().upper(),
            "contactless_umd": keys.umd.hex().upper(),
            "contactless_md": keys.md.hex().upper(),
        }


def crypto_block(session_key, pin_iv, number, atc):
    """The block that mag-stripe mode takes its digits from."""
    return tools.encrypt_tdes_ecb(session_key, pin_iv + number + atc)


def cryptogram(session_key, terminal, interchange_profile, atc, cvr):
    """The application cryptogram: retail MAC with the mandatory 80 padding."""
    data = terminal.cryptogram_data() + interchange_profile + atc + cvr
    return ac.generate_ac(session_key, data, ac.PaddingType.EMV)


def transaction_id(pan, atc, application_cryptogram):
    """What a tap and the server's message about it have in common."""
    digits = pan + "F" * (len(pan) % 2)
    return hashlib.sha256(bytes.fromhex(digits) + atc.to_bytes(2, "big") + application_cryptogram).hexdigest().upper()

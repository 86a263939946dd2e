"""What a tap has to come to, said from the published rules and not from the wallet's code."""

import dataclasses
import enum

from card import RANDOM_UMD, VALID_UMD
from terminal import entries

# GENERATE AC, P1 (EMV Book 3, 6.5.5.2)
AAC, TC, ARQC, CDA = 0x00, 0x40, 0x80, 0x10


class End(enum.Enum):
    """How the wallet says that a tap ended."""

    ONLINE = "AuthorizeOnline"
    SIGNED_DECLINE = "AuthenticateOffline"
    TERMINAL_DECLINES = "DeclinedByTerminal"
    WALLET_DECLINES = "DeclinedByWallet"
    AGAIN = "WalletActionRequired"

    def spends(self):
        return self in (End.ONLINE, End.SIGNED_DECLINE)


@dataclasses.dataclass(frozen=True)
class Expectation:
    """Everything about an answer that no key is needed for."""

    end: End
    interchange_profile: bytes
    cvr: bytes  # of no meaning in mag-stripe mode
    interaction: str | None  # DF4B
    valid_umd: bool
    restarts: bool  # the reader can start a second tap


def of_cryptogram(card, application, terminal, verified, request, mag_stripe_allowed=False):
    """GENERATE AC."""
    asked = {tag for tag, _ in [*entries(application.pdol), *entries(card.cdol1)]}
    method, _, result = terminal.verification
    method &= 0x3F
    no_cvm = method in (0x1F, 0x3F) and result in (0x00, 0x02)
    low = no_cvm and not ("9F33" in asked and terminal.capabilities[1] != 0x08)
    delegated = method in (0x01, 0x04) and result == 0x02
    nobody = method in (0x01, 0x04, 0x1F, 0x3F)
    aac, signed = request & 0xC0 == AAC, bool(request & CDA)

    again, declined, done = _judge(card.model, "low" if low else "high", nobody, verified)
    found = _found(card, application, terminal)
    results = _card_results(card, terminal.country, done, again and delegated, found)
    declined |= any(result & action for result, action in zip(results[3:], application.action_code))

    if aac and not signed:
        end, interaction = End.TERMINAL_DECLINES, "001000" if done else "000000"
        results = _card_results(card, terminal.country, done, False, found)
    elif declined:
        end, interaction = End.WALLET_DECLINES, "001000" if done else "000000"
    elif again:
        end, interaction = End.AGAIN, "000100"
    elif aac:
        end, interaction = End.SIGNED_DECLINE, "001000" if done else "000000"
    else:
        end, interaction = End.ONLINE, None
    results[0] |= 0xA0 if end is End.ONLINE else 0x80
    results[1] |= 0x40 if signed and end.spends() else 0x00
    cvr = bytes(result & mask for result, mask in zip(results, application.mask))
    return Expectation(
        end, _profile(card, application, terminal, mag_stripe_allowed), cvr, interaction, _valid_umd(card, done), True
    )


def of_checksum(card, application, terminal, verified):
    """COMPUTE CRYPTOGRAPHIC CHECKSUM."""
    asked = {tag for tag, _ in [*entries(application.pdol), *entries(card.udol)]}
    mobile = terminal.mobile[0] if "9F7E" in asked else 0x00
    restarts, delegated = bool(mobile & 0x01), bool(mobile & 0x02)
    if restarts:
        value = "high" if delegated else "low"
    elif "9F33" not in asked:
        value = "unknown"
    else:
        value = "low" if terminal.capabilities[1] == 0x08 else "high"
    again, declined, done = _judge(card.model, value, delegated, verified)
    abroad = "9F1A" in asked and terminal.country != card.country
    declined |= bool(bytes.fromhex(card.mag_stripe_action_code)[0] & (0x04 if abroad else 0x02))
    if declined:
        end, interaction = End.WALLET_DECLINES, "001000" if done else "000000"
    elif again:
        end, interaction = End.AGAIN, "000100"
    else:
        end, interaction = End.ONLINE, "001000" if done else "000000"
    profile = _profile(card, application, terminal, True)
    return Expectation(end, profile, b"", interaction if restarts else None, _valid_umd(card, done), restarts)


def _judge(model, value, nobody, verified):
    """Whether to verify and tap again; whether the model declines; whether a verification is claimed."""
    if model == "CardLike":
        return False, value == "high" and nobody, False
    wanted = model == "Always" or value != "low"
    return wanted and not verified, False, verified


def _card_results(card, country, done, terminal_relied_on_it, found):
    """CVR without the type of cryptogram."""
    results = bytearray(6)
    results[0] = 0x05 if done else 0x00
    results[1] = card.template[3] & 0x03
    results[3] = (0x00 if done else 0x20) | (0x02 if country == card.country else 0x04)
    results[3] |= 0x01 if terminal_relied_on_it else 0x00
    results[5] = {None: 0x00, True: 0x02, False: 0x01}[found]
    return results


def _found(card, application, terminal):
    """The additional check table; None where it does not run."""
    position, length, count, *rest = card.check_table
    if not position or not (application.mask[5] | application.action_code[2]) & 0x03:
        return None
    value = terminal.fill(card.cdol1)[position - 1 : position - 1 + length]
    mask, *values = (bytes(rest[at : at + length]) for at in range(0, count * length, length))
    return bytes(v & m for v, m in zip(value, mask)) in values


def _profile(card, application, terminal, mag_stripe_allowed):
    """The AIP, without "EMV mode" at a reader in the United States that tells nothing of its risk management."""
    asked = {tag for tag, _ in entries(application.pdol)}
    american = "9F1A" in asked and terminal.country in (b"\x08\x40", b"\x00\x00")
    silent = "9F1D" not in asked or not any(terminal.risk_management)
    first, second = application.interchange_profile
    if card.masks_for_us and mag_stripe_allowed and application is card.primary and american and silent:
        second &= 0x7F
    return bytes([first, second])


def _valid_umd(card, done):
    return card.umd_generation == VALID_UMD or (card.umd_generation != RANDOM_UMD and done)

"""A wallet behind the driver program: one JSON object a line, a request in, an answer out."""

import dataclasses
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time

from pyemv import tlv

from terminal import AID, PPSE, compute_checksum, generate_ac, processing_options, records
from terminal import select as select_application

PATIENCE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Tap:
    """What a terminal has seen of one tap."""

    interchange_profile: bytes
    pdol_data: bytes
    dol_data: bytes  # of CDOL1, or of the UDOL
    answer: dict  # tags in the order of the answer; None where there was only a status word
    status: bytes
    outcome: str  # what the wallet saw


class DriverError(Exception):
    """The driver answered that it could not."""


class Wallet:
    """One driver process with a wallet of its own, in a folder that goes away with it."""

    def __init__(self, seed, config, arguments=()):
        self._folder = tempfile.TemporaryDirectory(prefix="bezant-")
        self._process = subprocess.Popen(
            [os.environ["DRIVER"], *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        folder = pathlib.Path(self._folder.name)
        try:
            self.ask("setup", state_dir=str(folder / "state"), vault=str(folder / "vault"), config=config, seed=seed)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Ends the driver, kindly first, and forgets the wallet."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    def ask(self, op, **fields):
        """One request and its answer."""
        try:
            self._process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
            self._process.stdin.flush()
            # A driver that falls silent would otherwise hold the whole run.
            answers, _, _ = select.select([self._process.stdout], [], [], PATIENCE_SECONDS)
            if not answers:
                self._process.kill()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise DriverError(f"{op}: the driver went away")
        answer = json.loads(line)
        if not answer["ok"]:
            raise DriverError(f"{op}: {answer['error']}")
        return answer

    def ask_until(self, is_there, op):
        """Asks again and again, until the answer has what another party is about to tell the wallet."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_there(answer := self.ask(op)):
            if time.monotonic() > deadline:
                raise DriverError(f"{op}: what was waited for did not come")
            time.sleep(0.005)
        return answer

    def install(self, instrument, profile, credentials, **keys):
        """A payable card; `keys` open what is wrapped in its profile."""
        self.ask("install_profile", instrument=instrument, profile=profile, **({"keys": keys} if keys else {}))
        self.ask("load_credentials", instrument=instrument, credentials=credentials)
        self.ask("activate", instrument=instrument)

    def transmit(self, command):
        """One command to the card; its answer has to be well, and TLV by somebody else's parser."""
        answer = bytes.fromhex(self.ask("apdu", hex=command.hex().upper())["hex"])
        if answer[-2:] != b"\x90\x00":
            raise AssertionError(f"{command.hex()} was answered {answer.hex()}")
        return tlv.decode(answer[:-2])

    def tap(self, terminal, first_byte, name=AID):
        """A whole tap up to the answer to GENERATE AC."""
        options, pdol_data, read = self._initiate(terminal, name)
        data = terminal.fill(read["8C"])
        return self._end(options, pdol_data, data, generate_ac(first_byte, data))

    def swipe(self, terminal, name=AID):
        """A whole tap in mag-stripe mode, up to the answer to COMPUTE CRYPTOGRAPHIC CHECKSUM."""
        options, pdol_data, read = self._initiate(terminal, name)
        data = terminal.fill(read["9F69"])
        return self._end(options, pdol_data, data, compute_checksum(data))

    def transaction_id(self, instrument):
        """Of the last tap with this card."""
        return self.ask("history", instrument=instrument)["taps"][0].get("transaction_id")

    def _initiate(self, terminal, name):
        self.transmit(select_application(PPSE))
        pdol_data = terminal.fill(self.transmit(select_application(name))["6F"]["A5"].get("9F38", b""))
        options = self.transmit(processing_options(pdol_data))["77"]
        read = {}
        for record in records(options["94"]):
            read |= self.transmit(record)["70"]
        return options, pdol_data, read

    def _end(self, options, pdol_data, data, command):
        answer = bytes.fromhex(self.ask("apdu", hex=command.hex().upper())["hex"])
        outcome = self.ask("field_off", reason="deselected")["outcome"]
        body = tlv.decode(answer[:-2])["77"] if len(answer) > 2 else None
        return Tap(options["82"], pdol_data, data, body, answer[-2:], outcome)

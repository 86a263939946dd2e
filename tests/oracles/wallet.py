"""A wallet behind the driver program: one JSON object a line, a request in, an answer out."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading

from pyemv import tlv

PATIENCE_SECONDS = 120
PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")


class DriverError(Exception):
    """The driver answered that it could not."""


class Wallet:
    """One driver process with a wallet of its own, in a folder that goes away with it."""

    def __init__(self, seed, config):
        self._folder = tempfile.TemporaryDirectory(prefix="bezant-")
        self._process = subprocess.Popen(
            [os.environ["DRIVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        # A driver that falls silent would otherwise hold the whole run.
        self._watchdog = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        self._watchdog.start()
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
        self._watchdog.cancel()
        self._folder.cleanup()

    def ask(self, op, **fields):
        """One request and its answer."""
        try:
            self._process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise DriverError(f"{op}: the driver went away")
        answer = json.loads(line)
        if not answer["ok"]:
            raise DriverError(f"{op}: {answer['error']}")
        return answer

    def install(self, instrument, profile, credentials):
        """A payable card."""
        self.ask("install_profile", instrument=instrument, profile=profile)
        self.ask("load_credentials", instrument=instrument, credentials=credentials)
        self.ask("activate", instrument=instrument)

    def transmit(self, command):
        """One command to the card; its answer has to be well, and TLV by somebody else's parser."""
        answer = bytes.fromhex(self.ask("apdu", hex=command.hex().upper())["hex"])
        if answer[-2:] != b"\x90\x00":
            raise AssertionError(f"{command.hex()} was answered {answer.hex()}")
        return tlv.decode(answer[:-2])

    def tap(self, terminal, first_byte):
        """A whole tap up to the answer to GENERATE AC, as tags, and the outcome that the wallet saw."""
        self.transmit(PPSE)
        self.transmit(terminal.select())
        options = self.transmit(terminal.processing_options())["77"]
        for record in terminal.records(options["94"]):
            self.transmit(record)
        answer = self.transmit(terminal.generate_ac(first_byte))["77"]
        outcome = self.ask("field_off", reason="deselected")["outcome"]
        return options["82"], answer, outcome

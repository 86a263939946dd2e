"""A virtual PC/SC reader: pcscd with vpcd as its only driver, and a program's side of it by pyscard."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from smartcard import scard

# A program of the system's, which a user's search path may leave out.
PCSCD = shutil.which("pcscd", path=os.environ["PATH"] + ":/usr/sbin")
NAME = "Bezant"
SLOT = f"{NAME} 00 00"
PORT = 0x8C7B
ADDRESS = f"127.0.0.1:{PORT}"
PATIENCE_MS = 10_000
BREATH_MS = 10


class ReaderError(Exception):
    """PC/SC said no."""


class Reader:
    """The daemon, until it is closed."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="bezant-pcscd-")
        pathlib.Path(self._folder.name, "vpcd").write_text(
            f'FRIENDLYNAME "{NAME}"\n'
            f"DEVICENAME /dev/null:0x{PORT:X}\n"
            "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n"
            f"CHANNELID 0x{PORT:X}\n"
        )
        self._log = tempfile.TemporaryFile("w+", errors="replace")
        self._process = subprocess.Popen(
            [PCSCD, "--foreground", "--config", self._folder.name], stdout=self._log, stderr=subprocess.STDOUT
        )
        try:
            self._context = self._first_context()
        except BaseException:
            self._end()
            raise

    def close(self):
        scard.SCardReleaseContext(self._context)
        self._end()

    def wait_for_card(self):
        """Until a card is in the reader."""
        self._wait(scard.SCARD_STATE_PRESENT)

    def wait_until_empty(self):
        self._wait(scard.SCARD_STATE_EMPTY)

    @contextlib.contextmanager
    def connected(self):
        """A function from command to answer, on a card that is powered up, and down when all is done."""
        card, protocol = checked(
            scard.SCardConnect(
                self._context,
                SLOT,
                scard.SCARD_SHARE_SHARED,
                scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            )
        )
        header = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        try:
            yield lambda command: bytes(checked(scard.SCardTransmit(card, header, list(command))))
        finally:
            # Without a card there is nothing to power down.
            scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)

    def _wait(self, wanted):
        known = scard.SCARD_STATE_UNAWARE
        while not known & wanted:
            states = checked(scard.SCardGetStatusChange(self._context, PATIENCE_MS, [(SLOT, known)]))
            known = states[0][1] & ~scard.SCARD_STATE_CHANGED

    def _first_context(self):
        """The daemon tells nobody when its socket is there."""
        for _ in range(PATIENCE_MS // BREATH_MS):
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if code == scard.SCARD_S_SUCCESS:
                return context
            if self._process.poll() is not None:
                break
            time.sleep(BREATH_MS / 1000)
        self._log.seek(0)
        raise ReaderError(f"pcscd does not answer: {self._log.read()}")

    def _end(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()
        self._folder.cleanup()


def checked(result):
    """What a call of PC/SC gives beside its code."""
    code, *rest = result
    if code != scard.SCARD_S_SUCCESS:
        raise ReaderError(scard.SCardGetErrorMessage(code))
    return rest[0] if len(rest) == 1 else rest

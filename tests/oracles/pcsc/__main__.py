"""Runs the tests of this folder in a namespace of their own: pcscd keeps its socket at a fixed path below /run, and
vpcd listens on every network, so neither may be the machine's."""

import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = "BEZANT_PCSC_NAMESPACE"


def main():
    if os.environ.get(INSIDE) == str(os.getppid()):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        unittest.main(module=None, argv=[sys.argv[0], "discover", "-s", str(HERE), *sys.argv[1:]])
    # Without root, a user namespace in which one is root. Our parent's number, for we stay the process that we are.
    flags = "-mn" if os.geteuid() == 0 else "-Umnr"
    os.environ[INSIDE] = str(os.getppid())
    os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])


if __name__ == "__main__":
    main()

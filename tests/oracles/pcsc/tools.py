"""Programs that read cards, and what they print."""

import pathlib
import re
import resource
import subprocess
import sys
import tempfile

from reader import SLOT

# Thousands of commands go through scriptor in one run, and the machine may be busy.
PATIENCE_SECONDS = 180
# cardpeek writes for ever once nobody answers its questions.
MOST_BYTES_WRITTEN = 10 << 20

# Number, card, features (none here), name.
OPENSC_READER = re.compile(r"^\d+ +(Yes|No) +(.+?) *$", re.MULTILINE)
OPENSC_ANSWER = re.compile(r"Received \(SW1=0x(..), SW2=0x(..)\)(?::|\.)?\n((?:(?:[0-9A-F]{2} )+.*\n)*)")
OPENSC_BYTES = re.compile(r"(?:[0-9A-F]{2} ){1,16}")
SCRIPTOR_ANSWER = re.compile(r"^< ([0-9A-F\s]+?) : ", re.MULTILINE)

# emvtool draws tables with a terminal's line-drawing characters: l is the first corner, x stands between columns.
TABLE = re.compile(r"\x1b\(0l(?:\x1b\(B)?([^\x1b]*?)(?:\x1b\(0)?[qwk]+\x1b\(B\n")
COLUMN_END = "\x1b(0x\x1b(B"


class ToolError(Exception):
    """A program ended badly."""


def run(*words, **options):
    """What a program says on its standard output; it has to succeed."""
    done = subprocess.run(
        words, capture_output=True, text=True, errors="replace", timeout=PATIENCE_SECONDS, **options
    )
    if done.returncode != 0:
        raise ToolError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def readers():
    """The readers that opensc-tool lists, and whether it sees a card in them."""
    return {name: card == "Yes" for card, name in OPENSC_READER.findall(run("opensc-tool", "--list-readers"))}


def opensc_tool(*commands):
    """The answers that opensc-tool gets, with their status words."""
    sends = [word for command in commands for word in ("--send-apdu", command.hex())]
    said = run("opensc-tool", "--reader", "0", "--card-driver", "default", *sends)
    answers = []
    for first, second, dump in OPENSC_ANSWER.findall(said):
        # At most sixteen bytes a line, and beside them the same as text.
        data = "".join(OPENSC_BYTES.match(line)[0] for line in dump.splitlines())
        answers.append(bytes.fromhex(data + first + second))
    if len(answers) != len(commands):
        raise ToolError(f"{len(commands)} commands, {len(answers)} answers: {said}")
    return answers


def scriptor(commands):
    """The answers that scriptor gets, with their status words."""
    with tempfile.NamedTemporaryFile("w", suffix=".apdus") as script:
        script.writelines(command.hex(" ") + "\n" for command in commands)
        script.flush()
        said = run("scriptor", "-r", SLOT, "-p", "T=1", script.name)
    answers = [bytes.fromhex(answer) for answer in SCRIPTOR_ANSWER.findall(said)]
    if len(answers) != len(commands):
        raise ToolError(f"{len(commands)} commands, {len(answers)} answers: {said}")
    return answers


def emvtool(*words):
    """What emvtool prints, which lies beside the Python that runs us, line by line."""
    return run(str(pathlib.Path(sys.executable).parent / "emvtool"), *words)


def tables(said):
    """The tables of emvtool, each a title and its rows; cells that go over several lines are joined."""
    _, *parts = TABLE.split(said)
    return [(title, rows(body)) for title, body in zip(parts[::2], parts[1::2])]


def rows(body):
    found = []
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.split(COLUMN_END)][1:-1]
        if cells and cells[0]:
            found.append(cells)
        elif cells:
            found[-1] = [" ".join(filter(None, parts)) for parts in zip(found[-1], cells)]
    # The first row names the columns.
    return found[1:]


def cardpeek(script, answers, home):
    """Runs a Lua script in cardpeek; `answers` are what its user would choose. Its log, for where it went wrong."""
    log = pathlib.Path(home, "cardpeek.log")
    limit = (MOST_BYTES_WRITTEN, MOST_BYTES_WRITTEN)
    with log.open("w") as output:
        done = subprocess.run(
            ["cardpeek", "-c", "-r", f"pcsc://{SLOT}", "-e", f"{script}; os.exit(0)"],
            input="".join(f"{answer}\n" for answer in answers),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=home,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            timeout=PATIENCE_SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
    if done.returncode != 0:
        raise ToolError(f"cardpeek ended with {done.returncode}: {log.read_text(errors='replace')[-4000:]}")
    return log.read_text(errors="replace")

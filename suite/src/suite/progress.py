"""What a person sees while the suite starts and stops: a line per step, and on a terminal what is awaited."""

import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from suite.processes import Process

ROLE_WIDTH = 24


class Progress:
    """Prints to a terminal or to a log; only a terminal gets lines that are overwritten."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._awaited = False

    def step(self, name: str, seconds: float, note: str = "") -> None:
        """A step that has been reached, and how long it took."""
        self.say(f"  {name:<12} ready after {seconds:5.1f} s  {note}".rstrip())

    def say(self, line: str) -> None:
        with suppress(OSError):  # the terminal may be gone: what we are doing must go on
            self._erase()
            print(line, file=self._out, flush=True)

    def awaiting(self, names: Sequence[str], seconds: float) -> None:
        """What is still missing; a terminal only."""
        if not self._terminal:
            return
        line = f"  ... {seconds:4.1f} s, waiting for {', '.join(names)}"
        with suppress(OSError):
            self._erase()
            self._out.write(line[: shutil.get_terminal_size().columns - 1])
            self._out.flush()
            self._awaited = True

    def _erase(self) -> None:
        if self._awaited:
            self._out.write("\r\x1b[2K")
            self._awaited = False


def welcome(table: Sequence[Process], var: Path) -> str:
    """The addresses, and the demo's logins if it is loaded."""
    titles = {"fronts": "Back office", "till": "Till", "simulators": "Simulated devices"}
    lines = ["", "The suite is ready.", ""]
    for process in table:
        if process.address:
            lines.append(f"  {titles.get(process.name, process.name):<{ROLE_WIDTH}}{process.address}")
    logins = _logins(var / "demo.json")
    if logins:
        lines += ["", "Demo logins", ""]
    for login in logins:
        secret = f"PIN {login['pin']}" if "pin" in login else f"password {login.get('password', '')}"
        lines.append(f"  {login['role']:<{ROLE_WIDTH}}{login['login']:<28}{secret}")
    return "\n".join([*lines, ""])


def _logins(path: Path) -> list[dict[str, str]]:
    try:
        logins: list[dict[str, str]] = json.loads(path.read_text())
    except FileNotFoundError:
        return []
    return logins

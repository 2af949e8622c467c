"""Commands, and the small conversions of Kubernetes' notations."""

import re
import subprocess
from collections.abc import Mapping
from typing import Any

FACTORS = (("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30), ("m", 1e-3), ("k", 1e3))


class CommandFailed(Exception):
    """A command ended with another status than 0; the message holds what it said."""


def sh(*command: str, stdin: str | None = None, check: bool = True, timeout: float = 120) -> str:
    """Run a command; what it wrote to standard output. Raises CommandFailed unless `check` is False."""
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=timeout)
    if check and done.returncode:
        said = (done.stderr.strip() + "\n" + done.stdout.strip()).strip()
        raise CommandFailed(f"{' '.join(command[:6])} …: exit {done.returncode}: {said}")
    return done.stdout.strip()


def quantity(given: Any) -> float:
    """`256Mi`, `100m` or `2` as a number."""
    for suffix, factor in FACTORS:
        if str(given).endswith(suffix):
            return float(str(given)[: -len(suffix)]) * factor
    return float(given)


def expand(text: str, environment: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes does it: unknown names stay, `$$` is one `$`."""
    return re.sub(r"\$\$|\$\((\w+)\)", lambda m: "$" if m[0] == "$$" else environment.get(m[1], m[0]), text)

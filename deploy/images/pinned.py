"""Print the pins of some packages of a lock, with their hashes: `pinned.py LOCK NAME… > requirements.txt`.

An image that needs three packages of requirements/dev.txt installs those versions and not the other sixty.
"""

import re
import sys
from pathlib import Path


def pins(lock: str, names: set[str]) -> str:
    """The blocks `name==version \\ --hash=…` of these packages. Raises KeyError naming one that the lock has not."""
    blocks = re.split(r"\n(?=[a-z0-9])", lock.strip())
    by_name = {re.split(r"[\[=]", block, maxsplit=1)[0]: block for block in blocks}
    return "\n".join(by_name[name] for name in sorted(names)) + "\n"


if __name__ == "__main__":
    print(pins(Path(sys.argv[1]).read_text(), set(sys.argv[2:])))

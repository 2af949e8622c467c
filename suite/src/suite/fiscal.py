"""Has the fiscal version risen with what the law is about? `python -m suite.fiscal` (LAW-8, docs/conformity).

Since the last release: a change under these paths asks for a higher fiscal version, and so for a new attestation.
Before the first release nothing is attested, and nothing asked for.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VERSION_FILE = "libs/ledger/src/ledger/fiscal.py"
_CASHDESK, _TILL = "services/cashdesk/src/cashdesk", "services/device-gateway/src/device_gateway"
FISCAL_PATHS = (
    "libs/ledger/src",
    *(f"{_CASHDESK}/{name}" for name in ("domain.py", "store.py", "reading.py", "seal.py", "usecases", "migrations")),
    *(f"{_TILL}/store/{name}" for name in ("journal.py", "closings.py", "schema.sql", "upgrades.py", "database.py")),
    *(
        f"{_TILL}/{name}"
        for name in ("closing.py", "selling.py", "refunding.py", "reprints.py", "training.py", "sync.py", "receipts.py")
    ),
)
_VERSION = re.compile(r'^FISCAL_VERSION = "(\d+)\.(\d+)"$', re.MULTILINE)


def fault(root: Path = ROOT) -> str:
    """What is wrong, in a sentence; empty when nothing is."""
    present = version_of((root / VERSION_FILE).read_text())
    release = _last_release(root)
    if not release:
        return ""
    released = version_of(_git(root, "show", f"{release}:{VERSION_FILE}"))
    changed = _git(root, "diff", "--name-only", release, "--", *FISCAL_PATHS).split()
    changed = [name for name in changed if name != VERSION_FILE]
    if not changed or present > released:
        return ""
    return (
        f"since {release} the journal's code changed ({', '.join(changed[:5])}), and the fiscal version is still"
        f" {'.'.join(map(str, present))}: raise it in {VERSION_FILE}, and attest anew"
    )


def version_of(text: str) -> tuple[int, int]:
    """Of the file that states it. Raises ValueError where it states none."""
    found = _VERSION.search(text)
    if found is None:
        raise ValueError(f"no fiscal version in {VERSION_FILE}")
    return int(found[1]), int(found[2])


def _last_release(root: Path) -> str:
    """The newest tag that states a fiscal version; empty before there is one."""
    tags = _git(root, "tag", "--list", "v[0-9]*", "--sort=-version:refname", "--merged", "HEAD").split()
    return next((tag for tag in tags if _git(root, "ls-tree", "--name-only", tag, VERSION_FILE)), "")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, text=True, capture_output=True).stdout


if __name__ == "__main__":
    said = fault()
    print(said or "the fiscal version is right")
    sys.exit(1 if said else 0)

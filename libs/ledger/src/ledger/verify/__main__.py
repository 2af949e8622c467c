"""The program: `python -m ledger.verify FILE…`, or `ledger-verify FILE…`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.verify.checking import verify_file
from ledger.verify.words import LANGUAGES, told

HOLDS, DOES_NOT_HOLD, WRONG_COMMAND = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """0: everything holds; 1: something does not; 2: the command is wrong."""
    parser = argparse.ArgumentParser(
        "ledger-verify",
        description="Dit, écriture par écriture, ce qui tient dans un journal de caisse. – Says, entry by entry, what"
        " holds in a till's journal.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archive ou export – archive or export")
    parser.add_argument("--lang", choices=LANGUAGES, default=_language(), help="fr, en")
    parser.add_argument(
        "--root",
        type=_key,
        metavar="HEX",
        help="clé racine de l'exploitant, connue par ailleurs – the house's root key",
    )
    parser.add_argument("--till-key", type=_key, metavar="HEX", help="clé de la caisse – the till's key")
    parser.add_argument("--most", type=int, default=200, metavar="N", help="lignes montrées au plus – most lines shown")
    given = parser.parse_args(argv)
    status = HOLDS
    for file in given.files:
        report = verify_file(file, given.root, given.till_key)
        print(told(file.name, report, given.lang, given.most))
        status = status if report.holds else DOES_NOT_HOLD
    return status


def _key(text: str) -> bytes:
    return bytes.fromhex(text)


def _language() -> str:
    """That of the machine: French unless it says English."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if said.startswith("en") else "fr"


if __name__ == "__main__":
    sys.exit(main())

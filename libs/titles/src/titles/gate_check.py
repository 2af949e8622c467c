"""gate-check: checks tickets at a door with nothing but public keys, and no network (D5, D6, S2).

    gate-check --state door init --root 5f3a…            trust this root; without it, that of the first pack
    gate-check --state door load pack.json               certificates and revocations that the centre made
    gate-check --state door scan --performance 7a6f…     then scan, one barcode a line; a till's certificate is learnt
    gate-check --state door merge other/entries.jsonl    who went in by another door; tells titles used too often
    gate-check --state door status

Exit status of scan: 0 when all is green, 1 when something was refused, 3 when a person has to decide. 2: a wrong call.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from titles.certificate import TEXT_LENGTH, Certificate, read_certificate, read_certificate_text
from titles.door import OLDEST_LIST, Door, Rules
from titles.entries import Entries
from titles.errors import BadCertificate, TitleError
from titles.gate import Colour, Reason, Verdict
from titles.human import human_code
from titles.ids import group_of, tariff_class_of
from titles.keys import load_public
from titles.revocations import Revocations, read_delta

LARGEST_PACK = 64 * 1024 * 1024
ADMIT = "+"  # a line of its own: the person at the door lets the last amber in

WORDS: dict[Reason, tuple[str, str]] = {
    Reason.GENUINE: ("Entrez.", "Go in."),
    Reason.UNREADABLE: ("Ce n'est pas un code de billet.", "This is not a ticket's code."),
    Reason.UNKNOWN_ISSUER: (
        "Émetteur inconnu : scannez le certificat de la caisse, ou envoyez au guichet.",
        "Unknown issuer: scan the till's certificate, or send to the box office.",
    ),
    Reason.BAD_SIGNATURE: ("Faux billet.", "Forged ticket."),
    Reason.ISSUER_NOT_ALLOWED: ("L'émetteur n'a pas ce droit.", "Its issuer may not issue this."),
    Reason.SERIAL_BEYOND_CERTIFICATE: ("Numéro au-delà de ceux de la caisse.", "Number beyond those of its till."),
    Reason.CERTIFICATE_NOT_YET_VALID: ("Certificat pas encore valable.", "Certificate not valid yet."),
    Reason.CERTIFICATE_EXPIRED: ("Certificat de la caisse expiré.", "The till's certificate has ended."),
    Reason.ISSUER_REVOKED: (
        "Caisse révoquée, billet inconnu du centre.",
        "Till revoked; the centre does not know this ticket.",
    ),
    Reason.TEST_TITLE: ("Billet d'essai : n'ouvre rien.", "Test ticket: opens nothing."),
    Reason.NOT_YET_VALID: ("Pas encore valable.", "Not valid yet."),
    Reason.EXPIRED: ("Plus valable.", "No longer valid."),
    Reason.REVOKED: ("Billet annulé ou remboursé.", "Ticket cancelled or refunded."),
    Reason.SUPERSEDED: ("Remplacé par un duplicata.", "Replaced by a duplicate."),
    Reason.WRONG_PERFORMANCE: ("Billet d'une autre séance.", "Ticket for another performance."),
    Reason.WRONG_ZONE: ("Billet d'un autre accès.", "Ticket for another entrance."),
    Reason.ALREADY_USED: ("Déjà utilisé.", "Already used."),
    Reason.CLOCK_UNSET: (
        "Horloge non réglée : vérifiez la date du billet.",
        "Clock not set: look at the ticket's date.",
    ),
    Reason.LIST_TOO_OLD: ("Liste des annulations trop ancienne.", "The list of cancellations is too old."),
    Reason.SEE_BOX_OFFICE: (
        "Place vendue deux fois : envoyez au guichet.",
        "Place sold twice: send to the box office.",
    ),
    Reason.SHOW_PROOF: ("Demandez le justificatif.", "Ask for the proof."),
}


class Refused(Exception):
    """A call that cannot be served, in words."""


@dataclass(frozen=True)
class State:
    """A door's folder: what it trusts and has heard, and who went in. All of it is public but for the entries."""

    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def root(self) -> Ed25519PublicKey:
        try:
            return load_public(bytes.fromhex(self.file("root.hex").read_text().strip()))
        except FileNotFoundError:
            raise Refused(f"{self.folder} trusts no root yet: gate-check init") from None

    def keep_root(self, root: bytes) -> None:
        """Raises Refused when another root is trusted: whoever could change it could forge everything."""
        load_public(root)
        path = self.file("root.hex")
        if path.exists() and bytes.fromhex(path.read_text().strip()) != root:
            raise Refused("another root is trusted here; a new root needs a new folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(root.hex() + "\n")

    def certificates(self) -> list[bytes]:
        return _lines(self.file("certificates.b64"))

    def deltas(self) -> list[bytes]:
        return _lines(self.file("revocations.b64"))

    def keep_certificates(self, certificates: Iterable[Certificate]) -> None:
        self._keep("certificates.b64", (each.payload() + each.signature for each in certificates))

    def keep_deltas(self, deltas: Iterable[bytes]) -> None:
        self._keep("revocations.b64", deltas)

    def _keep(self, name: str, content: Iterable[bytes]) -> None:
        """All or nothing: a power cut leaves the file of before."""
        part = self.file(f"{name}.part")
        part.write_bytes(b"".join(base64.b64encode(data) + b"\n" for data in content))
        part.replace(self.file(name))


def _lines(path: Path) -> list[bytes]:
    return [base64.b64decode(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def open_door(state: State, rules: Rules, name: str) -> Door:
    """The door of a folder. Raises Refused, TitleError when something in the folder was altered."""
    door = Door(state.root(), {}, Revocations(), Entries(state.file("entries.jsonl"), name), rules)
    for data in state.certificates():
        door.learn(read_certificate(data, door.root_public_key))
    door.revocations.apply_all(read_delta(data, door.certificates, door.root_public_key) for data in state.deltas())
    return door


def load_pack(state: State, pack: Any) -> tuple[int, int]:
    """Keep what is new in a pack of the centre: (certificates, entries of the list). Raises Refused, TitleError."""
    try:
        root, certificates, deltas = (
            base64.b64decode(pack["root_public_key"], validate=True),
            [base64.b64decode(each, validate=True) for each in pack["certificates"]],
            [base64.b64decode(each, validate=True) for each in pack["revocations"]],
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Refused(f"not a gate pack: {error}") from error
    state.keep_root(root)
    door = open_door(state, Rules(), "")
    known, kept = door.revocations.sequence, state.deltas()
    learnt = sum([door.learn(read_certificate(data, door.root_public_key)) for data in certificates])
    for data in deltas:
        delta = read_delta(data, door.certificates, door.root_public_key)
        door.revocations.apply(delta)
        kept = [data] if delta.after == 0 else [*kept, data]  # the whole list replaces what was told in parts
    state.keep_certificates(door.certificates.values())  # only now: all of it is good
    state.keep_deltas(kept)
    return learnt, door.revocations.sequence - known


class Scanning:
    """A loop of scans: each line is a ticket, a till's certificate, or the decision on the last amber."""

    def __init__(
        self, state: State, door: Door, tell: Callable[[Verdict | None, str], None], clock_is_set: bool
    ) -> None:
        self._state, self._door, self._tell, self._clock_is_set = state, door, tell, clock_is_set
        self._waiting: Verdict | None = None
        self.worst = 0

    def scan(self, line: str, now: datetime) -> None:
        line = line.strip()
        if not line:
            return
        if line == ADMIT:
            self._decide(now)
        elif len(line) == TEXT_LENGTH:
            self._learn(line)
        else:
            self._judge(line, now)

    def _decide(self, now: datetime) -> None:
        if self._waiting is None:
            self._tell(None, "nothing waits for a decision")
            return
        self._door.admit(self._waiting, now)
        self._waiting = None
        self._tell(None, "admitted by a person")

    def _learn(self, line: str) -> None:
        try:
            certificate = read_certificate_text(line, self._door.root_public_key)
        except BadCertificate as error:
            self.worst = 1
            self._tell(None, f"certificate refused: {error}")
            return
        if self._door.learn(certificate):
            self._state.keep_certificates(self._door.certificates.values())
        self._tell(
            None, f"certificate K{certificate.key_id:03d} learnt, until {certificate.not_after:%Y-%m-%d %H:%M} UTC"
        )

    def _judge(self, line: str, now: datetime) -> None:
        verdict = self._door.judge(line, now, self._clock_is_set)
        self._waiting = (
            verdict if verdict.colour is Colour.AMBER and verdict.reason is not Reason.UNKNOWN_ISSUER else None
        )
        if verdict.colour is Colour.GREEN:
            self._door.admit(verdict, now)
        elif verdict.colour is Colour.RED:
            self.worst = 1
        elif self.worst == 0:
            self.worst = 3
        self._tell(verdict, self._facts(verdict))

    def _facts(self, verdict: Verdict) -> str:
        if verdict.token is None or verdict.reason is not Reason.ALREADY_USED:
            return ""
        last = self._door.entries.last(verdict.token.key_id, verdict.token.serial)
        return f"{last.at.astimezone():%Y-%m-%d %H:%M:%S}, {last.gate}" if last else ""


def teller(out: TextIO, as_json: bool, language: str) -> Callable[[Verdict | None, str], None]:
    """Writes verdicts: for people one line with colour in words, for programs one JSON object a line."""
    marks = {Colour.GREEN: "VERT ", Colour.AMBER: "ORANGE", Colour.RED: "ROUGE"} if language == "fr" else {
        Colour.GREEN: "GREEN", Colour.AMBER: "AMBER", Colour.RED: "RED  "}  # fmt: skip

    def tell(verdict: Verdict | None, facts: str) -> None:
        code = human_code(verdict.token.key_id, verdict.token.serial) if verdict and verdict.token else ""
        if as_json:
            plain = {"note": facts} if verdict is None else {
                "colour": verdict.colour, "reason": verdict.reason, "code": code, "facts": facts}  # fmt: skip
            print(json.dumps(plain), file=out, flush=True)
        elif verdict is None:
            print(f"       {facts}", file=out, flush=True)
        else:
            words = WORDS[verdict.reason][0 if language == "fr" else 1]
            print(" ".join(filter(None, (f"{marks[verdict.colour]:<6}", words, code, facts))), file=out, flush=True)

    return tell


def _status(state: State, out: TextIO) -> None:
    door = open_door(state, Rules(), "")
    root = bytes.fromhex(state.file("root.hex").read_text().strip())
    issued = door.revocations.issued_at
    print(f"root          SHA-256 {hashlib.sha256(root).hexdigest()}", file=out)
    print(f"certificates  {len(door.certificates)}", file=out)
    print(f"revocations   up to entry {door.revocations.sequence}, "
          f"{f'of {issued:%Y-%m-%d %H:%M} UTC' if issued else 'never heard'}", file=out)  # fmt: skip
    print(f"entries       {len(door.entries)}", file=out)


def _merge(state: State, lines: Iterable[str], out: TextIO) -> int:
    """Take over another door's entries; 1 when a title went in more often than once at both doors together."""
    door = open_door(state, Rules(), "")
    new = door.entries.merge(line for line in lines if line.strip())
    titles_new = {(entry.key_id, entry.serial) for entry in new}
    twice = sorted(title for title in titles_new if door.entries.times(*title) > 1)
    print(f"{len(new)} new entries", file=out)
    for title in twice:
        print(f"{human_code(*title)} went in {door.entries.times(*title)} times", file=out)
    return 1 if twice else 0


def _rules(given: argparse.Namespace) -> Rules:
    oldest = None if given.oldest_list_hours == 0 else timedelta(hours=given.oldest_list_hours)
    return Rules(
        frozenset(map(group_of, given.performance)), given.zones, frozenset(map(tariff_class_of, given.proof)), oldest
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "gate-check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--state", type=Path, required=True, help="this door's folder")
    actions = parser.add_subparsers(dest="action", required=True)
    init = actions.add_parser("init", help="trust a root key")
    init.add_argument("--root", required=True, type=bytes.fromhex, help="the root's public key, 64 hex digits")
    load = actions.add_parser("load", help="take over a pack of the centre")
    load.add_argument("pack", type=Path)
    scan = actions.add_parser("scan", help="judge tickets; without codes one a line from the standard input")
    scan.add_argument("codes", nargs="*")
    scan.add_argument("--door", default="door", help="this door's name in its entries")
    scan.add_argument(
        "--performance", action="append", default=[], type=UUID, help="open for this one only; repeatable"
    )
    scan.add_argument(
        "--zones", type=lambda text: int(text, 0), default=0, help="bit map of the zones behind this door"
    )
    scan.add_argument("--proof", action="append", default=[], type=UUID, help="look at the proof of this tariff")
    scan.add_argument("--oldest-list-hours", type=float, default=OLDEST_LIST / timedelta(hours=1),
                      help="age from which the list of revocations makes amber; 0: never")  # fmt: skip
    scan.add_argument("--clock-unset", action="store_true", help="nobody has set this machine's clock")
    scan.add_argument("--json", action="store_true")
    scan.add_argument("--language", choices=("fr", "en"), default="fr")
    merge = actions.add_parser("merge", help="take over the entries of another door")
    merge.add_argument("entries", type=Path)
    actions.add_parser("status", help="what this door trusts and knows")
    return parser


def _run(given: argparse.Namespace, source: Iterable[str], out: TextIO) -> int:
    state = State(given.state)
    if given.action == "init":
        state.keep_root(given.root)
    elif given.action == "load":
        if given.pack.stat().st_size > LARGEST_PACK:
            raise Refused(f"{given.pack} is larger than {LARGEST_PACK} bytes")
        certificates, entries = load_pack(state, json.loads(given.pack.read_text()))
        print(f"{certificates} new certificates, {entries} new revocations", file=out)
    elif given.action == "merge":
        return _merge(state, given.entries.read_text().splitlines(), out)
    elif given.action == "status":
        _status(state, out)
    else:
        door = open_door(state, _rules(given), given.door)
        scanning = Scanning(state, door, teller(out, given.json, given.language), not given.clock_unset)
        for line in given.codes or source:
            scanning.scan(line, datetime.now(UTC))
        return scanning.worst
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    try:
        return _run(_parser().parse_args(argv), sys.stdin, sys.stdout)
    except (Refused, TitleError, OSError, ValueError) as error:
        print(f"gate-check: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

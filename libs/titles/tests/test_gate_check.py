"""The gate-check command, as a person at a door runs it: a process of its own, a folder, public keys (D5, D6, S2)."""

import base64
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import titles
from titles import Cause, Revocation

PERFORMANCE = "7a6f7b1e-58a4-4b7e-9a4e-2f6f5f0c9d11"
OTHER = "0b7a1c52-6b7e-4a36-9c52-6a4c1f0e7d10"


class Centre:
    """What the centre knows, today."""

    def __init__(self, root_key, unsigned):
        self.now = datetime.now(UTC)
        self.root_key, self.key = root_key, titles.generate_key()
        self.unsigned = replace(
            unsigned, not_before=self.now - timedelta(days=1), not_after=self.now + timedelta(days=6)
        )
        self.central = self.certify(1, self.key, titles.Kind.CENTRAL)
        self.entries = []

    def certify(self, key_id, key, kind=titles.Kind.TILL):
        certificate = replace(self.unsigned, kind=kind, key_id=key_id, public_key=titles.public_bytes(key))
        return titles.certify(certificate, self.root_key)

    def pack(self, *certificates):
        delta = titles.sign_delta(self.entries, 0, self.now, 1, self.key)
        return {
            "root_public_key": plain(titles.public_bytes(self.root_key)),
            "certificates": [plain(each) for each in (self.central, *certificates)],
            "revocations": [plain(delta)],
        }


def plain(data):
    return base64.b64encode(data).decode()


@pytest.fixture
def centre(root_key, unsigned):
    return Centre(root_key, unsigned)


@pytest.fixture
def gate(tmp_path):
    """Run gate-check; (exit status, lines)."""

    def run(*arguments, lines=(), folder="door"):
        done = subprocess.run(
            [sys.executable, "-m", "titles.gate_check", "--state", str(tmp_path / folder), *map(str, arguments)],
            input="".join(f"{line}\n" for line in lines), text=True, capture_output=True, check=False, timeout=30,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).splitlines()

    return run


@pytest.fixture
def load(gate, tmp_path):
    def give(pack, folder="door"):
        (tmp_path / "pack.json").write_text(json.dumps(pack))
        return gate("load", tmp_path / "pack.json", folder=folder)

    return give


@pytest.fixture
def scan(gate):
    """What is said of each line, as (colour, reason)."""

    def say(lines, *arguments):
        status, said = gate("scan", "--json", *arguments, lines=lines)
        return status, [(each.get("colour"), each.get("reason")) for each in map(json.loads, said) if "colour" in each]

    return say


@pytest.fixture
def title(token, centre):
    def issue(key, **changes):
        fields = {"valid_from": centre.now - timedelta(hours=1), "key_id": 9, "reissue": 0, **changes}
        return titles.issue(replace(token, **fields), key)

    return issue


def test_a_gate_offline_since_before_the_till_existed_accepts_its_tickets_once_it_saw_its_certificate(
    centre, load, scan, title
):
    """domain 5.7, last; D5."""
    assert load(centre.pack()) == (0, ["1 new certificates, 0 new revocations"])
    key = titles.generate_key()
    ticket, card = title(key), titles.certificate_text(centre.certify(9, key))
    assert scan([ticket]) == (3, [("amber", "UNKNOWN_ISSUER")])
    assert scan([card, ticket, ticket]) == (1, [("green", "GENUINE"), ("red", "ALREADY_USED")])
    assert scan([ticket]) == (1, [("red", "ALREADY_USED")])  # another run remembers both the till and the entry


def test_forged_revoked_and_wrong_date_tickets_are_refused_with_the_reason(centre, load, scan, title):
    key = titles.generate_key()
    centre.entries = [Revocation(Cause.DEAD, 9, 2), Revocation(Cause.REISSUED, 9, 3, 1)]
    load(centre.pack(centre.certify(9, key)))
    lines = [
        title(titles.generate_key()), title(key, serial=2), title(key, serial=3),
        title(key, serial=4, valid_from=centre.now - timedelta(days=2)),
        title(key, serial=5, valid_from=centre.now + timedelta(days=2)),
        title(key, serial=6, group=titles.group_of(OTHER)), "ABC", title(key, serial=7),
    ]  # fmt: skip
    assert scan(lines, "--performance", PERFORMANCE) == (1, [
        ("red", "BAD_SIGNATURE"), ("red", "REVOKED"), ("red", "SUPERSEDED"), ("red", "EXPIRED"),
        ("red", "NOT_YET_VALID"), ("red", "WRONG_PERFORMANCE"), ("red", "UNREADABLE"), ("green", "GENUINE"),
    ])  # fmt: skip


def test_a_person_decides_on_amber_and_is_traced(centre, load, gate, title, token, tmp_path):
    key = titles.generate_key()
    load(centre.pack(centre.certify(9, key)))
    ticket = title(key)
    tariff = "0d5c2f64-1c1e-4a55-8a3b-0c7a9f1e2d33"
    status, said = gate("scan", "--proof", tariff, lines=[ticket, "+", "+"])
    assert status == 3
    assert [line.split()[0] for line in said] == ["ORANGE", "admitted", "nothing"]
    (line,) = (tmp_path / "door" / "entries.jsonl").read_text().splitlines()
    assert json.loads(line)["reason"] == "SHOW_PROOF"


def test_a_pack_of_another_root_or_with_an_altered_list_changes_nothing(centre, load, scan, title, gate, root_key):
    key = titles.generate_key()
    load(centre.pack(centre.certify(9, key)))
    other = centre.pack() | {"root_public_key": plain(titles.public_bytes(titles.generate_key()))}
    status, said = load(other)
    assert status == 2
    assert "another root" in said[0]
    altered = centre.pack()
    altered["revocations"] = [plain(titles.sign_delta([Revocation(Cause.DEAD, 9, 17)], 0, centre.now, 1, key))]
    assert load(altered)[0] == 2
    assert load({"certificates": 3})[0] == 2
    assert scan([title(key)]) == (0, [("green", "GENUINE")])


def test_a_root_given_by_hand_is_the_only_one_that_is_trusted(centre, load, gate):
    assert gate("init", "--root", titles.public_bytes(titles.generate_key()).hex()) == (0, [])
    assert load(centre.pack())[0] == 2


def test_a_folder_without_a_root_says_what_to_do(gate):
    status, said = gate("scan", "ABC")
    assert status == 2
    assert "trusts no root" in said[0]


def test_doors_that_were_apart_tell_afterwards_who_went_in_twice(centre, load, gate, title, tmp_path):
    """domain 4.5: accept, and report duplicates at the merge."""
    key = titles.generate_key()
    ticket = title(key)
    for folder in ("door", "other"):
        load(centre.pack(centre.certify(9, key)), folder)
        assert gate("scan", "--door", folder, lines=[ticket], folder=folder)[0] == 0
    status, said = gate("merge", tmp_path / "other" / "entries.jsonl")
    assert status == 1
    assert said == ["1 new entries", f"{titles.human_code(9, 17)} went in 2 times"]


def test_status_tells_what_the_door_trusts(centre, load, gate):
    centre.entries = [Revocation(Cause.DEAD, 9, 2)]
    load(centre.pack())
    status, said = gate("status")
    assert status == 0
    assert any(line.startswith("revocations   up to entry 1, of ") for line in said)

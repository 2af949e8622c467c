from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ledger
from ledger import Fault

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
STARTED = datetime(2026, 11, 23, 22, 51, 30, 123000, tzinfo=UTC)
OTHER_TILL = "00000000-0000-4000-8000-000000000001"


def found(entries, key, start=None) -> list[tuple[int, Fault]]:
    return [(finding.sequence, finding.reason) for finding in ledger.verify_chain(entries, key.public_key(), start)]


@pytest.fixture(scope="module")
def journal(write):
    return write(6)


def test_a_whole_journal_has_no_findings(journal, till_key):
    assert found(journal, till_key) == []
    assert found([], till_key) == []


def test_a_later_part_is_whole_after_its_head(journal, till_key):
    head = ledger.Head(TILL, 3, journal[2].hash)
    assert found(journal[3:], till_key, head) == []
    assert found(journal[3:], till_key) == [(4, Fault.GAP)]


@given(data=st.data())
@settings(max_examples=60)
def test_a_flipped_bit_is_found_where_it_is(journal, till_key, data):
    """LAW-3."""
    index = data.draw(st.integers(0, 5))
    part = data.draw(st.sampled_from(["bytes", "signature"]))
    value = bytearray(getattr(journal[index], part))
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8
    altered = [*journal]
    altered[index] = replace(journal[index], **{part: bytes(value)})
    findings = found(altered, till_key)
    assert findings[0] == (index + 1, Fault.BAD_SIGNATURE)
    follower = [(index + 2, Fault.BROKEN_CHAIN)] if part == "bytes" and index < 5 else []
    assert findings[1:] == follower


@pytest.mark.parametrize("index", range(5))
def test_a_removed_entry_is_found(journal, till_key, index):
    """LAW-6."""
    assert found(journal[:index] + journal[index + 1 :], till_key) == [(index + 2, Fault.GAP)]


@pytest.mark.parametrize("index", range(5))
def test_two_swapped_entries_are_found(journal, till_key, index):
    swapped = [*journal]
    swapped[index], swapped[index + 1] = journal[index + 1], journal[index]
    assert found(swapped, till_key) == [(index + 2, Fault.GAP), (index + 1, Fault.OUT_OF_ORDER)]


def test_a_repeated_entry_is_found(journal, till_key):
    assert found([*journal[:3], journal[2], *journal[3:]], till_key) == [(3, Fault.REPEATED)]
    assert found([*journal, journal[1]], till_key) == [(2, Fault.REPEATED)]


def test_a_second_entry_with_the_same_number_is_a_fork(journal, till_key):
    entry = ledger.Entry(TILL, 3, STARTED, 0, ledger.Kind.TECHNICAL, journal[1].hash, {"other": 1})
    assert found([*journal, ledger.seal(entry, till_key)], till_key) == [(3, Fault.FORK)]


def test_a_chain_rebuilt_without_the_tills_key_is_found_entry_by_entry(journal, till_key):
    """The owner of the database cannot rewrite it (lesson 3)."""
    stranger = ledger.generate_key()
    head, rebuilt = ledger.Head.start(TILL), []
    for number in range(1, 4):
        sealed = ledger.seal(ledger.Entry(TILL, number, STARTED, 0, ledger.Kind.TECHNICAL, head.hash, {}), stranger)
        head = ledger.Head(TILL, number, sealed.hash)
        rebuilt.append(sealed)
    assert found(rebuilt, till_key) == [(number, Fault.BAD_SIGNATURE) for number in (1, 2, 3)]


def test_an_altered_first_entry_does_not_hide_the_rest(journal, till_key):
    altered = [replace(journal[0], signature=bytes(64)), *journal[1:4], *journal[5:]]
    assert found(altered, till_key) == [(1, Fault.BAD_SIGNATURE), (6, Fault.GAP)]


def test_signed_bytes_that_are_no_entry_are_found(journal, till_key):
    data = b'{"v":9}'
    strange = ledger.SealedEntry(data, ledger.sign(till_key, b"ticketing ledger v1\n" + data))
    assert found([*journal, strange], till_key) == [(7, Fault.BAD_ENTRY)]


def test_another_tills_entry_is_found(journal, till_key):
    entry = ledger.Entry(OTHER_TILL, 7, STARTED, 0, ledger.Kind.TECHNICAL, journal[-1].hash, {})
    assert found([*journal, ledger.seal(entry, till_key)], till_key) == [(7, Fault.WRONG_TILL)]


def test_follows_names_what_is_wrong_at_upload(journal, till_key):
    """domain 5.3: gap, fork and broken chain are different faults, a repeated head is none."""
    opened = [ledger.open_sealed(sealed.bytes, sealed.signature, till_key.public_key()) for sealed in journal]
    head = ledger.Head(TILL, 2, journal[1].hash)
    assert ledger.follows(head, opened[2], journal[2].hash) == ledger.Head(TILL, 3, journal[2].hash)
    assert ledger.follows(head, opened[1], journal[1].hash) == head
    with pytest.raises(ledger.Gap) as gap:
        ledger.follows(head, opened[4], journal[4].hash)
    assert gap.value.expected == 3
    with pytest.raises(ledger.Fork) as fork:
        ledger.follows(head, opened[1], bytes(32))
    assert fork.value.sequence == 2
    with pytest.raises(ledger.Fork):
        ledger.follows(head, opened[0], journal[0].hash)
    with pytest.raises(ledger.BrokenChain) as broken:
        ledger.follows(ledger.Head(TILL, 2, bytes(32)), opened[2], journal[2].hash)
    assert broken.value.sequence == 3
    with pytest.raises(ledger.BadEntry, match="journal of"):
        ledger.follows(ledger.Head.start(OTHER_TILL), opened[0], journal[0].hash)


def test_the_first_entry_belongs_to_one_till_only():
    assert ledger.genesis(TILL) != ledger.genesis(OTHER_TILL)
    entry = ledger.Entry(TILL, 1, STARTED, 0, ledger.Kind.TECHNICAL, ledger.genesis(OTHER_TILL), {})
    with pytest.raises(ledger.BrokenChain):
        ledger.follows(ledger.Head.start(TILL), entry, bytes(32))

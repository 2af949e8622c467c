"""What a door says (D5, D6, S2; domain 4.4 and 4.5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

import titles
from titles import Cause, Colour, Reason, Revocation, Verdict
from titles.door import Door, Rules
from titles.gate_check import WORDS

OTHER_PERFORMANCE = "0b7a1c52-6b7e-4a36-9c52-6a4c1f0e7d10"


@pytest.fixture
def door(tmp_path, root_key, certificate, now):
    """A door that knows the till and heard the list a minute ago."""
    revocations = titles.Revocations()
    revocations.apply(titles.Delta(0, now - timedelta(minutes=1), ()))
    entries = titles.Entries(tmp_path / "entries.jsonl", "A")
    return Door(root_key.public_key(), {certificate.key_id: certificate}, revocations, entries)


@pytest.fixture
def revoke(door, now):
    def tell(*entries):
        door.revocations.apply(titles.Delta(door.revocations.sequence, now, entries))

    return tell


def said(verdict: Verdict) -> tuple[Colour, Reason]:
    return verdict.colour, verdict.reason


def test_a_genuine_title_opens_once(door, token, till_key, now):
    text = titles.issue(token, till_key)
    verdict = door.judge(text, now)
    assert said(verdict) == (Colour.GREEN, Reason.GENUINE)
    door.admit(verdict, now)
    assert said(door.judge(text, now)) == (Colour.RED, Reason.ALREADY_USED)


@pytest.mark.parametrize(("entries", "reason"), [(2, Reason.GENUINE), (0, Reason.GENUINE), (1, Reason.ALREADY_USED)])
def test_a_title_opens_as_often_as_it_says(door, token, till_key, now, entries, reason):
    text = titles.issue(replace(token, entries=entries), till_key)
    door.admit(door.judge(text, now), now)
    assert door.judge(text, now).reason is reason


def test_who_went_in_is_remembered_after_a_power_cut(door, tmp_path, token, till_key, now):
    text = titles.issue(token, till_key)
    door.admit(door.judge(text, now), now)
    with (tmp_path / "entries.jsonl").open("a") as file:
        file.write('{"gate": "A", "num')  # the line under way when the power went
    door.entries = titles.Entries(tmp_path / "entries.jsonl", "A")
    assert door.judge(text, now).reason is Reason.ALREADY_USED
    other = door.judge(titles.issue(replace(token, serial=18), till_key), now)
    assert door.admit(other, now).number == 2


def test_a_till_that_the_door_never_met_is_learnt_from_its_code(door, certificate, unsigned, root_key, token, now):
    """D5: a till enrolled after this gate lost its network."""
    key = titles.generate_key()
    data = titles.certify(replace(unsigned, key_id=9, public_key=titles.public_bytes(key)), root_key)
    text = titles.issue(replace(token, key_id=9), key)
    assert said(door.judge(text, now)) == (Colour.AMBER, Reason.UNKNOWN_ISSUER)
    assert door.learn(titles.read_certificate_text(titles.certificate_text(data), root_key.public_key()))
    assert said(door.judge(text, now)) == (Colour.GREEN, Reason.GENUINE)
    assert not door.learn(certificate)  # no news


def test_a_certificate_that_the_root_did_not_sign_is_not_learnt(unsigned, root_key):
    text = titles.certificate_text(titles.certify(unsigned, titles.generate_key()))
    with pytest.raises(titles.BadCertificate):
        titles.read_certificate_text(text, root_key.public_key())


def test_a_refunded_title_opens_nothing(door, revoke, token, till_key, now):
    revoke(Revocation(Cause.DEAD, token.key_id, token.serial))
    assert said(door.judge(titles.issue(token, till_key), now)) == (Colour.RED, Reason.REVOKED)


def test_a_reissued_title_opens_on_its_newest_paper_only(door, revoke, token, till_key, now):
    old, new = (titles.issue(replace(token, reissue=count), till_key) for count in (0, 1))
    revoke(Revocation(Cause.REISSUED, token.key_id, token.serial, 1))
    assert said(door.judge(old, now)) == (Colour.RED, Reason.SUPERSEDED)
    assert said(door.judge(new, now)) == (Colour.GREEN, Reason.GENUINE)


def test_a_door_that_saw_the_newer_paper_refuses_the_older_one_by_itself(door, token, till_key, now):
    """No entry of the list is needed for a reprint: the higher counter says it once it was seen."""
    old, new = (titles.issue(replace(token, reissue=count, entries=0), till_key) for count in (0, 1))
    door.admit(door.judge(new, now), now)
    assert door.judge(old, now).reason is Reason.SUPERSEDED


def test_a_stolen_till_is_dead_but_the_titles_that_the_centre_holds_are_good(door, revoke, token, till_key, now):
    sold, stolen = (titles.issue(replace(token, serial=serial), till_key) for serial in (17, 18))
    signature = titles.read(sold).signature
    revoke(Revocation(Cause.KEY_DEAD, 3), Revocation(Cause.VOUCHED, 3, 17, digest=titles.digest_of(signature)))
    assert said(door.judge(sold, now)) == (Colour.GREEN, Reason.GENUINE)
    assert said(door.judge(stolen, now)) == (Colour.RED, Reason.ISSUER_REVOKED)


def test_another_title_under_a_known_number_is_a_forgery(door, revoke, token, till_key, now):
    sold = titles.issue(token, till_key)
    revoke(
        Revocation(Cause.KEY_DEAD, 3),
        Revocation(Cause.VOUCHED, 3, token.serial, digest=titles.digest_of(titles.read(sold).signature)),
    )
    forged = titles.issue(replace(token, seat=1), till_key)
    assert said(door.judge(forged, now)) == (Colour.RED, Reason.ISSUER_REVOKED)


def test_a_title_outlives_its_tills_certificate_when_the_centre_vouches_for_it(door, revoke, token, till_key, now):
    """Sold in January for June by a till that was put away in February."""
    june = now + timedelta(days=150)
    text = titles.issue(replace(token, valid_from=june), till_key)
    assert said(door.judge(text, june)) == (Colour.RED, Reason.CERTIFICATE_EXPIRED)
    revoke(Revocation(Cause.VOUCHED, 3, 17, digest=titles.digest_of(titles.read(text).signature)))
    door.rules = Rules(oldest_list=None)
    assert said(door.judge(text, june)) == (Colour.GREEN, Reason.GENUINE)


def test_a_door_opens_for_its_performance_and_its_zone(door, token, till_key, now):
    text = titles.issue(token, till_key)  # zones 0b0101
    door.rules = Rules(groups=frozenset({titles.group_of(OTHER_PERFORMANCE)}))
    assert said(door.judge(text, now)) == (Colour.RED, Reason.WRONG_PERFORMANCE)
    door.rules = Rules(zones=0b0010)
    assert said(door.judge(text, now)) == (Colour.RED, Reason.WRONG_ZONE)
    door.rules = Rules(zones=0b0100, groups=frozenset({token.group}))
    assert door.judge(text, now).colour is Colour.GREEN


def test_yesterdays_title_is_refused(door, token, till_key, now):
    text = titles.issue(replace(token, valid_from=now - timedelta(days=1)), till_key)
    assert said(door.judge(text, now)) == (Colour.RED, Reason.EXPIRED)


def test_a_door_whose_clock_nobody_set_judges_no_time(door, token, till_key, now):
    text = titles.issue(replace(token, valid_from=now - timedelta(days=1)), till_key)
    long_ago = now - timedelta(days=20000)
    assert said(door.judge(text, long_ago, clock_is_set=False)) == (Colour.AMBER, Reason.CLOCK_UNSET)
    test_title = titles.issue(replace(token, kind=titles.Kind.TEST), till_key)
    assert said(door.judge(test_title, long_ago, clock_is_set=False)) == (Colour.RED, Reason.TEST_TITLE)


def test_an_old_list_makes_amber_and_so_does_a_tariff_with_a_proof(door, token, till_key, now):
    text = titles.issue(token, till_key)
    later = now + timedelta(hours=2)
    door.rules = Rules(oldest_list=timedelta(hours=1))
    assert said(door.judge(text, later)) == (Colour.AMBER, Reason.LIST_TOO_OLD)
    door.rules = Rules(attention=frozenset({token.tariff_class}))
    verdict = door.judge(text, now)
    assert said(verdict) == (Colour.AMBER, Reason.SHOW_PROOF)
    assert door.admit(verdict, now).reason == "SHOW_PROOF"  # a person decided, and it is traced


def test_a_title_whose_place_was_sold_twice_is_for_the_box_office_until_it_is_settled(
    door, revoke, token, till_key, now
):
    text = titles.issue(token, till_key)
    revoke(Revocation(Cause.DISPUTED, token.key_id, token.serial))
    assert said(door.judge(text, now)) == (Colour.AMBER, Reason.SEE_BOX_OFFICE)
    revoke(Revocation(Cause.SETTLED, token.key_id, token.serial))
    assert door.judge(text, now).colour is Colour.GREEN


def test_every_reason_has_words_in_both_languages():
    assert set(WORDS) == set(Reason)
    assert all(french and english for french, english in WORDS.values())


def test_nobody_goes_in_with_a_refused_title(door, token, till_key, now):
    forged = door.judge(titles.issue(token, titles.generate_key()), now)
    with pytest.raises(ValueError, match="BAD_SIGNATURE"):
        door.admit(forged, now)


def test_two_doors_learn_from_each_other_who_went_in(door, tmp_path, token, till_key, now):
    text = titles.issue(token, till_key)
    other = titles.Entries(tmp_path / "other.jsonl", "B")
    other.record(now, token.key_id, token.serial, token.reissue, "GENUINE")
    assert [entry.gate for entry in door.entries.merge(other)] == ["B"]
    assert door.judge(text, now).reason is Reason.ALREADY_USED
    assert door.entries.merge(other) == []


def test_a_file_that_holds_something_else_is_refused_whole(door, tmp_path, now):
    other = titles.Entries(tmp_path / "other.jsonl", "B")
    other.record(now, 3, 17, 0, "GENUINE")
    with pytest.raises(titles.BadEntryLine):
        door.entries.merge([*other, '{"gate": 1}'])
    assert len(door.entries) == 0

from datetime import UTC, datetime, timedelta

import pytest

from accounts.domain.errors import (
    ClockSkewed,
    EnrolmentCodeWrong,
    PasswordTooWeak,
    PinInvalid,
    ProfileNotFound,
    TillRevoked,
)
from accounts.domain.profiles import ALL_RIGHTS, PROFILES, TILL_RIGHTS, profile_of
from accounts.domain.tills import Till, code_of, number_of, require_clock
from accounts.domain.users import check_password, check_pin, login_of, name_of
from kit.errors import FieldInvalid

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "pin", ["0000", "77777777", "1234", "4321", "345678", "98765432", "123", "123456789", "12a4", "١٢٣٥", ""]
)
def test_a_pin_that_anybody_would_try_first_is_refused(pin):
    """M3"""
    with pytest.raises(PinInvalid):
        check_pin(pin)


@pytest.mark.parametrize("pin", ["2580", "1357", "90210", "11223344"])
def test_other_pins_of_4_to_8_digits_are_accepted(pin):
    check_pin(pin)


@pytest.mark.parametrize("password", ["court", "motdepasse", "marie.durand", "aaaaaaaaaaaa", "abababababab", "x" * 201])
def test_a_weak_password_is_refused(password):
    with pytest.raises(PasswordTooWeak):
        check_password(password, "marie.durand")


def test_a_login_is_kept_in_lower_case():
    assert login_of("  Marie.Durand ") == "marie.durand"


@pytest.mark.parametrize("login", ["", "a", "élodie", "a b", "x" * 65, "a\0b", ".a"])
def test_a_login_that_cannot_be_typed_everywhere_is_refused(login):
    with pytest.raises(FieldInvalid, match="login"):
        login_of(login)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81, "a\0"])
def test_a_name_is_one_line_of_text(name):
    with pytest.raises(FieldInvalid, match="name"):
        name_of(name)


def test_the_four_shipped_profiles_go_from_cashier_to_administrator():
    """M1, M4"""
    assert list(PROFILES) == ["cashier", "head_cashier", "programmer", "administrator"]
    assert PROFILES["cashier"].rights == {"cashdesk.sell", "orders.view", "orders.sell"}
    assert PROFILES["cashier"].rights < PROFILES["head_cashier"].rights
    assert all(profile.rights <= ALL_RIGHTS for profile in PROFILES.values())
    assert PROFILES["administrator"].rights == ALL_RIGHTS
    with pytest.raises(ProfileNotFound):
        profile_of("king")


def test_no_person_may_read_pin_hashes():
    assert "accounts.roster" in TILL_RIGHTS
    assert "accounts.roster" not in ALL_RIGHTS


def a_till() -> Till:
    from uuid import uuid4

    return Till(uuid4(), "T01", "Accueil", "pos-1", NOW)


def test_a_code_ends_after_24_hours():
    till = a_till()
    till.give_code(b"h" * 32, NOW)
    till.require_code_usable(NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(EnrolmentCodeWrong):
        till.require_code_usable(NOW + timedelta(hours=24))


def test_a_code_is_used_once():
    till = a_till()
    till.give_code(b"h" * 32, NOW)
    till.enrol(b"journal", 1, b"ticket", NOW)
    with pytest.raises(EnrolmentCodeWrong):
        till.require_code_usable(NOW)
    assert till.was_enrolled_by(b"journal", b"ticket")
    assert not till.was_enrolled_by(b"journal", b"other")


def test_a_revoked_till_gets_no_new_code():
    till = a_till()
    till.revoke("stolen", NOW)
    with pytest.raises(TillRevoked):
        till.give_code(b"h" * 32, NOW)
    with pytest.raises(TillRevoked):
        till.revoke("again", NOW)


def test_a_code_is_read_as_people_type_it():
    assert code_of("abcd-efgh") == "ABCDEFGH"
    for wrong in ("", "ABCDEFG", "ABCDEFG0", "ABCDEFGHJ"):
        with pytest.raises(EnrolmentCodeWrong):
            code_of(wrong)


def test_a_clock_may_be_five_minutes_off():
    require_clock(NOW - timedelta(minutes=5), NOW)
    for skew in (timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)):
        with pytest.raises(ClockSkewed) as refused:
            require_clock(NOW + skew, NOW)
        assert refused.value.facts["server_at"] == "2026-11-23T20:00:00.000Z"


@pytest.mark.parametrize("number", ["", "T", "1T", "T 1", "TTTTTTTTT", "É1"])
def test_a_till_number_can_begin_a_series(number):
    with pytest.raises(FieldInvalid, match="number"):
        number_of(number)
    assert number_of(" t01 ") == "T01"

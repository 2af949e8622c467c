import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import titles

IDS = st.integers(1, 2**32 - 1)


@given(IDS, IDS)
def test_a_code_comes_back_as_printed_or_typed(key_id, serial):
    code = titles.human_code(key_id, serial)
    assert titles.parse_human_code(code) == (key_id, serial)
    assert titles.parse_human_code(f" {code.lower()}\n") == (key_id, serial)


def test_the_form_is_frozen():
    assert titles.human_code(3, 17) == "K003-000017-1"


@given(IDS, IDS, st.data())
def test_one_digit_mistyped_is_refused(key_id, serial, data):
    code = titles.human_code(key_id, serial)
    place = data.draw(st.sampled_from([at for at, character in enumerate(code[:-1]) if character.isdigit()]))
    digit = data.draw(st.sampled_from("0123456789"))
    assume(digit != code[place])
    with pytest.raises(titles.Unreadable):
        titles.parse_human_code(code[:place] + digit + code[place + 1 :])


@given(IDS, IDS, st.data())
def test_two_neighbours_swapped_are_refused(key_id, serial, data):
    code = titles.human_code(key_id, serial)
    pairs = [at for at in range(len(code) - 2) if code[at : at + 2].isdigit() and code[at] != code[at + 1]]
    assume(pairs)
    at = data.draw(st.sampled_from(pairs))
    with pytest.raises(titles.Unreadable):
        titles.parse_human_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@pytest.mark.parametrize(
    "text", ["", "K003-000017", "K003-000017-", "X003-000017-1", "K000-000017-H", "K٣-17-1", "K003 000017 1"]
)
def test_what_is_no_code_is_unreadable(text):
    with pytest.raises(titles.Unreadable):
        titles.parse_human_code(text)

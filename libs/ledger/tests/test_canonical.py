import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import NotCanonical, canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=6,
)


@given(VALUES)
def test_a_value_comes_back_from_its_bytes(value):
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert json.loads(data) == value


@given(st.dictionaries(TEXT, SCALARS, min_size=2, max_size=6))
def test_the_order_in_which_a_dict_was_filled_does_not_show(value):
    assert canonical.encode(dict(reversed(value.items()))) == canonical.encode(value)


def test_the_spelling_is_this_one():
    value = {"é": "à\n\u2028", "b": [1, True, None, -5], "a": {}, "Z": '"\\/'}
    expected = '{"Z":"\\"\\\\/","a":{},"b":[1,true,null,-5],"é":"à\\n\u2028"}'
    assert canonical.encode(value) == expected.encode()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.0, "$"),
        ({"lines": [{"total": 1.5}]}, "lines[0].total"),
        ({"a": {1: 2}}, "a"),
        ({"a": 2**53 + 1}, "a"),
        ({"a": -(2**53) - 1}, "a"),
        ({"a": b"bytes"}, "a"),
        ({"a": (1, 2)}, "a"),
        ("\ud800", "$"),
        ("x" * (256 * 1024), "$"),
    ],
)
def test_a_value_without_a_canonical_form_is_refused_by_its_path(value, path):
    with pytest.raises(NotCanonical) as refused:
        canonical.encode(value)
    assert refused.value.path == path


def test_depth_ends_at_twelve():
    value: list = []
    for _ in range(11):
        value = [value]
    assert canonical.decode(canonical.encode(value)) == value
    with pytest.raises(NotCanonical, match="deeper"):
        canonical.encode([value])


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'\xef\xbb\xbf{"a":1}',
        b'"\xff"',
        b"",
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 13 + b"]" * 13,
        b'"' + b"x" * (256 * 1024) + b'"',
    ],
)
def test_bytes_with_another_spelling_are_refused(data):
    with pytest.raises(NotCanonical):
        canonical.decode(data)


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(data):
    try:
        value = canonical.decode(data)
    except NotCanonical:
        return
    assert canonical.encode(value) == data

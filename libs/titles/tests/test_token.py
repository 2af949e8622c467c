import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

import titles
from titles import base32

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["tokens"]
U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
TOKENS = st.builds(
    titles.Token,
    kind=st.sampled_from(titles.Kind),
    key_id=st.integers(1, 2**32 - 1),
    serial=st.integers(1, 2**32 - 1),
    group=U32,
    tariff_class=U16,
    valid_from=U32.map(lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    duration_minutes=st.integers(1, 2**16 - 1).map(lambda tens: tens * 10),
    flags=st.integers(0, 63).map(titles.Flag),
    zones=U16,
    seat=st.integers(0, 2**24 - 1),
    entries=st.integers(0, 255),
    reissue=st.integers(0, 255),
    plan_version=st.integers(0, 255),
    holder_tag=U16,
)


@given(TOKENS)
def test_a_token_comes_back_from_its_text(till_key, token):
    text = titles.issue(token, till_key)
    assert len(text) == 154
    assert set(text) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert titles.read(text).token == token
    assert titles.read(f" \t{text.lower()}\r\n").token == token


@given(st.binary(max_size=130))
def test_base32_has_one_spelling(data):
    text = base32.encode(data)
    assert len(text) == -(-len(data) * 8 // 5)
    assert base32.decode(text) == data


@given(TOKENS)
def test_a_token_fits_exactly_in_a_qr_code_of_version_6_level_m(till_key, token):
    """J: 41 x 41 modules, 20.5 mm at 203 dpi."""
    text = titles.issue(token, till_key)
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    assert numpy.array(symbol.to_image(scale=1, add_quiet_zones=False)).shape == (41, 41)
    seen = zxingcpp.read_barcode(numpy.array(symbol.to_image(scale=4)))
    assert seen is not None
    assert (seen.text, seen.ec_level) == (text, "M")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_format_is_frozen(vector):
    fields = dict(vector["token"])
    fields["kind"] = titles.Kind(fields["kind"])
    fields["flags"] = titles.Flag(fields["flags"])
    fields["valid_from"] = datetime.fromisoformat(fields["valid_from"])
    token = titles.Token(**fields)
    assert titles.issue(token, titles.load_private(bytes.fromhex(vector["seed"]))) == vector["text"]
    assert titles.read(vector["text"]).token == token
    assert titles.read(vector["text"]).payload.hex() == vector["payload"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": 3}, "kind"),
        ({"flags": 64}, "flags"),
        ({"key_id": 0}, "key_id"),
        ({"key_id": 2**32}, "key_id"),
        ({"serial": 0}, "serial"),
        ({"serial": 2**32}, "serial"),
        ({"group": -1}, "group"),
        ({"tariff_class": 2**16}, "tariff_class"),
        ({"zones": 2**16}, "zones"),
        ({"seat": 2**24}, "seat"),
        ({"entries": 256}, "entries"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 15}, "duration_minutes"),
        ({"duration_minutes": 655360}, "duration_minutes"),
        ({"reissue": 256}, "reissue"),
        ({"plan_version": 256}, "plan_version"),
        ({"holder_tag": 2**16}, "holder_tag"),
        ({"holder_tag": "Dupont"}, "holder_tag"),
        ({"valid_from": datetime(2026, 11, 23)}, "valid_from"),
        ({"valid_from": datetime(1969, 1, 1, tzinfo=UTC)}, "valid_from"),
        ({"valid_from": datetime(2107, 1, 1, tzinfo=UTC)}, "valid_from"),
    ],
)
def test_a_field_out_of_range_is_named(token, changes, field):
    with pytest.raises(titles.InvalidToken) as refused:
        replace(token, **changes)
    assert refused.value.field == field


def test_times_are_kept_in_utc_and_cut_to_the_second(token):
    paris = timezone(timedelta(hours=1))
    start = replace(token, valid_from=datetime(2026, 11, 23, 15, 0, 0, 999, tzinfo=paris), duration_minutes=30)
    assert start.valid_from == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert start.valid_until == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_text_that_is_no_token_is_unreadable(token, till_key):
    text = titles.issue(token, till_key)
    assert "S" in text
    wrong = [
        "",
        text[:-1],
        text + "0",
        text[:10] + " " + text[10:-1],
        "O" + text[1:],
        text[:-1] + "Z",  # its last two bits belong to no byte
        "0" * 154,  # version 0
        "2G" + text[2:],  # kind 4
        text.replace("S", "\u017f", 1),  # a long s, whose capital is S
        "\u0661" * 154,
        "https://example.org/" + text[20:],
    ]
    for other in wrong:
        with pytest.raises(titles.Unreadable):
            titles.read(other)


@given(st.text(max_size=200))
def test_any_text_is_read_or_unreadable(text):
    with pytest.raises(titles.Unreadable):
        titles.read(text)


def test_tags_of_uuids_are_frozen():
    uuid = "7a6f7b1e-58a4-4b7e-9a4e-2f6f5f0c9d11"
    expected = json.loads((Path(__file__).parent / "vectors.json").read_text())["tags"][uuid]
    assert titles.group_of(uuid) == titles.group_of(uuid.upper()) == expected["group"]
    assert titles.tariff_class_of(uuid) == expected["tariff_class"]
    assert titles.till_tag_of(uuid) == expected["till_tag"]

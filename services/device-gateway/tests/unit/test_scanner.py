"""Bytes of a code reader become codes, however the line cuts them (C8, peripherals 7)."""

from hypothesis import given
from hypothesis import strategies as st

from device_gateway.devices.scanner import LONGEST, CodeReader, Repeats

CODES = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=40).filter(
    lambda code: not code.startswith("]")
)


@given(st.lists(CODES), st.data())
def test_codes_come_out_whole_wherever_the_line_cuts_them(codes, data):
    sent = b"".join(b"]Q1" + code.encode() + b"\r" for code in codes)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    reader, heard = CodeReader(), []
    for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        heard += reader.feed(sent[begin:end])
    assert heard == codes


@given(st.binary(max_size=3000))
def test_no_noise_of_a_line_breaks_the_reader_or_brings_control_characters(noise):
    for code in CodeReader().feed(noise + b"\r"):
        assert code
        assert all(each.isprintable() or each == "\x1d" for each in code)


def test_readers_end_their_codes_in_their_own_ways_and_some_name_the_symbology():
    assert CodeReader().feed(b"]C0ABC\r\n]E03017620422003\r\nplain\n") == ["ABC", "3017620422003", "plain"]


def test_an_end_that_never_comes_does_not_fill_the_memory():
    reader = CodeReader()
    for _ in range(10):
        assert reader.feed(b"x" * LONGEST) == []
    reader.feed(b"\r")
    assert reader.feed(b"ABC\r") == ["ABC"]


def test_a_hand_that_lingers_reads_once_and_a_new_read_is_new():
    repeats = Repeats()
    assert [repeats.is_again(*read) for read in [("A", 0.0), ("A", 0.9), ("B", 1.0), ("A", 1.1), ("A", 2.2)]] == [
        False, True, False, False, False,
    ]  # fmt: skip

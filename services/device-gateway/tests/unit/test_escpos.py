"""Bytes of ESC/POS printers, both ways, without a printer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import render
from device_gateway.devices.status import Condition
from device_gateway.printing.escpos import ASK_STATUS, decode_status
from device_gateway.printing.framing import AnswerReader, ProcessId, StatusByte, Stray
from device_gateway.simulators.escpos_parser import (
    AskStatus,
    Cut,
    Initialise,
    KickDrawer,
    Parser,
    Raster,
    SendProcessId,
    Text,
    Violation,
)

JOB = render.escpos(
    render.shipped("receipt_80mm"), {"organiser": "Musée", "total": 450}, kick_drawer=True, process_id=b"12AB"
)


@pytest.mark.parametrize(
    ("told", "condition", "causes"),
    [
        ("12121212", Condition.READY, ()),
        ("1212121e", Condition.ATTENTION, ("paper_low",)),
        ("1a321272", Condition.BLOCKED, ("paper_out",)),
        ("1a161212", Condition.BLOCKED, ("cover_open",)),
        ("1a521a12", Condition.BLOCKED, ("cutter",)),
        ("1a121212", Condition.BLOCKED, ("offline_by_itself",)),
    ],
)
def test_status_bytes_say_what_is_wrong(told, condition, causes):
    """Peripherals 3: answers to DLE EOT 1 to 4."""
    status = decode_status(bytes.fromhex(told))
    assert (status.condition, status.causes) == (condition, causes)


@given(st.lists(st.integers(1, 6), max_size=12))
def test_answers_are_the_same_however_the_line_cuts_them(sizes):
    """Peripherals 1.6: bytes one at a time, two answers in one segment, one answer in several."""
    stream, reader, answers = b"\x12\x72\x37\x222222\x00\x12\x41", AnswerReader(), []
    for size in [*sizes, len(stream)]:
        answers += reader.feed(stream[:size])
        stream = stream[size:]
    assert answers == [StatusByte(0x12), StatusByte(0x72), ProcessId(b"2222"), StatusByte(0x12), Stray(0x41)]


@given(st.lists(st.integers(1, 4000), max_size=30))
def test_a_rendered_job_is_strict_escpos_however_the_line_cuts_it(sizes):
    stream, parser, commands = ASK_STATUS + JOB, Parser(), []
    for size in [*sizes, len(stream)]:
        commands += parser.feed(stream[:size])
        stream = stream[size:]
    assert commands[:5] == [*(AskStatus(n) for n in (1, 2, 3, 4)), Initialise()]
    assert commands[-3:] == [KickDrawer(0, 50), Cut(True, 24), SendProcessId(b"12AB")]
    assert all(isinstance(each, Raster) and each.width_bytes == 72 for each in commands[5:-3])


def test_a_status_question_inside_a_picture_is_picture():
    """Peripherals 3: never inside another command's data."""
    [raster] = Parser().feed(b"\x1dv0\x00\x01\x00\x03\x00" + b"\x10\x04\x01")
    assert raster == Raster(1, 3, b"\x10\x04\x01")


def test_text_is_read_in_the_table_that_was_set():
    commands = Parser().feed(b"\x1b@\x1bt\x10\x80\x9c\n")
    assert commands[1] == Text("€œ", False, 1, 1, 0)


@pytest.mark.parametrize("data", [b"\x1b\xff", b"\x1dv1\x00\x01\x00\x01\x00", b"\x01", b"\x1dV\x09", b"\x1d(k\x00\x00"])
def test_what_is_no_command_is_a_violation(data):
    assert any(isinstance(each, Violation) for each in Parser().feed(data))

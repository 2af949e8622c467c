"""What FGL and ZPL printers answer, and what simulators understand, byte by byte. Answers are ours, from guides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import render
from device_gateway.devices.status import Condition
from device_gateway.devices.transport import TransportError
from device_gateway.printing.drivers import PRINTERS, BadOption
from device_gateway.printing.outcomes import Confirmed, HandedOver, Page, Waits
from device_gateway.printing.zpl import StatusReader, parse
from device_gateway.simulators import fgl_printer, zpl_printer
from device_gateway.simulators.escpos_parser import Parser, Raster

PAGE = Page(render.shipped("ticket_80mm"), {"show": "Le Cid", "barcode": "0123456789ABCDEF" * 9})
WELL = b"\x02030,0,0,1085,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


class Scripted:
    """A line that answers what it is told to, whatever is written; then silence, or its end."""

    def __init__(self, answers, breaks=False):
        self.generation, self._answers, self._breaks = 0, list(answers), breaks
        self.written = b""

    def connect(self):
        self.generation = 1

    def drain(self):
        return b""

    def write(self, data):
        self.written += data

    def read(self, seconds):
        if self._answers:
            return self._answers.pop(0)
        if self._breaks:
            raise TransportError("the device closed the line")
        return b""

    def close(self):
        self.generation = 0


class NeverStops:
    """A till that goes on: waiting takes no time."""

    def is_set(self):
        return False

    def wait(self, _seconds):
        return False


SHORT = Waits(status=0.001, evidence=0.002, misses=2, mm_per_second=1_000_000)
answers = st.lists(
    st.binary(min_size=1, max_size=40) | st.just(WELL) | st.just(b"\x11") | st.just(b'7"AB12\0'), max_size=8
)


def driver(name, line, **options):
    made = PRINTERS[name](line, options)
    made._waits = SHORT
    return made


@given(said=answers, breaks=st.booleans())
def test_whatever_a_printer_says_its_status_comes_and_is_one(said, breaks):
    """No crash, no hang, for each language."""
    for name in PRINTERS:
        status = driver(name, Scripted(said, breaks)).status()
        assert status.condition in Condition


@given(said=answers, breaks=st.booleans())
def test_no_ticket_is_confirmed_without_its_evidence(said, breaks):
    """1.4: whatever else a printer says, only its language's one evidence makes a ticket printed."""
    heard = b"".join(said)
    for name, evidence in (("escpos", b"\x37\x22AB12\x00"), ("fgl", b"\x06"), ("zpl", None)):
        printer = driver(name, Scripted(said, breaks))
        rendered = printer.render(PAGE, "AB12")
        outcome = printer.evidence(rendered, NeverStops(), lambda status: None)
        if evidence is None:
            assert not isinstance(outcome, Confirmed)
            assert not isinstance(outcome, HandedOver) or heard.count(WELL[:20]) >= 2
        else:
            assert not isinstance(outcome, Confirmed) or evidence in heard


@given(st.lists(st.integers(1, 90), max_size=12))
def test_a_host_status_is_the_same_however_the_line_cuts_it(sizes):
    stream, reader, found = b"noise" + WELL + b"\x02half" + WELL, StatusReader(), []
    for size in [*sizes, len(stream)]:
        found += reader.feed(stream[:size])
        stream = stream[size:]
    assert len(found) == 2
    assert all(each.is_idle and not each.causes for each in found)


@pytest.mark.parametrize(
    ("first", "second", "causes"),
    [
        (b"030,1,0,1085,000,0,0,0,000,0,0,0", b"000,0,0,0,0,2,4,0,00000000,1,000", {"paper_out"}),
        (b"030,0,1,1085,000,0,0,0,000,0,0,0", b"000,0,1,0,0,2,4,0,00000000,1,000", {"paused", "cover_open"}),
        (b"030,0,0,1085,000,0,0,0,000,0,0,1", b"000,0,0,1,1,2,4,0,00000000,1,000", {"head_hot", "ribbon_out"}),
        (b"030,0,0,1085,000,0,0,0,000,0,0,0", b"000,0,0,1,0,2,4,0,00000000,1,000", set()),  # no ribbon in use
    ],
)
def test_flags_of_a_host_status_say_what_is_wrong(first, second, causes):
    """2.2."""
    told = parse(first, second, b"1234,0")
    assert told is not None
    assert told.causes == causes


@given(st.binary(max_size=200), st.lists(st.integers(1, 50), max_size=6))
def test_simulators_take_any_bytes(data, sizes):
    """Strict, and never at a loss: the same commands however the bytes are cut."""
    for reader in (fgl_printer.FglReader, zpl_printer.ZplReader, Parser):
        cut, whole, stream, found = reader(), reader(), data, []
        for size in [*sizes, len(data) + 1]:
            found += cut.feed(stream[:size])
            stream = stream[size:]
        assert [type(each) for each in found if not is_words(each)] == [
            type(each) for each in whole.feed(data) if not is_words(each)
        ]


def is_words(command) -> bool:
    """Words are told piece by piece as they come."""
    return "Text" in type(command).__name__ or str(getattr(command, "message", "")).startswith(("words", "<"))


def test_our_tickets_are_strict_to_the_simulators():
    fgl = fgl_printer.FglReader().feed(render.fgl(PAGE.template, PAGE.data))
    assert not [each for each in fgl if isinstance(each, fgl_printer.Violation)]
    [label] = zpl_printer.ZplReader().feed(render.zpl(PAGE.template, PAGE.data))
    page = ~np.array(render.raster(PAGE.template, PAGE.data))
    drawn = np.zeros((page.shape[0], page.shape[1] + 8), bool)
    for picture in label.content:
        rows, columns = picture.ink.shape
        drawn[picture.row : picture.row + rows, picture.column : picture.column + columns] |= picture.ink
    assert (drawn[:, : page.shape[1]] == page).all()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<RC1,2>", None),
        (b"<F3>", "<F3>"),
        (b"hello<p>", "words b'hello'"),
        (b"<" + b"9" * 40, "< without >"),
    ],
)
def test_what_is_no_fgl_picture_is_a_violation(data, message):
    found = [each.message for each in fgl_printer.FglReader().feed(data) if isinstance(each, fgl_printer.Violation)]
    assert found[:1] == ([message] if message else [])


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (b"^XA^FO1,1^GFA,2,2,1,FF00^FS^XZ", None),
        (b"^XA^FO1,1^GFA,2,2,1,:Z64:eJz7DwABAQEA:0000^FS^XZ", "^GF with a wrong checksum"),
        (b"^XA^FO1,1^GFA,9,9,2,FF00^FS^XZ", "^GF of 9 bytes in rows of 2"),
        (b"^XA^QQ^XZ", "^QQ"),
        (b"^FO1,1^XZ", "outside of a label: b'^FO1,1'"),
        (b"^XA^XA^XZ", "^XA inside a label"),
    ],
)
def test_what_is_no_zpl_of_a_ticket_is_a_violation(label, message):
    found = [each.message for each in zpl_printer.ZplReader().feed(label) if isinstance(each, zpl_printer.Violation)]
    assert found[:1] == ([message] if message else [])


def test_a_receipt_printer_of_58_mm_gets_a_receipt_that_goes_on_its_paper():
    """C2: whatever the till's profile says for wider ones."""
    printer = PRINTERS["escpos"](Scripted([]), {"dots": 384, "paper_mm": 58})
    receipt = Page(render.shipped("receipt_80mm"), {"organiser": "Musée", "total": 450})
    commands = Parser().feed(printer.render(receipt, "AB12").data)
    assert {each.width_bytes for each in commands if isinstance(each, Raster)} == {48}
    with pytest.raises(render.InvalidTemplate, match="no shipped ticket goes on paper of 58 mm"):
        printer.render(PAGE, "AB12")


def test_a_printer_that_answers_in_words_is_alive_and_not_out_of_paper():
    """2.1: what <S1> brings is said differently by model; 0A alone would be "out of paper"."""
    assert driver("fgl", Scripted([b"TICKET READY\r\n"])).status().condition is Condition.READY


def test_an_option_that_a_driver_has_not_is_named():
    with pytest.raises(BadOption, match="there is no option dots; there are: dpi, cut, status_request"):
        PRINTERS["fgl"](Scripted([]), {"dots": 384})

"""Every fault of every printer language, on real TCP (peripherals 1.6): paper never twice by itself, never lost.

The drivers are ours and so are the simulators; what comes out is read by zxing-cpp.
"""

import json

import pytest
import zxingcpp
from PIL import Image

from device_gateway import reprints, selling
from device_gateway.printing.outcomes import CannotPrint, Page
from device_gateway.simulators.printer import Fault
from device_gateway.store import jobs
from device_gateway.store.jobs import Role
from kit.clock import now
from kit.testing import eventually

from .conftest import LANGUAGES, Printers

ESCPOS = ("escpos", "escpos without process-ID")
FGL = ("fgl", "fgl that answers no question")
ZPL = ("zpl", "zpl that counts", "zpl, mute in error")
HANDED_OVER = {"escpos without process-ID", "zpl"}  # no printer of these can say that the paper came out


@pytest.fixture
def ticket_printer(world, request):
    """A world whose ticket printer speaks `request.param`; its language, and the printers."""
    made = Printers(world, request.param)
    made.language = request.param
    world.lease(20)
    yield made
    made.stop()


each_language = pytest.mark.parametrize("ticket_printer", LANGUAGES, indirect=True)


def languages_with(*faults: Fault, of=tuple(LANGUAGES)):
    """Each language with each of these faults that its printers can have."""
    cases = [(name, fault) for name in of for fault in faults if fault in LANGUAGES[name][0].faults]
    return pytest.mark.parametrize(("ticket_printer", "fault"), cases, indirect=["ticket_printer"])


def sell(world) -> str:
    """One ticket; its order."""
    request = selling.parse_request(world.request(("full", 1)))
    return selling.sell(world.till, world.seller(), request, world.at)["order_id"]


def job_of(world, order_id):
    return jobs.of_order(world.till.database.read(), order_id)[-1]


def becomes(world, order_id, *states: str) -> str:
    def seen():
        state = job_of(world, order_id).shown_state
        return state if state in states else None

    return eventually(seen, seconds=20)


def printed(language: str) -> str:
    return "handed_over" if language in HANDED_OVER else "confirmed"


def papers(ticket_printer) -> list:
    """Those that came out whole."""
    return [paper for paper in ticket_printer.ticket.tray.newest_first() if paper.complete]


def code_on(ticket_printer, paper) -> str:
    [code] = zxingcpp.read_barcodes(Image.open(ticket_printer.ticket.tray.picture(paper.id)).convert("L"))
    return code.text


def can_print(world) -> bool:
    return world.till.printer_status[Role.TICKET]().can_print


@each_language
def test_tickets_come_out_one_by_one_with_their_own_codes(world, ticket_printer):
    """C1, J3."""
    ticket_printer.start()
    orders = [sell(world) for _ in range(3)]
    for order_id in orders:
        becomes(world, order_id, printed(ticket_printer.language))
    found = papers(ticket_printer)[::-1]
    assert [code_on(ticket_printer, paper) for paper in found] == [
        job_of(world, order_id).data["barcode"] for order_id in orders
    ]
    assert [paper.violations for paper in found] == [(), (), ()]


@languages_with(Fault.PAPER_LOW, Fault.SLOWLY, Fault.TOGETHER)
def test_what_only_warns_or_talks_oddly_prints_as_ever(world, ticket_printer, fault):
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    orders = [sell(world), sell(world)]
    for order_id in orders:
        becomes(world, order_id, printed(ticket_printer.language))
    assert len(papers(ticket_printer)) == 2


@languages_with(
    Fault.OFF, Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.HEAD_HOT, Fault.RIBBON_OUT, Fault.JAM, Fault.CUTTER,
    Fault.SILENT, Fault.LATE, of=(*ESCPOS, "fgl", *ZPL),
)  # fmt: skip
def test_a_printer_that_is_not_ready_gets_nothing_and_prints_once_when_it_is(world, ticket_printer, fault):
    """C1: nothing left for the printer, so it may go by itself."""
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "failed")
    assert ticket_printer.ticket.tray.newest_first() == []
    ticket_printer.ticket.set_fault(Fault.NONE)
    becomes(world, order_id, printed(ticket_printer.language))
    assert len(papers(ticket_printer)) == 1


@languages_with(Fault.PAPER_OUT_MID_JOB, of=(*ESCPOS, *FGL, "zpl", "zpl that counts"))
def test_a_printer_that_holds_a_ticket_is_waited_for_and_not_sent_it_again(world, ticket_printer, fault):
    """1.4: it prints it itself after the reload."""
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "waiting")
    ticket_printer.ticket.set_fault(Fault.NONE)
    becomes(world, order_id, printed(ticket_printer.language))
    assert len(papers(ticket_printer)) == 1


DOUBTS = (
    Fault.JAM_MID_JOB, Fault.CUTTER_MID_JOB, Fault.SILENT_MID_JOB, Fault.DIE_MID_JOB, Fault.POWER_CYCLED,
)  # fmt: skip


@languages_with(*DOUBTS)
def test_what_nobody_can_know_is_asked_and_never_sent_again(world, ticket_printer, fault):
    """1.3. Printers that cannot say what came out may lose a ticket without a word; theirs is told as handed over."""
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "in_doubt")
    ticket_printer.ticket.set_fault(Fault.NONE)
    eventually(lambda: can_print(world))
    second = sell(world)  # the queue goes on
    becomes(world, second, printed(ticket_printer.language), "in_doubt")
    assert job_of(world, order_id).shown_state == "in_doubt"
    codes = [code_on(ticket_printer, paper) for paper in papers(ticket_printer)]
    assert codes.count(job_of(world, order_id).data["barcode"]) <= 1
    again = reprints.resolve(world.till, world.seller(), job_of(world, order_id).job_id, False, now())
    assert again.copy == 1
    assert json.loads(world.journal()[-1].bytes)["kind"] == "reprint"


@pytest.mark.parametrize("ticket_printer", ["zpl, mute in error"], indirect=True)
def test_a_zpl_printer_that_falls_silent_without_paper_leaves_a_doubt(world, ticket_printer):
    """2.2: newer firmware answers nothing while it is out of paper: blocked, or off, nobody knows."""
    ticket_printer.ticket.set_fault(Fault.PAPER_OUT_MID_JOB)
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "in_doubt")
    ticket_printer.ticket.set_fault(Fault.NONE)
    eventually(lambda: len(papers(ticket_printer)) == 1)
    assert job_of(world, order_id).shown_state == "in_doubt"


@languages_with(Fault.LINE_CUT)
def test_a_line_cut_once_the_ticket_is_in_leaves_a_doubt_and_one_paper(world, ticket_printer, fault):
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "in_doubt")
    eventually(lambda: can_print(world))
    eventually(lambda: len(papers(ticket_printer)) == 1)
    second = sell(world)
    becomes(world, second, printed(ticket_printer.language), "in_doubt")
    eventually(lambda: len(papers(ticket_printer)) == 2)


@languages_with(Fault.LATE_MID_JOB)
def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ticket(world, ticket_printer, fault):
    """1.6. At most the next ticket is in doubt too; the one after it is not."""
    ticket_printer.ticket.set_fault(fault)
    ticket_printer.start()
    late = sell(world)
    becomes(world, late, "in_doubt")
    ticket_printer.ticket.set_fault(Fault.SILENT_MID_JOB)
    eventually(lambda: can_print(world))
    lost = sell(world)  # the answer to the first one comes while this one is waited for
    assert becomes(world, lost, "in_doubt", "confirmed", "handed_over") == "in_doubt"
    ticket_printer.ticket.set_fault(Fault.NONE)
    last = [sell(world), sell(world)]
    becomes(world, last[0], printed(ticket_printer.language), "in_doubt")
    assert becomes(world, last[1], printed(ticket_printer.language), "in_doubt") == printed(ticket_printer.language)


@pytest.mark.parametrize("ticket_printer", FGL, indirect=True)
def test_a_ticket_that_an_fgl_printer_cannot_read_is_not_sent_again_by_itself(world, ticket_printer):
    """2.1: 15 or 19 says that nothing will come, and it would not the next time either."""
    ticket_printer.ticket._execute = lambda command, line: ticket_printer.ticket._answer(line, b"\x19")
    ticket_printer.start()
    order_id = sell(world)
    becomes(world, order_id, "failed")
    assert job_of(world, order_id).reason == "refused, illegal_data"
    attempts = job_of(world, order_id).attempt
    eventually(lambda: can_print(world))
    other = sell(world)
    becomes(world, other, "failed")
    assert job_of(world, order_id).attempt == attempts == 1


@pytest.mark.parametrize("ticket_printer", ["fgl", "zpl"], indirect=True)
def test_a_drawer_is_not_opened_through_a_printer_that_has_none(world, ticket_printer):
    with pytest.raises(CannotPrint, match="no drawer"):
        ticket_printer.driver(Role.TICKET).render(Page(None, {}, kick_drawer=True), "0001")

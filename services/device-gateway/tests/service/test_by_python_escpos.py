"""The simulated ESC/POS printer in the hands of python-escpos, a driver that is not ours. zxing-cpp reads the codes."""

import pytest
import zxingcpp
from escpos.printer import Network
from PIL import Image

from device_gateway.simulators.escpos_printer import EscPosSimulator
from device_gateway.simulators.paper import Tray
from device_gateway.simulators.printer import Fault
from kit.testing import eventually

OUT, LOW, ENOUGH = 0, 1, 2  # what python-escpos says of paper


@pytest.fixture
def printer(tmp_path):
    made = EscPosSimulator("receipt", "127.0.0.1", 0, Tray(tmp_path, "receipt"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def theirs(printer):
    made = Network("127.0.0.1", port=printer.port, timeout=5, profile="TM-T88IV")
    made.open()
    yield made
    made.close()


def test_their_words_and_codes_come_out_without_a_violation(printer, theirs):
    theirs.set(align="center", bold=True, double_width=True, double_height=True)
    theirs.text("MUSÉE\n")
    theirs.set(align="left", bold=False, normal_textsize=True)
    theirs.text("Entrée 12,50 €\n")
    theirs.qr("K7F2-9QXM", native=False, size=6)
    theirs.cut()
    [paper] = eventually(printer.tray.newest_first)
    assert (paper.complete, paper.violations) == (True, ())
    [code] = zxingcpp.read_barcodes(Image.open(printer.tray.picture(paper.id)).convert("L"))
    assert code.text == "K7F2-9QXM"


def test_their_drawer_opens(printer, theirs):
    theirs.cashdraw(2)
    [kick] = eventually(lambda: printer.kicks)
    assert kick.pin == 0


@pytest.mark.parametrize(
    ("fault", "paper", "online"),
    [(Fault.NONE, ENOUGH, True), (Fault.PAPER_LOW, LOW, True), (Fault.PAPER_OUT, OUT, False),
     (Fault.COVER_OPEN, ENOUGH, False), (Fault.CUTTER, ENOUGH, False)],
)  # fmt: skip
def test_they_see_a_fault_as_our_driver_does(printer, theirs, fault, paper, online):
    printer.set_fault(fault)
    assert (theirs.paper_status(), theirs.is_online()) == (paper, online)

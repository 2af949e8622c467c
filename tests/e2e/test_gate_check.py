"""A gate that has no network, and a till that it has never heard of (D5, D6; domain 5.7, last)."""

import base64
import io
import json
import subprocess
import sys

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from kit.clock import now
from kit.testing import eventually
from suite.audit import services_of
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from titles import Colour, Kind, Reason, load_public, read, read_certificate
from titles.door import Rules
from titles.gate_check import State, open_door

from .conftest import screenshot
from .test_first_sale import count_clicks, sell, sign_in
from .test_programming import sign_in as office_sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture
def gate(running_suite, tmp_path):
    """Runs gate-check on a door that was given its file before any till was enrolled."""
    pack = services_of(running_suite.machine).orders.GetGatePack(orders_pb.GetGatePackRequest())
    root = load_public(pack.root_public_key)
    central = [data for data in pack.certificates if read_certificate(data, root).kind is Kind.CENTRAL]
    plain = {
        "root_public_key": base64.b64encode(pack.root_public_key).decode(),
        "certificates": [base64.b64encode(data).decode() for data in central],
        "revocations": [base64.b64encode(pack.revocations).decode()],
    }
    (tmp_path / "pack.json").write_text(json.dumps(plain))

    def run(*arguments, lines=()):
        command = [sys.executable, "-m", "titles.gate_check", "--state", str(tmp_path / "door"), *arguments]
        done = subprocess.run(command, input="\n".join(lines), text=True, capture_output=True, timeout=30, check=False)
        return done.stdout.splitlines()

    run("load", str(tmp_path / "pack.json"))
    return run


def test_a_gate_learns_a_till_from_the_code_on_its_screen_and_lets_its_ticket_in(page, running_suite, gate, tmp_path):
    before = running_suite.paper_ids("ticket")
    sign_in(page, running_suite)
    count_clicks(page)
    sell(page, "Musée", "Plein tarif")
    paper = eventually(
        lambda: next((p for p in running_suite.papers("ticket") if p["id"] not in before), None), seconds=30
    )
    symbols = zxingcpp.read_barcodes(Image.open(io.BytesIO(running_suite.paper(paper))))
    (ticket,) = [found.text for found in symbols if len(found.text) == 154]
    assert "UNKNOWN_ISSUER" in gate("scan", "--json", lines=[ticket])[0]

    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Certificat").click()
    code = page.get_by_role("img", name="Code QR du certificat")
    expect(code).to_be_visible()
    screenshot(page, "till-certificate")
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "till-certificate-narrow")
    (certificate,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    assert "learnt" in gate("scan", lines=[certificate.text])[0]

    door = open_door(State(tmp_path / "door"), Rules(), "A")
    opening = max(now(), read(ticket).token.valid_from)  # the next visit may begin later than now
    verdict = door.judge(ticket, opening)
    assert (verdict.colour, verdict.reason) == (Colour.GREEN, Reason.GENUINE)
    door.admit(verdict, opening)
    again = door.judge(ticket, opening)
    assert (again.colour, again.reason) == (Colour.RED, Reason.ALREADY_USED)


def test_the_back_office_tells_how_a_gate_gets_its_file(page, running_suite):
    office_sign_in(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/orders/gates")
    expect(page.get_by_role("link", name="Télécharger le fichier de la porte")).to_be_visible()
    screenshot(page, "gates")
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "gates-narrow")

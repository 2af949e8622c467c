"""The panel of the simulated printers."""

import socket

import pytest

from device_gateway.simulators import paper
from device_gateway.simulators.escpos_printer import EscPosSimulator
from device_gateway.simulators.panel import create_panel
from device_gateway.simulators.paper import Tray
from kit.testing import eventually


@pytest.fixture
def printer(tmp_path):
    made = EscPosSimulator("ticket", "127.0.0.1", 0, Tray(tmp_path, "ticket"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def panel(printer):
    return create_panel({"ticket": printer}).test_client()


def send(printer, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", printer.port)) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        while line.recv(100):
            pass


def test_papers_are_shown_newest_first_with_what_was_wrong(printer, panel):
    send(printer, b"\x1b@first\n\x1dV\x00")
    send(printer, b"\x1b@second\n\x01\x1dV\x00")
    papers = eventually(lambda: len(found := panel.get("/api/papers?printer=ticket").json["papers"]) == 2 and found)
    assert [paper["id"] for paper in papers] == ["ticket-000002", "ticket-000001"]
    assert (papers[0]["violations"], papers[1]["violations"]) == (["control character 01"], [])
    assert panel.get(papers[0]["url"]).data.startswith(b"\x89PNG")
    assert panel.get("/api/papers?printer=other").status_code == 404
    assert panel.get("/papers/ticket-000009.png").status_code == 404


def test_only_the_last_papers_are_kept_also_after_a_restart(printer, tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "KEPT", 3)
    for number in range(5):
        send(printer, b"\x1b@%d\n\x1dV\x00" % number)
    eventually(lambda: [each.id[-1] for each in printer.tray.newest_first()] == ["5", "4", "3"])
    assert [each.id[-1] for each in Tray(tmp_path, "ticket").newest_first()] == ["5", "4", "3"]
    assert len(list((tmp_path / "ticket").iterdir())) == 6


def test_faults_are_set_from_the_panel_only(printer, panel):
    fault = "/api/devices/ticket/fault"
    assert panel.post(fault, json={"fault": "paper_out"}).json["fault"] == "paper_out"
    assert panel.get("/api/devices").json["devices"][0]["fault"] == "paper_out"
    assert panel.post(fault, json={"fault": "fire"}).status_code == 400
    assert panel.post("/api/devices/other/fault", json={"fault": "off"}).status_code == 404
    assert panel.post("/api/devices/ticket/act", json={"action": "dance"}).status_code == 400
    foreign = panel.post(fault, json={"fault": "off"}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403


def test_the_panel_is_served_with_its_script_and_style(panel):
    for path in ("/", "/panel.js", "/panel.css", "/readyz"):
        assert panel.get(path).status_code == 200

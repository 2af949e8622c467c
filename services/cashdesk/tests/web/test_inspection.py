"""What an inspector sees in the back office, and takes away (LAW-6, LAW-7)."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

import ledger
from cashdesk import domain
from ledger import Period
from ledger.verify.checking import verify_file
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import ROOT, Core, TillJournal, new_id, sale
from ..service.test_archives import ClosingTill
from ..service.test_record import record, web_sale
from .test_pages import client_for

ROOT_KEY = ledger.centre_public_bytes(ROOT)


@pytest.fixture
def manager(core: Core) -> FlaskClient:
    return client_for(core, "cashdesk.view", "cashdesk.close")


def test_the_page_of_a_till_says_in_plain_words_that_nothing_is_missing(
    core: Core, manager: FlaskClient, till: TillJournal
) -> None:
    core.append(till, till.sales(4))
    core.append(till, till.sales(3))
    page = manager.get(f"/cashdesk/inspection/{till.id}").text
    for told in (
        "Complet", "va de l’écriture 1 à l’écriture 7", "aucun n’a été sauté", "couvrent tout le journal sans trou",
        ROOT_KEY.hex(),
    ):  # fmt: skip
        assert told in page


def test_what_no_receipt_covers_is_said(core: Core, manager: FlaskClient, till: TillJournal) -> None:
    core.append(till, till.sales(2))
    with core.sessions.begin() as session:
        session.execute(text("UPDATE tills SET last_sequence = 5 WHERE till_id = :id"), {"id": till.id})
    page = manager.get(f"/cashdesk/inspection/{till.id}").text
    for told in ("À examiner", "Les écritures 3 à 5 ne sont pas là", "Aucun accusé ne couvre les écritures 3 à 5"):
        assert told in page


def test_a_live_export_holds_for_ledger_verify(
    core: Core, manager: FlaskClient, till: TillJournal, tmp_path: Path
) -> None:
    core.append(till, till.sales(5))
    answer = manager.get(f"/cashdesk/inspection/{till.id}/journal.jsonl")
    file = tmp_path / "export.jsonl"
    file.write_bytes(answer.data)
    report = verify_file(file, ROOT_KEY, ledger.public_bytes(till.key))
    assert (report.remarks, report.notes, report.entries, report.countersigned) == ([], [], 5, 5)
    core.append(till, till.sales(1))
    file.write_bytes(answer.data.replace(b"Plein tarif", b"Demi tarif", 1))
    assert verify_file(file, ROOT_KEY).remarks[0].sequence == 1


def test_the_export_of_a_virtual_till_is_countersigned_too(core: Core, manager: FlaskClient, tmp_path: Path) -> None:
    record(core, web_sale())
    file = tmp_path / "export.jsonl"
    file.write_bytes(manager.get(f"/cashdesk/inspection/{domain.virtual_till_id('web')}/journal.jsonl").data)
    report = verify_file(file, ROOT_KEY)
    assert (report.remarks, report.notes) == ([], [])


def test_a_manager_archives_what_is_closed_and_takes_it_away(core: Core, manager: FlaskClient, tmp_path: Path) -> None:
    till = ClosingTill(core)
    till.month("2026-11")
    assert "Archiver ce qui est clos" in manager.get("/cashdesk/inspection").text
    manager.post("/cashdesk/inspection/archives", data={"csrf_token": csrf(manager)})
    page = manager.get(f"/cashdesk/inspection/{till.id}").text
    assert "Télécharger" in page
    file = tmp_path / "archive.zip"
    answer = manager.get(f"/cashdesk/inspection/{till.id}/archives/{till.till.head.sequence}")
    file.write_bytes(answer.data)
    assert verify_file(file, ROOT_KEY).remarks == []
    assert "2026-11.zip" in answer.headers["Content-Disposition"]
    assert manager.get(f"/cashdesk/inspection/{till.id}/archives/1").status_code == 404


def test_who_only_looks_makes_no_archive(core: Core) -> None:
    till = ClosingTill(core)
    till.month("2026-11")
    looking = client_for(core, "cashdesk.view")
    assert "Archiver ce qui est clos" not in looking.get("/cashdesk/inspection").text
    assert looking.post("/cashdesk/inspection/archives", data={"csrf_token": csrf(looking)}).status_code == 403
    assert core.count("archives", f"till_id = '{till.id}'") == 0


def test_who_may_not_see_the_money_is_shown_nothing(core: Core, till: TillJournal) -> None:
    stranger = client_for(core, "orders.view")
    for path in ("inspection", f"inspection/{till.id}", f"inspection/{till.id}/journal.jsonl"):
        assert stranger.get(f"/cashdesk/{path}").status_code == 403
    assert client_for(core, "cashdesk.view").get(f"/cashdesk/inspection/{new_id()}").status_code == 404


def test_a_training_chain_is_exported_as_such(
    core: Core, manager: FlaskClient, till: TillJournal, tmp_path: Path
) -> None:
    """LAW-1: training is kept, told apart, and verified like the rest."""
    practice = TillJournal()
    key = ledger.public_bytes(practice.key).hex()
    practice.id = ledger.training_till_id(till.id, key)
    practice.head = ledger.Head.start(practice.id)
    change = ledger.TrainingChange(True, practice.id, "E-T98", key, None)
    core.append(till, [till.write(change.to_body(), "training")])
    sold = sale()
    totals = ledger.Totals()
    first = practice.write(sold)
    totals.add(1, ledger.Kind.SALE, sold.to_body(), first.hash)
    closing = totals.close(Period.DAY, "2026-11-23", 1)
    assert closing
    core.as_till(till).AppendEntries(
        pb.AppendEntriesRequest(till_id=practice.id, entries=[first, practice.write(closing.to_body(), "closing")])
    )
    file = tmp_path / "export.jsonl"
    file.write_bytes(manager.get(f"/cashdesk/inspection/{practice.id}/journal.jsonl").data)
    report = verify_file(file, ROOT_KEY)
    assert (report.remarks, report.is_training, report.closings) == ([], True, 1)
    assert practice.id not in manager.get("/cashdesk/inspection").text


def csrf(client: FlaskClient) -> str:
    """The token of a form that any page shows."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/cashdesk/inspection").text)
    return found[1] if found else ""

"""Templates and rendering through a real gRPC server on a real database."""

import io
import json
import threading
import uuid
from threading import Barrier, Thread

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import render
from documents.main import keep_installing
from documents.usecases import install_shipped
from kit.clock import now
from kit.database import engine_for, migrate, sessions_for
from kit.errors import DomainError
from ticketing.documents.v1 import documents_service_pb2 as pb

pytestmark = pytest.mark.service

TICKET = json.dumps({
    "organiser": "Théâtre du Port", "show": "Le Cid", "performance_starts_at": "2026-12-05T20:30:00+01:00",
    "category": "1re", "tariff": "Plein tarif", "price": 2500, "ticket_number": "1-000042", "till": "T01",
    "sold_at": "2026-11-23T18:00:00+01:00", "barcode": "0" * 154,
})  # fmt: skip


def a_template(code=None, **changes) -> str:
    template = render.shipped("ticket_80mm").to_json()
    return json.dumps(template | {"code": code or f"t{uuid.uuid4().hex[:8]}"} | changes)


def save(door, content, request_id=None) -> pb.Template:
    request = pb.SaveTemplateRequest(request_id=request_id or str(uuid.uuid4()), content=content)
    return door.editor.SaveTemplate(request).template


def refusal(call, *arguments) -> DomainError:
    with pytest.raises(DomainError) as refused:
        call(*arguments)
    return refused.value


def test_the_shipped_templates_are_version_1_and_are_installed_once(door, sessions):
    assert install_shipped(sessions, now()) == []
    listed = door.editor.ListTemplates(pb.ListTemplatesRequest()).templates
    shipped = {template.code: template for template in listed if template.code in render.SHIPPED}
    assert set(shipped) == set(render.SHIPPED)
    assert {template.version for template in shipped.values()} == {1}
    assert not any(template.missing_mentions for template in shipped.values())
    loaded = render.load(json.loads(shipped["ticket_80mm"].content))
    assert loaded == render.shipped("ticket_80mm")


def test_two_first_starts_install_each_template_once(database):
    url = database("documents")
    migrate(url.owner_url, "documents.migrations")
    sessions, added, barrier = sessions_for(engine_for(str(url))), [], Barrier(2)

    def start():
        barrier.wait()
        added.extend(install_shipped(sessions, now()))

    threads = [Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == sorted(render.SHIPPED)


def test_a_core_that_starts_without_database_goes_on_trying_until_it_stops():
    stop = threading.Event()
    stop.set()
    keep_installing(sessions_for(engine_for("postgresql+psycopg://x:x@127.0.0.1:9/x")), stop)


def test_saving_keeps_a_new_version_and_the_earlier_ones(door):
    content = a_template("billet", name="Premier")
    assert save(door, content).version == 1
    second = save(door, a_template("billet", name="Second"))
    assert (second.version, second.name, second.kind, second.saved_by) == (2, "Second", "ticket", "Zoé")
    assert door.editor.GetTemplate(pb.GetTemplateRequest(code="billet")).template.name == "Second"
    first = door.editor.GetTemplate(pb.GetTemplateRequest(code="billet", version=1)).template
    assert (first.name, first.content) == ("Premier", content)


def test_no_version_can_be_changed_or_removed(door, sessions):
    code = save(door, a_template()).code
    for statement in ("UPDATE templates SET name = 'x' WHERE code = :code", "DELETE FROM templates WHERE code = :code"):
        with pytest.raises(DBAPIError, match="never changed"), sessions.begin() as session:
            session.execute(text(statement), {"code": code})


def test_a_repeated_request_keeps_one_version(door):
    content, request_id = a_template(), str(uuid.uuid4())
    first = save(door, content, request_id)
    assert save(door, content, request_id) == first
    reused = pb.SaveTemplateRequest(request_id=request_id, content=a_template())
    assert refusal(door.editor.SaveTemplate, reused).reason == "REQUEST_REUSED"


def test_people_who_save_at_the_same_moment_each_get_a_version(door):
    code, versions, barrier = f"t{uuid.uuid4().hex[:8]}", [], Barrier(6)

    def work(number):
        barrier.wait()
        versions.append(save(door, a_template(code, name=f"Numéro {number}")).version)

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("", "template"),
        ("[1]", "template"),
        ("{", "template"),
        ("[" * 100_000, "template"),
        ("{}", "template"),
        (a_template(language="de"), "language"),
        (a_template(name="a\u0000b"), "name"),
        (a_template(elements=[{"type": "text", "x": 1, "y": 1, "w": 10, "h": 4, "size_pt": 9, "content": "{king}"}]),
         "elements[0].content"),
        (a_template(page={"width_mm": float("nan"), "height_mm": 100}), "page.width_mm"),
        (a_template(name="x") + " " * 200_000, "template"),
    ],
)  # fmt: skip
def test_a_faulty_template_is_refused_and_the_place_is_named(door, content, field):
    request = pb.SaveTemplateRequest(request_id=str(uuid.uuid4()), content=content)
    refused = refusal(door.editor.SaveTemplate, request)
    assert (refused.reason, refused.facts["field"]) == ("TEMPLATE_INVALID", field)
    assert refused.facts["why"]


def test_a_ticket_without_a_mention_of_the_law_is_refused(door):
    """LAW-11, P9"""
    template = json.loads(a_template())
    template["elements"] = [e for e in template["elements"] if "{price" not in e.get("content", "")]
    request = pb.SaveTemplateRequest(request_id=str(uuid.uuid4()), content=json.dumps(template))
    refused = refusal(door.editor.SaveTemplate, request)
    assert refused.reason == "LEGAL_MENTION_MISSING"
    assert "PRICE_MISSING" in refused.facts["mentions"].split(",")


def test_a_code_keeps_its_kind(door):
    content = render.shipped("receipt_80mm").to_json() | {"code": "ticket_80mm"}
    refused = refusal(save, door, json.dumps(content))
    assert (refused.reason, refused.facts["field"]) == ("TEMPLATE_INVALID", "kind")


def test_a_till_fetches_the_templates_only_when_one_has_changed(door):
    till = door.who_may("documents.view")
    known = till.ListTemplates(pb.ListTemplatesRequest())
    again = till.ListTemplates(pb.ListTemplatesRequest(known_version=known.version))
    assert again.unchanged
    assert not again.templates
    saved = save(door, a_template())
    changed = till.ListTemplates(pb.ListTemplatesRequest(known_version=known.version))
    assert changed.version != known.version
    assert saved in changed.templates


def test_rights_are_asked_for_at_each_call(door):
    """M2"""
    viewer, nobody = door.who_may("documents.view"), door.who_may("orders.sell")
    assert refusal(viewer.SaveTemplate, pb.SaveTemplateRequest()).reason == "FORBIDDEN"
    calls = {
        "ListTemplates": pb.ListTemplatesRequest(), "GetTemplate": pb.GetTemplateRequest(),
        "RenderDocument": pb.RenderDocumentRequest(format=pb.FORMAT_PDF),
    }  # fmt: skip
    for method, request in calls.items():
        assert refusal(getattr(nobody, method), request).reason == "FORBIDDEN", method
        assert refusal(getattr(door.anybody, method), request).reason == "UNAUTHENTICATED", method


def rendered(door, as_format, data, code="ticket_80mm", version=0) -> pb.RenderDocumentResponse:
    request = pb.RenderDocumentRequest(code=code, version=version, data=data, format=as_format)
    return door.who_may("documents.view").RenderDocument(request)


def test_a_batch_is_one_pdf_with_a_page_for_each(door):
    """P1"""
    answer = rendered(door, pb.FORMAT_PDF, [TICKET] * 500)
    assert answer.media_type == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 500
    assert "Le Cid" in document[0].get_textpage().get_text_range()
    document.close()


def test_a_preview_is_a_png_and_a_printer_job_is_escpos(door):
    png = rendered(door, pb.FORMAT_PNG, [TICKET])
    assert png.media_type == "image/png"
    assert Image.open(io.BytesIO(png.content)).width > 300
    job = rendered(door, pb.FORMAT_ESCPOS, [TICKET])
    assert job.content.startswith(b"\x1b@")


def test_an_earlier_version_is_still_drawn_as_it_was(door):
    code = save(door, a_template()).code
    before = rendered(door, pb.FORMAT_PDF, [TICKET], code, 1).content
    template = json.loads(a_template(code))
    template["elements"].append({"type": "text", "x": 1, "y": 1, "w": 70, "h": 4, "size_pt": 9, "content": "Nouveau"})
    save(door, json.dumps(template))
    assert rendered(door, pb.FORMAT_PDF, [TICKET], code, 1).content == before
    assert rendered(door, pb.FORMAT_PDF, [TICKET], code).content != before


@pytest.mark.parametrize(
    ("as_format", "data", "reason", "field"),
    [
        (pb.FORMAT_PDF, [], "FIELD_INVALID", "data"),
        (pb.FORMAT_PDF, [TICKET] * 501, "FIELD_INVALID", "data"),
        (pb.FORMAT_PNG, [TICKET] * 2, "FIELD_INVALID", "data"),
        (pb.FORMAT_UNSPECIFIED, [TICKET], "FIELD_INVALID", "format"),
        (pb.FORMAT_PDF, ["nonsense"], "DATA_INVALID", "data[0]"),
        (pb.FORMAT_PDF, ["[" * 50_000], "DATA_INVALID", "data[0]"),
        (pb.FORMAT_PDF, [TICKET, '{"price": 1.5}'], "DATA_INVALID", "data[1].price"),
        (pb.FORMAT_PNG, ['{"king": "x"}'], "DATA_INVALID", "data[0].king"),
        (pb.FORMAT_PDF, ['{"show": "' + "x" * 64_000 + '"}'], "DATA_INVALID", "data[0]"),
    ],
)
def test_faulty_data_is_refused_and_named(door, as_format, data, reason, field):
    refused = refusal(rendered, door, as_format, data)
    assert (refused.reason, refused.facts["field"]) == (reason, field)


def test_an_unknown_template_is_not_found(door):
    assert refusal(rendered, door, pb.FORMAT_PDF, [TICKET], "king").reason == "TEMPLATE_NOT_FOUND"
    assert refusal(rendered, door, pb.FORMAT_PDF, [TICKET], "ticket_80mm", 99).reason == "TEMPLATE_NOT_FOUND"
    assert refusal(rendered, door, pb.FORMAT_PDF, [TICKET], "a\0b").reason == "FIELD_INVALID"

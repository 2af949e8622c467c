"""The pages in a Flask client, against a real core."""

import io
import json
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import documents.web
import render
from documents.domain import Version
from documents.web import front
from documents.web.samples import SAMPLES
from documents.web.words import MENTIONS
from kit.clock import now
from kit.tokens import KeyRing
from kit.web import WebConfig, create_app
from kit.web.i18n import OWN, load_po
from render.checker import MENTIONS as KNOWN_MENTIONS

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def app(door, public_keys):
    ring = KeyRing(lambda: public_keys)
    config = WebConfig(secret_key="w" * 40, targets={"documents": door.target})
    return create_app([front], config, verify=lambda bearer: ring.verify(bearer, now()))


@pytest.fixture
def reader(app, token):
    """Makes clients that may do these things."""

    def make(*rights):
        client = app.test_client()
        client.set_cookie("tk_session", token(*rights))
        return client

    return make


@pytest.fixture
def editor(reader):
    return reader("documents.view", "documents.edit")


def upload(client, content: bytes):
    page = client.get("/documents/templates/new").text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return client.post("/documents/templates/new", data=hidden | {"file": (io.BytesIO(content), "t.json")})


def ticket(**changes) -> dict:
    return render.shipped("ticket_80mm").to_json() | changes


def test_each_template_is_shown_with_a_preview_of_what_prints(editor):
    """P8"""
    page = editor.get("/documents/templates")
    assert page.status_code == 200
    for code in render.SHIPPED:
        url = f"/documents/templates/{code}/1/preview.png"
        assert url in page.text
        drawn = editor.get(url)
        assert drawn.data.startswith(b"\x89PNG")
        assert drawn.headers["Cache-Control"].startswith("private")
    assert editor.get("/documents/templates/ticket_80mm/1/preview.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize("code", render.SHIPPED)
def test_the_sample_data_fill_the_shipped_templates(code):
    template = render.shipped(code)
    assert render.pdf(template, SAMPLES[template.kind])


def test_a_new_version_is_used_at_once_and_the_history_keeps_the_others(editor):
    assert upload(editor, json.dumps(ticket(code="essai", name="Essai un")).encode()).status_code == 302
    answer = upload(editor, b"\xef\xbb\xbf" + json.dumps(ticket(code="essai", name="Essai deux")).encode())
    assert answer.location == "/documents/templates/essai"
    page = editor.get("/documents/templates/essai").text
    assert "La version 2 de Essai deux est maintenant en service." in page
    assert "Essai un" in page
    earlier = editor.get("/documents/templates/essai?version=1").text
    assert "version précédente" in earlier
    downloaded = editor.get("/documents/templates/essai/1/template.json")
    assert json.loads(downloaded.data)["name"] == "Essai un"
    assert "attachment" in downloaded.headers["Content-Disposition"]
    assert editor.get("/documents/templates/essai?version=9").status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choisissez d’abord un fichier."),
        (b"\xff\xfe", "n’est pas un modèle"),
        (b"x" * 200_001, "dépasse 200 ko"),
        (b"{", "is not JSON"),
        (json.dumps(ticket(code="essai2", language="de")).encode(), "language"),
    ],
)
def test_a_file_that_is_no_template_is_refused_with_the_place_named(editor, content, words):
    answer = upload(editor, content)
    assert answer.status_code == 400
    assert words in answer.text


def test_missing_mentions_are_named_in_words(editor):
    """LAW-11, P9"""
    template = ticket(code="essai3")
    template["elements"] = [e for e in template["elements"] if "{price" not in e.get("content", "")]
    answer = upload(editor, json.dumps(template).encode())
    assert answer.status_code == 400
    assert "le prix payé, ou la mention de la gratuité" in answer.text
    assert "Rien n’a été enregistré." in answer.text


def test_a_kept_template_that_the_law_has_outgrown_is_shown_with_a_warning(editor, sessions):
    """LAW-11: kept before the rule grew, it still prints."""
    from documents import store

    template = ticket(code="ancien", name="Ancien")
    template["elements"] = [e for e in template["elements"] if "{price" not in e.get("content", "")]
    with sessions.begin() as session:
        store.add(session, Version("ancien", 1, "Ancien", "ticket", json.dumps(template), now(), "x"))
    assert "des mentions légales manquent" in editor.get("/documents/templates").text
    page = editor.get("/documents/templates/ancien").text
    assert "le prix payé, ou la mention de la gratuité" in page
    assert "le nom de l’exploitant" not in page


def test_pages_are_refused_to_who_lacks_the_right(app, reader):
    """M2"""
    assert reader("orders.sell").get("/documents/templates").status_code == 403
    viewer = reader("documents.view")
    assert viewer.get("/documents/templates/new").status_code == 403
    assert "Nouvelle version" not in viewer.get("/documents/templates").text
    assert app.test_client().get("/documents/templates").status_code == 302
    assert viewer.get("/documents/templates/king").status_code == 404


def test_every_mention_of_the_checker_has_its_words():
    assert set(MENTIONS) == set(KNOWN_MENTIONS)


def test_every_sentence_of_the_pages_has_its_french():
    folder = Path(documents.web.__file__).parent
    known = {**load_po(OWN / "fr.po")._catalog, **load_po(front.translations / "fr.po")._catalog}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None}
    asked = {found[2] for found in extract_from_dir(str(folder), methods, {}, keywords)}
    assert len(asked) > 30
    assert sorted(asked - set(known)) == []

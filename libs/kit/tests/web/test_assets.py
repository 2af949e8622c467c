"""Pages find the built files by the manifest, and load only what they ask for."""

import json
import os

import pytest
from flask import Flask, render_template_string

from kit.web import assets

PAGE = "{{ asset_js()|join }} {{ asset_css()|join }} {{ asset_js(SEAT_MAP)|join }} {{ asset_js('unknown.ts')|join }}|"


@pytest.fixture
def manifest(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "DIST", tmp_path)
    (tmp_path / ".vite").mkdir()
    return tmp_path / ".vite" / "manifest.json"


@pytest.fixture
def show(manifest):
    app = Flask(__name__)
    assets.init_assets(app)

    def show() -> str:
        with app.test_request_context():
            return render_template_string(PAGE)

    return show


def built(manifest, mark: str) -> None:
    entries = {
        assets.ENTRY: {"file": f"assets/main-{mark}.js", "css": [f"assets/main-{mark}.css"]},
        assets.SEAT_MAP: {"file": f"assets/map-{mark}.js"},
    }
    manifest.write_text(json.dumps(entries))
    os.utime(manifest, ns=(len(mark), len(mark)))


def test_a_page_gets_its_own_entry_beside_everybodys(manifest, show):
    built(manifest, "a")
    assert show() == "/static/dist/assets/main-a.js /static/dist/assets/main-a.css /static/dist/assets/map-a.js |"


def test_a_new_build_is_found_without_a_restart(manifest, show):
    built(manifest, "a")
    show()
    built(manifest, "bb")
    assert "map-bb.js" in show()


def test_a_page_without_a_build_still_shows(show):
    assert show().strip(" |") == ""

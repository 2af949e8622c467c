"""The built styles and scripts of the back office, by Vite's manifest."""

import json
from pathlib import Path
from typing import Any

from flask import Flask, url_for

from kit import telemetry

DIST = Path(__file__).parent / "static" / "dist"
ENTRY = "src/backoffice/main.ts"  # every page's
SEAT_MAP = "src/seatmap/element.svelte.ts"  # defines <tk-seat-map>; for pages that show a plan
PLAN_EDITOR = "src/planeditor/main.ts"  # the page that edits one

TILL_EDITOR = "src/tilleditor/main.ts"  # the page that sets up tills
TILL_PREVIEW = "src/tilleditor/preview.ts"  # the till's own screen in its frame


class _Built:
    """The entries' files, read again when the front end was built anew."""

    def __init__(self, manifest: Path) -> None:
        self._manifest = manifest
        self._read_at = -1
        self._entries: dict[str, Any] = {}

    def files(self, entry: str) -> tuple[list[str], list[str]]:
        """(scripts, styles) of an entry; empty when the front end is not built."""
        try:
            changed_at = self._manifest.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._entries, self._read_at = json.loads(self._manifest.read_text("utf-8")), changed_at
        except (FileNotFoundError, ValueError):
            pass  # not built, or being built at this moment
        found = self._entries.get(entry)
        return ([found["file"]], list(found.get("css", []))) if found else ([], [])


def init_assets(app: Flask) -> None:
    """Give templates `asset_css(entry)`, `asset_js(entry)`: URLs of the hashed files; and the entries by name."""
    built = _Built(DIST / ".vite" / "manifest.json")
    if not built.files(ENTRY)[0]:
        telemetry.log().warning("front_end_not_built", looked_for=str(DIST), cure="npm run build in web/")

    def urls(files: list[str]) -> list[str]:
        return [url_for("static", filename=f"dist/{file}") for file in files]

    def asset_js(entry: str = ENTRY) -> list[str]:
        return urls(built.files(entry)[0])

    def asset_css(entry: str = ENTRY) -> list[str]:
        return urls(built.files(entry)[1])

    app.jinja_env.globals.update(
        asset_js=asset_js, asset_css=asset_css, SEAT_MAP=SEAT_MAP, PLAN_EDITOR=PLAN_EDITOR, TILL_EDITOR=TILL_EDITOR,
        TILL_PREVIEW=TILL_PREVIEW,
    )  # fmt: skip

"""The built style and script of the back office, by Vite's manifest."""

import json
from pathlib import Path

from flask import Flask, url_for

from kit import telemetry

DIST = Path(__file__).parent / "static" / "dist"
ENTRY = "src/backoffice/main.ts"


def init_assets(app: Flask) -> None:
    """Give templates `asset_css` and `asset_js`: URLs of the hashed files; empty when the front end is not built."""
    manifest = DIST / ".vite" / "manifest.json"
    scripts: list[str] = []
    styles: list[str] = []
    if manifest.exists():
        entry = json.loads(manifest.read_text("utf-8"))[ENTRY]
        scripts, styles = [entry["file"]], list(entry.get("css", []))
    else:
        telemetry.log().warning("front_end_not_built", looked_for=str(manifest), cure="npm run build in web/")

    def urls(files: list[str]) -> list[str]:
        return [url_for("static", filename=f"dist/{file}") for file in files]

    app.jinja_env.globals.update(asset_css=lambda: urls(styles), asset_js=lambda: urls(scripts))

"""The built style and script of the back office, by Vite's manifest."""

import json
from pathlib import Path

from flask import Flask, url_for

from kit import telemetry

DIST = Path(__file__).parent / "static" / "dist"
ENTRY = "src/backoffice/main.ts"


class _Built:
    """The entry's files, read again when the front end was built anew."""

    def __init__(self, manifest: Path) -> None:
        self._manifest = manifest
        self._read_at = -1
        self._files: tuple[list[str], list[str]] = ([], [])

    def files(self) -> tuple[list[str], list[str]]:
        """(scripts, styles); empty when the front end is not built."""
        try:
            changed_at = self._manifest.stat().st_mtime_ns
            if changed_at != self._read_at:
                entry = json.loads(self._manifest.read_text("utf-8"))[ENTRY]
                self._files, self._read_at = ([entry["file"]], list(entry.get("css", []))), changed_at
        except (FileNotFoundError, ValueError):
            return self._files  # not built, or being built at this moment
        return self._files


def init_assets(app: Flask) -> None:
    """Give templates `asset_css` and `asset_js`: URLs of the hashed files."""
    built = _Built(DIST / ".vite" / "manifest.json")
    if not built.files()[0]:
        telemetry.log().warning("front_end_not_built", looked_for=str(DIST), cure="npm run build in web/")

    def urls(files: list[str]) -> list[str]:
        return [url_for("static", filename=f"dist/{file}") for file in files]

    app.jinja_env.globals.update(asset_js=lambda: urls(built.files()[0]), asset_css=lambda: urls(built.files()[1]))

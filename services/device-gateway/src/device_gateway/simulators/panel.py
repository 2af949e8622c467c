"""The panel: papers as pictures, newest first, and switches for faults. JSON behind it for tests."""

import signal
from collections.abc import Mapping
from importlib import resources
from types import FrameType
from urllib.parse import urlsplit

import waitress
from flask import Flask, Response, abort, jsonify, request, send_file

from device_gateway.config import SimulatorsConfig
from device_gateway.simulators.paper import Tray
from device_gateway.simulators.printer import Fault, SimulatedPrinter

MOST_PAPERS = 200


def create_panel(printers: Mapping[str, SimulatedPrinter]) -> Flask:
    """The panel's app over running printers, by name."""
    app = Flask("simulators", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024

    @app.get("/")
    def page() -> Response:
        return Response(_asset("panel.html"), mimetype="text/html")

    @app.get("/panel.js")
    def script() -> Response:
        return Response(_asset("panel.js"), mimetype="text/javascript")

    @app.get("/panel.css")
    def style() -> Response:
        return Response(_asset("panel.css"), mimetype="text/css")

    @app.get("/api/printers")
    def list_printers() -> Response:
        return jsonify(
            printers=[printer.as_json() for printer in printers.values()], faults=[each.value for each in Fault]
        )

    @app.get("/api/papers")
    def list_papers() -> Response:
        wanted = request.args.get("printer")
        limit = min(max(request.args.get("limit", 50, type=int), 1), MOST_PAPERS)
        if wanted is not None and wanted not in printers:
            abort(404)
        found = [
            paper
            for name, printer in printers.items()
            if wanted in (None, name)
            for paper in printer.tray.newest_first()
        ]
        found.sort(key=lambda paper: paper.at, reverse=True)
        return jsonify(papers=[
            {"id": paper.id, "printer": paper.printer, "at": paper.at, "width": paper.width, "height": paper.height,
             "complete": paper.complete, "violations": list(paper.violations), "url": f"/papers/{paper.id}.png"}
            for paper in found[:limit]
        ])  # fmt: skip

    @app.get("/papers/<paper_id>.png")
    def picture(paper_id: str) -> Response:
        printer = printers.get(paper_id.rpartition("-")[0])
        file = printer.tray.picture(paper_id) if printer else None
        if file is None or not file.is_file():
            abort(404)
        return send_file(file.resolve(), mimetype="image/png", max_age=3600)

    @app.post("/api/faults")
    def set_fault() -> Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or body.get("printer") not in printers:
            abort(400, "printer must be one of " + ", ".join(printers))
        if body.get("fault") not in list(Fault):
            abort(400, "fault must be one of " + ", ".join(Fault))
        printers[body["printer"]].set_fault(Fault(body["fault"]))
        return jsonify(printers[body["printer"]].as_json())

    @app.get("/healthz")
    @app.get("/readyz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return app


def _asset(name: str) -> str:
    return resources.files("device_gateway.simulators").joinpath(name).read_text("utf-8")


def run_simulators(config: SimulatorsConfig) -> int:
    """Two printers and their panel until SIGTERM or SIGINT. Raises OSError when a port is taken."""
    ports = {"ticket": config.ticket_port, "receipt": config.receipt_port}
    printers = {
        name: SimulatedPrinter(name, config.bind, port, Tray(config.data_dir, name)) for name, port in ports.items()
    }
    for printer in printers.values():
        printer.start()
    server = waitress.create_server(
        create_panel(printers), host=config.bind, port=config.panel_port, threads=4, ident=None
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
    server.close()
    for printer in printers.values():
        printer.stop()
    return 0

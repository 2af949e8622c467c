"""The panel: each simulated device as a person would see it, with its buttons and faults. JSON behind it for tests."""

import signal
from collections.abc import Callable, Mapping
from importlib import resources
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import waitress
from flask import Flask, Response, abort, jsonify, request, send_file

from device_gateway.config import SimulatorsConfig
from device_gateway.simulators.caisse_ap import SimulatedCaisseAp
from device_gateway.simulators.concert import SimulatedConcert
from device_gateway.simulators.devices import MakesPaper, Simulated
from device_gateway.simulators.display import SimulatedDisplay
from device_gateway.simulators.drawer import SimulatedDrawer
from device_gateway.simulators.escpos_printer import EscPosSimulator
from device_gateway.simulators.fgl_printer import FglSimulator
from device_gateway.simulators.nexo import SimulatedNexo
from device_gateway.simulators.paper import Tray
from device_gateway.simulators.printer import SimulatedPrinter
from device_gateway.simulators.scanner import SimulatedScanner
from device_gateway.simulators.zpl_printer import ZplSimulator
from device_gateway.simulators.zvt import SimulatedZvt

TERMINALS = {
    "concert_v2": SimulatedConcert, "caisse_ap": SimulatedCaisseAp, "nexo": SimulatedNexo, "zvt": SimulatedZvt,
}  # fmt: skip
MOST_PAPERS = 200
PRINTERS: Mapping[str, type[SimulatedPrinter]] = {
    "escpos": EscPosSimulator, "fgl": FglSimulator, "zpl": ZplSimulator,
}  # fmt: skip


def create_panel(devices: Mapping[str, Simulated]) -> Flask:
    """The panel's app over running devices, by name."""
    trays = {name: device.tray for name, device in devices.items() if isinstance(device, MakesPaper)}
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

    @app.get("/api/devices")
    def list_devices() -> Response:
        return jsonify(devices=[device.as_json() for device in devices.values()])

    @app.get("/api/papers")
    def list_papers() -> Response:
        wanted = request.args.get("printer")
        limit = min(max(request.args.get("limit", 50, type=int), 1), MOST_PAPERS)
        if wanted is not None and wanted not in trays:
            abort(404)
        found = [paper for name, tray in trays.items() if wanted in (None, name) for paper in tray.newest_first()]
        found.sort(key=lambda paper: paper.at, reverse=True)
        return jsonify(papers=[
            {"id": paper.id, "printer": paper.printer, "at": paper.at, "width": paper.width, "height": paper.height,
             "complete": paper.complete, "violations": list(paper.violations), "url": f"/papers/{paper.id}.png"}
            for paper in found[:limit]
        ])  # fmt: skip

    @app.get("/papers/<paper_id>.png")
    def picture(paper_id: str) -> Response:
        tray = trays.get(paper_id.rpartition("-")[0])
        file = tray.picture(paper_id) if tray else None
        if file is None or not file.is_file():
            abort(404)
        return send_file(file.resolve(), mimetype="image/png", max_age=3600)

    @app.post("/api/devices/<name>/fault")
    def set_fault(name: str) -> Response:
        return change(name, lambda device, body: device.set_fault(str(body.get("fault"))))

    @app.post("/api/devices/<name>/act")
    def act(name: str) -> Response:
        return change(name, lambda device, body: device.act(str(body.get("action")), body))

    def change(name: str, how: Callable[[Simulated, Mapping[str, Any]], None]) -> Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)
        body = request.get_json(silent=True)
        if name not in devices:
            abort(404)
        if not isinstance(body, dict):
            abort(400, "the body must be a JSON object")
        try:
            how(devices[name], body)
        except ValueError as error:
            abort(400, str(error))
        return jsonify(devices[name].as_json())

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
    """The devices and their panel until SIGTERM or SIGINT. Raises OSError when a port is taken."""
    devices = _devices(config)
    for device in devices.values():
        device.start()
    server = waitress.create_server(
        create_panel(devices), host=config.bind, port=config.panel_port, threads=4, ident=None
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run()
    server.close()
    for device in devices.values():
        device.stop()
    return 0


def _devices(config: SimulatorsConfig) -> dict[str, Simulated]:
    """By name, in the order of the panel."""

    def printer(language: str) -> Callable[[str, str, int], Simulated]:
        return lambda name, bind, port: PRINTERS[language](name, bind, port, Tray(config.data_dir, name))

    makers: dict[str, Callable[[str, str, int], Simulated]] = {
        "ticket": printer(config.ticket_language), "receipt": printer(config.receipt_language),
        "display": SimulatedDisplay, "drawer": SimulatedDrawer, "scanner": SimulatedScanner,
        "terminal": TERMINALS[config.terminal_language],
    }  # fmt: skip
    return {name: make(name, config.bind, config.ports[name]) for name, make in makers.items() if name in config.ports}

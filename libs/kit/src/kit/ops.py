"""Operations over HTTP: /healthz (alive), /readyz (able to work, with the reasons when not), /metrics (Prometheus)."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], None]  # raises when what it checks does not work


def unready(checks: Mapping[str, Check]) -> dict[str, str]:
    """The failing checks with their reasons; empty when ready."""
    reasons = {}
    for name, check in checks.items():
        try:
            check()
        except Exception as error:
            reasons[name] = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return reasons


def serve(bind: str, port: int, checks: Mapping[str, Check]) -> ThreadingHTTPServer:
    """A started operations server; `shutdown()` stops it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, b'{"status":"ok"}')
            elif self.path == "/readyz":
                reasons = unready(checks)
                body = json.dumps({"status": "unready" if reasons else "ready", "reasons": reasons})
                self._answer(503 if reasons else 200, body.encode())
            elif self.path == "/metrics":
                self._answer(200, generate_latest(), CONTENT_TYPE_LATEST)
            else:
                self._answer(404, b'{"status":"not found"}')

        def _answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes every few seconds are not worth a line."""

    ThreadingHTTPServer.allow_reuse_address = True
    server = ThreadingHTTPServer((bind, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="ops", daemon=True).start()
    return server

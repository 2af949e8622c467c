"""A little suite of dummy processes under the real supervisor: `python dummies.py VAR PORT [trouble]`.

    first (a server) -> step -> second (a core) -> third (the till)

Each writes a line to VAR/order when it starts and when it is told to stop. `trouble` may be `bad-step` (the step
fails), `crashing` (second always ends at once) or `stubborn` (third ignores SIGTERM).
"""

import signal
import sys
from pathlib import Path

from suite import place
from suite.processes import Process, Stage, http_ready
from suite.progress import Progress
from suite.supervisor import Supervisor

DUMMY = """
import http.server, pathlib, signal, sys
name, port, order, stubborn = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4] == "stubborn"
def note(what):
    with order.open("a") as file: file.write(f"{what} {name}\\n")
def stop(number, frame):
    note("stop")
    if not stubborn: sys.exit(0)
signal.signal(signal.SIGTERM, stop)
note("start")
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


def table(var: Path, port: int, trouble: str) -> list[Process]:
    def dummy(name: str, number: int, stage: Stage, after: tuple[str, ...]) -> Process:
        code = "raise SystemExit('cannot')" if (name, trouble) == ("second", "crashing") else DUMMY
        stubborn = "stubborn" if (name, trouble) == ("third", "stubborn") else "docile"
        return Process(
            name=name,
            stage=stage,
            command=(sys.executable, "-c", code, name, str(port + number), str(var / "order"), stubborn),
            after=after,
            ports={f"the {name}": port + number},
            ready=http_ready(f"http://127.0.0.1:{port + number}/readyz"),
            stop_signal=signal.SIGTERM,
        )

    step = "print('no such table'); raise SystemExit(3)" if trouble == "bad-step" else "pass"
    return [
        dummy("first", 0, Stage.SERVERS, ()),
        Process("step", Stage.MIGRATION, (sys.executable, "-c", step), after=("first",)),
        dummy("second", 1, Stage.CORES, ("step",)),
        dummy("third", 2, Stage.TILL, ("second",)),
    ]


if __name__ == "__main__":
    folder, base = Path(sys.argv[1]), int(sys.argv[2])
    with place.held(folder):
        Supervisor(table(folder, base, (sys.argv[3:] or ["none"])[0]), folder, base, Progress()).run()

"""A till of a test's own: a process with its own folder, on a line to the centre that the test can cut."""

import json
import os
import resource
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from device_gateway.config import CENTRE_SERVICES
from kit.testing import eventually
from suite.demo.centre import Centre, call, id_of, signed_in
from suite.demo.people import ADMINISTRATOR
from suite.demo.programme import FESTIVAL
from suite.line import Line
from suite.machine import SERVICES, Machine
from suite.testing import free_port
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb

from .running import LUCAS_PIN, ROOT, Till

STOP_SECONDS = 20
MOST_SOLD = 20  # places, by one test


class OwnTill:
    """Enrolled at the museum's desk, or elsewhere. `start`, `kill` and `stop` are its process's; `page` is its API."""

    def __init__(
        self, here: Machine, folder: Path, line: Line, point_of_sale_id: str = "", module: str = "device_gateway.main",
        **env: str,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self._module = module
        self.folder, self.line, self._port = folder, line, free_port()
        self.log = folder.with_suffix(".log")
        code = folder / "code"
        self.number, self.till_id, text = new_till(here, point_of_sale_id)
        code.write_text(text)
        self._env = {
            **os.environ, "TILL_PORT": str(self._port), "TILL_DATA_DIR": str(folder), "MALLOC_ARENA_MAX": "2",
            "TILL_ENROLMENT_CODE_FILE": str(code), "TILL_CENTRE_TARGETS": json.dumps(line.targets),
            "TILL_TICKET_PRINTER": f"tcp://127.0.0.1:{here.port('ticket printer')}",
            "TILL_RECEIPT_PRINTER": f"tcp://127.0.0.1:{here.port('receipt printer')}", **env,
        }  # fmt: skip
        self.page = Till(f"http://127.0.0.1:{self._port}")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return self.folder / "till.db"

    def start(self, most_file_bytes: int | None = None) -> None:
        """Until it answers. `most_file_bytes`: the disk is full when a file would grow beyond."""
        with self.log.open("ab") as log:
            self._process = self.spawn(stdout=log, stderr=log)
        if most_file_bytes is not None:
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most_file_bytes, most_file_bytes))
        try:
            eventually(quietly(lambda: self.page.get("/api/state")), seconds=60, every=0.05)
        except AssertionError:
            raise AssertionError(f"the till does not start: {self.log.read_text()[-2000:]}") from None

    def spawn(self, **how: Any) -> subprocess.Popen[bytes]:
        """A process of this till, whether one runs or not."""
        command = [sys.executable, "-m", self._module, "web"]
        return subprocess.Popen(command, env=self._env, cwd=ROOT, **how)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)

    def open(self) -> None:
        """Enrolled, with Lucas at work, a float of 100 euros, and places of the festival at hand."""
        eventually(lambda: self.page.get("/api/state")["till"], seconds=60)
        self.page.sign_in("Lucas Bernard", LUCAS_PIN)
        eventually(lambda: self.places_left(FESTIVAL) >= MOST_SOLD, seconds=60)

    def places_left(self, title: str) -> int:
        """Places of the show in this till's leases; the till is asked to have some."""
        shows = [show for page in self.page.get("/api/layout")["pages"] for show in page.get("shows", [])]
        performances = [each for show in shows if show["title"] == title for each in show["performances"]]
        if performances and performances[0]["left"] < MOST_SOLD:
            tariff_id = performances[0]["tariffs"][0]["id"]
            wish = {"kind": "admission", "performance_id": performances[0]["id"], "tariff_id": tariff_id}
            self.page.post("/api/basket", {"items": [wish | {"quantity": MOST_SOLD}]})
        return sum(each["left"] for each in performances)

    @property
    def waiting(self) -> int:
        """Entries that the centre has not acknowledged."""
        return int(self.page.get("/api/state")["waiting_entries"])

    def is_caught_up(self) -> bool:
        return self.waiting == 0


@contextmanager
def own_till(here: Machine, folder: Path, module: str = "device_gateway.main", **env: str) -> Iterator[OwnTill]:
    """A till at work on a good line; `module` is what its process runs."""
    with line_to(here) as line:
        till = OwnTill(here, folder, line, module=module, **env)
        till.start()
        try:
            till.open()
            yield till
        finally:
            till.stop()


def line_to(here: Machine) -> Line:
    """A good line to the centre, which the test may spoil."""
    return Line({service: ("127.0.0.1", here.port(f"{service} gRPC")) for service in CENTRE_SERVICES})


def new_till(here: Machine, point_of_sale_id: str = "") -> tuple[str, str, str]:
    """(number, id, code) of a new till at the museum's desk, or at another point of sale."""
    number = f"B{uuid.uuid4().hex[:6].upper()}"
    request = accounts_pb.CreateTillRequest(
        request_id=str(uuid.uuid4()), number=number, name=f"Essai {number}",
        point_of_sale_id=point_of_sale_id or id_of("point of sale"),
    )  # fmt: skip
    made = call(administrator(here).accounts.CreateTill, request)
    return number, str(made.till.id), str(made.enrolment_code)


def administrator(here: Machine) -> Centre:
    """The centre, for who may do everything."""
    return signed_in({service: here.target(service) for service in SERVICES}, ADMINISTRATOR)


def quietly(ask: Callable[[], Any]) -> Callable[[], Any]:
    """The same question, with no answer where nobody listens yet."""

    def asked() -> Any:
        try:
            return ask()
        except OSError:
            return None

    return asked

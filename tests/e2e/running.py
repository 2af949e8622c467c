"""A suite started by its own commands, and what a test may ask of it."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil

from kit.testing import eventually
from suite import machine
from suite.audit import run as audit
from suite.audit import services_of

ROOT = Path(__file__).parents[2]
CAMILLE_PIN, LUCAS_PIN = "4821", "7365"


class RunningSuite:
    """`make up` on ports and in a folder of its own."""

    def __init__(self, var: Path, port_base: int) -> None:
        self.env = {**os.environ, "VAR_DIR": str(var), "PORT_BASE": str(port_base)}
        self.var = var

    def suite(self, *arguments: str, timeout: float = 240) -> str:
        """Run a command of the suite; its output. Raises CalledProcessError with what it said."""
        command = [sys.executable, "-m", "suite", *arguments]
        done = subprocess.run(command, env=self.env, cwd=ROOT, text=True, capture_output=True, timeout=timeout)
        if done.returncode:
            raise AssertionError(
                f"suite {' '.join(arguments)} exited {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.logs()}"
            )
        return done.stdout

    def up(self) -> None:
        self.suite("up")
        self.machine = machine.load(self.env)

    def down(self) -> None:
        self.suite("down")

    def url(self, use: str) -> str:
        return self.machine.url(use)

    def status(self) -> dict[str, dict[str, Any]]:
        """Each process by name, as `make status` tells scripts."""
        report = json.loads(self.suite("status", "--json"))
        return {process["process"]: process for process in report["processes"]}

    def kill(self, name: str) -> None:
        """kill -9, and wait until the supervisor has brought the process back to health."""
        pid = self.status()[name]["pid"]
        os.kill(pid, signal.SIGKILL)
        self.wait_for(name, other_than=pid)

    def wait_for(self, name: str, other_than: int = 0) -> None:
        def back() -> bool:
            process = self.status()[name]
            return process["state"] == "ready" and process["pid"] != other_than

        eventually(back, seconds=90, every=0.3)

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """A process that hangs: it holds its connections and answers nothing."""
        pid = self.status()[name]["pid"]
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in family:
            process.suspend()
        try:
            yield
        finally:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def audit(self) -> list[str]:
        """The breaches that remain once facts have settled."""
        return [f"{finding.rule}: {finding.detail}" for finding in audit(services_of(self.machine), settle_seconds=60)]

    def till(self) -> "Till":
        return Till(self.url("till"))

    def papers(self, printer: str) -> list[dict[str, Any]]:
        """The papers of a simulated printer, newest first."""
        return json.loads(self.get(f"{self.url('simulators')}/api/papers?printer={printer}"))["papers"]

    def paper(self, paper: dict[str, Any]) -> bytes:
        return self.get(f"{self.url('simulators')}/papers/{paper['id']}.png")

    def paper_ids(self, printer: str) -> set[str]:
        return {paper["id"] for paper in self.papers(printer)}

    def fault(self, printer: str, fault: str) -> None:
        """Break a simulated printer; "none" mends it."""
        self.at_device(printer, "fault", fault=fault)

    def devices(self) -> dict[str, dict[str, Any]]:
        """What each simulated device shows, by its name."""
        shown = json.loads(self.get(f"{self.url('simulators')}/api/devices"))["devices"]
        return {device["name"]: device for device in shown}

    def at_device(self, name: str, what: str, **body: Any) -> None:
        """Break a simulated device (`fault`), or press its buttons (`act`)."""
        url = f"{self.url('simulators')}/api/devices/{name}/{what}"
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10)

    @staticmethod
    def get(url: str) -> bytes:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()

    def logs(self) -> str:
        """The last lines of every process, for the report of a failure."""
        files = sorted((self.var / "logs").glob("*.log")) if (self.var / "logs").exists() else []
        return "\n".join(f"--- {f.name}\n" + "\n".join(f.read_text(errors="replace").splitlines()[-8:]) for f in files)


@dataclass
class Refused(Exception):
    """The till's answer to what it would not do."""

    status: int
    problem: dict[str, Any]

    @property
    def reason(self) -> str:
        return self.problem.get("reason", "")


@dataclass
class Till:
    """The till's local API, as its page uses it."""

    base: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> dict[str, Any]:
        return self._call(urllib.request.Request(f"{self.base}{path}"))

    def binary(self, path: str) -> bytes:
        with self._opener.open(f"{self.base}{path}", timeout=20) as answer:
            content: bytes = answer.read()
        return content

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        csrf = self.get("/api/state")["csrf"]
        headers = {"Content-Type": "application/json", "X-Till-CSRF": csrf, "Origin": self.base}
        return self._call(urllib.request.Request(f"{self.base}{path}", json.dumps(body or {}).encode(), headers))

    def _call(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read() or b"{}")) from error

    def sign_in(self, name: str = "Camille Moreau", pin: str = CAMILLE_PIN) -> None:
        """Sign in and open a float of 100 euros, unless that is done."""
        cashiers = eventually(lambda: self.get("/api/cashiers")["cashiers"], seconds=60)
        cashier = next(c for c in cashiers if c["name"] == name)
        self.post("/api/sign-in", {"cashier_id": cashier["id"], "pin": pin})
        if not self.get("/api/state")["cash_float"]:
            self.post("/api/float/open", {"counts": {"1000": 10}})

    def close_float(self, counts: dict[str, int], modes: dict[str, int] | None = None) -> dict[str, Any]:
        """Count the float and close it, whatever it differs by."""
        self.post("/api/float/declare", {"counts": counts, "modes": modes or {}})
        return self.post("/api/float/close", {"explanation": "compte d'essai"})

    def key(self, label: str, sublabel: str = "") -> dict[str, Any]:
        """A key of the till's pages, once it can be sold."""

        def found() -> dict[str, Any] | None:
            for page in self.get("/api/layout")["pages"]:
                for key in page.get("keys", []):
                    if key["label"] == label and (not sublabel or key["sublabel"].startswith(sublabel)):
                        return None if key["disabled"] else key
            return None

        return eventually(found, seconds=60, every=0.3)

    def place(self, performance_id: str, at_hand: int) -> dict[str, Any]:
        """A place of a performance at its first tariff, as a key; once so many are in the till's leases."""

        def found() -> dict[str, Any] | None:
            shows = [show for each in self.get("/api/layout")["pages"] for show in each.get("shows", [])]
            for performance in (each for show in shows for each in show["performances"]):
                if performance["id"] == performance_id:
                    tariff = performance["tariffs"][0]
                    item = {
                        "kind": "admission", "performance_id": performance_id, "tariff_id": tariff["id"], "quantity": 1
                    }  # fmt: skip
                    self.post("/api/basket", {"items": [item | {"quantity": at_hand}]})
                    return {"items": [item], "price": tariff["price"]} if performance["left"] >= at_hand else None
            return None

        return eventually(found, seconds=60, every=0.3)

    def sell(self, key: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Sell what a key says, for cash, exactly paid."""
        return self.post("/api/sales", self.sale(key, **changes))

    def sale(self, key: dict[str, Any], **changes: Any) -> dict[str, Any]:
        layout = self.get("/api/layout")
        payment = {"mode": "cash", "amount": key["price"], "tendered": key["price"]}
        body = {
            "request_id": str(uuid.uuid4()), "items": key["items"], "payments": [payment] if key["price"] else [],
            "receipt": False, "expected_total": key["price"], "catalog_version": layout["catalog_version"],
        }  # fmt: skip
        return body | changes

"""The suite whole: from clone to ready, memory, a sale at the till, orders through Checkout.

Everything is measured on a fresh clone of this commit, in a temporary folder, on ports of its own.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench import checkout
from bench.figures import Figure, percentile, publish
from suite import machine
from suite.audit import run as audit
from suite.audit import services_of
from suite.machine import PORT_OFFSETS, Machine
from suite.testing import free_port_base
from tests.e2e.running import LUCAS_PIN, Till

SALES = 300


def main(here: Machine) -> int:
    """Measure and publish. 1 when the audit finds something afterwards: a wrong suite has no speed."""
    folder = Path(tempfile.mkdtemp(prefix="ticketing-bench-"))
    folder.chmod(0o711)  # PostgreSQL started by root may have to pass through as another account
    clone, timings = folder / "clone", folder / "timings.jsonl"
    subprocess.run(["git", "clone", "--quiet", str(Path(__file__).parents[1]), str(clone)], check=True)
    base = free_port_base(PORT_OFFSETS.values())
    env = {**os.environ, "VAR_DIR": str(clone / "var"), "PORT_BASE": str(base), "TILL_TIMINGS_FILE": str(timings)}
    env.pop("VIRTUAL_ENV", None)
    try:
        cold_s = seconds(["make", "up"], clone, env)
        subprocess.run(["make", "down"], cwd=clone, env=env, check=True)
        warm_s = seconds(["make", "up"], clone, env)
        running = machine.load(env)
        report = status(clone, env)
        sell_at_the_till(running)
        sold = [json.loads(line) for line in timings.read_text().splitlines()]
        prints = [sale["confirm_to_print_ms"] for sale in sold]
        seals = [sale["confirm_to_sealed_ms"] for sale in sold]
        orders = checkout.measure(running)
        findings = audit(services_of(running), settle_seconds=120)
        for finding in findings:
            print(f"audit: {finding.rule}: {finding.detail}")
        publish("suite", [
            Figure("run.cold_s", cold_s, "s"),
            Figure("run.warm_s", warm_s, "s", to_reach="<= 15"),
            Figure("run.memory_mib", report["memory_mib"], "MiB", to_reach="<= 1500"),
            Figure("run.rss_mib", report["rss_mib"], "MiB"),
            Figure("till.confirm_to_print_p50_ms", percentile(prints, 0.50), "ms"),
            Figure("till.confirm_to_print_p95_ms", percentile(prints, 0.95), "ms"),
            Figure("till.confirm_to_print_p99_ms", percentile(prints, 0.99), "ms", to_reach="<= 50"),
            Figure("till.confirm_to_sealed_p50_ms", percentile(seals, 0.50), "ms"),
            Figure("till.confirm_to_sealed_p95_ms", percentile(seals, 0.95), "ms"),
            Figure("till.confirm_to_sealed_p99_ms", percentile(seals, 0.99), "ms"),
            *orders,
        ])  # fmt: skip
        return 1 if findings else 0
    finally:
        subprocess.run(["make", "down"], cwd=clone, env=env, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def seconds(command: list[str], where: Path, env: dict[str, str]) -> float:
    """How long a command takes. Raises CalledProcessError when it fails."""
    began = time.monotonic()
    subprocess.run(command, cwd=where, env=env, check=True)
    return time.monotonic() - began


def status(clone: Path, env: dict[str, str]) -> dict[str, float]:
    """What `make status` tells scripts. `memory_mib` shares shared pages out, `rss_mib` does not."""
    command = ["make", "-s", "status", "JSON=1"]
    return json.loads(subprocess.run(command, cwd=clone, env=env, check=True, text=True, capture_output=True).stdout)


def sell_at_the_till(running: Machine) -> None:
    """One ticket at a time, each printed before the next is sold, as a cashier's rhythm is."""
    till = Till(running.url("till"))
    till.sign_in("Lucas Bernard", LUCAS_PIN)
    key = till.key("Festival", "Plein")
    for _ in range(SALES):
        before = papers(running)
        till.sell(key)
        while papers(running) == before:
            time.sleep(0.02)


def papers(running: Machine) -> str:
    """The newest ticket's id."""
    with urllib.request.urlopen(f"{running.url('simulators')}/api/papers?printer=ticket", timeout=10) as answer:
        newest = json.loads(answer.read())["papers"][:1]
    return str(newest[0]["id"]) if newest else ""

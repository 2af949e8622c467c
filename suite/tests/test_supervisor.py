"""The supervisor with real processes, real signals and real kills."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kit.testing import eventually
from suite import place
from suite.testing import free_port_base

DUMMIES = Path(__file__).with_name("dummies.py")


class Dummies:
    """The dummy suite, run as its own process as `make run` would be."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port_base(range(3))
        self._started: list[subprocess.Popen[str]] = []

    def start(self, trouble: str = "none") -> subprocess.Popen[str]:
        command = [sys.executable, str(DUMMIES), str(self.var), str(self.port), trouble]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._started.append(process)
        return process

    def started(self) -> subprocess.Popen[str]:
        process = self.start()
        eventually(lambda: self.phase == "ready")
        return process

    @property
    def phase(self) -> str:
        return str(place.read_state(self.var).get("phase", ""))

    def entry(self, name: str) -> dict:
        return place.read_state(self.var)["processes"][name]

    @property
    def order(self) -> list[str]:
        return (self.var / "order").read_text().splitlines()

    def clear(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)
        with place.held(self.var):
            place.stop_leftovers(self.var)


@pytest.fixture
def dummies(tmp_path: Path) -> Iterator[Dummies]:
    dummies = Dummies(tmp_path / "var")
    yield dummies
    dummies.clear()


def test_processes_start_in_order_and_stop_in_reverse(dummies: Dummies) -> None:
    supervisor = dummies.started()
    supervisor.terminate()
    words, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 0
    assert dummies.order == [
        *("start first", "start second", "start third"),
        *("stop third", "stop second", "stop first"),
    ]
    assert "step         ready after" in words
    assert "All stopped" in words
    assert "\x1b" not in words, "a log is no terminal"
    assert place.read_state(dummies.var) == {}


@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_a_process_killed_by_force_runs_again(dummies: Dummies, name: str) -> None:
    dummies.started()
    before = dummies.entry(name)["pid"]
    os.kill(before, signal.SIGKILL)
    after = eventually(lambda: (entry := dummies.entry(name))["state"] == "ready" and entry["restarts"] == 1 and entry)
    assert after["pid"] != before
    assert psutil.pid_exists(after["pid"])
    assert dummies.order.count(f"start {name}") == 2
    assert dummies.order.count("start first") + dummies.order.count("start second") == (3 if name != "third" else 2)


def test_a_taken_port_is_named_with_its_use_and_the_way_out_and_nothing_starts(dummies: Dummies) -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", dummies.port + 1))
        taker.listen()
        words, _ = dummies.start().communicate(timeout=30)
    assert f"{dummies.port + 1}  wanted for the second" in words
    assert f"used by process {os.getpid()}" in words
    assert "PORT_BASE=" in words
    assert not (dummies.var / "order").exists()


def test_two_supervisors_on_one_folder_refuse_and_the_first_goes_on(dummies: Dummies) -> None:
    first = dummies.started()
    second = dummies.start()
    words, _ = second.communicate(timeout=30)
    assert second.returncode != 0
    assert f"already runs on {dummies.var} (process {first.pid})" in words
    assert dummies.phase == "ready"
    assert place.holder(dummies.var) == first.pid


def test_what_a_killed_supervisor_left_running_is_stopped_by_the_next(dummies: Dummies) -> None:
    first = dummies.started()
    orphan = psutil.Process(dummies.entry("second")["pid"])
    first.kill()
    first.wait()
    assert orphan.is_running()
    dummies.start()
    eventually(lambda: dummies.phase == "ready" and dummies.entry("second")["pid"] not in (0, orphan.pid))
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_step_that_fails_ends_the_start_with_its_words_and_stops_the_rest(dummies: Dummies) -> None:
    process = dummies.start("bad-step")
    words, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "step ended with 3" in words
    assert "no such table" in words
    assert dummies.order == ["start first", "stop first"]


def test_a_process_that_never_gets_ready_ends_the_start(dummies: Dummies) -> None:
    process = dummies.start("crashing")
    words, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "second keeps ending with 1" in words
    assert "cannot" in words
    assert dummies.order == ["start first", "stop first"]


def test_a_second_signal_kills_what_does_not_stop(dummies: Dummies) -> None:
    supervisor = dummies.start("stubborn")
    eventually(lambda: dummies.phase == "ready")
    stubborn = dummies.entry("third")["pid"]
    supervisor.send_signal(signal.SIGINT)
    eventually(lambda: "stop third" in dummies.order)
    supervisor.send_signal(signal.SIGINT)
    words, _ = supervisor.communicate(timeout=30)
    assert "third        did not stop: killed" in words
    assert not psutil.pid_exists(stubborn)
    assert dummies.order[-2:] == ["stop second", "stop first"]

"""Runs the processes of a table as children: starts them in order, restarts the crashed, stops all in reverse.

waiting -> starting -> ready            a process
              |  ^       |
              v  |       v
             crashed <----
waiting -> starting -> done             a step (exits with 0), or the start has failed
"""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from types import FrameType

from suite import place
from suite.processes import Process, environment
from suite.progress import Progress, welcome
from suite.servers import as_user, tail

START_SECONDS = 180  # for the whole suite, on a slow machine
GRACE_SECONDS = 12  # from the stop signal to SIGKILL
HURRIED_SECONDS = 1  # the same once somebody has asked twice
CRASHES_BEFORE_READY = 5  # after these the start is given up
BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 60  # a process that ran this long starts again at once
LOG_BYTES = 10_000_000  # a log longer than this is put aside at the next start


class StartFailed(Exception):
    """The suite could not be started; the message says what failed and shows the end of its log."""


class StopAsked(Exception):
    """A signal asked to stop while the suite was starting."""


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    CRASHED = "crashed"
    DONE = "done"


@dataclass
class Child:
    """A process of the table, and how it goes."""

    process: Process
    log: Path
    state: State = State.WAITING
    popen: subprocess.Popen[bytes] | None = None
    created: float = 0.0
    started_at: float = 0.0  # monotonic, like all here
    retry_at: float = 0.0
    restarts: int = 0
    ever_ready: bool = False
    answer: Future[bool] | None = None

    @property
    def settled(self) -> bool:
        return self.state in (State.READY, State.DONE)


class Supervisor:
    """One run of a table of processes in one folder. Holds signal handlers: main thread only."""

    def __init__(self, table: Sequence[Process], var: Path, port_base: int, progress: Progress) -> None:
        self._var = var
        self._port_base = port_base
        self._progress = progress
        (var / "logs").mkdir(parents=True, exist_ok=True)
        self._children = {each.name: Child(each, var / "logs" / f"{each.name}.log") for each in table}
        self._began = monotonic()
        self._start_seconds: float | None = None  # known once all is ready
        self._stop_signals = 0
        # A byte comes here with each signal. An Event would not do: its lock may be held by the very thread that a
        # signal handler interrupts.
        self._awake, self._waking = socket.socketpair()
        self._phase = "starting"
        self._probes = ThreadPoolExecutor(max_workers=8, thread_name_prefix="ready?")

    def run(self) -> None:
        """Start everything, keep it running until a signal asks to stop, stop everything.

        Raises StartFailed, after stopping what had been started; PortsTaken, having started nothing.
        """
        for left in place.stop_leftovers(self._var):
            self._progress.say(f"  {left:<12} was left over by a run that was killed: stopped")
        uses = {port: use for each in self._children.values() for use, port in each.process.ports.items()}
        place.check_ports(uses)
        self._listen()
        try:
            with suppress(StopAsked):
                self._start()
                self._keep()
        finally:
            self._stop()

    def _listen(self) -> None:
        def asked(number: int, frame: FrameType | None) -> None:
            self._stop_signals += 1

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, asked)
        # The end of a child wakes the loop, so that a crash is seen at once.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for end in (self._awake, self._waking):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)

    def _start(self) -> None:
        self._write()
        while not all(child.settled for child in self._children.values()):
            if self._stop_signals:
                raise StopAsked
            self._tick()
            elapsed = monotonic() - self._began
            missing = [child for child in self._children.values() if child.state in (State.STARTING, State.CRASHED)]
            self._progress.awaiting([child.process.name for child in missing], elapsed)
            if elapsed > START_SECONDS:
                ends = "\n".join(f"{child.process.name} ({child.log}):\n{tail(child.log)}" for child in missing)
                raise StartFailed(f"not ready after {START_SECONDS} s:\n{ends}")
            self._sleep(0.05)
        self._progress.say(welcome([child.process for child in self._children.values()], self._var))
        self._phase, self._start_seconds = "ready", round(monotonic() - self._began, 2)
        self._write()

    def _keep(self) -> None:
        while not self._stop_signals:
            self._tick()
            calm = all(child.settled for child in self._children.values())
            self._sleep(5.0 if calm else 0.1)

    def _sleep(self, seconds: float) -> None:
        """So long, or until a signal comes."""
        if select.select([self._awake], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                while self._awake.recv(1024):
                    pass

    def _tick(self) -> None:
        """Look at every child once and do what is due."""
        for child in self._children.values():
            if child.state in (State.STARTING, State.READY):
                self._look(child)
            due = child.state is State.CRASHED and monotonic() >= child.retry_at
            if due or (child.state is State.WAITING and self._may_start(child)):
                self._spawn(child)

    def _may_start(self, child: Child) -> bool:
        return all(self._children[name].settled for name in child.process.after if name in self._children)

    def _spawn(self, child: Child) -> None:
        process = child.process
        if child.log.exists() and child.log.stat().st_size > LOG_BYTES:
            child.log.replace(child.log.with_suffix(".log.1"))
        child.started_at = monotonic()
        process.prepare()
        # A step's log holds its last run only: that is the one whose end is shown when it fails.
        with child.log.open("wb" if process.ready is None else "ab") as log:
            child.popen = subprocess.Popen(
                process.command,
                env=environment(process),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in order
                cwd="/" if process.user else self._var,
                **as_user(process.user),
            )
        child.created = place.created(child.popen.pid)
        child.state, child.answer = State.STARTING, None
        self._write()

    def _look(self, child: Child) -> None:
        assert child.popen is not None
        code = child.popen.poll()
        if code is not None:
            self._ended(child, code)
        elif child.state is State.STARTING and child.process.ready is not None:
            if child.answer is not None and child.answer.done():
                if child.answer.result():
                    self._reached(child, State.READY)
                child.answer = None
            elif child.answer is None:
                child.answer = self._probes.submit(child.process.ready)

    def _reached(self, child: Child, state: State) -> None:
        child.state, child.ever_ready = state, True
        note = child.process.address if state is State.READY else ""
        self._progress.step(child.process.name, monotonic() - child.started_at, note)
        self._write()

    def _ended(self, child: Child, code: int) -> None:
        process = child.process
        if process.ready is None:
            if code != 0:
                raise StartFailed(f"{process.name} ended with {code} ({child.log}):\n{tail(child.log)}")
            self._reached(child, State.DONE)
            return
        _kill_group(child)  # a killed parent may have left children that hold its port
        if not child.ever_ready and child.restarts >= CRASHES_BEFORE_READY:
            raise StartFailed(f"{process.name} keeps ending with {code} ({child.log}):\n{tail(child.log)}")
        if monotonic() - child.started_at > STEADY_SECONDS:
            pause = BACKOFF_SECONDS[0]
        else:
            pause = BACKOFF_SECONDS[min(child.restarts, len(BACKOFF_SECONDS) - 1)]
        child.restarts += 1
        child.state, child.retry_at = State.CRASHED, monotonic() + pause
        self._progress.say(f"  {process.name:<12} ended with {code}: restarting in {pause} s (log: {child.log})")
        self._write()

    def _stop(self) -> None:
        """Stop stage after stage, the last one first. A second signal makes it short."""
        self._phase = "stopping"
        self._write()
        began, asked = monotonic(), self._stop_signals
        for stage in sorted({child.process.stage for child in self._children.values()}, reverse=True):
            alive = [child for child in self._children.values() if child.process.stage is stage and _alive(child)]
            for child in alive:
                _signal(child, child.process.stop_signal)
            told = monotonic()
            while any(_alive(child) for child in alive):
                hurried = self._stop_signals > max(asked, 1)
                if monotonic() - told > (HURRIED_SECONDS if hurried else GRACE_SECONDS):
                    break
                self._sleep(0.2)
            for child in alive:
                if _alive(child):
                    self._progress.say(f"  {child.process.name:<12} did not stop: killed")
                _kill_group(child)
            if alive:
                names = ", ".join(child.process.name for child in alive)
                self._progress.say(f"  stopped {names}")
        self._probes.shutdown(wait=False, cancel_futures=True)
        place.forget_state(self._var)
        self._progress.say(f"All stopped after {monotonic() - began:.1f} s. The data are kept in {self._var}")

    def _write(self) -> None:
        processes = {
            name: {
                "pid": child.popen.pid if child.popen and _alive(child) else 0,
                "created": child.created,
                "state": child.state,
                "restarts": child.restarts,
                "ports": dict(child.process.ports),
                "log": str(child.log),
            }
            for name, child in self._children.items()
        }
        state = {
            "phase": self._phase,
            "supervisor": os.getpid(),
            "port_base": self._port_base,
            "start_seconds": self._start_seconds,
            "processes": processes,
        }
        place.write_state(self._var, state)


def _alive(child: Child) -> bool:
    return child.popen is not None and child.popen.poll() is None


def _signal(child: Child, number: signal.Signals) -> None:
    assert child.popen is not None
    with suppress(ProcessLookupError):
        child.popen.send_signal(number)


def _kill_group(child: Child) -> None:
    assert child.popen is not None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.popen.pid, signal.SIGKILL)
    child.popen.wait()

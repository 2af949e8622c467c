"""The supervisor in the background: `make up` and `make down`."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil

from suite import place
from suite.machine import Machine
from suite.progress import Progress

STOP_SECONDS = 120


class StartEnded(Exception):
    """The supervisor ended before the suite was ready."""


def up(machine: Machine, env: Mapping[str, str], progress: Progress) -> None:
    """Start the suite in a session of its own and return when it is ready, showing its words meanwhile.

    Raises AlreadyRunning, StartEnded.
    """
    if running := place.holder(machine.var):
        raise place.AlreadyRunning(f"the suite already runs on {machine.var} (process {running})")
    log = machine.var / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "suite", "run"],
            env={**env, "VAR_DIR": str(machine.var), "PORT_BASE": str(machine.port_base)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open() as words:
        ready = ended = False
        while not ready and not ended:
            ended = supervisor.poll() is not None
            state = place.read_state(machine.var)
            ready = state.get("supervisor") == supervisor.pid and state.get("phase") == "ready"
            for line in words.read().splitlines():
                progress.say(line)
            time.sleep(0.05)
    if ended:
        raise StartEnded(f"the suite did not start; its words are kept in {log}")


def down(machine: Machine, progress: Progress) -> None:
    """Stop what runs in this folder, also what a killed supervisor has left, and return when all has stopped."""
    pid = place.holder(machine.var)
    if pid is None:
        with place.held(machine.var):
            left = place.stop_leftovers(machine.var)
            place.forget_state(machine.var)
        progress.say(f"stopped {', '.join(left)}" if left else "The suite is not running.")
        return
    with suppress(psutil.NoSuchProcess):
        supervisor = psutil.Process(pid)
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(timeout=STOP_SECONDS)
    progress.say(f"All stopped. The data are kept in {machine.var}")

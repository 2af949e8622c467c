"""The two roles: `web`, which is the till (page, API, sync, printing), and `simulators`, which are its printers."""

import _thread
import argparse
import contextlib
import gc
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TextIO, cast

import waitress

from device_gateway import __version__, enrolment, equipping, leaving, proxy, technical_log
from device_gateway.centre import Centre
from device_gateway.config import TillConfig, simulators_config, till_config
from device_gateway.printing import documents
from device_gateway.store import finding
from device_gateway.store.database import Database, DatabaseInUse
from device_gateway.sync import Sync
from device_gateway.till import Till
from device_gateway.training import Training
from device_gateway.web.app import create_app
from kit import telemetry
from kit.config import ConfigError
from kit.errors import DomainError

THREADS = 18  # six of them may be held by screens that follow the till
STOP_SECONDS = 5
TIDY_SECONDS = 2.0
MARK_SECONDS = 0.2
EMPTIED_SECONDS = 0.5
EMPTIED = -1  # instead of an exit status: the till was returned, and its machine is empty


def run_till(config: TillConfig) -> int:
    """Serve until SIGTERM or SIGINT, or until the till is returned (EMPTIED).

    Raises ConfigError; DatabaseInUse when another process runs this till.
    """
    # A sale passes through many short waits (disk, printer); after each, the thread must not queue 5 ms for its turn.
    sys.setswitchinterval(0.001)
    if config.proxy_file:
        proxy.use(config.proxy_file)
    database = Database(config.data_dir)
    log = technical_log.KeptLog(sys.stdout, config.data_dir)
    telemetry.configure("device-gateway", __version__, cast(TextIO, log))
    till = Till(database)
    if config.timings_file:
        till.timings.write_to(config.timings_file)
    centre = Centre(config.centre_targets)
    training = Training(till, config.data_dir / "training")
    sync = Sync(till, centre, training=training)
    documents.warm_up(till.templates)
    enrolment.record_technical(till, "started")
    equipping.begin(till, training, config.devices)
    stopping = threading.Event()
    enroller = threading.Thread(target=_enrol_when_possible, args=(till, centre, sync, config, stopping), daemon=True)
    server = waitress.create_server(
        create_app(till, centre, sync, config, training=training), host=config.bind, port=config.port,
        threads=THREADS, ident=None, max_request_body_size=1024 * 1024,
    )  # fmt: skip

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        till.live.close()  # streams end: nobody waits for them
        raise KeyboardInterrupt  # waitress stops on it and finishes the requests under way

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    tidier = threading.Thread(target=_tidy, args=(till, training, stopping), name="tidy", daemon=True)
    marker = threading.Thread(target=_mark_older, args=(database, stopping), name="mark-older", daemon=True)
    leaver = threading.Thread(target=_stop_when_emptied, args=(till, stopping), name="leaver", daemon=True)
    for thread in (enroller, tidier, marker, leaver):
        thread.start()
    sync.start()
    telemetry.log().info("started", port=config.port)
    gc.collect()
    gc.freeze()  # what the start made stays: the collector need not walk through it during a sale
    server.run()
    telemetry.log().info("stopping")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # stopping is under way
    stopping.set()
    server.close()
    enrolment.record_technical(till, "stopped")
    sync.stop()
    till.station.stop()
    for thread in (tidier, marker):
        thread.join(timeout=STOP_SECONDS)
    training.close()
    with contextlib.suppress(sqlite3.Error):  # a full disk does not keep a till from stopping
        till.line.keep(at_once=True)
    database.close()
    if till.emptied.is_set():
        log.close()
        leaving.empty(config.data_dir)
        return EMPTIED
    return 0


def _stop_when_emptied(till: Till, stopping: threading.Event) -> None:
    """Everything is handed in: stop as for SIGTERM."""
    while not stopping.is_set():
        if till.emptied.wait(EMPTIED_SECONDS):
            _thread.interrupt_main(signal.SIGTERM)
            return


def _tidy(till: Till, training: Training, stopping: threading.Event) -> None:
    """Keep the write-ahead log short, and since when the line is as it is."""
    while not stopping.wait(TIDY_SECONDS):
        try:
            till.database.try_full_disk()
            till.line.keep()
            till.database.tidy()
            training.tidy()
        except sqlite3.Error as error:
            telemetry.log().warning("database_not_tidied", error=str(error))


def _mark_older(database: Database, stopping: threading.Event) -> None:
    """Make sales findable that were sealed before sales were marked (A5), some at a time: selling does not wait."""
    more = True
    while more and not stopping.wait(MARK_SECONDS):
        try:
            with database.write() as tx:
                more = finding.mark_older(tx)
        except sqlite3.Error as error:
            telemetry.log().warning("sales_not_marked", error=str(error))


def _enrol_when_possible(till: Till, centre: Centre, sync: Sync, config: TillConfig, stopping: threading.Event) -> None:
    """Take the code from its file once the centre answers; the file may also appear later."""
    while till.identity.enrolment is None and config.enrolment_code_file is not None:
        try:
            enrolment.enrol_from_file(till, centre, config.enrolment_code_file)
        except (DomainError, OSError) as error:
            telemetry.log().warning("enrolment_waits", error=str(error))
        if stopping.wait(1.0):
            return
    sync.wake()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a role; the exit status is 2 for a wrong setting."""
    parser = argparse.ArgumentParser(prog="device_gateway.main", description=__doc__)
    parser.add_argument("role", choices=("web", "simulators"))
    role = parser.parse_args(argv).role
    try:
        if role == "simulators":
            from device_gateway.simulators.panel import run_simulators  # a till does not need them

            telemetry.configure("simulators", __version__)
            return run_simulators(simulators_config(os.environ))
        config = till_config(os.environ)
        while (status := run_till(config)) == EMPTIED:
            pass  # the machine begins again, as one that was never a till
        return status
    except (ConfigError, DatabaseInUse) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

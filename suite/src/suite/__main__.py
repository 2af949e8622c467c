"""The suite's command: `python -m suite run|up|down|status|reset|seed|migrate|audit|bench`."""

import argparse
import json
import os
import shutil
import sys
from importlib import import_module

from suite import background, machine, place
from suite.processes import table
from suite.progress import Progress
from suite.servers import ServerFailed, postgres
from suite.supervisor import StartFailed, Supervisor


def main(arguments: list[str]) -> int:
    """Run one command; 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m suite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("run", help="start all and keep it running until Ctrl-C")
    commands.add_parser("up", help="start all in the background and return when it is ready")
    commands.add_parser("down", help="stop what `up` or `run` started")
    commands.add_parser("status", help="each process, its health, ports and memory").add_argument(
        "--json", action="store_true", help="for scripts"
    )
    commands.add_parser("reset", help="delete all data of a stopped suite")
    commands.add_parser("seed", help="load the demo organisation into the running suite; safe to repeat")
    commands.add_parser("migrate", help="create and migrate the databases of the running PostgreSQL")
    commands.add_parser("audit", help="prove the invariants across all services, by RPC")
    commands.add_parser("bench", help="measure").add_argument("name")
    given = parser.parse_args(arguments)
    try:
        return _COMMANDS[given.command](machine.load(os.environ), given)
    except EXPECTED as problem:
        print(f"{given.command}: {problem}", file=sys.stderr)
        return 1


def run(here: machine.Machine, given: argparse.Namespace) -> int:
    with place.held(here.var):
        print(f"Starting the suite in {here.var}", flush=True)
        Supervisor(table(here), here.var, here.port_base, Progress()).run()
    return 0


def up(here: machine.Machine, given: argparse.Namespace) -> int:
    background.up(here, os.environ, Progress())
    return 0


def down(here: machine.Machine, given: argparse.Namespace) -> int:
    background.down(here, Progress())
    return 0


def status(here: machine.Machine, given: argparse.Namespace) -> int:
    from suite import status as state

    report = state.report(here)
    print(json.dumps(report, indent=1) if given.json else state.as_text(report))
    return 0


def reset(here: machine.Machine, given: argparse.Namespace) -> int:
    with place.held(here.var):
        place.stop_leftovers(here.var)
        postgres.forget(here.var / "postgres")
        shutil.rmtree(here.var)
    print(f"{here.var} is deleted: the next start makes a new, empty suite.")
    return 0


def seed(here: machine.Machine, given: argparse.Namespace) -> int:
    import_module("suite.demo").load(here)
    here.demo_marker.touch()
    return 0


def migrate(here: machine.Machine, given: argparse.Namespace) -> int:
    from suite import migrate as migration

    migration.run(here)
    return 0


def audit(here: machine.Machine, given: argparse.Namespace) -> int:
    return int(import_module("suite.audit").main(here) or 0)


def bench(here: machine.Machine, given: argparse.Namespace) -> int:
    """bench/<name>.py lies beside the packages, not in one: it is found from the folder of the repository."""
    sys.path.insert(0, os.getcwd())
    return int(import_module(f"bench.{given.name}").main(here) or 0)


_COMMANDS = {each.__name__: each for each in (run, up, down, status, reset, seed, migrate, audit, bench)}


EXPECTED = (
    machine.BadSetting,
    place.AlreadyRunning,
    place.PortsTaken,
    background.StartEnded,
    ServerFailed,
    StartFailed,
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The demo organisation: a museum with time slots, a theatre, a festival day, a shop; loaded by the public RPCs.

Loading twice changes nothing: every id is derived from a name, and every request carries the same request id again.
"""

import json
import os
import subprocess
import sys
from datetime import datetime

from kit.clock import now
from suite.demo.centre import Centre, signed_in
from suite.demo.people import ADMINISTRATOR, PEOPLE, create_people
from suite.demo.programme import create_programme
from suite.demo.shop import create_shop, receive_stock
from suite.demo.till import create_till, create_till_profile
from suite.machine import SERVICES, Machine, write_private
from suite.processes import table


def load(machine: Machine) -> None:
    """Load the demo organisation into the suite that runs on this machine, and leave the till its enrolment code."""
    env = next(process.env for process in table(machine) if process.name == "accounts")
    bootstrap = {"ACCOUNTS_BOOTSTRAP_LOGIN": ADMINISTRATOR.login, "ACCOUNTS_BOOTSTRAP_PASSWORD": ADMINISTRATOR.password}
    command = [sys.executable, "-m", "accounts.main", "bootstrap"]
    subprocess.run(command, env={**os.environ, **env, **bootstrap}, check=True)
    centre = signed_in({service: machine.target(service) for service in SERVICES}, ADMINISTRATOR)
    code = fill(centre, now())
    if code:
        (machine.var / "till").mkdir(parents=True, exist_ok=True)
        write_private(machine.var / "till" / "enrolment-code", code)
    write_private(machine.var / "demo.json", json.dumps([person.shown() for person in PEOPLE], ensure_ascii=False))


def fill(centre: Centre, at: datetime) -> str:
    """Everything that is seen in the demo; returns the enrolment code of till T01, or "" when it is enrolled."""
    say("people and profiles")
    create_people(centre)
    say("venues, shows, tariffs and sixty days of performances")
    create_programme(centre, at)
    say("a shop of forty articles")
    products = create_shop(centre)
    receive_stock(centre, products)
    say("the till and its keys")
    create_till_profile(centre, products)
    return create_till(centre)


def say(what: str) -> None:
    """One line of progress."""
    print(f"demo: {what}", flush=True)

"""One till at work: its database, what it holds in memory, and who wakes whom."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from device_gateway import houses, metrics
from device_gateway.devices.station import Station
from device_gateway.devices.status import Status
from device_gateway.domain.errors import NotSignedIn, TillFrozen, TillLeaving
from device_gateway.domain.leases import Asked
from device_gateway.domain.tickets import Issuer
from device_gateway.line import Line
from device_gateway.live import Live
from device_gateway.store import identity, jobs, meta, shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.store.identity import Enrolment, Identity
from kit.clock import business_date, now
from kit.errors import Forbidden
from setups.catalogue import Catalogue


@dataclass(frozen=True)
class Seller:
    """Who is signed in, in which shift."""

    cashier: snapshot.Cashier
    shift: shifts.Shift

    def require(self, right: str) -> None:
        """Raises Forbidden."""
        if not self.cashier.may(right):
            raise Forbidden(f"{self.cashier.name} may not do this: {right} is missing", right=right)


@dataclass
class Demand:
    """Places that customers wait for, until the centre has said whether it has them."""

    places: dict[Asked, int] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    def ask(self, asked: Asked, places: int) -> None:
        with self.news:
            self.places[asked] = max(places, self.places.get(asked, 0))

    def answered(self, asked: Mapping[Asked, int], left: Mapping[Asked, int]) -> None:
        """The centre was asked for these and the lease has what it gave: a wish that it could not meet is not kept."""
        with self.news:
            for each, places in asked.items():
                if self.places.get(each, 0) <= max(places, left.get(each, 0)):
                    self.places.pop(each, None)
            self.news.notify_all()

    def wait(self, asked: Asked, seconds: float) -> bool:
        """Until the centre has answered for this; False when it did not in this time."""
        with self.news:
            return self.news.wait_for(lambda: asked not in self.places, seconds)

    def all(self) -> dict[Asked, int]:
        with self.news:
            return dict(self.places)


class Till:
    """What use cases work on. Everything that matters is in the database; the rest here can be lost.

    `is_training`: it practises (`device_gateway.training`); nothing of it has value.
    """

    def __init__(self, database: Database, *, is_training: bool = False) -> None:
        self.database = database
        self.is_training = is_training
        with database.write() as tx:
            self.identity: Identity = identity.load_or_make(tx)
        self.demand = Demand()
        self.plans = houses.Plans(database)
        self.picks = houses.Picks()
        self.watch = houses.Watch()
        self.online_left: dict[str, int] = {}
        self.timings = metrics.Timings()
        self.wake_printers: dict[jobs.Role, threading.Event] = {role: threading.Event() for role in jobs.Role}
        self.wake_upload = threading.Event()
        self.wake_leases = threading.Event()
        self.wake_token = threading.Event()
        self.wake_floats = threading.Event()
        self.station = Station()
        self.live = Live()
        self.printer_status: dict[jobs.Role, Callable[[], Status]] = {}
        self.sync_failures: dict[str, str] = {}  # step of the sync -> why the centre refuses it, or why it broke
        self.line = Line(database)
        self.clock_in_doubt = False
        self.clock_skew: timedelta | None = None  # till minus centre, when the centre last refused this clock
        self.started_at = now()
        self.emptied = threading.Event()  # everything is handed in: this machine is nobody's till any more
        self._issuer: Issuer | None = None
        self.catalogue: Catalogue
        self.templates: dict[str, str] = {}
        self.reload()

    def reload(self) -> None:
        """Read the catalogue and the templates again, after a sync changed them."""
        connection = self.database.read()
        enrolment = self.identity.enrolment
        self.catalogue = snapshot.catalogue(connection, enrolment.point_of_sale_id if enrolment else "")
        self.templates = snapshot.templates(connection)

    def enrolled_as(self, enrolment: Enrolment) -> None:
        """Take over what the centre says of this till; it is on disk already."""
        moved = (
            self.identity.enrolment is None or self.identity.enrolment.point_of_sale_id != enrolment.point_of_sale_id
        )
        self.identity = replace(self.identity, enrolment=enrolment)
        self._issuer = None
        if moved:
            self.reload()

    def issuer(self) -> Issuer:
        """Raises NotEnrolled, titles.BadCertificate."""
        if self._issuer is None:
            self._issuer = self.identity.issuer()
        return self._issuer

    @property
    def online(self) -> bool:
        return self.line.online

    def business_on(self, now: datetime) -> str:
        return business_date(now, self.catalogue.zone).isoformat()

    def require_thawed(self, *, to_close: bool = False) -> None:
        """Raises TillFrozen; TillLeaving unless it is `to_close` what was opened. Floats are closed without asking."""
        connection = self.database.read()
        if cause := meta.frozen(connection):
            raise TillFrozen("the centre refuses this till's journal", cause=cause)
        if self.is_leaving and not to_close:
            raise TillLeaving("the centre has asked this till back: it sells no more")

    @property
    def is_leaving(self) -> bool:
        """Whether the centre has asked this machine back (I4)."""
        return bool(meta.get(self.database.read(), meta.ASKED_BACK))

    def seller(self, session_hash: bytes | None) -> Seller | None:
        """Who is signed in from this browser; None also when the centre took the cashier off the roster."""
        if session_hash is None:
            return None
        connection = self.database.read()
        shift = shifts.current(connection, session_hash)
        cashier = snapshot.cashier(connection, shift.cashier_id) if shift else None
        return Seller(cashier, shift) if shift and cashier else None

    def require_seller(self, session_hash: bytes | None) -> Seller:
        """Raises NotSignedIn."""
        seller = self.seller(session_hash)
        if seller is None:
            raise NotSignedIn("sign in first")
        return seller

    def wake_printing(self, roles: Any) -> None:
        for role in roles:
            self.wake_printers[role].set()

"""Telling the centre and hearing from it. Each step has its own thread and pace, so one dead service stops no other.

    token, roster   accounts     every 10 s          leases    inventory   every 3 s, and at once when asked
    snapshot        catalog      every 5 s           journal   cashdesk    at once after each entry
    plans           catalog      every 2 s           houses    inventory   every 1 s, for plans that are looked at
    templates       documents    every 10 s          training  cashdesk    its own journal, as the journal
    setup           catalog      every 5 s           floats    cashdesk    every 30 s, and when somebody signs in
    report          accounts     every 30 s, and within 5 s of a change that a person may have to see to

A step that finds nobody tries again after 1, 2, 4, then every 5 seconds. Hundreds of tills ask the same centre, so what
nobody waits for is asked seldom (`make bench NAME=fleet`); what somebody does wait for wakes its step.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from device_gateway import clock, leaving, metrics, receipts, setting_up
from device_gateway import seats as numbered
from device_gateway.centre import Centre
from device_gateway.domain import leases as lease_rules
from device_gateway.domain.errors import NotEnrolled, ProxyRefused
from device_gateway.printing import documents
from device_gateway.reporting import Reporter
from device_gateway.store import floats, identity, journal, leases, meta, plans, sales, setups, snapshot
from device_gateway.till import Till
from device_gateway.training import Training
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.telemetry import log

CHUNK = 400  # entries of one call: about 100 kB on the wire
LONGEST_PAUSE_SECONDS = 5.0
GATHER_SECONDS = 0.1  # after a sale the printer comes first, and what follows soon goes in the same call
_NOT_THE_TILL = {
    "TILL_REVOKED": "TILL_REVOKED",
    "SIGNATURE_INVALID": "MACHINE_REPLACED",
    "TILL_RETURNED": "TILL_RETURNED",
}
_FORKED = {"JOURNAL_FORK", "TILL_FROZEN"}
_STUBBORN = {"JOURNAL_FORK", "TILL_FROZEN", "TILL_REVOKED", "CHAIN_BROKEN", "SIGNATURE_INVALID", "ENTRY_MALFORMED"}


@contextmanager
def _frozen_if_not_the_till(till: Till) -> Iterator[None]:
    """Around calls to accounts: a till that it has revoked sells no more, though its token lives on; nor does a machine
    whose key is not the till's any more, because another one took its place (R6)."""
    try:
        yield
    except DomainError as error:
        if error.reason == "TILL_RETURNED" and leaving.was_returned(till):
            raise  # its answer to our word was lost; this machine is emptied now
        if cause := _NOT_THE_TILL.get(error.reason):
            with till.database.write() as tx:
                meta.freeze(tx, "accounts", cause)
        raise


def renew(till: Till, centre: Centre) -> None:
    """A fresh token and certificate, when the token at hand ends soon, or when the centre must judge the clock."""
    _renew(till, centre, anew=journal.ahead_of(till.database.read(), now()) is not None)


def _renew(till: Till, centre: Centre, *, anew: bool) -> None:
    at = now()
    try:
        with _frozen_if_not_the_till(till):
            answer = centre.renew(till.identity, at, anew=anew)
    except DomainError as error:
        if error.reason == "CLOCK_SKEWED":
            till.clock_skew = clock.skew_of(error.facts, at)
        raise
    if answer is None:
        return
    till.clock_skew = None
    with till.database.write() as tx:
        identity.keep_enrolment(tx, answer)
        meta.unfreeze(tx, "accounts")
        clock.taken_by_centre(tx, till, at)
        if answer.point_of_sale_id != till.identity.enrolled().point_of_sale_id:
            meta.put(tx, meta.CATALOG_VERSION, 0)  # moved: another range, so everything anew
    till.enrolled_as(answer)


def fetch_roster(till: Till, centre: Centre) -> None:
    """Who may sign in, with hashes of PINs and badges."""
    known = meta.get(till.database.read(), meta.ROSTER_VERSION)
    with _frozen_if_not_the_till(till):
        answer = centre.roster(till.identity.enrolled().till_id, known)
    if answer is not None:
        with till.database.write() as tx:
            snapshot.keep_roster(tx, answer.version, answer.cashiers, answer.badge_salt)


def fetch_snapshot(till: Till, centre: Centre) -> None:
    """What may be sold: all of it, or what has changed."""
    known = meta.number(till.database.read(), meta.CATALOG_VERSION)
    point_of_sale_id = till.identity.enrolled().point_of_sale_id
    answer = centre.snapshot(point_of_sale_id, known)
    if answer.numbered_seats and not answer.full and not meta.get(till.database.read(), meta.NUMBERED_SEATS):
        answer = centre.snapshot(point_of_sale_id, 0)  # what it has of numbered performances was told otherwise
    if not answer.full and answer.version == known:
        return
    with till.database.write() as tx:
        snapshot.keep(tx, answer.version, answer.objects, answer.full, now())
        if answer.full:
            meta.put(tx, meta.NUMBERED_SEATS, 1 if answer.numbered_seats else "")
    till.reload()
    till.wake_leases.set()
    log().info("catalogue", version=answer.version, full=answer.full)


def fetch_plans(till: Till, centre: Centre) -> None:
    """The seating plans of what may be sold, each once; those of nothing any more are dropped."""
    wanted = {each.plan_version_id for each in till.catalogue.performances.values() if each.plan_version_id}
    here = till.plans.here()
    for plan_version_id in sorted(wanted - here):
        number, geometry = centre.plan(plan_version_id)
        with till.database.write() as tx:
            plans.keep(tx, plan_version_id, number, geometry)
        till.wake_leases.set()
        log().info("plan", plan_version_id=plan_version_id, bytes=len(geometry))
    if here - wanted:
        with till.database.write() as tx:
            plans.keep_only(tx, wanted)
        till.plans.forget(wanted)


def watch_houses(till: Till, centre: Centre) -> None:
    """Where the seats stand of which somebody looks at the plan."""
    for performance_id in till.watch.watched():
        till.watch.told(performance_id, *centre.seat_status(performance_id))


def sync_setup(till: Till, centre: Centre) -> None:
    """Which set-up to run, verified before it is kept. It is applied between two sales (B9)."""
    connection, enrolment = till.database.read(), till.identity.enrolled()
    running, waiting = setups.profile(connection), setups.profile(connection, waiting=True)
    own = setups.modes(connection, waiting=True) or setups.modes(connection)
    for signed in centre.sync_setup(
        enrolment.till_id, enrolment.point_of_sale_id, running, waiting, setting_up.refused(till),
        own.number if own else 0,
    ):  # fmt: skip
        setting_up.take(till, signed)
    setting_up.apply_when_nobody_sells(till)


def fetch_templates(till: Till, centre: Centre) -> None:
    """How tickets and receipts look."""
    answer = centre.templates(meta.get(till.database.read(), meta.TEMPLATES_VERSION))
    if answer is not None:
        version, templates = answer
        with till.database.write() as tx:
            snapshot.keep_templates(tx, version, templates)
        till.reload()
        documents.warm_up(till.templates)


def sync_leases(till: Till, centre: Centre) -> None:
    """Write what is given back, tell it, say what is wished, and take over the centre's truth."""
    at = now()
    if not till.catalogue.version:
        return  # nothing is known of what is on sale: giving back now would give back everything
    for performance_id, seats in till.picks.forgotten().items():
        numbered.let_go(till, performance_id, seats)
    held = leases.every(till.database.read())
    over = (
        [lease.given_back() for lease in held if lease.active and not lease.done]
        if till.is_leaving
        else lease_rules.to_give_back(held, till.catalogue, at)
    )
    with till.database.write() as tx:
        leases.give_back(tx, over)
        sales.forget_rates(tx, at)
    held = leases.every(till.database.read())
    lately = sales.sold_since(till.database.read(), at - lease_rules.RATE_WINDOW)
    asked, pointed_at = till.demand.all(), till.picks.asked()
    wishes = (
        lease_rules.wishes(till.catalogue, held, lately, asked, at, till.plans.here(), pointed_at)
        if not till.is_leaving
        else []
    )
    try:
        news = centre.sync_leases(till.identity.enrolled().till_id, held, wishes)
    except DomainError as error:
        if error.reason == "LEASE_NOT_FOUND" and (lost := error.facts.get("lease_id")):
            with till.database.write() as tx:
                leases.forget(tx, lost)
        raise
    till.online_left = news.free
    with till.database.write() as tx:
        leases.keep(tx, news.leases, held)
        leases.give_back(tx, lease_rules.wanted_back(leases.every(tx), news.leases, till.picks.kept()))
    till.demand.answered(asked, numbered.left_by_wish(till, asked, at))
    till.picks.answered(pointed_at, news.refusals)


def upload(till: Till, centre: Centre, root_public_key: bytes | None = None) -> bool:
    """Send the next entries in order; whether more are waiting.

    They are done with once a receipt that holds vouches for them (LAW-6): by the root that this till got when it was
    enrolled, or by the one given.
    """
    connection = till.database.read()
    acknowledged = meta.number(connection, meta.ACKNOWLEDGED)
    if meta.refused_by(connection, "cashdesk") in _FORKED:
        _hand_in(till, centre, acknowledged)
    entries = journal.after(connection, acknowledged, CHUNK)
    if not entries:
        return False
    try:
        answer = centre.append(till.identity.enrolled().till_id, entries, now())
    except DomainError as error:
        _refused(till, error)
        return True
    vouched = receipts.vouched(
        till, centre, root_public_key or till.identity.enrolled().root_public_key, entries, answer.receipt
    )
    last = journal.last_sequence(connection)
    with till.database.write() as tx:
        if answer.sequence > last:
            # It holds entries that we do not: this database is an old copy.
            meta.freeze(tx, "cashdesk", "JOURNAL_BEHIND")
            return False
        meta.put(tx, meta.ACKNOWLEDGED, vouched)
        meta.put(tx, meta.CLOCK_OFFSET, answer.clock_offset_ms)
        meta.unfreeze(tx, "cashdesk")
        tx.execute("INSERT OR REPLACE INTO receipts (last_sequence, receipt) VALUES (?, ?)", (vouched, answer.receipt))
    return vouched < last


def _leave(training: Training | None, till: Till, centre: Centre) -> None:
    leaving.leave(till, centre, training)


def _hand_in(till: Till, centre: Centre, acknowledged: int) -> None:
    """The centre has another entry under a number of ours: what we sealed since is evidence, and money that counts. It
    is kept there beside the chain, and stays here too; whatever comes of it, a person decides of this till."""
    while True:
        connection = till.database.read()
        kept = max(acknowledged, meta.number(connection, meta.BRANCH_KEPT))
        entries = journal.after(connection, kept, CHUNK)
        if not entries:
            return
        try:
            last = centre.hand_in(till.identity.enrolled().till_id, entries)
        except DomainError as error:
            log().warning("branch_waits", reason=error.reason, message=error.message[:200])
            return
        with till.database.write() as tx:
            meta.put(tx, meta.BRANCH_KEPT, last)
        log().warning("branch_handed_in", last_sequence=last)


def fetch_floats(till: Till, centre: Centre) -> None:
    """Whose floats are open at other tills, or on their way (E1).

    While the centre has not heard of all that was done here it answers about the past: then this till knows better.
    """
    last = journal.last_sequence(till.database.read())
    if meta.number(till.database.read(), meta.ACKNOWLEDGED) != last:
        return
    found = centre.floats_elsewhere(till.identity.enrolled().till_id)
    with till.database.write() as tx:
        if journal.last_sequence(tx) == last:
            floats.keep_elsewhere(tx, found)


def _upload_training(training: Training, till: Till, centre: Centre) -> bool:
    """The centre takes it once the real chain, uploaded by its own step, has introduced it."""
    return training.till is not None and upload(training.till, centre, till.identity.enrolled().root_public_key)


def _refused(till: Till, error: DomainError) -> None:
    """Send again from where the centre says, or freeze the till until a person decides. Raises what is neither.

    Nobody signed a refusal: it never counts entries as kept.
    """
    expected = error.facts.get("expected", "")
    if error.reason == "JOURNAL_GAP" and expected.isdecimal():
        with till.database.write() as tx:
            if int(expected) - 1 > journal.last_sequence(tx):
                meta.freeze(tx, "cashdesk", "JOURNAL_BEHIND")
                return
            if int(expected) - 1 < meta.number(tx, meta.ACKNOWLEDGED):
                meta.put(tx, meta.ACKNOWLEDGED, int(expected) - 1)
                return
    if error.reason in _STUBBORN:
        with till.database.write() as tx:
            meta.freeze(tx, "cashdesk", error.reason)
    raise error


@dataclass(frozen=True)
class Step:
    """One thing to keep in step with one service. `work` answers whether more waits."""

    name: str
    every_seconds: float
    work: Callable[[Till, Centre], bool | None]
    wake: threading.Event


class Sync:
    """The threads of the sync. `start` once; `stop` waits for calls under way, at most their deadline."""

    def __init__(self, till: Till, centre: Centre, pace: float = 1.0, training: Training | None = None) -> None:
        """`pace` multiplies all pauses. The journal of `training` is uploaded too, with the real till's token."""
        self._till, self._centre, self._pace = till, centre, pace
        self._stopping = threading.Event()
        self._steps = [
            Step("token", 10, renew, till.wake_token),
            Step("roster", 10, fetch_roster, threading.Event()),
            Step("snapshot", 5, fetch_snapshot, threading.Event()),
            Step("setup", 5, sync_setup, threading.Event()),
            Step("plans", 2, fetch_plans, threading.Event()),
            Step("houses", 1, watch_houses, till.watch.wake),
            Step("templates", 10, fetch_templates, threading.Event()),
            Step("leases", 3, sync_leases, till.wake_leases),
            Step("journal", 5, upload, till.wake_upload),
            Step("floats", 30, fetch_floats, till.wake_floats),
            Step("report", 5, Reporter(), threading.Event()),
            Step("leaving", 2, partial(_leave, training), threading.Event()),
        ]
        if training is not None:
            self._steps.append(Step("training", 15, partial(_upload_training, training), training.wake_upload))
        self._threads = [
            threading.Thread(target=self._run, args=(step,), name=f"sync-{step.name}", daemon=True)
            for step in self._steps
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Do not wait for the next turn: the till was just enrolled."""
        for step in self._steps:
            step.wake.set()

    def stop(self) -> None:
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, step: Step) -> None:
        pause, failing = 0.0, False
        while not self._stopping.is_set():
            if pause and step.wake.wait(pause * self._pace):
                self._stopping.wait(GATHER_SECONDS)
            step.wake.clear()
            if self._stopping.is_set():
                return
            if self._till.identity.enrolment is None:
                pause = 1.0
                continue
            try:
                answers = self._centre.answers
                self._need_token(step)
                more = step.work(self._till, self._centre)
                if self._centre.answers != answers:  # a step with nothing to say has heard nothing either
                    self._till.line.answered(now())
                pause = 0.0 if more else step.every_seconds
                if failing:
                    log().info("sync_works_again", step=step.name)
                failing = False
                self._till.sync_failures.pop(step.name, None)
                metrics.SYNC_FAILURES.labels(step.name).set(0)
            except Exception as error:
                pause = min(LONGEST_PAUSE_SECONDS, pause * 2 if failing else 1.0)
                self._failed(step, error, failing)
                failing = True
                # A wish or a sale does not make a dead service answer: hold to the pause.
                if self._stopping.wait(pause * self._pace):
                    return
                pause = pause if pause else 1.0
                step.wake.set()

    def _need_token(self, step: Step) -> None:
        """A token that still serves is enough while accounts is away."""
        if step.work is renew:
            return
        try:
            _renew(self._till, self._centre, anew=False)
        except DomainError as error:
            if error.kind is not Kind.UNAVAILABLE or not self._centre.has_token(now()):
                raise

    def _failed(self, step: Step, error: Exception, again: bool) -> None:
        metrics.SYNC_FAILURES.labels(step.name).set(1)
        if isinstance(error, NotEnrolled):
            return
        if isinstance(error, DomainError):
            if error.kind is Kind.UNAUTHENTICATED:
                self._centre.drop_token()
            if error.kind is not Kind.UNAVAILABLE:
                self._till.line.answered(now())  # a refusal is an answer
                self._till.sync_failures[step.name] = error.reason
            if isinstance(error, ProxyRefused):
                self._till.line.problem = error.reason
            if not again:
                log().warning("sync_waits", step=step.name, reason=error.reason, message=error.message[:200])
            return
        self._till.sync_failures[step.name] = type(error).__name__
        if not again:
            log().error("sync_failed", step=step.name, exc_info=error)

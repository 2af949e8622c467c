"""Outbox, relay and inbox on the real PostgreSQL and the real NATS: nothing is lost, nothing counts twice."""

import threading
import uuid

import nats
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text, update

from kit.bus import Bus, outbox_depth
from kit.consumer import Subscription
from kit.database import create_kit_tables, engine_for, outbox, sessions_for
from kit.errors import FieldInvalid, Unavailable
from kit.outbox import record, record_all
from kit.testing import eventually, run_async
from ticketing.accounts.v1.events_pb2 import UserSaved

metadata = MetaData()
effects = Table("effects", metadata, Column("id", Integer, primary_key=True), Column("user_id", Integer))


@pytest.fixture(scope="module")
def sessions(database):
    url = database("accounts")
    owner = create_engine(url.owner_url)
    with owner.begin() as connection:
        create_kit_tables(connection)
        metadata.create_all(connection)
    owner.dispose()
    engine = engine_for(url)
    yield sessions_for(engine)
    engine.dispose()


@pytest.fixture
def bus(nats_url):
    bus = Bus(nats_url, "accounts")
    bus.start()
    yield bus
    bus.stop()


@pytest.fixture
def subject():
    return f"accounts.user{uuid.uuid4().hex[:8]}.saved.v1"


def recorded_effects(sessions, low, high):
    with sessions() as session:
        query = select(effects.c.user_id).where(effects.c.user_id.between(low, high)).order_by(effects.c.id)
        return list(session.scalars(query))


def handler(session, events):
    session.execute(insert(effects), [{"user_id": int(e.message.user_id)} for e in events])


def test_an_event_is_told_if_and_only_if_its_cause_commits(sessions, bus, subject):
    bus.relay(sessions.kw["bind"])
    bus.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, handler))
    with sessions() as session:
        record(session, subject, UserSaved(user_id="1001"))
        session.rollback()
    with sessions.begin() as session:
        record_all(session, subject, [UserSaved(user_id=str(n)) for n in range(1002, 1302)])
    eventually(lambda: len(recorded_effects(sessions, 1001, 1999)) == 300)
    assert recorded_effects(sessions, 1001, 1999) == list(range(1002, 1302))


def test_an_event_sent_twice_takes_effect_once(sessions, bus, subject, nats_url):
    bus.relay(sessions.kw["bind"])
    bus.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, handler, batch=3))
    with sessions.begin() as session:
        record(session, subject, UserSaved(user_id="2001"))
    eventually(lambda: recorded_effects(sessions, 2001, 2999) == [2001])

    async def send_again_without_the_dedupe_header():
        connection = await nats.connect(nats_url)
        message = await connection.jetstream().get_last_msg("ACCOUNTS", subject)
        headers = {k: v for k, v in message.headers.items() if k != "Nats-Msg-Id"}
        for _ in range(3):
            await connection.jetstream().publish(subject, message.data, headers=headers)
        await connection.close()

    run_async(send_again_without_the_dedupe_header())
    with sessions.begin() as session:
        record(session, subject, UserSaved(user_id="2002"))
    eventually(lambda: 2002 in recorded_effects(sessions, 2001, 2999))
    assert recorded_effects(sessions, 2001, 2999) == [2001, 2002]


def test_a_crash_between_sending_and_noting_it_sends_again_and_counts_once(sessions, bus, subject):
    bus.relay(sessions.kw["bind"])
    bus.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, handler))
    with sessions.begin() as session:
        record(session, subject, UserSaved(user_id="3001"))
    eventually(lambda: recorded_effects(sessions, 3001, 3999) == [3001])
    eventually(lambda: outbox_depth(sessions.kw["bind"]) == 0)
    with sessions.begin() as session:
        session.execute(update(outbox).where(outbox.c.subject == subject).values(published_at=None))
        record(session, subject, UserSaved(user_id="3002"))
    eventually(lambda: outbox_depth(sessions.kw["bind"]) == 0 and 3002 in recorded_effects(sessions, 3001, 3999))
    assert recorded_effects(sessions, 3001, 3999) == [3001, 3002]


def test_a_busy_consumer_is_given_the_event_again_until_it_can(sessions, bus, subject):
    tries = []

    def busy_at_first(session, events):
        tries.append(len(events))
        if len(tries) < 3:
            raise Unavailable("not yet")
        handler(session, events)

    bus.relay(sessions.kw["bind"])
    bus.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, busy_at_first))
    with sessions.begin() as session:
        record(session, subject, UserSaved(user_id="4001"))
    eventually(lambda: recorded_effects(sessions, 4001, 4999) == [4001], seconds=30)


def test_one_bad_event_is_parked_and_the_others_of_its_batch_take_effect(sessions, bus, subject):
    def picky(session, events):
        if any(e.message.user_id == "5002" for e in events):
            raise FieldInvalid("user_id", "is cursed")
        handler(session, events)

    with sessions.begin() as session:
        record_all(session, subject, [UserSaved(user_id=str(n)) for n in (5001, 5002, 5003)])
    bus.relay(sessions.kw["bind"])
    bus.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, picky))
    eventually(lambda: sorted(recorded_effects(sessions, 5001, 5999)) == [5001, 5003])


def test_with_nats_away_the_outbox_waits_and_nothing_is_lost(sessions, nats_url, subject):
    away = Bus("nats://127.0.0.1:1", "accounts")
    away.start()
    away.relay(sessions.kw["bind"])
    with sessions.begin() as session:
        record(session, subject, UserSaved(user_id="6001"))
    with pytest.raises(ConnectionError):
        away.check()
    assert outbox_depth(sessions.kw["bind"]) == 1
    away.stop()
    back = Bus(nats_url, "accounts")
    back.start()
    back.relay(sessions.kw["bind"])
    back.subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, handler))
    eventually(lambda: recorded_effects(sessions, 6001, 6999) == [6001])
    back.stop()


def test_two_relays_on_one_outbox_keep_the_order(sessions, nats_url, subject):
    buses = [Bus(nats_url, "accounts") for _ in range(2)]
    for bus in buses:
        bus.start()
        bus.relay(sessions.kw["bind"])

    def write(start):
        for n in range(start, start + 50):
            with sessions.begin() as session:
                session.execute(text("SELECT pg_advisory_xact_lock(42)"))  # the noun's lock: its events are in order
                record(session, subject, UserSaved(user_id=str(n)))

    threads = [threading.Thread(target=write, args=(start,)) for start in (7000, 7100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    buses[0].subscribe(sessions, Subscription(f"t-{uuid.uuid4().hex[:8]}", subject, UserSaved, handler))
    eventually(lambda: len(recorded_effects(sessions, 7000, 7999)) == 100)
    got = recorded_effects(sessions, 7000, 7999)
    assert [n for n in got if n < 7100] == list(range(7000, 7050))
    assert [n for n in got if n >= 7100] == list(range(7100, 7150))
    for bus in buses:
        bus.stop()

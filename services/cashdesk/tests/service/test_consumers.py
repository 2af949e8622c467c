"""Tills come and go by accounts' events, over the real NATS."""

from collections.abc import Iterator

import pytest

import ledger
from cashdesk.consumers import SUBSCRIPTIONS
from kit import outbox
from kit.bus import Bus
from kit.clock import now
from kit.testing import eventually
from suite.testing import Database
from ticketing.accounts.v1 import events_pb2

from ..conftest import Core, TillJournal, refusal, sale


@pytest.fixture
def tell(core: Core, nats_url: str, database) -> Iterator[object]:  # type: ignore[no-untyped-def]
    """Publishes as accounts does, from an outbox of its own."""
    from kit.database import create_kit_tables, engine_for, sessions_for

    accounts: Database = database("accounts")
    owner = engine_for(accounts.owner_url)
    with owner.begin() as connection:
        create_kit_tables(connection)
    listening, telling = Bus(nats_url, "cashdesk"), Bus(nats_url, "accounts")
    listening.start()
    telling.start()
    for subscription in SUBSCRIPTIONS:
        listening.subscribe(core.sessions, subscription)
    telling.relay(owner)

    def tell_one(subject: str, message: object) -> None:
        with sessions_for(owner).begin() as session:
            outbox.record(session, subject, message)  # type: ignore[arg-type]

    yield tell_one
    listening.stop()
    telling.stop()
    owner.dispose()


def test_a_till_enrolled_by_accounts_may_append_until_it_is_revoked(core: Core, tell) -> None:  # type: ignore[no-untyped-def]
    till = TillJournal()
    enrolled = events_pb2.TillEnrolled(
        till_id=till.id, number="T77", name="Guichet", journal_public_key=ledger.public_bytes(till.key)
    )
    enrolled.enrolled_at.FromDatetime(now())
    revoked = events_pb2.TillRevoked(till_id=till.id, reason="stolen")
    revoked.revoked_at.FromDatetime(now())
    tell("accounts.till.enrolled.v1", enrolled)
    eventually(lambda: core.count("tills", f"till_id = '{till.id}'") == 1)
    assert core.append(till, [till.write(sale())]).acknowledged_sequence == 1
    tell("accounts.till.revoked.v1", revoked)
    eventually(lambda: core.count("tills", f"till_id = '{till.id}' AND revoked_at IS NOT NULL") == 1)
    assert refusal(lambda: core.append(till, [till.write(sale())])).reason == "TILL_REVOKED"

"""Statements on the session's own connection: its transaction, its errors, any values."""

import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from kit.database import engine_for, sessions_for
from kit.sql import Statement, insert, together

pytestmark = pytest.mark.service

COLUMNS = {"id": "uuid", "name": "text", "amount": "bigint", "at": "timestamptz", "on_day": "date", "raw": "bytea"}
ADD = insert("things", COLUMNS, "ON CONFLICT (id) DO NOTHING RETURNING id")
ALL = Statement("SELECT id, name, amount, at, on_day, raw FROM things WHERE id = ANY(CAST(:ids AS uuid[]))")
values = st.tuples(
    st.builds(uuid.uuid4),
    st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    st.integers(-(2**63), 2**63 - 1),
    st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),
    st.dates(date(1, 1, 2)),
    st.binary(max_size=50),
)


@pytest.fixture(scope="module")
def sessions(database):
    url = database("accounts")
    owner = create_engine(url.owner_url)
    with owner.begin() as connection:
        connection.execute(
            text("CREATE TABLE things (id uuid PRIMARY KEY, name text, amount bigint, at timestamptz, on_day date,"
                 " raw bytea)")
        )  # fmt: skip
    owner.dispose()
    engine = engine_for(url)
    yield sessions_for(engine)
    engine.dispose()


@settings(max_examples=50, deadline=None)
@given(st.lists(values, max_size=5))
def test_rows_come_back_as_they_went_in(sessions, rows):
    with sessions.begin() as session:
        assert [found[0] for found in ADD.rows(session, rows)] == [row[0] for row in rows]
        found = {row[0]: row for row in ALL.rows(session, ids=[row[0] for row in rows])}
    assert found == {row[0]: row for row in rows}


def test_what_is_undone_was_never_there(sessions):
    one = uuid.uuid4()
    with sessions() as session:
        ADD.rows(session, [(one, "x", 1, None, None, None)])
        session.rollback()
    with sessions() as session:
        assert ALL.rows(session, ids=[one]) == []


def test_on_a_bare_connection_commit_keeps_what_was_done(sessions):
    one = uuid.uuid4()
    with sessions.kw["bind"].connect() as connection:
        ADD.rows(connection, [(one, "x", 1, None, None, None)])
        connection.commit()
    with sessions() as session:
        assert len(ALL.rows(session, ids=[one])) == 1


def test_a_broken_rule_is_the_same_error_as_anywhere_else(sessions):
    one = uuid.uuid4()
    add = Statement("INSERT INTO things (id) VALUES (:id)")
    with sessions.begin() as session:
        add.rows(session, id=one)
    with pytest.raises(IntegrityError), sessions.begin() as session:
        add.rows(session, id=one)


def test_a_percent_sign_and_a_cast_are_left_alone(sessions):
    with sessions() as session:
        assert Statement("SELECT :word LIKE 'a%', 1::text").rows(session, word="abc") == [(True, "1")]


def test_a_connection_that_died_is_not_used_again(sessions):
    pid = Statement("SELECT pg_backend_pid()")
    with sessions() as session:
        ((mine,),) = pid.rows(session)
        with sessions() as other:
            Statement("SELECT pg_terminate_backend(:pid)").rows(other, pid=mine)
        with pytest.raises(OperationalError):
            pid.rows(session)
    with sessions() as session:
        assert pid.rows(session) != [(mine,)]


def test_statements_that_travel_together_are_done_in_their_order(sessions):
    one = uuid.uuid4()
    with sessions.begin() as session:
        with together(session):
            insert("things", COLUMNS).rows(session, [(one, "x", 1, None, None, None)])
            Statement("UPDATE things SET amount = amount + 1 WHERE id = :id").rows(session, id=one)
            Statement("UPDATE things SET amount = amount * 10 WHERE id = :id").rows(session, id=one)
        assert ALL.rows(session, ids=[one])[0][2] == 20


def test_of_statements_that_travel_together_none_is_done_when_one_breaks_a_rule(sessions):
    one, two = uuid.uuid4(), uuid.uuid4()
    add = insert("things", {"id": "uuid"})

    def break_a_rule():
        with sessions.begin() as session, together(session):
            for each in (two, one, one):
                add.rows(session, [(each,)])

    with pytest.raises(IntegrityError):
        break_a_rule()
    with sessions() as session:
        assert ALL.rows(session, ids=[one, two]) == []

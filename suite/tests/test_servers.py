"""The three servers, started for real: as whoever runs the tests, and as other accounts when that is root."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from kit.testing import run_async
from suite import databases
from suite.servers import nats, postgres, running, spawn, valkey, wait_ready
from suite.testing import Database, Postgres, free_port

pytestmark = pytest.mark.service

as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other accounts reach too (pytest's own are closed to them)."""
    with tempfile.TemporaryDirectory(prefix="suite-servers-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def admin(port: int) -> str:
    return f"postgresql://postgres:secret@127.0.0.1:{port}/postgres"


def test_postgres_keeps_its_data_from_one_start_to_the_next(place: Path) -> None:
    port = free_port()
    server = postgres.server(place / "postgres", port, "secret")
    with running(server, place / "log"), psycopg.connect(admin(port), autocommit=True) as connection:
        connection.execute("create table kept as select 'théâtre' as word")
    with running(server, place / "log"), psycopg.connect(admin(port)) as connection:
        assert connection.execute("select upper(word) from kept").fetchone() == ("THÉÂTRE",)
        assert connection.execute("show fsync").fetchone() == ("on",)


def test_postgres_recovers_what_was_committed_before_a_kill(place: Path) -> None:
    port = free_port()
    server = postgres.server(place / "postgres", port, "secret")
    with running(server, place / "log") as process:
        with psycopg.connect(admin(port), autocommit=True) as connection:
            connection.execute("create table sale as select 1 as number")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not server.ready()
        again = spawn(server, place / "log")
        try:
            wait_ready(server, again, place / "log")
            with psycopg.connect(admin(port)) as connection:
                assert connection.execute("select number from sale").fetchone() == (1,)
        finally:
            again.send_signal(server.stop_signal)
            again.wait()


def test_postgres_asks_everybody_for_a_password_and_listens_on_the_loopback_only(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{postgres.port}/postgres")
    with psycopg.connect(postgres.admin_url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)


@as_root_only
def test_root_without_user_namespaces_runs_postgres_as_nobody_on_a_reachable_folder(
    monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    account = postgres.Account(user="nobody")
    monkeypatch.setattr(postgres, "account_to_run_as", lambda: account)
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    port = free_port()
    home = closed / "var" / "postgres"
    try:
        server = postgres.server(home, port, "secret", durable=False)
        with running(server, place / "log") as process, psycopg.connect(admin(port)) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            assert Path(f"/proc/{process.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert not home.exists()
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        data = postgres.data_directory(home, account)
        postgres.forget(home)
    assert not data.exists()


@as_root_only
def test_an_ordinary_user_runs_all_three_servers(place: Path) -> None:
    os.chown(place, 65534, 65534)
    script = f"""
from contextlib import ExitStack
from pathlib import Path
from suite.servers import nats, postgres, running, valkey
home, log = Path({str(place)!r}), Path({str(place / "log")!r})
with ExitStack() as stack:
    for server in (
        postgres.server(home / "postgres", {free_port()}, "secret", durable=False),
        nats.server(home / "nats", {free_port()}, {free_port()}),
        valkey.server(home / "redis", {free_port()}),
    ):
        stack.enter_context(running(server, log))
        print(server.name)
"""
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    env = os.environ | {"HOME": str(place)}
    ran = subprocess.run([*drop, sys.executable, "-c", script], env=env, cwd=place, capture_output=True, text=True)
    if "Permission denied" in ran.stderr and "python" in ran.stderr:
        pytest.skip("this Python lies where other accounts cannot reach it")
    assert ran.stdout.split() == ["postgres", "nats", "redis"], ran.stderr


def test_a_service_reads_and_writes_what_its_owner_made_and_changes_no_schema(
    database: Callable[[str], Database],
) -> None:
    orders = database("orders")
    with psycopg.connect(libpq(orders.owner_url)) as owner:
        owner.execute("create table orders (number bigint generated always as identity, name text)")
        owner.execute("create table tickets (number bigserial)")
    with psycopg.connect(libpq(orders), autocommit=True) as service:
        service.execute("insert into orders (name) values ('visite')")
        service.execute("insert into tickets default values")
        service.execute("update orders set name = 'atelier'")
        assert service.execute("select name from orders").fetchall() == [("atelier",)]
        service.execute("delete from orders")
        for forbidden in (
            "create table other (number int)",
            "alter table orders add column other int",
            "drop table orders",
            "truncate orders",
            "create temporary table other (number int)",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                service.execute(forbidden)


def test_a_service_cannot_enter_the_database_of_another(database: Callable[[str], Database]) -> None:
    orders, catalog = database("orders"), database("catalog")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(libpq(orders).replace(orders.name, catalog.name))


def test_creating_a_database_again_changes_nothing(postgres: Postgres, database: Callable[[str], Database]) -> None:
    orders = database("orders")
    with psycopg.connect(libpq(orders.owner_url)) as owner:
        owner.execute("create table orders (number int)")
    databases.create(postgres.admin_url, orders.name, "orders", "another", "another")
    with psycopg.connect(libpq(orders)) as service:
        assert service.execute("select count(*) from orders").fetchone() == (0,)


def test_nats_keeps_its_streams_and_redis_its_keys(place: Path) -> None:
    import nats as client
    import redis

    port, redis_port = free_port(), free_port()
    server = nats.server(place / "nats", port, free_port())
    store = valkey.server(place / "redis", redis_port)

    async def published() -> int:
        connection = await client.connect(f"nats://127.0.0.1:{port}")
        stream = connection.jetstream()
        await stream.add_stream(name="ORDERS", subjects=["orders.>"])
        await stream.publish("orders.order.completed.v1", b"{}")
        state = (await stream.stream_info("ORDERS")).state
        await connection.close()
        return state.messages

    for count in (1, 2):
        with running(server, place / "log"), running(store, place / "log"):
            assert run_async(published()) == count
            with redis.Redis(port=redis_port) as keys:
                assert keys.incr("sales") == count

"""Wires the role `live` and runs it until it is told to stop."""

import asyncio
import resource
import signal
from contextlib import suppress

import uvloop
from aiohttp import web

from inventory.live.config import Config
from inventory.live.gateway import DEAF_SECONDS, Gateway
from inventory.live.http import application
from inventory.live.snapshots import Core, Shelf
from inventory.live.stream import Stream
from kit import telemetry
from kit.errors import Unavailable
from kit.tokens import KeyRing, accounts_keys

DRAIN_SECONDS = 5.0


def run(config: Config, version: str) -> int:
    """Serve until SIGTERM or SIGINT; then send the browsers elsewhere and stop. Returns 0."""
    telemetry.configure("inventory-live", version)
    _allow_many_connections()
    uvloop.run(_serve(config))
    return 0


async def _serve(config: Config) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shelf, core = Shelf(config.redis_url), Core(config.inventory_target)
    gateway = Gateway(shelf, core, loop.time)
    stream = Stream(config.nats_url, gateway, loop.time)

    def silent_for() -> float:
        return 0.0 if stream.silent_since is None else loop.time() - stream.silent_since

    def live() -> None:
        if stop.is_set() or silent_for() > DEAF_SECONDS:
            raise Unavailable("changes of seats cannot be told now")

    def ready() -> None:
        live()
        if not stream.caught_up:
            raise Unavailable("the changes of late are still to be heard")

    keys = KeyRing(accounts_keys(config.accounts_target))
    app = application(gateway, keys, config.origins, live, {"stream": ready})
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, config.bind, config.port, backlog=4096, reuse_address=True).start()
    work = [asyncio.create_task(stream.run()), asyncio.create_task(gateway.watch(silent_for))]
    telemetry.log().info("started", port=config.port)
    stopped = asyncio.create_task(stop.wait())
    # Neither of them ever ends: if one does, it is a bug, and this process is better started again.
    await asyncio.wait([stopped, *work], return_when=asyncio.FIRST_COMPLETED)
    telemetry.log().info("stopping", lines=gateway.lines())
    gateway.close_lines()
    await gateway.shelve()
    await runner.cleanup()
    for task in work:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await shelf.close()
    telemetry.log().info("stopped")


def _allow_many_connections() -> None:
    """As many open files as this process may have: each browser is one, and the usual 1,024 are soon used up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

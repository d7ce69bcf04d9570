"""``op-core serve``: receive, work and export, until told to stop."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, needs_server
from op_core.errors import OpCoreError, SettingsError, ShopAway

if TYPE_CHECKING:
    from op_core.core import Core

__all__ = ["serve"]

log = logging.getLogger("op_core")
_LAST_ANSWERS = 2  # seconds for webhooks that are being received when it stops
_PATIENCE = 10.0  # seconds for the head of a request, or twice that at most
_LOOK_AGAIN = 60  # seconds between two looks whether a sweep is due, by whichever process the last one was
_LAST_CALLS = 4.0  # seconds for calls to the shop that are under way when it stops


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 takes a free one.")] = 8000,
    export_every: Annotated[
        int, typer.Option("--export-every", min=0, metavar="SECONDS", help="Pause between exports; 0: none.")
    ] = 300,
    products_every: Annotated[
        int,
        typer.Option("--products-every", min=0, metavar="SECONDS", help="Pause between exports of products; 0: none."),
    ] = 3600,
    config: Config = None,
) -> None:
    """Receive webhooks, act on what is due and export what changed, until interrupted."""
    with needs_server("op-core serve"):
        import uvicorn

    from op_core.cli.connections import impatient, open_many
    from op_core.cli.installed import stale
    from op_core.cli.opened import opened, parked_in_words

    open_many()
    log.setLevel(logging.INFO)
    with _listener(host, port) as listener, opened(config, quiet=True) as core:
        settings = uvicorn.Config(
            core.asgi,
            http=impatient(_PATIENCE),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_LAST_ANSWERS,
        )
        server = uvicorn.Server(settings)
        for name in (signal.SIGTERM, signal.SIGINT):
            # The server has handlers of its own while it runs; these are for before, and for when it hands them on.
            signal.signal(name, lambda *_: setattr(server, "should_exit", True))
        stop = threading.Event()
        # Said before any work starts, so that what a thread finds at once is read below it.
        url = _url(listener)
        output.say(f"listening on {url}")
        for store in core.settings.secrets:
            if store not in core.receiver.closed:
                output.note(f"webhooks of store {store}: {url}/webhooks/{store}")
        for store in core.parked:
            output.note(f"store {store} is parked: {parked_in_words(core, store)}")
        for line in stale(core):
            output.note(line)
        threads = [_started(core.runner.serve, "op-core runner")]
        for what, pause, work in (
            ("export of orders", export_every, _orders),
            ("export of products", products_every, _products),
            ("sweep", _LOOK_AGAIN, _sweep),
        ):
            threads += [
                _started(partial(_keep_at, core, name, what, pause, work, stop), f"op-core {what} {name}")
                for name in core.runner.stores
                if pause
            ]
        server.run([listener])
        stop.set()
        core.runner.stop()
        _end(threads)
    output.note("stopped")


def _listener(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    # asyncio does this for sockets that name their protocol, which accepted ones do not: without it, each answer on a
    # connection that is kept waits 40 ms for the other side. Accepted sockets have it from this one.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _started(work: object, name: str) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)  # type: ignore[arg-type]  # a callable without arguments
    thread.start()
    return thread


class _Stopping(Exception):
    """The process ends; the next one goes on."""


def _orders(core: Core, store: str, told: Callable[[object], None]) -> None:
    sent = core.export(store, progress=told)
    log.info("store %s: %d orders made known, %d updated", store, sent.created, sent.updated)


def _products(core: Core, store: str, told: Callable[[object], None]) -> None:
    if not core.work(store).desk.shop.supports("op_export_products").usable:
        return  # doctor says so
    sent = core.export_products(store, progress=told)
    log.info("store %s: %d products made known, %d updated, %d gone", store, sent.created, sent.updated, sent.gone)
    if sent.missing:
        log.warning("store %s: %d products are missing in what the shop gives; nobody was told", store, sent.missing)


def _sweep(core: Core, store: str, told: Callable[[object], None]) -> None:
    sweeper = core.work(store).sweeper
    if core.work(store).desk.store.sweep.every and sweeper.due() <= 0:
        swept = sweeper.run(progress=told)
        found = swept.orders, swept.never_delivered, swept.differences
        log.info("store %s: claims of %d orders read back, %d never delivered, %d told differently", store, *found)


def _keep_at(
    core: Core,
    store: str,
    what: str,
    pause: int,
    work: Callable[[Core, str, Callable[[object], None]], None],
    stop: threading.Event,
) -> None:
    def told(_: object) -> None:
        if stop.is_set():
            raise _Stopping

    while not stop.is_set():
        wait: float = pause
        try:
            work(core, store, told)
        except _Stopping:
            return
        except ShopAway:  # the runner says it
            wait = min(wait, max(core.work(store).desk.shop.absence.wait, 1))
        except OpCoreError as error:
            log.warning("%s of store %s: %s", what, store, error)
        except Exception as error:  # noqa: BLE001 - one store's fault is not the others'; its text may hold a value
            log.error("%s of store %s: %s", what, store, type(error).__name__)  # noqa: TRY400 - as above
        stop.wait(wait)


def _end(threads: list[threading.Thread]) -> None:
    """Wait for what is under way, but not for long: what a shop has not answered is asked for after the next start."""
    until = time.monotonic() + _LAST_CALLS
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    if any(thread.is_alive() for thread in threads):
        output.note(
            "stopped; a call to a shop or to Order Protection still runs, the next start asks what became of it"
        )
        sys.stdout.flush()
        os._exit(0)  # a thread that waits for an answer cannot be ended; every intent is committed

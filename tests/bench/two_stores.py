"""Claims per second of one HTTP shop beside a dead one, in one process, and the same without that."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import rest_calls
from figures import Figure, Sample, in_turns

import op_core
from op_core.ledger import actions, deliveries
from op_core.testing import bodies

__all__ = ["measure"]

_SETTINGS = """
[ledger]
url = "sqlite:///op.db"
[stores.living]
id = "living-1"
{store}
url = "{living}"
env = {{ SHOP_TOKEN = "fake" }}
[stores.dead]
id = "dead-1"
{store}
url = "{dead}"
env = {{ SHOP_TOKEN = "fake" }}
"""
_STORE = """adapter = "rest_shop"
api_url = "http://127.0.0.1:1"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
verify_claims = "never"
limits = { hold_above = { USD = "1000" }, actions_per_hour = 100000 }
[stores.NAME.settings]
manifest = "rest.toml\""""


class _Dead:
    """A shop that takes connections and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.taken: list[socket.socket] = []
        self.asked = threading.Event()
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self.listener.accept()[0])
            except OSError:
                return
            self.asked.set()

    def close(self) -> None:
        self.listener.close()
        for each in self.taken:
            each.close()


def measure(folder: Path, rounds: int, claims: int) -> list[Figure]:
    """Return how many refunds a second the living store makes, from stored webhooks to the end of each action."""
    with subprocess.Popen([sys.executable, rest_calls.__file__, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url, number = server.stdout.readline().strip(), count()

            def turn(*, beside: bool) -> Sample:
                here = folder / f"two-{next(number)}"
                here.mkdir()
                return _turn(here, url, claims, beside=beside)

            found = in_turns(rounds, lambda: turn(beside=True), lambda: turn(beside=False))
        finally:
            server.terminate()
    is_ = "the same store, while the one of the dead shop has nothing to do; a shop that takes 50 ms, 4 calls at once"
    return [Figure("HTTP shop: claims beside a dead one", is_, *found)]


def _turn(folder: Path, url: str, claims: int, *, beside: bool) -> Sample:
    dead = _Dead()
    (folder / "rest.toml").write_text(rest_calls.MANIFEST, encoding="utf-8")
    said = _SETTINGS.format(store=_STORE, living=url, dead=dead.url)
    for name in ("living", "dead"):
        said = said.replace("stores.NAME", f"stores.{name}", 1)
    (folder / "op.toml").write_text(said, encoding="utf-8")
    with op_core.load(folder / "op.toml") as core, _worked(core, dead, claims if beside else 0):
        _told(core, "living", claims)
        begun, cpu = time.perf_counter(), time.process_time()
        core.run_once("living")
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        states = [action.state for action in core.ledger.read(actions.listing, "living-1", limit=claims)]
        assert states == ["done"] * claims, states
        return Sample(claims / wall, cpu / claims * 1e6)


@contextmanager
def _worked(core: op_core.Core, dead: _Dead, claims: int) -> Iterator[None]:
    """Let the dead shop's store try for as long as the block lasts."""
    _told(core, "dead", claims)
    over = threading.Event()

    def tries() -> None:
        while claims and not over.is_set():
            core.run_once("dead")
            over.wait(0.1)

    thread = threading.Thread(target=tries)
    thread.start()
    try:
        if claims:
            assert dead.asked.wait(30)
        yield
    finally:
        over.set()
        dead.close()
        thread.join()


def _told(core: op_core.Core, store: str, claims: int) -> None:
    for at in range(claims):
        said = bodies.resolution("REFUND", bodies.item("l1", 1, 15), total=15)
        body = bodies.approved(said, claim=f"C-{at}", order=f"{at}", event=f"{store}-{at}")
        core.ledger.write(deliveries.store, f"{store}-1", body, core.ledger.now())

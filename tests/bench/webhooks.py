"""Durable webhooks per second: op-core's ASGI app over a SQLite file, beside the same server storing nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from figures import Figure, Sample, in_turns
from load import SECRET
from machine import cpu_seconds
from servers import Server, serving

from op_core.ledger import Ledger
from op_core.ledger.schema import deliveries

__all__ = ["CONNECTIONS", "measure", "send"]

CONNECTIONS = 64
_MANY = 10_000_000  # ids that one round may use up
_LONGEST = 20.0  # seconds for a round beyond its own
# The adapter is not installed: a store needs none to receive, and nothing else then works on the ledger meanwhile.
_SETTINGS = f"""
[ledger]
url = "sqlite:///webhooks.db"

[stores.main]
id = "bench-1"
adapter = "bench_receives_only"
api_url = "http://127.0.0.1:9"
api_token = "bench-token-not-a-secret"
webhook_secrets = ["{SECRET}"]
"""


def measure(folder: Path, rounds: int, seconds: float) -> Figure:
    """Measure *rounds* of so many seconds each, and check that what was answered 200 is in the ledger."""
    settings = folder / "op.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    numbers = count(0, _MANY)
    stored = 0
    with serving("core", str(settings)) as core, serving("empty") as empty:

        def ours() -> Sample:
            nonlocal stored
            sample, answered = send(core, seconds, next(numbers))
            stored += answered
            return sample

        first, second = in_turns(rounds, ours, lambda: send(empty, seconds, next(numbers))[0])
        alone, answered = send(core, seconds / 2, next(numbers), connections=1)
        stored += answered
        with serving("bare", str(folder / "bare.db")) as bare:
            least, _ = send(bare, seconds, next(numbers))
    _all_there(folder, stored)
    return Figure(
        "webhooks stored",
        "the same uvicorn, an app that reads the body and stores nothing",
        first,
        second,
        {
            "over one connection": alone.rate,
            "over one connection, p50 ms": alone.more["p50 ms"],
            "by raw sqlite3, group commit": least.rate,
        },
    )


def send(server: Server, seconds: float, first: int, connections: int = CONNECTIONS) -> tuple[Sample, int]:
    """Load a server from another process; return the sample, and how many were answered 200 in all."""
    before = cpu_seconds(server.pid)
    script = str(Path(__file__).with_name("load.py"))
    arguments = [str(server.port), "/webhooks/main", str(seconds), str(connections), str(first)]
    done = subprocess.run(
        [sys.executable, script, *arguments], check=True, stdout=subprocess.PIPE, timeout=seconds + _LONGEST
    )
    after = cpu_seconds(server.pid)
    said = json.loads(done.stdout)
    if said["refused"]:
        raise RuntimeError(f"{said['refused']} requests were not answered 200")
    cpu = None if before is None or after is None else (after - before) / said["answered"] * 1e6
    return Sample(said["rate"], cpu, {"p50 ms": said["p50_ms"], "p99 ms": said["p99_ms"]}), said["answered"]


def _all_there(folder: Path, answered: int) -> None:
    ledger = Ledger.open(f"sqlite:///{folder / 'webhooks.db'}")
    try:
        rows = ledger.read(lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(deliveries)))
    finally:
        ledger.close()
    if rows != answered:
        raise RuntimeError(f"{answered} webhooks were answered 200, {rows} are in the ledger")

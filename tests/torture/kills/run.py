"""
Real processes, killed: 0 lost, 0 doubled, counted in the shop's own tables and at Order Protection.

`python tests/torture/kills/run.py --claims 300 --kills 60`, for one of the databases alone `--database sqlite`.

A shop, a local Order Protection that sends each webhook twice, `op-core serve` and a second runner. One of the two is
killed at a crash point, or anywhere, while decisions come in; it is started again, and the next one is killed. In
between the database is restarted as a crash would, and its disk is full. At the end all must be done, once.

What this machine leaves out is said at the end: a disk is full only where root may mount a small one, and a server
that `OP_TEST_POSTGRES` names is not restarted.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from disks import Disk, NotMounted, small_disk
from points import PATIENCE, Kill, planned
from processes import Process, commands, said
from rich.console import Console
from rich.progress import track
from story import TOKEN, Story, settings

from op_core.ledger import Ledger, actions, deliveries, reports
from op_core.sandbox import Sandbox
from op_core.testing import postgres

_PATIENCE = 60  # seconds in which something must move, once the last process was killed
_FULL = 4  # seconds for which the disk is full
_MEGABYTES = {"sqlite": 48, "postgres": 400}


_Decide = Callable[..., None]  # decides this step's share of the claims, or the *number* that it is given
_Step = Callable[[_Decide], str]  # returns what was done meanwhile


@attrs.define
class _Database:
    """
    The ledger's database: its URL, and what may happen to it beside the kills.

    Attributes:
        left_out: What does not happen to it, and why.
    """

    kind: str
    url: str
    server: postgres.Server | None
    disk: Disk | None
    left_out: list[str]

    def restarted(self, decide: _Decide) -> str:
        """Restart the server as a crash would, while decisions come in."""
        assert self.server is not None
        decide()
        self.server.restart()
        return "database restarted"

    def full(self, decide: _Decide) -> str:
        """Leave no room on the disk while decisions come in; start a server that gave up for want of it."""
        assert self.disk is not None
        self.disk.fill()
        decide()
        time.sleep(_FULL)
        self.disk.make_room()
        if self.server is not None and not self.server.is_alive:
            self.server.restart()
        return "disk full"


@contextmanager
def _database(kind: str, folder: Path, *, full_disk: bool) -> Iterator[_Database]:
    given = os.environ.get("OP_TEST_POSTGRES")
    with ExitStack() as stack:
        if kind == "postgres" and given:
            left_out = [f"{what}: OP_TEST_POSTGRES names a server" for what in ("database restarted", "disk full")]
            yield _Database(kind, stack.enter_context(postgres.database(given)), None, None, left_out)
            return
        disk, left_out = None, [] if full_disk else ["disk full: as asked"]
        if full_disk:
            try:
                disk = stack.enter_context(small_disk(folder / "disk", _MEGABYTES[kind]))
            except NotMounted as error:
                left_out = [f"disk full: only root may mount a small one ({error})"]
        at = disk.folder if disk else folder
        if kind == "sqlite":
            yield _Database(kind, f"sqlite:///{at}/op.db", None, disk, left_out)
            return
        server = stack.enter_context(postgres.running(durable=True, folder=at))
        url = stack.enter_context(postgres.database(server.url))
        yield _Database(kind, url, server, disk, left_out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, print what was counted, and return 0 if nothing was lost or doubled and every kill was made."""
    asked = _asked(arguments)
    return max([_run(kind, asked) for kind in asked.database or _MEGABYTES])


def _run(kind: str, asked: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="op-kills-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL, which runs as another user, passes through it
        database = stack.enter_context(_database(kind, folder, full_disk="full-disk" not in asked.without))
        sandbox = stack.enter_context(Sandbox(token=TOKEN, backoff=(0.2,) * 3000))
        (folder / "op.toml").write_text(settings(database.url, sandbox.url), encoding="utf-8")
        started = time.monotonic()
        counted = _tortured(folder, sandbox, database, asked)
        counted |= {"left out": database.left_out, "seconds": round(time.monotonic() - started)}
        if asked.keep:
            for log in folder.glob("*.log"):
                print(f"--- {log.name}", log.read_text(errors="replace")[-20_000:], sep="\n", file=sys.stderr)
    print(json.dumps(counted) if asked.json else _in_words(counted), flush=True)
    for problem in (*counted["lost"], *counted["doubled"], *counted["untold"], *counted["left"]):
        print(problem, file=sys.stderr)
    return int(any(counted[what] for what in ("lost", "doubled", "untold", "left")) or counted["kills"] < asked.kills)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=_MEGABYTES, action="append", help="only this one")
    parser.add_argument("--claims", type=int, default=300)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", choices=("full-disk",), action="append", default=[])
    parser.add_argument("--keep", action="store_true", help="show the processes' logs")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each database")
    return parser.parse_args(arguments)


def _tortured(folder: Path, sandbox: Sandbox, database: _Database, asked: argparse.Namespace) -> dict[str, Any]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    story = Story(sandbox, folder)
    story.sell(asked.claims)
    said(folder, "db", "upgrade")
    said(folder, "orders", "export", "main", "--json")
    sandbox.local.switchboard.change({"duplicates": 2})
    url = f"http://127.0.0.1:{port}/webhooks/main"
    sandbox.local.store.put("webhook", url, {"url": url, "secret": "not-a-real-secret-0000"})
    processes = {name: Process(name, command, folder) for name, command in commands(port).items()}
    at: Counter[str] = Counter()
    kills = planned(asked.kills, asked.seed)
    steps = _steps(processes, database, kills)

    def decide(number: int) -> None:
        story.decide(min(number, 2 * asked.claims - story.claims))

    try:
        for n, step in enumerate(track(steps, f"killing on {database.kind}", console=Console(stderr=True)), 1):
            _both(processes)
            share = max(1, asked.claims * n // len(steps) - story.claims)
            at[step(partial(decide, number=share))] += 1
        left = _worked_off(folder, story, processes, database.url)
    finally:
        for process in processes.values():
            process.kill()
    with _reading(database.url) as ledger:
        stored = Counter(one.body_sha256 for one in ledger.read(deliveries.listing, "main-1", None, 10**6))
        states = Counter(action.state for action in ledger.read(actions.listing, "main-1"))
        sent = Counter(report.state for report in ledger.read(reports.listing, "main-1"))
    lost, doubled = story.lost_and_doubled(stored)
    return {
        "database": database.kind,
        "claims": story.claims,
        "webhooks": stored.total(),
        "refused webhooks": story.refused(),
        "effects": len(story.shop.effects()),
        "kills": sum(process.kills for process in processes.values()),
        "killed": dict(sorted(at.items())),
        "not come to": sorted({str(kill) for kill in kills if kill.point} - {*at}),
        "ended by themselves": {name: process.ended for name, process in processes.items()},
        "actions": dict(states),
        "reports": dict(sent),
        "lost": lost,
        "doubled": doubled,
        "untold": story.untold(),
        "left": left,
    }


def _steps(processes: dict[str, Process], database: _Database, kills: Sequence[Kill]) -> list[_Step]:
    """Return all that happens, one after the other: the kills, and among them each twice what befalls the database."""
    steps: list[_Step] = [partial(_killed, processes, kill) for kill in kills]
    befalls = [database.restarted] * (database.server is not None) + [database.full] * (database.disk is not None)
    for at, befall in enumerate(befalls * 2, 1):
        steps.insert(len(steps) * at // (2 * len(befalls) + 1), partial(_befallen, processes, befall))
    return steps


def _befallen(processes: dict[str, Process], befall: _Step, decide: _Decide) -> str:
    """Let it befall the database of processes that work."""
    for victim in ("serve", "runner"):
        processes[victim].work()
    return befall(decide)


def _both(processes: dict[str, Process]) -> None:
    processes["web"].kill()
    processes["serve"].keep()
    processes["runner"].keep()


def _killed(processes: dict[str, Process], kill: Kill, decide: _Decide) -> str:
    """
    Kill a process while decisions come in, and say where it died.

    One that is to die at a point gets there alone: `serve` has no runner beside it, the runner a web app that only
    receives. So every process that is left out is killed as well, wherever it is. Until it comes to its point a claim
    more is decided each second.
    """
    victim = processes[kill.victim]
    if kill.point:
        for process in processes.values():
            process.kill()
        if kill.victim == "runner":
            processes["web"].start()
        victim.start(kill.armed)
    victim.work()
    decide()
    if kill.point is None:
        died = victim.died(kill.seconds)
    else:
        until = time.monotonic() + kill.seconds
        while not (died := victim.died(1)) and victim.runs and time.monotonic() < until:
            decide(number=1)
    if not died:
        victim.kill()
    return str(kill) if died else f"{kill.victim} anywhere"


def _worked_off(folder: Path, story: Story, processes: dict[str, Process], url: str) -> list[str]:
    """Wait until all is done and told, or nothing moves any more; return what is not."""
    left, before, until = ["nothing was looked at"], [], time.monotonic() + _PATIENCE
    with _reading(url) as ledger:
        while left and time.monotonic() < until:
            time.sleep(1)
            if left != before:
                before, until = left, time.monotonic() + _PATIENCE
            _both(processes)
            left = [] if story.sandbox.settle(5) else ["webhooks are under way"]
            left += [
                f"{action.verb} of {action.order_id} is {action.state}: {action.reason or [*action.holds]}"
                for action in ledger.read(actions.listing, "main-1")
                if action.state != "done"
            ]
            left += [
                f"delivery {one.id} is {one.state}: {one.reason}"
                for state in ("received", "quarantined")
                for one in ledger.read(deliveries.listing, "main-1", state, 100)
            ]
            left += [
                f"report {one.id} waits: {one.reason}"
                for one in ledger.read(reports.listing, "main-1")
                if one.state == "waiting"
            ]
    # A report that may have arrived is sent again by a person's word alone; Order Protection knows it by its reference.
    said(folder, "report", "main", "--since", "1 day", well=(0, 1))
    return left


@contextmanager
def _reading(url: str) -> Iterator[Ledger]:
    ledger = Ledger.open(url)
    try:
        yield ledger
    finally:
        ledger.close()


def _in_words(counted: dict[str, Any]) -> str:
    lines = [f"  {times:3} x {what}" for what, times in counted["killed"].items()]
    lines += [f"  not come to within {PATIENCE} s: {kill}" for kill in counted["not come to"]]
    lines += [f"  left out: {what}" for what in counted["left out"]]
    found = (f"{len(counted[what])} {what}" for what in ("lost", "doubled", "untold", "left"))
    total = (
        f"{counted['database']}: {counted['claims']} claims, {counted['webhooks']} webhooks taken and "
        f"{counted['refused webhooks']} not, {counted['effects']} effects, {counted['kills']} kills: "
        f"{', '.join(found)}; {counted['seconds']} s"
    )
    return "\n".join([*lines, total])


if __name__ == "__main__":
    sys.exit(main())

"""``op-core run`` and ``op-core report``: work that is due, and reports that were not sent."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName, point_in_time

__all__ = ["report", "run"]

_FAILED = ("delivery failed", "action failed", "answer failed")
_BATCH = 64


def run(
    stores: Annotated[list[str] | None, typer.Argument(metavar="[STORE]...", help="Only these. Else all.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Work until nothing is due: plan what arrived, act, ask, report. For a cron job."""
    from op_core.cli.installed import stale
    from op_core.cli.opened import opened, parked_in_words, parked_unsaid, waiting, work_of
    from op_core.errors import StoreParked

    with opened(config, quiet=True) as core:
        parked: dict[str, StoreParked] = {}
        working = []
        for store in dict.fromkeys(stores or [*core.runner.stores, *core.parked]):
            try:
                work_of(core, store)
                working.append(store)
            except StoreParked as error:
                parked[store] = error
        if stores and not working:
            raise next(iter(parked.values()))
        for store in parked:
            output.note(f"store {store} is parked: {parked_in_words(core, store)}")
        for line in stale(core):
            output.note(line)
        with parked_unsaid():
            done = core.runner.run_once(working)
        for store, reason in done.parked.items():
            output.note(f"store {store} is parked: {parked_in_words(core, store, reason)}")
        why = {store: error.reason for store, error in parked.items()} | dict(done.parked)
        left = {store: {"reason": reason, "waiting": waiting(core, store)} for store, reason in why.items()}
    counts = {name: count for name, count in done.counts.items() if count}
    if json:
        output.as_json({"counts": counts, "failed": dict(done.failed), "parked": left})
    else:
        output.facts(counts.items()) if counts else output.say("nothing was due")
    for store, reason in done.failed.items():
        output.note(f"store {store}: {reason}")
    if left or done.failed or any(name in counts for name in _FAILED):
        raise typer.Exit(1)


def report(
    store: StoreName,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help='A date, a time (UTC), or how long ago: "3 days".')
    ],
    config: Config = None,
    json: Json = False,
) -> None:
    """Send the reports that had no route or failed, after a mend. Nothing else is done."""
    from op_core.claims import reporting
    from op_core.cli.opened import opened, work_of
    from op_core.ledger import reports

    with opened(config, quiet=True) as core:
        desk = work_of(core, store).desk
        core.report_again(store, point_in_time(since, core.ledger.now()))
        ended: Counter[str] = Counter()
        seen: set[int] = set()
        with output.bar(f"reporting outcomes of {store}") as step:
            while due := [
                one
                for one in core.ledger.read(reports.due, desk.store.id, core.ledger.now(), len(seen) + _BATCH)
                if one.id not in seen
            ]:
                for one in due:
                    seen.add(one.id)
                    ended[reporting.report(desk, one)] += 1
                    step(f"reporting outcomes of {store}", len(seen), None)
        told = [one for one in core.ledger.read(reports.listing, desk.store.id) if one.id in seen]
    reasons = sorted({one.reason for one in told if one.reason and one.state not in ("sent", "confirmed")})
    if json:
        output.as_json({"counts": dict(ended), "reasons": reasons})
    else:
        output.facts((name.replace("_", " "), count) for name, count in ended.items())
        if not ended:
            output.say("no report to send")
        for reason in reasons:
            output.say(reason)
    if reasons:
        raise typer.Exit(1)

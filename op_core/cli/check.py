"""``op-core adapters check``: the kit, run on an installed adapter, and the receipt of it."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from importlib.metadata import EntryPoint, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from op_core.cli import output
from op_core.cli.asked import Json
from op_core.errors import SettingsError

if TYPE_CHECKING:
    from op_core.receipts import Receipt, State
    from op_core.testing.kit.tiers import Tried, Verdict

__all__ = ["check"]


def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the installed adapter.")],
    tests: Annotated[
        Path | None, typer.Option("--tests", metavar="DIR", help="Its tests. Else those of its project, else ./tests.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the receipt that is there, and change nothing.")
    ] = False,
    live: Annotated[bool, typer.Option("--live", help="Try it on the real platform, and take all of it away.")] = False,
    json: Json = False,
) -> None:
    """Try an adapter with the kit, say what tier it has reached, and leave a receipt beside its files."""
    from op_core import receipts

    entry, folder = _installed(name)
    before = receipts.read(entry)
    if verify and before[0] == "none":
        raise SettingsError(f"adapter {name!r} has no receipt in {folder}, so there is nothing to verify")
    found = _tried(entry, tests, live=live)
    made = _receipt(name, folder, found, live=live)
    differs = _differences(before, made, live=live) if verify else []
    path = None if verify else made.write(folder)
    if json:
        output.as_json(_facts(made, found) | {"receipt": path and str(path), "differs": differs})
    else:
        _show(found)
        if path is not None:
            output.say(f"wrote {path}")
        for line in differs:
            output.say(line)
        if verify and not differs:
            output.say("The receipt says what was found.")
    if not found.well or differs:
        raise typer.Exit(1)


def _installed(name: str) -> tuple[EntryPoint, Path]:
    """Return the one adapter of that name, and the folder of its package."""
    from op_core import plugins, receipts

    registry = plugins.find_adapters()
    registry.get(name)
    entry = next(entry for entry in registry.entry_points if entry.name == name)
    folder = receipts.folder_of(entry)
    if folder is None:
        raise SettingsError(f"adapter {name!r} ({entry.value}) is no package, expected a folder for its receipt")
    return entry, folder


def _tried(entry: EntryPoint, tests: Path | None, *, live: bool) -> Verdict:
    try:
        from op_core.testing.kit.trial import tests_of, tried
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pytest", "hypothesis"):
            raise
        raise SettingsError(f"adapters check needs {error.name}: pip install 'op-core[testing]'") from None
    folder = tests_of(entry, tests)
    output.note(f"trying adapter {entry.name} with the tests in {folder}")
    with output.bar("trying") as step:
        return tried(entry.name, folder, live=live, step=step)


def _receipt(name: str, folder: Path, found: Verdict, *, live: bool) -> Receipt:
    from datetime import UTC, datetime

    from op_core.receipts import Receipt, hash_of

    def of(*results: str) -> list[Tried]:
        return [one for one in found.tried if one.result in results]

    return Receipt(
        adapter=name,
        kit=version("op-core"),
        files=hash_of(folder),
        tier=found.tier,
        passed=tuple(one.case.id for one in of("passed")),
        failed={one.case.id: one.result for one in of("failed", "not proven", "not run")},
        not_tried={one.case.id: one.why for one in of("not tried")},
        problems=found.problems,
        histories=found.histories,
        live=live,
        date=datetime.now(UTC),
    )


def _differences(before: tuple[State, Receipt | None], made: Receipt, *, live: bool) -> list[str]:
    """Say how what was found now is not what the receipt says."""
    state, kept = before
    if kept is None:
        return ["the receipt was altered: it is not as it was written"]
    differs = []
    if state == "changed":
        differs.append(f"the adapter's files have changed since the receipt of {kept.date:%Y-%m-%d}")
    if kept.kit != made.kit:
        differs.append(f"the receipt is by the kit of op-core {kept.kit}, this one is of {made.kit}")
    tier = "gold" if kept.tier == "platinum" and not live else kept.tier  # what can be seen here of platinum
    if made.tier != tier:
        differs.append(f"the receipt says {kept.tier or 'no tier'}, found was {made.tier or 'no tier'}")
    gone = sorted({one for one in kept.passed if live or not one.startswith("live-")} - {*made.passed})
    differs += [f"the receipt says that {one} passed, and it did not" for one in gone]
    return differs


def _show(found: Verdict) -> None:
    rows: Any = ((one.name, one.support, one.passed, one.reason) for one in found.hooks)
    output.table(("hook", "says", "cases passed", "reason"), rows, "capabilities")
    # What went wrong is told below, whole.
    rows = ((one.case.id, one.result, one.why if one.result == "not tried" else "") for one in found.tried)
    output.table(("case", "", "why"), rows, "cases")
    alike: dict[tuple[str, str], list[str]] = {}  # what is missing is missing by whole suites
    for one in found.tried:
        if one.result not in ("passed", "not tried"):
            alike.setdefault((one.result, one.why), []).append(one.case.id)
    for (result, why), names in alike.items():
        output.say(f"\n{', '.join(names)}: {result}\n{why}")
    for problem in found.problems:
        output.say(f"\n{problem}")
    bad = sum(one.result not in ("passed", "not tried") for one in found.tried) + len(found.problems)
    output.say(f"\n{found.histories} histories of faults; {bad} failures")
    output.say(f"tier: {found.tier or 'none'}")
    for lack in found.short:
        output.say(f"  the next one lacks: {lack}")


def _facts(made: Receipt, found: Verdict) -> dict[str, Any]:
    return {
        "adapter": made.adapter,
        "tier": made.tier,
        "well": found.well,
        "lacks": found.short,
        "problems": found.problems,
        "histories": found.histories,
        "hooks": [
            {"hook": one.name, "says": one.support, "passed": one.passed, "reason": one.reason} for one in found.hooks
        ],
        "cases": [{"case": one.case.id, "result": one.result, "why": one.why} for one in found.tried],
        "kit": made.kit,
        "files": made.files,
        "live": made.live,
        "date": made.date,
    }

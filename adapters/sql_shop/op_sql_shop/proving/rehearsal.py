"""Each effect, made in the shop's database with a made-up reference, and taken back in the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pydantic
import sqlalchemy as sa

from op_core.errors import HookError, Refused
from op_core.proofs import Proof
from op_core.requests import Effect
from op_sql_shop.client import Client, Session, connect
from op_sql_shop.mapping import MoneyVerb
from op_sql_shop.proving.guards import may_match_none
from op_sql_shop.proving.sampled import newest
from op_sql_shop.proving.samples import request
from op_sql_shop.proving.subject import Subject
from op_sql_shop.proving.tables import needs_ours, without_transactions
from op_sql_shop.proving.touched import name_of, targets
from op_sql_shop.texts import Text
from op_sql_shop.writing import Writer

__all__ = ["rehearsed"]

_WAIT = timedelta(seconds=2)  # somebody else's lock is let be
_ORDERS = 40  # are looked at, newest first, for one that an effect suits
_TRIES = 3  # orders that a guard may refuse


@attrs.define(eq=False)
class _Watched(Session):
    """A transaction that remembers what each step changed, and whether it was a statement that failed."""

    counts: dict[str, int] = attrs.field(factory=dict)
    last: str = ""
    failed: bool = False

    def run(self, statement: sa.Executable, values: Any, place: str) -> sa.CursorResult[Any]:
        try:
            return Session.run(self, statement, values, place)
        except HookError:
            self.failed = True
            raise

    def counted(self, place: str, rows: int) -> None:
        self.last = place
        self.counts[place] = self.counts.get(place, 0) + rows


def rehearsed(subject: Subject, stated: Iterable[Text], wrong: Iterable[str]) -> Iterator[Proof]:
    """
    Yield what each effect changed before it was taken back.

    Args:
        subject: The store.
        stated: Every statement.
        wrong: Places of those that the database does not understand.
    """
    texts = list(stated)
    client = _brief(subject.client)
    try:
        for verb, writer in subject.writers.items():
            own = [text for text in texts if text.verb == verb]
            mine = attrs.evolve(writer, client=client)
            try:
                state, said = _rehearsed(subject, mine, own, frozenset(wrong))
            except HookError as error:
                state, said = "not well", f"not tried: {error}"
            yield Proof(f"rehearsal of {verb}", state, said)
    finally:
        client.close()
    if subject.writers:
        said = "all was taken back; numbers that the database gives (sequences, auto-increment) may have moved on"
        yield Proof("rehearsal", "well", said)


def _brief(client: Client) -> Client:
    """Return a way into the database of its own, which waits two seconds for what somebody else holds."""
    url = pydantic.SecretStr(client.engine.url.render_as_string(hide_password=False))
    wait = min(_WAIT, client.settings.lock_timeout)
    return connect(client.settings.model_copy(update={"url": url, "lock_timeout": wait}), Path(), client.place)


def _rehearsed(subject: Subject, writer: Writer, own: list[Text], wrong: frozenset[str]) -> tuple[Any, str]:
    unclear = sorted({text.place for text in own} & wrong)
    if unclear:
        return "not well", f"not tried: {', '.join(unclear)} cannot be run, see there"
    with subject.client.reading() as session:
        written = {name_of(table) for text in own for _, table in _targets(text)} | {writer.lock.rpartition(".")[0]}
        if lost := without_transactions(session, {*written, "op_references"}):
            return "not well", f"not tried: {', '.join(sorted(lost))} can take nothing back"
        if needs_ours(writer.verb) and not subject.references.is_there(session):
            return "not well", f"not tried without op_references: op-core db install {subject.store}"
        orders = list(newest(subject, session, _ORDERS))
        fitting = [asked for order in orders if (asked := request(subject, session, writer.name, order, _reference()))]
    if not fitting:
        return "look", f"not tried: of the {len(orders)} newest orders none suits it"
    for asked in fitting[:_TRIES]:
        state, said = _tried(subject, writer, asked, own)
        if state != "look":
            break
    return state, said


def _tried(subject: Subject, writer: Writer, asked: Effect, own: list[Text]) -> tuple[str, str]:
    watched, refused = None, ""
    try:
        with writer.client.writing() as session:
            watched = _Watched(session.connection, session.dialect)
            writer.rehearse(watched, asked)
    except Refused as error:
        refused = str(error)
    except HookError as error:
        return "not well", f"on order {asked.order.id}: {error}"
    assert watched is not None
    if _is_there(subject, writer, asked):
        return "not well", f"on order {asked.order.id}: it stayed, under {asked.reference}: a step ends the transaction"
    state, said = _verdict(writer, watched, own, refused)
    return state, f"on order {asked.order.id}{said}"


def _verdict(writer: Writer, watched: _Watched, own: list[Text], refused: str) -> tuple[str, str]:
    """Return what becomes of an effect, by what its steps changed."""
    changed = "; ".join(_changed(watched, own)) or "no step was reached"
    if refused and watched.failed:
        return "not well", f": {refused}"
    if refused and (unmet := _unmet(watched, own)):
        return "look", f" it would be refused: {unmet} (so far: {changed})"
    if refused:
        return "look", f" its guard refused: {refused} (before that: {changed})"
    door = ""
    if isinstance(writer.verb, MoneyVerb) and ":" in writer.verb.money:
        door = f"; {writer.verb.money} was not called, so no money moved"
    idle, every = _idle(watched, own)
    if not idle:
        return "well", f", taken back: {changed}{door}"
    effect = writer.name.replace("_", " ")
    names = "none of its steps changed a row" if every else f"{', '.join(idle)} changed no row"
    means = f'{names}, and the {effect} would be told as done all the same, as expect_rows = "any" says'
    said = f"{means}; leave that out where a row must change (taken back: {changed}{door})"
    return "not well" if every else "look", f": {said}"


def _unmet(watched: _Watched, own: list[Text]) -> str:
    """Return what a step that says nothing of its rows, and matched none, is in want of; empty for any other."""
    text = _by_place(own).get(watched.last.partition(": ")[2])
    if text is None or text.step is None or watched.counts[watched.last]:
        return ""
    if text.step.refused is not None or "expect_rows" in text.step.model_fields_set:
        return ""  # a guard of the mapping's own
    does = " and ".join(f"{how} {name_of(table)}" for how, table in _targets(text)) or "select"
    place = text.place.removesuffix(".sql")
    asks = 'is its WHERE right? Write refused = "why" where it is a guard, and expect_rows = "any" where no row is fine'
    return f"{place} ({does}) matched no row, and a step that says nothing else must match one; {asks}"


def _idle(watched: _Watched, own: list[Text]) -> tuple[list[str], bool]:
    """Return the steps that changed no row though nothing says that it is well, and whether no step changed any."""
    by_place = _by_place(own)
    counts = {place.partition(": ")[2]: rows for place, rows in watched.counts.items()}
    writing = {place: rows for place, rows in counts.items() if list(_targets(by_place[place]))}
    idle = [place for place, rows in writing.items() if not rows and not may_match_none(by_place[place], own)]
    return idle, not any(writing.values())


def _by_place(own: list[Text]) -> dict[str, Text]:
    return {text.place.removesuffix(".sql"): text for text in own}


def _changed(watched: _Watched, own: list[Text]) -> Iterator[str]:
    by_place = _by_place(own)
    for place, rows in watched.counts.items():
        short = place.partition(": ")[2]
        done = sorted({f"{how} {name_of(table)}" for how, table in _targets(by_place[short])})
        if not done:
            continue  # it only looked
        yield f"{short.partition('.')[2]} {' and '.join(done)}: {rows} {'row' if rows == 1 else 'rows'}"


def _targets(text: Text) -> Iterator[tuple[str, Any]]:
    if text.parsed is not None and text.parsed.tree is not None:
        yield from targets(text.parsed.tree)


def _is_there(subject: Subject, writer: Writer, asked: Effect) -> bool:
    """Tell, from another connection, whether the reference stayed."""
    with subject.client.reading() as session:
        if writer.references is not None:
            return writer.references.find(session, asked.reference) is not None
        assert writer.verb.find is not None
        find = writer.verb.find.get("any", writer.verb.find.get(session.dialect, ""))
        bound = {"reference": asked.reference, "order_id": asked.order.id}
        return session.run(sa.text(find), bound, f"{writer.name}.find").first() is not None


def _reference() -> str:
    return f"OP-PROVE{secrets.token_hex(8).upper()}"

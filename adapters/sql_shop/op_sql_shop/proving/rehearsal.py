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
    failed: bool = False

    def run(self, statement: sa.Executable, values: Any, place: str) -> sa.CursorResult[Any]:
        try:
            return Session.run(self, statement, values, place)
        except HookError:
            self.failed = True
            raise

    def counted(self, place: str, rows: int) -> None:
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
    changed = "; ".join(_changed(watched, own)) or "no step was reached"
    if refused and watched.failed:
        return "not well", f"on order {asked.order.id}: {refused}"
    if refused:
        return "look", f"on order {asked.order.id} its guard refused: {refused} (before that: {changed})"
    door = ""
    if isinstance(writer.verb, MoneyVerb) and ":" in writer.verb.money:
        door = f"; {writer.verb.money} was not called, so no money moved"
    return "well", f"on order {asked.order.id}, taken back: {changed}{door}"


def _changed(watched: _Watched, own: list[Text]) -> Iterator[str]:
    by_place = {text.place.removesuffix(".sql"): text for text in own}
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

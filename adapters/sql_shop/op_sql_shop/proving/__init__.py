"""The mapping prover: `op-core doctor` on a SQL shop. All but `rehearsal` only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from op_core.errors import HookError, NotSent, Refused
from op_core.proofs import Proof
from op_sql_shop.client import Client, Session
from op_sql_shop.mapping import MoneyVerb, ShopMapping
from op_sql_shop.proving.catalog import Catalog, asked
from op_sql_shop.proving.columns import columns_of, faults, unread
from op_sql_shop.proving.guards import amounts_as_text, unguarded
from op_sql_shop.proving.paging import pages
from op_sql_shop.proving.prepared import refusal
from op_sql_shop.proving.rehearsal import rehearsed
from op_sql_shop.proving.rights import rights
from op_sql_shop.proving.sampled import real_orders, rows
from op_sql_shop.proving.subject import Subject
from op_sql_shop.proving.tables import locked, marks, needs_ours, triggers, without_transactions
from op_sql_shop.proving.touched import uses
from op_sql_shop.proving.words import words
from op_sql_shop.references import TABLE
from op_sql_shop.texts import Text, texts

__all__ = ["Subject", "prove"]

_MONEY = {
    "queued": "rows are written, and a job of the shop pays what they say; pending until its paid returns a row",
    "booked": "rows are written, and no money moves: people or another system pay",
}


def prove(subject: Subject, *, writes: bool) -> Iterator[Proof]:
    """Yield what was looked at, one after the other; with *writes* each effect is made and taken back at the end."""
    stated = list(texts(subject.mapping, subject.client.dialect))
    yield from _money(subject.mapping)
    with only_reading(subject.client) as session:
        catalog = Catalog(session.connection)
        wrong: dict[str, str] = {text.place: text.wrong for text in stated if text.wrong}
        for text in stated:
            if text.place not in wrong and (text.verb is None or session.dialect != "mysql"):
                _note(wrong, text, refusal(text, session, catalog, subject.forms))
    if subject.client.dialect == "mysql":  # it prepares no write in a transaction that only reads
        with subject.client.reading() as session:
            for text in stated:
                if text.place not in wrong and text.verb is not None:
                    _note(wrong, text, refusal(text, session, Catalog(session.connection), subject.forms))
    file = subject.client.place
    yield from (Proof(place, "not well", f"{file}: {place}: {why}") for place, why in wrong.items())
    if not wrong:
        database = _version(subject.client)
        yield Proof("statements", "well", f"all {len(stated)} are understood by {database}, prepared and not executed")
    understood = [text for text in stated if text.place not in wrong]
    with only_reading(subject.client) as session:
        said = list(_columns(subject, session, understood))
    yield from said
    bad = {proof.check for proof in said if proof.state == "not well"}
    readable = [text for text in understood if text.place not in bad]
    yield from _look(subject, "rows", lambda session: rows(subject, session, readable))
    yield from _look(subject, "words", lambda session: words(subject, session, readable))
    if subject.mapping.verbs and "orders.select" not in {*bad, *wrong}:
        yield from _look(subject, "orders.lock", lambda session: locked(subject, session))
    if not wrong and not bad:
        yield from _look(subject, "a real order", lambda session: real_orders(subject, session))
    yield from unguarded(subject, stated)
    yield from _look(subject, "guards", lambda session: amounts_as_text(subject, Catalog(session.connection), stated))
    yield from _look(subject, "pages", lambda session: pages(session, subject.mapping, readable))
    yield from _look(subject, "tables", lambda session: _of_tables(subject, session, stated))
    yield from _look(subject, "isolation", _isolation)
    if writes:
        yield from rehearsed(subject, stated, wrong)


def _look(subject: Subject, check: str, looked: Callable[[Session], Iterator[Proof]]) -> Iterator[Proof]:
    """Yield what one look finds, in a transaction of its own: one that takes too long does not end the others."""
    try:
        with only_reading(subject.client) as session:
            yield from looked(session)
    except HookError as error:
        yield Proof(check, "look" if type(error) is NotSent else "not well", str(error))


def _note(wrong: dict[str, str], text: Text, why: str | None) -> None:
    if why is not None:
        wrong[text.place] = why


@contextmanager
def only_reading(client: Client) -> Iterator[Session]:
    """Yield a transaction in which the database itself refuses to write."""
    with client.reading() as session:
        if session.dialect == "mysql":
            session.run(sa.text("start transaction read only"), {}, client.place)
        yield session


def _version(client: Client) -> str:
    with client.reading() as session:
        dialect = session.connection.dialect
        number = ".".join(str(part) for part in (dialect.server_version_info or ()) if str(part).isdigit())
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL"}
        name = "MariaDB" if getattr(dialect, "is_mariadb", False) else names[client.dialect]
    return f"{name} {number}"


def _money(mapping: ShopMapping) -> Iterator[Proof]:
    for name, verb in mapping.verbs.items():
        if isinstance(verb, MoneyVerb):
            words = _MONEY.get(verb.money, f"the function {verb.money} pays, outside the shop's transaction")
            yield Proof(f"money of {name}", "look" if verb.money == "booked" else "well", f"{verb.money}: {words}")


def _columns(subject: Subject, session: Session, stated: list[Text]) -> Iterator[Proof]:
    read = [text for text in stated if text.verb is None]
    said = []
    for text in read:
        try:
            with session.aside():
                columns = columns_of(text, session)
        except (NotSent, Refused) as error:
            said.append(Proof(text.place, "not well", f"{subject.client.place}: {error}"))
            continue
        found = list(faults(text, columns, subject.mapping, subject.forms, session.dialect))
        said += [Proof(text.place, "not well", f"{subject.client.place}: {text.place}: {why}") for why in found]
        spare = () if found else unread(text, columns, subject.mapping)
        said += [Proof(text.place, "look", f"{subject.client.place}: {text.place}: {why}") for why in spare]
    yield from said
    if all(proof.state == "look" for proof in said):
        yield Proof("columns", "well", f"every needed column is there, in {len(read)} statements")


def _needed(subject: Subject, stated: list[Text]) -> dict[str, set[str]]:
    """Return each table and what is done with it, by the statements, by our lock and by our own table."""
    needed: dict[str, set[str]] = {}
    for text in stated:
        if text.parsed is not None and text.parsed.tree is not None:
            for table, right in uses(text.parsed.tree):
                needed.setdefault(table, set()).add(right)
    verbs = subject.mapping.verbs
    if verbs and subject.mapping.orders.lock:
        needed.setdefault(subject.mapping.orders.lock.rpartition(".")[0], set()).update(("select", "update"))
    if any(needs_ours(verb) for verb in verbs.values()):
        needed[TABLE.name] = {"select", "insert", "update"}
    return needed


def _of_tables(subject: Subject, session: Session, stated: list[Text]) -> Iterator[Proof]:
    catalog, verbs = Catalog(session.connection), subject.mapping.verbs
    needed = _needed(subject, stated)
    unread = [text.place for text in stated if text.parsed is not None and text.parsed.tree is None]
    if unread:
        said = f"which tables they use is not known, as their syntax is the database's own: {', '.join(unread)}"
        yield Proof("tables", "look", said)
    yield from marks(catalog, verbs, subject.store)
    written = [table for table, rights_ in needed.items() if rights_ - {"select"}]
    if lost := without_transactions(session, written):
        names = ", ".join(f"{table} ({engine})" for table, engine in sorted(lost.items()))
        fix = " ".join(f"ALTER TABLE {table} ENGINE=InnoDB;" for table in sorted(lost))
        yield Proof("transactions", "not well", f"these tables take nothing back: {names}; run: {fix}")
    watched = triggers(session, [table for table in written if table != TABLE.name])
    if watched:
        yield Proof("triggers", "look", f"what is written also sets off: {'; '.join(watched)}")
    url = subject.client.engine.url
    yield from rights(session, catalog, needed, Path(str(url.database)) if session.dialect == "sqlite" else None)


def _isolation(session: Session) -> Iterator[Proof]:
    if session.dialect == "sqlite":
        yield Proof("isolation", "well", "SQLite lets one write at a time; a write begins by taking the file's lock")
        return
    said = "a page of orders is read at REPEATABLE READ; a write runs at READ COMMITTED, with the order's row locked"
    if session.dialect == "mysql":
        yield Proof("isolation", "well", said)
        return
    level = asked(session, "show transaction_isolation", "isolation")[0][0]
    yield Proof("isolation", "well" if level == "repeatable read" else "not well", said)

"""The shop's words beside the mapping's: each needs a meaning, and one that never comes may be misspelt."""

# ruff: noqa: S608 - statements are made of the mapping's own texts and names; values are always bound
from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping

from op_core.errors import NotSent, Refused
from op_core.models import FulfillmentStatus
from op_core.proofs import Proof
from op_sql_shop.client import Session
from op_sql_shop.proving.columns import asking, column_of
from op_sql_shop.proving.subject import Subject
from op_sql_shop.rows import FIELDS
from op_sql_shop.texts import Text

__all__ = ["words"]

_MOST = 50  # words of one column that are looked at
_LONGEST = 40  # letters of a word that are shown
_STATUSES = frozenset(FulfillmentStatus)


def words(subject: Subject, session: Session, stated: Iterable[Text]) -> Iterator[Proof]:
    """Yield words without a meaning, and meanings without a word."""
    texts = {text.place: text for text in stated if text.verb is None}
    looked_at, found = 0, []
    for table, field, known, needed in _columns(subject):
        text = texts.get(f"{table}.select")
        if text is None or "order_ids" in (text.parsed.binds if text.parsed else ()):
            continue
        try:
            with session.aside():
                there = _there(session, text, column_of(subject.mapping, table, field))
        except Refused:
            continue  # its rows break it, which is told of them
        except NotSent as error:
            found.append(Proof(f"words of {table}", "look", f"{subject.client.place}: {error}"))
            continue
        looked_at += 1
        place = f"{subject.client.place}: {table}.{'statuses' if field == 'code' else f'columns.{field}.values'}"
        strange = sorted(there - set(known)) if needed else []
        unused = sorted(set(known) - there) if known is not _STATUSES and 0 < len(there) < _MOST else []
        if strange:
            said = ", ".join(f"{_short(word)}{_near(word, known)}" for word in strange)
            found.append(
                Proof(f"words of {table}", "not well", f"{place}: the shop has words without a meaning: {said}")
            )
        elif unused:
            said = ", ".join(f"{_short(word)}{_near(word, there - set(known))}" for word in unused)
            found.append(Proof(f"words of {table}", "look", f"{place}: no row has these words: {said}"))
    yield from found
    if looked_at and not found:
        yield Proof("words", "well", f"each word of the shop has a meaning, in {looked_at} columns")


def _columns(subject: Subject) -> Iterator[tuple[str, str, Collection[str], bool]]:
    """Yield table and field of each column of words, the known ones, and whether any other is an error."""
    mapping = subject.mapping
    for table, sorts in FIELDS.items():
        said: Mapping[str, object] = getattr(getattr(mapping, table, None), "columns", {})
        for field, sort in sorts.items():
            column = said.get(field)
            values, default = getattr(column, "values", {}), getattr(column, "default", None)
            if values:
                yield table, field, values, default is None
            elif sort == "status" and getattr(mapping, table, None) is not None and default is None:
                yield table, field, _STATUSES, True
    if mapping.shipping_events is not None:
        yield "shipping_events", "code", mapping.shipping_events.statuses, False


def _there(session: Session, text: Text, column: str) -> set[str]:
    asked = f"select distinct {column} from ({text.sql}) op_rows where {column} is not null limit {_MOST}"
    return {str(row[0]) for row in session.run(asking(text, asked), {}, text.place)}


def _short(word: str) -> str:
    return repr(word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…")


def _near(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word.lower(), {each.lower(): each for each in known}, 1)
    return f" (nearest: {next(each for each in known if each.lower() == near[0])!r})" if near else ""

"""Every statement of a mapping, with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from op_core.errors import SettingsError
from op_sql_shop.kinds import Statement
from op_sql_shop.mapping import GreatestOf, MoneyVerb, Select, ShopMapping, Step
from op_sql_shop.parsed import CHANGES, READS, Parsed, parse
from op_sql_shop.statements import chosen

__all__ = ["Text", "texts"]

_QUESTION = frozenset({"reference", "order_id"})


@attrs.frozen
class Text:
    """
    One statement, for the database at hand.

    Attributes:
        place: Where it stands: ``refund.steps[1].sql``.
        sql: Its text; empty where the mapping has none for this database.
        parsed: What it is; None where *wrong* says why nobody knows.
        wrong: Why it is no statement that may stand there.
        verb: The verb that it belongs to; None for one that reads.
        step: The step that it is.
        given: What can be bound; None: that depends on the steps before.
        more: What a step can bind besides what its request says.
    """

    place: str
    sql: str = attrs.field(repr=False)
    parsed: Parsed | None
    wrong: str = ""
    verb: str | None = None
    step: Step | None = None
    given: frozenset[str] | None = None
    more: tuple[str, ...] = ()


def texts(mapping: ShopMapping, dialect: str) -> Iterator[Text]:
    """Yield each statement, in the order in which they stand on the mapping's page."""
    for name in ShopMapping.model_fields:
        table = getattr(mapping, name)
        if isinstance(table, Select):
            yield _text(f"{name}.select", table.select, dialect, READS, given=frozenset({"order_ids"}))
            changed_at = getattr(table, "changed_at", None)
            if isinstance(changed_at, GreatestOf):
                for n, part in enumerate(changed_at.greatest_of):
                    yield _text(f"{name}.changed_at.greatest_of[{n}]", part, dialect, READS, given=frozenset())
            if (lines := getattr(table, "lines", None)) is not None:
                yield _text(f"{name}.lines", lines, dialect, READS, given=frozenset({"order_ids"}))
    for verb, said in mapping.verbs.items():
        if said.find is not None:
            yield _text(f"{verb}.find", said.find, dialect, READS, verb, given=_QUESTION)
        if isinstance(said, MoneyVerb) and said.paid is not None:
            yield _text(f"{verb}.paid", said.paid, dialect, READS, verb, given=_QUESTION | {"shop_id"})
        more = ("gateway_id",) if isinstance(said, MoneyVerb) and said.moves == "moved" else ()
        for n, step in enumerate(said.steps):
            yield attrs.evolve(_text(f"{verb}.steps[{n}].sql", step.sql, dialect, CHANGES, verb, step), more=more)


def _text(
    place: str,
    statement: Statement,
    dialect: str,
    kinds: tuple[str, ...],
    verb: str | None = None,
    step: Step | None = None,
    given: frozenset[str] | None = None,
) -> Text:
    try:
        sql = chosen(statement, dialect, place)
    except SettingsError as error:
        return Text(place, "", None, str(error).removeprefix(f"{place}: "), verb, step, given)
    if step is not None and step.last_id is not None and dialect == "postgresql":
        wrong = f"last_id: PostgreSQL tells no last id; expected … returning id as {step.last_id}"
        return Text(place, sql, None, wrong, verb, step, given)
    try:
        parsed = parse(sql, dialect, place, kinds)
        if verb is None and parsed.limited:
            wrong = "found LIMIT, OFFSET or FETCH, which would lose rows; the paging is written around it"
            return Text(place, sql, None, wrong, verb, step, given)
        return Text(place, sql, parsed, "", verb, step, given)
    except SettingsError as error:
        return Text(place, sql, None, str(error).removeprefix(f"{place}: "), verb, step, given)

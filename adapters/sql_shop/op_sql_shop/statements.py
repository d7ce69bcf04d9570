"""The mapping's statements, made ready for one database: its own text, and the paging that we write around it."""

# ruff: noqa: S608 - statements are made of the mapping's own texts and names; values are always bound
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import SettingsError
from op_sql_shop.kinds import DIALECTS, pick
from op_sql_shop.mapping import GreatestOf

__all__ = ["ByIds", "Paging", "chosen"]

_IDS = re.compile(r":order_ids\b")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def chosen(values: Mapping[str, Any], dialect: str, place: str) -> Any:
    """
    Return what the mapping says for this database.

    Raises:
        SettingsError: It says something for other databases only.
    """
    found = pick(values, dialect)
    if found is None:
        raise SettingsError(
            f"{place}: there is none for {dialect}, only for {', '.join(values)}; known: {', '.join(DIALECTS)}"
        )
    return found


@attrs.frozen
class ByIds:
    """
    Rows of several orders.

    A statement that names ``:order_ids`` is taken as it stands; any other is asked for the rows of these orders.

    Attributes:
        statement: Ready to be run with ``order_ids``.
        place: Where it stands in the mapping.
        both_kinds: Ids are bound as text and as numbers: in SQLite 1 is not '1', but where a column itself is compared.
    """

    statement: sa.TextClause = attrs.field(repr=False)
    place: str
    both_kinds: bool = False

    def values(self, ids: Iterable[Any]) -> dict[str, list[Any]]:
        """Return what is bound to read the rows of these orders."""
        asked = list(ids)
        return {"order_ids": [*asked, *chain.from_iterable(map(_other_kind, asked))] if self.both_kinds else asked}

    @classmethod
    def of(cls, sql: str, place: str, dialect: str, column: str = "order_id", order_by: str | None = None) -> ByIds:
        """Wrap a SELECT."""
        if _IDS.search(sql):
            return cls(_each_bound(sql), place, dialect == "sqlite")
        order = f" order by {order_by}" if order_by else ""
        rows = f"select * from ({sql}) op_rows where {column}"
        if dialect == "postgresql":  # one array: one text, which is prepared once, for any number of ids
            return cls(sa.text(f"{rows} = any(:order_ids){order}"), place)
        return cls(_each_bound(f"{rows} in :order_ids{order}"), place, dialect == "sqlite")


@attrs.frozen
class Paging:
    """
    One page of rows, oldest change first: the order of time and key is total, so no row is skipped or comes twice.

    Attributes:
        first: The first page of all.
        untimed: Rows without a time of change, by their key; None where pages go by the key alone.
        since: The first page from a time on.
        after: The page after a row.
        by_ids: The rows of these keys, with the same time.
    """

    first: sa.TextClause = attrs.field(repr=False)
    untimed: sa.TextClause | None = attrs.field(repr=False)
    since: sa.TextClause = attrs.field(repr=False)
    after: sa.TextClause = attrs.field(repr=False)
    by_ids: ByIds = attrs.field(repr=False)
    place: str
    changed_at: str
    key: str
    untimed_is: str = ""  # in the words of an error

    @classmethod
    def of(cls, sql: str, changed_at: GreatestOf | str | None, key: str, dialect: str, place: str) -> Paging:
        """Write the paging around a SELECT."""
        if isinstance(changed_at, GreatestOf):
            return cls._greatest(sql, changed_at, key, dialect, place)
        time = changed_at or key
        beyond = _beyond(time, key, dialect) if changed_at else f"{key} > :op_key"
        order = f"order by {time}, {key} limit :op_limit" if changed_at else f"order by {key} limit :op_limit"
        rows = f"select * from ({sql}) op_rows"
        since = f"where {time} >= :op_time" if changed_at else ""
        timed = f"where {time} is not null" if changed_at else ""
        first, from_time, after = (sa.text(f"{rows} {where} {order}") for where in (timed, since, f"where {beyond}"))
        untimed = sa.text(f"{rows} where {time} is null order by {key} limit :op_limit") if changed_at else None
        by_ids, means = ByIds.of(sql, place, dialect, key), f"column {time}: found NULL"
        return cls(first, untimed, from_time, after, by_ids, place, time, key, means)

    @classmethod
    def _greatest(cls, sql: str, times: GreatestOf, key: str, dialect: str, place: str) -> Paging:
        # A row whose greatest time is past a border has that very time past it: so each part is cut there first, and
        # an index on its time serves. The times may be of orders that the SELECT leaves out, such as drafts: they are
        # left out before the limit, since a page that is not full is the last one.
        parts = [
            chosen(each, dialect, f"{place}.changed_at.greatest_of[{n}]") for n, each in enumerate(times.greatest_of)
        ]
        beyond = _beyond("op_changed_at", "op_key", dialect)

        def changes(cut: str) -> str:
            union = " union all ".join(
                f"select order_id as op_key, changed_at as op_at from ({part}) op_part{n}{cut}"
                for n, part in enumerate(parts)
            )
            return f"select op_key, max(op_at) as op_changed_at from ({union}) op_times group by op_key"

        def paged(cut: str, border: str = "") -> sa.TextClause:
            known = f"op_key in (select {key} from ({sql}) op_known)"
            page = f"select op_key, op_changed_at from ({changes(cut)}) op_changes where {border}{known}"
            return sa.text(
                f"select op_rows.*, op_page.op_changed_at from ({page} {order} limit :op_limit) op_page"
                f" join ({sql}) op_rows on op_rows.{key} = op_page.op_key {order}"
            )

        order, cut = "order by op_changed_at, op_key", " where changed_at >= :op_time"
        none = " and ".join(
            f"not exists (select 1 from ({part}) op_part{n} where op_part{n}.order_id = op_rows.{key}"
            f" and op_part{n}.changed_at is not null)"
            for n, part in enumerate(parts)
        )
        untimed = f"select op_rows.*, null as op_changed_at from ({sql}) op_rows where {none}"
        by_ids = (
            f"select op_rows.*, op_page.op_changed_at from ({sql}) op_rows"
            f" left join ({changes(' where order_id in :order_ids')}) op_page on op_page.op_key = op_rows.{key}"
            f" where op_rows.{key} in :order_ids"
        )
        return cls(
            paged(" where changed_at is not null"),
            sa.text(f"{untimed} order by op_rows.{key} limit :op_limit"),
            paged(cut),
            paged(cut, f"{beyond} and "),
            ByIds.of(by_ids, place, dialect),
            place,
            "op_changed_at",
            key,
            "changed_at.greatest_of: found no time",
        )


def _other_kind(one: Any) -> tuple[Any, ...]:
    """Return an id that is a number as text, and one that is written like a number as number."""
    if isinstance(one, int):
        return (str(one),)
    return (int(one),) if isinstance(one, str) and _NUMBER.fullmatch(one) else ()


def _each_bound(sql: str) -> sa.TextClause:
    return sa.text(sql).bindparams(sa.bindparam("order_ids", expanding=True))


def _beyond(time: str, key: str, dialect: str) -> str:
    """Return the condition of what comes after a row; MySQL and MariaDB use no index for a comparison of pairs."""
    if dialect == "mysql":
        return f"{time} >= :op_time and ({time} > :op_time or {key} > :op_key)"
    return f"({time}, {key}) > (:op_time, :op_key)"

"""Guards of the steps: that money is not given back twice, and that SQLite compares an amount as a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlglot import exp

from op_core.proofs import Proof
from op_sql_shop.proving.catalog import Catalog
from op_sql_shop.proving.subject import Subject
from op_sql_shop.proving.touched import name_of, tables, targets
from op_sql_shop.texts import Text

__all__ = ["amounts_as_text", "may_match_none", "unguarded"]

_GIVES_BACK = ("refund", "refund_protection")
_AMOUNTS = ("amount", "unit_price", "tax")  # what is bound as an amount
_ORDERED = (exp.GT, exp.GTE, exp.LT, exp.LTE)


def unguarded(subject: Subject, stated: Iterable[Text]) -> Iterator[Proof]:
    """Yield each verb that gives money back, and compares its amount with nothing."""
    texts = list(stated)
    for verb in _GIVES_BACK:
        own = [text for text in texts if text.verb == verb and text.step is not None]
        trees = [text.parsed.tree if text.parsed is not None else None for text in own]
        if own and None not in trees and not _guarded(own):
            said = f"{subject.client.place}: {verb}.steps: none of them compares :amount with what is left, so more"
            write = "may be given back than was paid, unless a constraint forbids it; write into the WHERE of its"
            rest, amount = "captured - refunded", ":amount"
            if _binds_text(subject):
                rest, amount = f"round({rest}, 2)", f"cast({amount} as decimal(12, 2))"
            such = f"UPDATE what must be true, such as {rest} >= {amount}, and expect_rows = 1"
            yield Proof(f"guard of {verb}", "look", f"{said} {write} {such}")


def _guarded(steps: Iterable[Text]) -> bool:
    """Tell whether a step compares, by more or less, the amount, or what came of it, with another value."""
    amount, bound = {"amount"}, False
    for text in steps:
        tree = text.parsed.tree if text.parsed is not None else None
        if tree is None or text.step is None:
            continue
        counts = text.step.expect_rows != "any" or bool(text.parsed and text.parsed.returns)
        for each in tree.find_all(*_ORDERED, exp.Between) if counts else ():
            values = {value.name for value in each.find_all(exp.Placeholder)}
            columns = {column.sql() for column in each.find_all(exp.Column)}
            if len(values) + len(columns) > 1 and (values & amount or (bound and not values)):
                return True
        if amount & {value.name for value in tree.find_all(exp.Placeholder)}:
            bound = True  # what a later step compares may be what this one has made
            amount |= set(text.parsed.returns or ()) if text.parsed is not None else set()
    return False


def may_match_none(text: Text, stated: Iterable[Text]) -> bool:
    """Tell whether a step may change no row: one that only looks, or that leaves what is there, or is asked after."""
    tree = text.parsed.tree if text.parsed is not None else None
    if tree is None or not list(targets(tree)):
        return True
    if isinstance(tree, exp.Insert) and (
        tree.args.get("conflict") or tree.args.get("ignore") or tree.args.get("alternative")
    ):
        return True
    given = {*((text.parsed.returns if text.parsed else None) or ()), text.step.last_id if text.step else None}
    return any(each.parsed is not None and each.parsed.binds & given for each in stated)


# --- SQLite ----------------------------------------------------------------------------------------------------------


def amounts_as_text(subject: Subject, catalog: Catalog, stated: Iterable[Text]) -> Iterator[Proof]:
    """Yield where SQLite compares an amount, which is bound as text, with a number: text is greater, always."""
    if not _binds_text(subject):
        return
    for text in stated:
        tree = text.parsed.tree if text.parsed is not None and text.verb is not None else None
        if tree is None:
            continue
        for name, other in _pairs(tree):
            if _is_a_number(other, tree, catalog):
                continue
            rest = ", and round(…, 2) around the other side, a difference of floats" if other.find(exp.Sub) else ""
            said = f":{name} is compared as text, which SQLite holds for greater than every number"
            write = f"write cast(:{name} as decimal(12, 2)){rest}"
            yield Proof(text.place, "not well", f"{subject.client.place}: {text.place}: {said}; {write}")
            break


def _binds_text(subject: Subject) -> bool:
    return subject.forms.floats and subject.forms.money != "minor_units"


def _pairs(tree: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    """Yield the name of each amount that is compared as it was bound, and what it is compared with."""
    for each in tree.find_all(*_ORDERED, exp.EQ, exp.NEQ):
        if not isinstance(each.parent, exp.Update | exp.OnConflict):  # else it is a SET
            for one, other in ((each.this, each.expression), (each.expression, each.this)):
                if (name := _bare(one)) and not (isinstance(each, exp.EQ) and isinstance(other, exp.Column)):
                    yield name, other.unnest()
    for between in tree.find_all(exp.Between):
        for name in filter(None, (_bare(between.args["low"]), _bare(between.args["high"]))):
            yield name, between.this.unnest()
        if name := _bare(between.this):
            yield from ((name, between.args[end].unnest()) for end in ("low", "high"))


def _bare(side: exp.Expr) -> str:
    value = side.unnest()
    value = value.this.unnest() if isinstance(value, exp.Coalesce) else value
    return value.name if isinstance(value, exp.Placeholder) and value.name in _AMOUNTS else ""


def _is_a_number(side: exp.Expr, tree: exp.Expr, catalog: Catalog) -> bool:
    """Tell whether SQLite makes a number of a text beside it: for a column of numbers, or a cast, and nothing else."""
    if isinstance(side, exp.Cast):
        return True
    if not isinstance(side, exp.Column):
        return False
    known = filter(None, (catalog.table(name_of(table)) for table in tables(tree)))
    kinds = [table.columns[name]["type"] for table in known if (name := side.name.lower()) in table.columns]
    if kinds:
        return all(isinstance(kind, sa.Numeric | sa.Integer) for kind in kinds)
    made = next((each for each in tree.find_all(exp.Alias) if each.alias.lower() == side.name.lower()), None)
    return made is None or made.this is side or _is_a_number(made.this.unnest(), tree, catalog)

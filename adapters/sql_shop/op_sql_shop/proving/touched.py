"""Which tables a statement reads and writes, as a parser sees them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

__all__ = ["alias_of", "name_of", "tables", "targets", "uses"]

_WRITES = (exp.Insert, exp.Update, exp.Delete)


def name_of(table: exp.Expr) -> str:
    """Return a table's name as it is written, with its schema where that is written too."""
    return ".".join(filter(None, (table.text("db"), table.name)))


def alias_of(table: exp.Expr) -> str:
    """Return what a table is called in its statement."""
    return table.alias_or_name.lower()


def tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """Yield each real table; what WITH names, and a function that returns rows, is none."""
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.text("db") or table.name.lower() not in named):
            yield table


def targets(tree: exp.Expr) -> Iterator[tuple[str, exp.Table]]:
    """Yield each table that is written, and how: ``insert``, ``update`` or ``delete``."""
    for node in tree.find_all(*_WRITES):
        if isinstance(node, exp.Insert):
            table = node.this.this if isinstance(node.this, exp.Schema) else node.this
            yield "insert", table
            conflict = node.args.get("conflict")
            if conflict is not None and conflict.expressions:
                yield "update", table
        elif isinstance(node, exp.Update):
            by_alias = {alias_of(table): table for table in node.this.find_all(exp.Table)}
            set_on = {each.this.table.lower() for each in node.expressions if isinstance(each, exp.EQ)} & set(by_alias)
            yield from (("update", by_alias[alias]) for alias in sorted(set_on) or [alias_of(node.this)])
        else:
            by_alias = {alias_of(table): table for table in node.find_all(exp.Table)}
            named = [table.name.lower() for table in node.args.get("tables") or ()]
            yield from (("delete", by_alias[alias]) for alias in named or [alias_of(node.this)] if alias in by_alias)


def uses(tree: exp.Expr) -> set[tuple[str, str]]:
    """Return table and right, such as ``update``, of everything that the statement needs."""
    needed = set()
    written = {id(table) for _, table in targets(tree)}
    for how, table in targets(tree):
        needed.add((name_of(table), how))
        node = table.find_ancestor(*_WRITES)
        if node is not None and any(node.args.get(part) for part in ("where", "returning", "conflict")):
            needed.add((name_of(table), "select"))
    needed |= {(name_of(table), "select") for table in tables(tree) if id(table) not in written}
    for lock in tree.find_all(exp.Lock):  # FOR UPDATE
        locked = lock.parent.find(exp.From) if lock.parent is not None else None
        needed |= {(name_of(table), "update") for table in (locked.find_all(exp.Table) if locked is not None else ())}
    return needed

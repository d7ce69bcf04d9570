"""What a statement of the mapping is, as a parser reads it: one SELECT, INSERT, UPDATE or DELETE, and nothing else."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa
import sqlglot
from attrs import field, frozen
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from op_core.errors import SettingsError

__all__ = ["CHANGES", "READS", "Parsed", "parse"]

READS = ("select",)
"""What a statement that reads may be."""

CHANGES = ("insert", "update", "delete", "select")
"""What a step of a write may be. Others end the transaction in some database, or cannot be taken back."""

_OURS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}  # dialect to sqlglot's name
_KINDS = {
    TokenType.SELECT: "select",
    TokenType.INSERT: "insert",
    TokenType.UPDATE: "update",
    TokenType.DELETE: "delete",
}
_FIRST = {*_KINDS, TokenType.WITH, TokenType.L_PAREN}


@frozen
class Parsed:
    """
    One statement.

    Attributes:
        kind: ``select``, ``insert``, ``update`` or ``delete``.
        binds: The names of the values that are bound.
        returns: The names of the columns that it returns, none where it returns no rows; None: only the database knows.
        tree: As sqlglot parsed it; None: sqlglot does not know all of its syntax, which a database may well do.
    """

    kind: str
    binds: frozenset[str]
    returns: tuple[str, ...] | None
    tree: exp.Expr | None = field(repr=False, eq=False)

    @property
    def limited(self) -> bool:
        """Tell whether it leaves rows out by their number."""
        return self.tree is not None and any(self.tree.args.get(name) is not None for name in ("limit", "offset"))


@lru_cache(maxsize=512)
def parse(sql: str, dialect: str, place: str, kinds: tuple[str, ...] = CHANGES) -> Parsed:
    """
    Read one statement.

    Args:
        sql: Its text, with ``:name`` for each value.
        dialect: ``sqlite``, ``postgresql`` or ``mysql``.
        place: Where it stands, for the error.
        kinds: What it may be.

    Raises:
        SettingsError: It is several statements, or one of another kind.
    """
    plain = sql.replace("\\:", ":")  # a colon that binds nothing, as SQLAlchemy has it written
    expected = f"expected one statement ({', '.join(kinds).upper()})"
    try:
        tokens = sqlglot.tokenize(plain, dialect=_OURS[dialect])
    except SqlglotError:
        raise SettingsError(f"{place}: found a text that does not end, such as a quote; {expected}") from None
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise SettingsError(f"{place}: found several statements; {expected}")
    kind = _kind(tokens)
    if kind not in kinds:
        raise SettingsError(f"{place}: found {tokens[0].text.upper() if tokens else 'nothing'}; {expected}")
    try:
        tree = _tree(plain, dialect)
    except RecursionError:
        raise SettingsError(f"{place}: nested too deep; {expected}") from None
    if tree is not None and tree.find(exp.Into):
        raise SettingsError(f"{place}: found SELECT INTO, which makes a table, a file or a variable; {expected}")
    return Parsed(kind, frozenset(sa.text(sql).compile().params), _returns(tree), tree)


def _kind(tokens: list[Token]) -> str | None:
    if not tokens or tokens[0].token_type not in _FIRST:
        return None
    depth = 0
    outer = tokens[0].token_type is not TokenType.L_PAREN  # a SELECT in parentheses is one too
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.R_PAREN):
            depth += 1 if token.token_type is TokenType.L_PAREN else -1
        elif token.token_type in _KINDS and (depth == 0 or not outer):
            return _KINDS[token.token_type]
    return None


def _tree(sql: str, dialect: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(sql, dialect=_OURS[dialect])
    except SqlglotError:
        return None


def _returns(tree: exp.Expr | None) -> tuple[str, ...] | None:
    if tree is None:
        return None
    if isinstance(tree, exp.Query):
        columns = tree.selects
    else:
        returning = tree.args.get("returning")
        columns = returning.expressions if returning is not None else []
    names = tuple(column.alias_or_name for column in columns)
    return None if "*" in names or any(not name for name in names) else names

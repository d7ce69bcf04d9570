"""Texts with JMESPath expressions in braces, and trees of such texts: what a call sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
from pydantic import SecretStr

from op_rest_shop.expressions import Expression, WrongExpression

__all__ = ["Shape", "Template", "plain"]


@attrs.frozen(eq=False)
class Template:
    """
    A text with expressions in braces, such as ``/orders/{order_id}``; ``{{`` and ``}}`` are braces.

    A text that is one expression and nothing else is what the expression finds: a number stays one.
    """

    text: str
    parts: tuple[str | Expression, ...] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Parse every expression once."""
        object.__setattr__(self, "parts", tuple(_parts(self.text)))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in it."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def of(self, context: Mapping[str, Any], form: Callable[[Any], str] | None = None) -> Any:
        """
        Return what it says in *context*.

        Args:
            context: Name to value.
            form: How a value becomes text. With it the answer is always text.

        Raises:
            WrongExpression: An expression inside a longer text finds nothing.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression) and form is None:
            return self.parts[0].of(context, str(context.get("reference", "")))
        return "".join(
            part if isinstance(part, str) else (form or plain)(self._needed(part, context)) for part in self.parts
        )

    def _needed(self, part: Expression, context: Mapping[str, Any]) -> Any:
        found = part.of(context, str(context.get("reference", "")))
        if found is None or found == "":
            raise WrongExpression(f"{{{part}}} finds nothing")
        return found


def plain(value: Any) -> str:
    """Write one value as text; a list or a table has no text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str | int):
        return str(value)
    raise WrongExpression(f"found {type(value).__name__} where a text or a number is needed")


def _parts(text: str) -> list[str | Expression]:
    parts: list[str | Expression] = []
    at, held = 0, ""
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            held, at = held + text[at], at + 2
        elif text[at] == "{":
            end = _end(text, at)
            parts += [held] if held else []
            parts.append(Expression(text[at + 1 : end].strip()))
            held, at = "", end + 1
        elif text[at] == "}":
            raise WrongExpression("a } without its {; write }} for a brace")
        else:
            held, at = held + text[at], at + 1
    return [*parts, held] if held or not parts else parts


def _end(text: str, start: int) -> int:
    """Return where the expression that begins at *start* ends; braces and quotes inside it are its own."""
    depth, quote = 0, ""
    for at in range(start, len(text)):
        letter = text[at]
        if quote:
            quote = "" if letter == quote and text[at - 1] != "\\" else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if depth == 0:
                return at
    raise WrongExpression("a { without its }; write {{ for a brace")


@attrs.frozen(eq=False)
class Shape:
    """A tree of tables, lists and texts. Each text, and each name, is a `Template`; what finds nothing is left out."""

    tree: Any = attrs.field(repr=False)

    @classmethod
    def made(cls, tree: Any) -> Shape:
        """Parse every text of *tree* once."""
        return cls(_parsed(tree))

    def of(self, context: Mapping[str, Any]) -> Any:
        """Return the tree as it is in *context*."""
        return _filled(self.tree, context)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in it."""
        return tuple(_expressions(self.tree))


def _parsed(tree: Any) -> Any:
    if isinstance(tree, str):
        return Template(tree)
    if isinstance(tree, Mapping):
        return {Template(key) if "{" in key else key: _parsed(value) for key, value in tree.items()}
    return [_parsed(value) for value in tree] if isinstance(tree, list | tuple) else tree


def _filled(tree: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(tree, Template):
        return tree.of(context)
    if isinstance(tree, SecretStr):  # what the environment gives is taken as it is, braces and all
        return tree.get_secret_value()
    if isinstance(tree, Mapping):
        found = {_name(key, context): _filled(value, context) for key, value in tree.items()}
        return {key: value for key, value in found.items() if value is not None}
    return [_filled(value, context) for value in tree] if isinstance(tree, list) else tree


def _name(key: Any, context: Mapping[str, Any]) -> str:
    return key.of(context, plain) if isinstance(key, Template) else str(key)


def _expressions(tree: Any) -> list[Expression]:
    if isinstance(tree, Template):
        return list(tree.expressions)
    inner = [*tree, *tree.values()] if isinstance(tree, Mapping) else tree if isinstance(tree, list) else ()
    return [each for value in inner for each in _expressions(value)]

"""
JSON in which an expression finds something: JMESPath read backwards.

What a manifest expects of a shop's answers stands in its expressions; an answer that fits them all is made from them.
"""

from __future__ import annotations

from typing import Any

from jmespath import Options
from jmespath.visitor import TreeInterpreter

from op_rest_shop.expressions import Expression, WrongExpression

__all__ = ["SOMETHING", "Underivable", "found_in", "lacking"]

SOMETHING: Any = object()
"""Whatever there is."""
_LEAF = "1"
_CHAINS = ("subexpression", "index_expression", "pipe")
_PROJECTIONS = ("projection", "filter_projection", "value_projection")


class Underivable(ValueError):
    """An expression of which nobody can say what JSON it fits, but who wrote it. The text holds the expression."""


def found_in(expression: Expression, document: Any, wanted: Any = SOMETHING, reference: str = "") -> Any:
    """
    Return *document* with what it takes for *expression* to find *wanted* in it.

    Args:
        expression: What looks.
        document: JSON that other expressions have shaped already; None: nothing yet.
        wanted: What it shall find; `SOMETHING`: anything that counts as there.
        reference: What ``ours`` looks for.

    Raises:
        Underivable: No JSON is known that fits.
    """
    made = _Backwards(reference).put(expression.parsed.parsed, document, wanted)
    found = _seen(expression, made, reference)
    if not (found if wanted is SOMETHING else _fits(found, wanted)):
        raise Underivable(expression.text)
    return made


def lacking(expression: Expression, document: Any, reference: str = "") -> Any:
    """
    Return *document* with what it takes for *expression* to find nothing in it.

    Raises:
        Underivable: No JSON is known that fits.
    """
    if not _seen(expression, document, reference):
        return document
    made = _Backwards(reference).put_out(expression.parsed.parsed, document)
    if _seen(expression, made, reference):
        raise Underivable(expression.text)
    return made


def _seen(expression: Expression, document: Any, reference: str) -> Any:
    try:
        return expression.of(document, reference)
    except WrongExpression:
        raise Underivable(expression.text) from None


class _Backwards:
    """Walks a parsed expression; each step returns the JSON with what is wanted put in."""

    def __init__(self, reference: str) -> None:
        self._reference = reference

    def put(self, node: Any, document: Any, wanted: Any) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case for each kind of node
        children = node["children"]
        match node["type"]:
            case "field":
                held = document if isinstance(document, dict) else {}
                return {**held, node["value"]: _or_leaf(wanted, held.get(node["value"]))}
            case "identity" | "current":
                return _or_leaf(wanted, document)
            case "index":
                return self._element(node["value"], document, wanted)
            case kind if kind in _CHAINS:
                return self._chain(children, document, wanted)
            case kind if kind in _PROJECTIONS:
                return self._projection(node, document, wanted)
            case "flatten":
                inside = [wanted] if children[0]["type"] in _PROJECTIONS else wanted
                return self.put(children[0], document, inside)
            case "or_expression":
                return self.put(children[0], document, wanted)
            case "and_expression":
                for child in children[:-1]:
                    document = self.put(child, document, SOMETHING)
                return self.put(children[-1], document, wanted)
            case "comparator":
                return self._compared(node, document)
            case "function_expression" if children:
                return self.put(children[0], document, self._argument(node, wanted))
            case "multi_select_dict" | "multi_select_list" | "key_val_pair":
                each = wanted if isinstance(wanted, list) else [SOMETHING] * len(children)
                for child, one in zip(children, each, strict=False):
                    document = self.put(child, document, one)
                return document
        return document  # a literal, or what is not there: whether that is enough, the caller sees

    def put_out(self, node: Any, document: Any) -> Any:
        """Return the JSON in which a test no longer holds, where that takes something to be there."""
        children = node["children"]
        match node["type"]:
            case "comparator" if node["value"] == "ne" and children[1]["type"] == "literal":
                return self.put(children[0], document, children[1]["value"])
            case "not_expression":
                return self.put(children[0], document, SOMETHING)
            case "and_expression":
                return self.put_out(children[0], document)
            case "or_expression":
                return self.put_out(children[1], self.put_out(children[0], document))
        return document

    def _chain(self, nodes: list[Any], document: Any, wanted: Any) -> Any:
        if len(nodes) == 1:
            return self.put(nodes[0], document, wanted)
        inside = self._chain(nodes[1:], self._seen(nodes[0], document), wanted)
        return self.put(nodes[0], document, inside)

    def _projection(self, node: Any, document: Any, wanted: Any) -> Any:
        left, right, *condition = node["children"]
        each = wanted if isinstance(wanted, list) else [wanted]
        seen = self._seen(left, document)
        held = list(seen.values()) if isinstance(seen, dict) else seen if isinstance(seen, list) else []
        made = []
        for at, one in enumerate(each):
            element = self.put(right, held[at] if at < len(held) else None, one)
            made.append(self.put(condition[0], element, SOMETHING) if condition else element)
        if node["type"] == "value_projection":
            return self.put(left, document, {str(at): one for at, one in enumerate(made)})
        return self.put(left, document, [*made, *held[len(made) :]])

    def _compared(self, node: Any, document: Any) -> Any:
        one, other = node["children"]
        if one["type"] == "literal":
            one, other = other, one
        wanted = other["value"] if other["type"] == "literal" and node["value"] == "eq" else SOMETHING
        return self.put(one, document, wanted)

    def _argument(self, node: Any, wanted: Any) -> Any:
        last = node["children"][-1]
        match node["value"]:
            case "ours":
                return self._reference
            case "length":
                return [SOMETHING]
            case "contains" | "starts_with" | "ends_with" if last["type"] == "literal":
                return last["value"]
        return wanted

    @staticmethod
    def _element(at: int, document: Any, wanted: Any) -> list[Any]:
        held = list(document) if isinstance(document, list) else []
        held += [None] * (max(at + 1, -at) - len(held))
        held[at] = _or_leaf(wanted, held[at])
        return held

    @staticmethod
    def _seen(node: Any, document: Any) -> Any:
        return None if document is None else TreeInterpreter(Options()).visit(node, document)


def _fits(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_fits(found.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_fits, found, wanted))
    return bool(found == wanted)


def _or_leaf(wanted: Any, held: Any) -> Any:
    if isinstance(wanted, list):
        return [_or_leaf(one, None) for one in wanted]
    return wanted if wanted is not SOMETHING else held or _LEAF

"""What can go wrong with one call, as its landing rules tell it: with the connection, and with the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import attrs

from op_core.order_protection.jsonmoney import dumps
from op_core.order_protection.messages import Response
from op_rest_shop.calls import Call, Rule
from op_rest_shop.landing import landed
from op_rest_shop.trials.inverse import Underivable, found_in

__all__ = ["ANSWER_LOST", "LARGEST", "REFUSED", "Fault", "faults"]

LARGEST = 100_000
"""Bytes of an answer that are taken in a trial."""
_STATUSES = (302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504)
_AFTER_IT_ACTED = frozenset({408, 500, 502, 504})  # a shop's gateway says them while the shop goes on
_UNAUTHORIZED = 401


@attrs.frozen
class Fault:
    """
    One thing that goes wrong.

    Attributes:
        name: In words.
        acts: Whether the shop does what it was asked before that.
        status: Of the answer; 0: none comes.
        body: The answer's bytes.
        cut: What becomes of the connection instead of an answer; None: there is one.
    """

    name: str
    acts: bool
    status: int = 0
    body: bytes = attrs.field(default=b"", repr=False)
    cut: Literal["refused", "sending", "answering", "waiting"] | None = None

    def __str__(self) -> str:
        """Return its name, and whether the shop acted."""
        return f"{self.name}, {'after' if self.acts else 'before'} the shop acted"


ANSWER_LOST = Fault("the answer is lost", acts=True, cut="answering")
REFUSED = Fault("400", acts=False, status=400, body=b"{}")
_EVERY = (
    Fault("no connection", acts=False, cut="refused"),
    Fault("the connection is cut", acts=False, cut="sending"),
    ANSWER_LOST,
    Fault("no answer in time", acts=True, cut="waiting"),
    Fault("a page of HTML with 200", acts=True, status=200, body=b"<html><body>One moment</body></html>"),
    Fault("half an answer", acts=True, status=200, body=b'{"id": "1", "or'),
    Fault("an endless answer", acts=True, status=200, body=b"1" * (LARGEST + 1)),
    Fault("200 with nothing in it", acts=True, status=200, body=b"{}"),
    Fault("204", acts=True, status=204),
)


def faults(call: Call, rules: tuple[Rule, ...], reference: str) -> Iterator[Fault | str]:
    """
    Yield what can go wrong with *call*; a text where a rule's answer cannot be made.

    An answer that means ``done`` comes after the shop acted, one that means ``refused``, ``later`` or ``login`` before,
    and one that means ``ask`` either way. A status that a gateway gives while the shop goes on comes either way too,
    whatever a rule says of it.

    Args:
        call: The call.
        rules: The landing rules of every call.
        reference: Ours.
    """
    yield from _EVERY
    declared = [*call.rules, *rules]
    seen = set()
    for name, status, body in [*((str(status), status, {}) for status in _STATUSES), *_declared(declared, reference)]:
        if isinstance(body, Underivable):
            yield name
            continue
        sent = dumps(body)
        means = landed(Response(status=status, body=sent), call, rules, "", reference).means
        gateway = status in _AFTER_IT_ACTED and not (call.reads and means == "done")
        for acts in (False, True):
            fits = acts if means == "done" else (not acts or means == "ask" or gateway)
            if status == _UNAUTHORIZED:
                fits = not acts
            if fits and (status, sent, acts) not in seen:
                seen.add((status, sent, acts))
                yield Fault(name, acts=acts, status=status, body=sent)


def _declared(rules: list[Rule], reference: str) -> Iterator[tuple[str, int, Any]]:
    """Yield an answer that fits each rule."""
    for rule in rules:
        body: Any = {}
        if rule.when is not None:
            try:
                body = found_in(rule.when, None, reference=reference)
            except Underivable as error:
                body = error
        for status in rule.status or (200,):
            when = f" where {rule.when}" if rule.when is not None else ""
            yield f"{status}{when}", status, body

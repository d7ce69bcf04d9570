"""Landing rules: what an answer means for the question whether something was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Response
from op_rest_shop.calls import Call, Meaning, Rule
from op_rest_shop.expressions import WrongExpression

__all__ = ["Answer", "landed", "read"]

_REFUSED = frozenset({400, 403, 404, 405, 406, 410, 413, 414, 415, 422})  # the shop read it, and did nothing
_TOO_MANY = 429
_OK = 200  # and no 204: something in front of the shop may have answered
_SAYING = ("post", "put", "patch")


@attrs.frozen
class Answer:
    """
    What became of one call.

    Attributes:
        means: As a landing rule has it. What means ``login`` comes to no caller of `Client`.
        why: In words, without any value of the answer.
        body: The JSON of it; None where there is none.
        headers: Names in small letters.
        status: The HTTP status; 0: there was no answer.
    """

    means: Meaning
    why: str = ""
    body: Any = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    status: int = 0


def landed(response: Response, call: Call, rules: tuple[Rule, ...], where: str, reference: str) -> Answer:
    """
    Return what *response* means: by the call's own rules, then by *rules*, then as HTTP has it.

    Args:
        response: What came back.
        call: What was called.
        rules: Those of every call.
        where: For the reason.
        reference: Ours, for rules that ask for it.
    """
    body, unread = read(response.body)
    if not response.body.strip() and response.status == _OK and call.method in _SAYING:
        unread = "empty"
    for rule in (*call.rules, *rules):
        if (not rule.status or response.status in rule.status) and _fits(rule, body, reference):
            means, why = rule.means, rule.why
            break
    else:
        means, why = _usual(response.status, body, unread, graphql=call.graphql is not None)
    said = f"{where}: {response.status}{f', {why}' if why else ''}"
    return Answer(means, said, body, response.headers, response.status)


def read(body: bytes) -> tuple[Any, str]:
    """Return the JSON of an answer, and why there is none."""
    if not body.strip():
        return None, ""
    try:
        return loads(body), ""
    except Unreadable as error:
        return None, str(error)


def _fits(rule: Rule, body: Any, reference: str) -> bool:
    if rule.when is None:
        return True
    try:
        return bool(rule.when.of(body, reference))
    except WrongExpression:  # an answer of another form than the rule is about
        return False


def _usual(status: int, body: Any, unread: str, *, graphql: bool) -> tuple[Meaning, str]:
    if 200 <= status < 300:  # noqa: PLR2004 - the class of HTTP's successes
        if unread:
            return "ask", f"the answer is {unread}"
        wrong = graphql and isinstance(body, dict) and body.get("errors")
        return ("ask", "the answer holds errors") if wrong else ("done", "")
    if status in _REFUSED:
        return "refused", "the shop refuses it"
    if status == _TOO_MANY:
        return "later", "too many calls"
    moved = 300 <= status < 400  # noqa: PLR2004 - HTTP's redirections
    return "ask", "it points elsewhere, which is never followed; mend shop.url" if moved else "the shop failed"

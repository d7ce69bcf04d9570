"""
One effect as a sequence of calls.

The calls before the one that makes the effect only prepare: what fails among them is undone, and nothing has happened.
That one call is sent once. Where nobody knows whether it landed, the answer is ``unknown``, nothing is undone, and the
shop is asked by our reference. The calls after it only finish: whatever becomes of them, the effect is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from op_core.errors import NotSent, Refused, ShopAway, ShopUnavailable
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.requests import Effect, FindRequest
from op_core.testing.crash import crash_point
from op_rest_shop.calls import Call
from op_rest_shop.client import Client
from op_rest_shop.context import of_effect, of_find
from op_rest_shop.expressions import LEFT_OUT, Expression, WrongExpression
from op_rest_shop.landing import Answer
from op_rest_shop.mapping import MoneyVerb, Verb

__all__ = ["Writer"]

Undo = tuple[Call, dict[str, Any], str]


@attrs.define(eq=False)
class Writer:
    """
    Makes and finds one verb's effects.

    Attributes:
        name: The verb, as the contract calls it.
        verb: Its calls.
        client: The way to the shop.
        function: The shop's own that makes the effect instead of the calls.
        finder: The shop's own that asks for it instead.
    """

    name: str
    verb: Verb
    client: Client
    function: Callable[[Any], Any] | None = None
    finder: Callable[[Any], Any] | None = None

    @property
    def place(self) -> str:
        """Where the verb stands."""
        return f"{self.client.place}: {self.name}"

    def make(self, request: Effect) -> Outcome:
        """
        Make the effect, or return the one that is there under its reference already.

        Raises:
            NotSent: It was not made, and may be tried again.
            ShopAway: Likewise; the shop cannot be reached, or does not know us.
            Refused: The shop said no. It was not made.
        """
        if self.function is not None:
            return self.function(request)  # type: ignore[no-any-return]  # what is no Outcome is not believed by the core
        context = of_effect(self.name, request)
        for one in self.verb.refuse:
            if self._found(one.when, context, "refuse.when"):
                raise Refused(f"{self.place}: {one.why}")
        return self._there(request) or self.call(request)

    def call(self, request: Effect) -> Outcome:
        """Make the calls of the effect, whatever is there; raises as `make`."""
        context = of_effect(self.name, request)
        undo: list[Undo] = []
        self._take_back_leftovers(context)
        try:
            for at, call in enumerate(self.verb.calls[: self.verb.at]):
                self._prepare(at, call, context, undo)
            answer = self._one(self.verb.at, self.verb.calls[self.verb.at], context)
        except (NotSent, Refused) as error:  # also of the effect itself: it never left, or the shop did not know us
            raise self._undone(error, undo) from None
        if answer.means == "refused":
            raise self._undone(Refused(answer.why), undo)
        if answer.means == "later":
            raise self._undone(NotSent(answer.why), undo)
        if answer.means == "ask":
            return Outcome("unknown", reason=answer.why)
        return self._made(context, self._finish(context))

    def _there(self, request: Effect) -> Outcome | None:
        """
        Look for what somebody has made already: another process, or one that works by another ledger.

        What the shop says that it failed is made anew; what it cannot tell, the caller has asked for.
        """
        if not self.verb.is_found:
            return None
        amount = getattr(request, "amount", None)
        try:
            found = self.look(FindRequest(request.store, request.key, request.reference, request.order, amount))
        except ShopAway:
            raise
        except ShopUnavailable as error:
            raise NotSent(f"{error}; nothing was made") from None
        return found.outcome if isinstance(found, Found) and found.outcome.state != "refused" else None

    def _prepare(self, at: int, call: Call, context: dict[str, Any], undo: list[Undo]) -> None:
        for line in self._lines(call, context):
            inner = context if line is None else {**context, "line": line}
            answer = self._one(at, call, inner)
            if call.undo is not None and answer.means in ("done", "ask"):
                undo.append((call.undo, {**inner}, f"{self.name}.calls[{at}].undo"))
            if answer.means == "refused":
                raise Refused(answer.why)
            if answer.means != "done":
                raise NotSent(f"{answer.why}; nothing of the effect was made")
            if call.name is not None:
                context[call.name] = answer.body
                if undo and undo[-1][0] is call.undo:
                    undo[-1][1][call.name] = answer.body

    def _lines(self, call: Call, context: Mapping[str, Any]) -> list[Any]:
        if call.when is not None and not self._found(call.when, context, "when"):
            return []
        return list(context["lines"]) if call.each else [None]

    def _one(self, at: int, call: Call, context: dict[str, Any]) -> Answer:
        crash_point(f"rest:{self.name}:{at}:before")
        answer = self.client.call(call, context, f"{self.name}.calls[{at}]")
        crash_point(f"rest:{self.name}:{at}:after")
        if call.name is not None and answer.means == "done" and at == self.verb.at:
            context[call.name] = answer.body
        return answer

    def _finish(self, context: dict[str, Any]) -> str:
        """Make the calls after the effect; return what fell short."""
        for at, call in enumerate(self.verb.calls[self.verb.at + 1 :], self.verb.at + 1):
            try:
                for line in self._lines(call, context):
                    answer = self._one(at, call, context if line is None else {**context, "line": line})
                    if answer.means != "done":
                        return f"made; after that: {answer.why}"
                    if call.name is not None:
                        context[call.name] = answer.body
            except (NotSent, Refused) as error:
                return f"made; after that: {error.reason}"
        return ""

    def _made(self, context: Mapping[str, Any], fell_short: str) -> Outcome:
        try:
            shop_id = self._text(self.verb.id, context)
            order_id = self._text(self.verb.order_id, context)
            pending = self.verb.pending is not None and bool(self._found(self.verb.pending, context, "pending"))
        except Refused as error:
            return Outcome(
                "unknown", reason=f"the shop took it, and its answer is another than expected: {error.reason}"
            )
        if shop_id is None:
            return Outcome("unknown", reason=f"{self.place}.id: nothing is there in an answer that says it was made")
        return self._told(shop_id, order_id, pending=pending, reason=fell_short or None)

    def _told(self, shop_id: str, order_id: str | None, *, pending: bool, reason: str | None = None) -> Outcome:
        money = self.verb.money if isinstance(self.verb, MoneyVerb) else None
        waits = pending or money == "queued"
        if waits:
            return Outcome("pending", shop_id=shop_id, reason=reason, money="queued" if money == "queued" else None)
        return Outcome("done", shop_id=shop_id, order_id=order_id, money=money, reason=reason)

    # --- Undoing -----------------------------------------------------------------------------------------------------

    def _undone(self, error: NotSent | Refused, undo: list[Undo]) -> NotSent | Refused:
        """Take back what was prepared, the last first; return *error*, with what could not be taken back."""
        left = []
        while undo:
            call, context, place = undo.pop()
            try:
                answer = self.client.call(call, context, place)
                if answer.means != "done":
                    left.append(answer.why)
            except NotSent as failed:
                left.append(failed.reason)
        if not left:
            return error
        reason = f"{error.reason}; and what was prepared could not be taken back: {'; '.join(left)}"
        return Refused(reason) if isinstance(error, Refused) else NotSent(reason)

    def _take_back_leftovers(self, context: dict[str, Any]) -> None:
        """Take back what an earlier try of this very effect has left half-built."""
        rest = self.verb.leftovers
        if rest is None:
            return
        answer = self.client.call(rest, context, f"{self.name}.leftovers")
        if answer.means != "done":
            raise NotSent(answer.why)
        try:
            items = self._items(rest.items, answer.body, context, "leftovers.items")
        except Refused as error:  # nobody refused the effect
            raise NotSent(error.reason) from None
        for item in items:
            undone = self.client.call(rest.undo, {**context, "item": item}, f"{self.name}.leftovers.undo")
            if undone.means != "done":
                raise NotSent(undone.why)

    # --- Finding -----------------------------------------------------------------------------------------------------

    def look(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """
        Ask the shop whether it holds the effect.

        Raises:
            ShopUnavailable: It did not answer.
        """
        if self.finder is not None:
            return self.finder(request)  # type: ignore[no-any-return]  # the core believes no other kind of answer
        find = self.verb.find
        if find is None:
            return CannotTell(f"{self.place} has no find")
        context = of_find(request)
        try:
            answer = self.client.call(find, context, f"{self.name}.find")
        except ShopAway:
            raise
        except NotSent as error:
            return CannotTell(error.reason)
        if answer.means == "refused":  # such as a 404, where the order is gone: asking again tells no more
            return CannotTell(answer.why)
        if answer.means != "done":
            raise ShopUnavailable(answer.why)
        try:
            items = self._items(find.items, answer.body, context, "find.items")
            outcomes = [self._outcome(item, context) for item in items]
        except Refused as error:
            return CannotTell(error.reason)
        return Found(outcomes[0], tuple(outcomes[1:])) if outcomes else NotFound()

    def _outcome(self, item: Any, context: Mapping[str, Any]) -> Outcome:
        find, reference = self.verb.find, str(context["reference"])
        assert find is not None
        shop_id = self._text(find.id, item, reference)
        if shop_id is None:
            raise Refused(f"{self.place}.find.id: nothing is there")
        if find.refused is not None and self._found(find.refused, item, "find.refused", reference):
            return Outcome("refused", shop_id=shop_id, reason=f"{self.place}: the shop says that it failed")
        pending = find.pending is not None and bool(self._found(find.pending, item, "find.pending", reference))
        if not pending and isinstance(self.verb, MoneyVerb) and self.verb.money == "queued":
            return Outcome("done", shop_id=shop_id, money="moved")  # the shop's own job has paid
        return self._told(shop_id, self._text(find.order_id, item, reference), pending=pending)

    # --- Expressions -------------------------------------------------------------------------------------------------

    def _items(self, path: Expression, body: Any, context: Mapping[str, Any], key: str) -> list[Any]:
        found = self._found(path, body, key, str(context["reference"]))
        if not found and (lack := path.lacks(body)) is not None:  # none of ours, or another answer than this is about?
            raise Refused(f"{self.place}.{key} ({path}): the answer has no {lack!r}; {LEFT_OUT}")
        if found is None:
            return []
        if not isinstance(found, list):
            raise Refused(f"{self.place}.{key}: found {type(found).__name__}; expected a list")
        return found

    def _text(self, path: Expression | None, item: Any, reference: str = "") -> str | None:
        found = None if path is None else self._found(path, item, "id", reference)
        return None if found in (None, "") else str(found)

    def _found(self, path: Expression, item: Any, key: str, reference: str = "") -> Any:
        own = str(item.get("reference", "")) if isinstance(item, Mapping) and not reference else reference
        try:
            return path.of(item, own)
        except WrongExpression as error:
            raise Refused(f"{self.place}.{key}: {error}") from None

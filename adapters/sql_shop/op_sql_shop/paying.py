"""
Effects whose money a function of the shop's own moves through its gateway, so that no call is made twice in doubt.

First all steps are run and taken back, so that what the shop's rows refuse is never paid; and the mark is committed as
``asked``. Then the function is called. Then the steps are run for good, and the mark becomes ``done``, in one
transaction. What lies between is told by the mark: whoever meets one that is ``asked`` asks the gateway, never pays.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import Any

import attrs

from op_core.errors import HookError, NotSent, NotSupported, Refused, ShopUnavailable
from op_core.models import CannotTell, Found, LineQuantity, NotFound, Outcome
from op_core.money import Money
from op_core.requests import Effect, FindRequest, ProtectionChangeRequest, RefundRequest, StoreCreditRequest
from op_core.testing.crash import crash_point
from op_sql_shop.client import Session, Unanswered
from op_sql_shop.doors import Door
from op_sql_shop.references import Mark, References
from op_sql_shop.writing import Writer

__all__ = ["Payer"]

_NOBODY = "the gateway was called, and nobody knows whether it paid; a find_money would ask it"


@attrs.define(eq=False)
class Payer(Writer):
    """
    Makes one kind of effect, the money of which a function moves.

    Attributes:
        door: The function, and the one that asks.
        marks: Our table.
    """

    door: Door = attrs.field(kw_only=True)
    marks: References = attrs.field(kw_only=True)

    def make(self, request: Effect) -> Outcome:
        """
        Have it paid and write it down, unless that was done.

        Raises:
            NotSent: Nothing was paid; again later.
            Refused: The rows, a guard or the gateway said no; nothing was paid.
        """
        mark = self._asked(request)
        with self.client.writing(request.deadline - self.clock()) as session:
            self._lock(session, request)
            before = self.marks.find(session, request.reference)
            if before is None:
                self._promise(session, request, mark, None)
        if before is None:
            return self._pay(mark, request)
        if (other := self._other(before, request)) is not None:
            return Outcome("unknown", reason=other)
        if before.state == "done":
            return self._outcome(before)
        return self._again(before, request)

    def look(self, request: FindRequest) -> Found | NotFound | CannotTell:  # noqa: PLR0911 - one for each thing that may be there
        """Tell whether it was paid, and write its rows where they are missing."""
        with self.client.reading() as session:
            mark = self.marks.find(session, request.reference)
        if mark is None:
            return self._without_mark(request)
        if (other := self._other(mark, request)) is not None:
            return CannotTell(other)
        if mark.state == "done":
            return Found(self._outcome(mark))
        if mark.state == "paid":
            return self._completed(mark, request, mark.shop_id)
        if mark.until is not None and self.clock() < mark.until:
            raise ShopUnavailable(f"a call of {self.door.name} may be under way until {mark.until:%H:%M:%S} UTC")
        if self.door.finder is None:
            return CannotTell(_NOBODY)
        answer = self.door.ask(request)
        if not isinstance(answer, Found) or answer.others or answer.outcome.state == "pending":
            return answer
        if answer.outcome.state == "refused":
            self._withdraw(mark)
            return answer
        return self._completed(mark, request, answer.outcome.shop_id)

    def _other(self, mark: Mark, request: Effect | FindRequest) -> str | None:
        """A mark without a turn is of rows that moved no money: the mapping named no function then."""
        if mark.state == "done" and mark.turn is None:
            return (
                f"{mark.reference} was written while the mapping named no function that pays: nobody can tell who paid"
            )
        return super()._other(mark, request)

    # --- First: promise ----------------------------------------------------------------------------------------------

    def _asked(self, request: Effect) -> Mark:
        lines = [[line.line_id, line.quantity] for line in getattr(request, "lines", ())]
        said = {name: getattr(request, name, None) for name in ("claim_id", "reason", "payment_id")}
        kept = json.dumps(said | {"lines": lines}, separators=(",", ":"))
        mark = self._marked(request, "asked")
        return attrs.evolve(mark, turn=secrets.token_hex(8), until=request.deadline, request=kept)

    def _promise(self, session: Session, request: Effect, mark: Mark, before: Mark | None) -> None:
        """Try the rows, and commit that the gateway is asked now."""
        now = self.clock()
        busy = self.marks.under_way(session, request.order.id, now)
        if busy is not None:
            raise NotSent(f"another payment of this order is under way: {busy}")
        with session.connection.begin_nested() as trial:
            self._try(session, request, mark)
            trial.rollback()
        crash_point(f"{self.name}:mark")
        if before is None:
            self.marks.add(session, mark, now)
        else:
            self.marks.change(session, mark)
        try:
            self._commit(session, request.deadline)
        except Unanswered as error:  # the gateway was not called, whatever became of the mark
            raise NotSent(str(error)) from None

    def _again(self, before: Mark, request: Effect) -> Outcome:
        """Go on where an earlier call stopped; the gateway is called again only where it says that it paid nothing."""
        if before.state == "paid":
            return self._complete(before, request, before.shop_id)
        if before.until is not None and self.clock() < before.until:
            raise NotSent(f"an earlier call of {self.door.name} may be under way until {before.until:%H:%M:%S} UTC")
        if self.door.finder is None:
            return Outcome("unknown", reason=_NOBODY)
        amount = getattr(request, "amount", None)
        question = FindRequest(
            request.store, request.key, request.reference, request.order, amount, before.shop_id, request.tries
        )
        answer = self.door.ask(question)
        if isinstance(answer, CannotTell):
            return Outcome("unknown", reason=answer.reason)
        if isinstance(answer, Found):
            return self._told(before, request, answer)
        mark = self._asked(request)
        with self.client.writing(request.deadline - self.clock()) as session:
            self._lock(session, request)
            now = self.marks.find(session, request.reference)
            if now is None or (now.state, now.turn) != ("asked", before.turn):
                raise NotSent("somebody else has taken it up meanwhile")
            self._promise(session, request, mark, before)
        return self._pay(mark, request)

    def _told(self, mark: Mark, request: Effect, answer: Found) -> Outcome:
        if answer.others:
            return Outcome("unknown", reason=f"the gateway holds {1 + len(answer.others)} under {mark.reference}")
        if answer.outcome.state == "refused":
            self._withdraw(mark)
            raise Refused(answer.outcome.reason or f"{self.door.name} says no")
        if answer.outcome.state == "pending":
            return answer.outcome
        return self._complete(mark, request, answer.outcome.shop_id)

    # --- Then: pay ---------------------------------------------------------------------------------------------------

    def _pay(self, mark: Mark, request: Effect) -> Outcome:
        crash_point(f"{self.name}:asked")
        if self.clock() >= request.deadline:
            self._withdraw(mark)
            raise NotSent("its time was over before the gateway was called")
        try:
            said = self.door.call(request)
        except (NotSent, Refused, NotSupported):
            self._withdraw(mark)
            raise
        crash_point(f"{self.name}:paid")
        if said.state == "done":
            return self._complete(mark, request, said.shop_id)
        if said.state == "pending":
            self._keep(attrs.evolve(mark, shop_id=said.shop_id, until=None))
        return said

    def _withdraw(self, mark: Mark) -> None:
        """Take the mark back, as nothing was paid. Where that fails it stays, and the gateway is asked: no harm."""
        with suppress(HookError, Unanswered), self.client.writing() as session:
            self.marks.remove(session, mark)
            session.commit(self._place("money"))

    def _keep(self, mark: Mark) -> None:
        with suppress(HookError, Unanswered), self.client.writing() as session:
            now = self.marks.find(session, mark.reference)
            if now is not None and (now.state, now.turn) == ("asked", mark.turn):
                self.marks.change(session, mark)
                session.commit(self._place("money"))

    # --- At last: write ----------------------------------------------------------------------------------------------

    def _complete(self, mark: Mark, request: Effect, gateway_id: str | None) -> Outcome:
        """Write the rows of what was paid. No deadline holds it up any more."""
        assert gateway_id is not None
        paid = f"{self.door.name} paid, as {gateway_id}"
        try:
            with self.client.writing() as session:
                self._lock(session, request)
                now = self.marks.find(session, mark.reference)
                if now is not None and now.state in ("done", "paid") and now.shop_id != gateway_id:
                    return Outcome("unknown", shop_id=gateway_id, reason=f"{paid}, and was paid as {now.shop_id} too")
                if now is not None and now.state == "done":
                    return self._outcome(now)
                done = attrs.evolve(mark, state="done", shop_id=gateway_id, until=None, request=None)
                if now is None:
                    self.marks.add(session, done, self.clock())
                done = self._write(session, request, done, gateway_id=gateway_id)
                self._commit(session, None)
        except HookError as error:
            self._keep(attrs.evolve(mark, state="paid", shop_id=gateway_id, until=None))
            reason = f"{paid}, and the shop's rows of it are not written: {error.reason}"
            return Outcome("unknown", shop_id=gateway_id, reason=reason)
        except Unanswered as error:
            return Outcome("unknown", shop_id=gateway_id, reason=f"{paid}; {error}")
        return self._outcome(done)

    def _completed(self, mark: Mark, request: FindRequest, gateway_id: str | None) -> Found | CannotTell:
        outcome = self._complete(mark, self._effect(mark, request), gateway_id)
        return CannotTell(str(outcome.reason)) if outcome.state == "unknown" else Found(outcome)

    def _without_mark(self, request: FindRequest) -> NotFound | CannotTell:
        """A shop's database that is older than its gateway knows nothing of what was paid: ask the gateway too."""
        answer = self.door.ask(request) if self.door.finder is not None else NotFound()
        if isinstance(answer, Found):
            made = answer.outcome.shop_id
            return CannotTell(
                f"the gateway holds {made} under {request.reference}, and op_references has no mark of it"
            )
        return answer

    def _effect(self, mark: Mark, request: FindRequest) -> Effect:
        """Make the request of a question again, with what the mark kept of it."""
        said = json.loads(mark.request or "{}")
        common: dict[str, Any] = {
            "store": request.store,
            "key": request.key,
            "reference": request.reference,
            "order": request.order,
            "deadline": self.clock(),
            "claim_id": said.get("claim_id"),
            "reason": said.get("reason") or "",
            "amount": Money(mark.amount or "0", mark.currency or request.order.currency),
        }
        lines = tuple(LineQuantity(line, quantity) for line, quantity in said.get("lines", ()))
        if self.name == "refund":
            return RefundRequest(**common, payment_id=said.get("payment_id") or "", lines=lines)
        if self.name == "store_credit":
            return StoreCreditRequest(**common, lines=lines)
        return ProtectionChangeRequest(**common)

    def _more(self) -> tuple[str, ...]:
        return ("gateway_id",)

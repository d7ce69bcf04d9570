"""Claims and protection: what a customer and Order Protection's staff would do, done by hand here."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

from op_core.order_protection.jsonmoney import number_from
from op_core.sandbox.answers import Document, Refusal, check_own, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.claim_bodies import Approve, Credit, CustomerClaim, Deny, Message, NewState, Protection, Report
from op_core.sandbox.claim_records import claimed_units, new_claim, whole_order
from op_core.sandbox.orders import Orders, new_id
from op_core.sandbox.payloads import envelope
from op_core.sandbox.resolutions import item_names, resolved
from op_core.sandbox.sender import Sender
from op_core.sandbox.store import Store

__all__ = ["Claims"]


@attrs.frozen
class Claims:
    """
    Claims by id. Every change sends its webhook and returns the ids of claim, event and deliveries.

    A claim may be decided again and again: each approval is a new event with its own content (an amended claim).
    Only `message` sends ``message.created``; the pages let any update of a claim send one (page WH-MSG, C-23).
    """

    _store: Store
    _orders: Orders
    _sender: Sender
    _switchboard: Switchboard

    def find(self, claim_id: str) -> Document:
        """Return the claim, or refuse with 404."""
        claim = self._store.get("claim", claim_id)
        if claim is None:
            raise Refusal(404, "no claim of this id; file one with POST /sandbox/claims")
        return claim

    def of_order(self, source_id: str) -> list[Document]:
        """Return the claims of an order or of an offline sale, oldest first, or refuse with 404."""
        self.order_of(source_id)
        return [self.find(known["id"]) for known in self._store.all("claim_of_order", source_id)]

    def order_of(self, source_id: str) -> Document:
        """Return the order that claims name so; for an offline claim, what stands for one (page CLM-F)."""
        return self._store.get("offline_sale", source_id) or self._orders.find(source_id)

    def file(self, body: CustomerClaim | Document) -> Document:
        """File a claim about some or all items of an order, and send ``claim.created`` (page WH-CC)."""
        asked = check_own(CustomerClaim, body)
        with self._store.transaction():
            order = self._orders.find(asked.source_order_id)
            items = asked.items
            units = whole_order(order) if items is None else claimed_units(order, items, "items")
            return self.keep(
                order,
                new_claim(
                    order,
                    units,
                    type=asked.type,
                    description=asked.description,
                    requested=asked.requested,
                    email=order.get("customerEmail"),
                ),
            )

    def keep(self, order: Document, claim: Document) -> Document:
        """Keep a new claim, and send ``claim.created``."""
        with self._store.transaction():
            self._store.add("claim", claim["id"], claim)
            self._store.add("claim_of_order", claim["id"], {"id": claim["id"]}, parent=order["sourceOrderId"])
            by_id = {item["id"]: item for item in order["orderItems"]}
            ids = self._switchboard.now.item_ids
            items = [item_names(by_id[item["own"]], ids) | {"quantity": item["quantity"]} for item in claim["items"]]
            said = {"created_at": claim["created_at"], "claim_description": claim["description"]}
            said |= {"claim_type": claim["type"], "claim_state": claim["state"], "items": items}
            return self._tell("claim.created", claim, order, said)

    def approve(self, claim_id: str, body: Approve | Document) -> Document:
        """Approve, or approve with other content, and send ``claim.approved`` (page WH-CA); see `resolved`."""
        asked = check_own(Approve, body)
        return self._decide(claim_id, "APPROVED", list(asked.resolutions))

    def deny(self, claim_id: str, body: Deny | Document) -> Document:
        """Deny, and send ``claim.denied`` (page WH-CD): the reason as the type, and a total of zero."""
        asked = check_own(Deny, body)
        return self._decide(claim_id, "DENIED", [{"type": asked.reason, "details": {"total_refund_amount": 0}}])

    def _decide(self, claim_id: str, state: Literal["APPROVED", "DENIED"], given: list[Document]) -> Document:
        switches = self._switchboard.now
        with self._store.transaction():
            claim = self.find(claim_id)
            order = self.order_of(claim["source_order_id"])
            order |= {"address": claim["address"] or order["address"]}
            items = [{"sourceItemId": item["source"], "quantity": item["quantity"]} for item in claim["items"]]
            resolutions = [
                resolved(
                    order,
                    one,
                    items,
                    reading=switches.reading,
                    ids=switches.item_ids,
                    place=f"resolutions[{index}]",
                )
                for index, one in enumerate(given)
            ]
            at = now()
            kept = [{"id": new_id("resolution"), "created_at": at, **one} for one in resolutions]
            claim |= {"state": state, "updated_at": at, "resolution_date": at, "resolutions": kept}
            self._store.put("claim", claim_id, claim)
            return self._tell(f"claim.{state.lower()}", claim, order, {"resolutions": resolutions})

    def message(self, claim_id: str, body: Message | Document) -> Document:
        """Add a message to the claim, and send ``message.created`` (page WH-MSG)."""
        asked = check_own(Message, body)
        with self._store.transaction():
            claim = self.find(claim_id)
            said = {"id": new_id("message"), "sender": asked.sender, "message": asked.message}
            claim |= {"messages": [*claim["messages"], said], "updated_at": now()}
            self._store.put("claim", claim_id, claim)
            order = self.order_of(claim["source_order_id"])
            return self._tell("message.created", claim, order, {"message": asked.message})

    def credit(self, claim_id: str, body: Credit | Document) -> None:
        """Give store credit, as Order Protection does by itself; no webhook is documented for it."""
        asked = check_own(Credit, body)
        with self._store.transaction():
            claim = self.find(claim_id)
            given = {
                "code": asked.code or new_id("credit").upper(),
                "value": asked.value,
                "bonus": asked.bonus,
                "currency": asked.currency or self.order_of(claim["source_order_id"])["currency"],
                "created_at": now(),
            }
            changed = claim | {"credits": [*claim["credits"], given], "updated_at": now()}
            self._store.put("claim", claim_id, changed)

    def set_state(self, claim_id: str, body: NewState | Document) -> None:
        """Put a claim in a state by hand; no webhook tells of it."""
        asked = check_own(NewState, body)
        with self._store.transaction():
            self._store.put("claim", claim_id, self.find(claim_id) | {"state": asked.state.value, "updated_at": now()})

    def protect(self, body: Protection | Document) -> Document:
        """
        Add or remove protection as a person would in the dashboard, and send its webhook (pages WH-PA, WH-PR).

        Raises:
            Refusal: 404 for an unknown order; 400 where no amount is given and the order says no premium.
        """
        asked = check_own(Protection, body)
        with self._store.transaction():
            order = self._orders.find(asked.source_order_id)
            amount = order.get("premiumPaid") if asked.amount is None else asked.amount
            if amount is None:
                raise Refusal(400, "amount: needed, because the order has no premiumPaid", "amount")
            self._orders.set_policy(asked.source_order_id, now() if asked.action == "remove" else None)
            return self._protected(order, asked.action, number_from(amount), asked.currency or order["currency"])

    def update_order(self, source_id: str, body: Document) -> None:
        """Update an order; where the switch ``echo`` is on, a change of its protection sends its webhook (G-3)."""
        with self._store.transaction():
            before = self._orders.find(source_id)
            self._orders.update(source_id, body)
            if not self._switchboard.now.echo:
                return
            after = self._orders.find(source_id)
            was, held = (number_from(order.get("premiumPaid") or 0) for order in (before, after))
            ended, ends = (order["policyCancelledAt"] is not None for order in (before, after))
            if was and (not held or ends > ended):
                self._protected(after, "remove", was, after["currency"])
            elif held and (not was or ended > ends):
                self._protected(after, "add", held, after["currency"])

    def _protected(self, order: Document, action: Literal["add", "remove"], amount: Decimal, currency: str) -> Document:
        event = envelope(
            f"protection.{'added' if action == 'add' else 'removed'}",
            {
                "order_id": order["id"],
                "source_order_id": order["sourceOrderId"],
                "amount": amount,
                "currency": currency,
            },
        )
        return {"event_id": event["id"], "deliveries": self._sender.send(event)}

    def report(self, claim_id: str, report: Report, said: Document) -> bool:
        """
        Keep what a shop did about a claim; False, and nothing kept, where its ``reference`` is known for the claim.

        The call is an assumption: the guide names the duty, no page names the way (G-1).

        Args:
            claim_id: The claim.
            report: What was said, checked.
            said: The same with all its fields, which are kept.
        """
        if report.resolution is None and report.verb is None:
            raise Refusal(400, "resolution or verb: expected text, not empty", "resolution")
        with self._store.transaction():
            self.find(claim_id)
            kept = {"claim_id": claim_id, "received_at": now(), "report": said}
            return self._store.add("report", report.reference, kept, parent=claim_id)

    def _tell(self, topic: str, claim: Document, order: Document, said: Document) -> Document:
        names = {"claim_id": claim["id"], "order_id": order["id"], "source_order_id": order["sourceOrderId"]}
        event = envelope(topic, names | said)
        return {"claim_id": claim["id"], "event_id": event["id"], "deliveries": self._sender.send(event)}

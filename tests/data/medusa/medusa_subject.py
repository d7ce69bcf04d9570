"""The double of Medusa's admin API as a subject of the kit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from medusa_double import MedusaDouble
from medusa_order import put
from medusa_products import offered
from medusa_recorded import written

from op_core.models import Fulfillment, LineQuantity, Order, Product
from op_core.money import Money
from op_core.testing.subject import Effected, Subject
from op_core.testing.transport import Scripted
from op_core.testing.wires import HttpWire

__all__ = ["MedusaSubject"]

JSON = dict[str, Any]


@attrs.define(eq=False, repr=False)
class MedusaSubject(Subject):
    """
    An adapter over the double.

    Args:
        connect: Makes the adapter of httpx's transport.
        settings: Those that the adapter is made of.
    """

    connect: Callable[[Any], Any]
    settings: Mapping[str, Any]
    secrets: Sequence[str]
    shop: MedusaDouble = attrs.field(init=False, factory=MedusaDouble)
    adapter: Any = attrs.field(init=False)
    wire: HttpWire = attrs.field(init=False)
    _open: list[Any] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        """Connect the adapter, over a wire."""
        self.wire = HttpWire(Scripted(then=self.shop))
        self.adapter = self.fresh()

    def fresh(self) -> Any:
        """Return another instance over the same shop."""
        self._open.append(self.connect(self.wire))
        return self._open[-1]

    def close(self) -> None:
        """Close every adapter."""
        for one in self._open:
            one.close()

    def save(self) -> bytes:
        """Return what the shop holds."""
        return self.shop.save()

    def load(self, saved: bytes) -> None:
        """Hold that again."""
        self.shop.load(saved)

    def tick(self, now: datetime) -> None:
        """Take the time."""
        self.shop.now = now

    # --- The shop, by hand ---------------------------------------------------------------------------------------

    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """Write the recorded order over with this one."""
        return put(self.shop, order, parcels)

    def change(self, order_id: str) -> None:
        """Correct its e-mail, a second after the last change of all."""
        latest = max(datetime.fromisoformat(one["updated_at"]) for one in self.shop.orders.values())
        order = self.shop.orders[order_id]
        order |= {"email": f"new-{order['email']}", "updated_at": written(latest + timedelta(seconds=1))}

    def spoil(self, order_id: str) -> None:
        """Leave it without its total."""
        self.shop.orders[order_id]["original_total"] = None

    def stock(self, order: Order, line_id: str, available: int) -> None:
        """Count the line's SKU."""
        (line,) = [one for one in self.shop.orders[order.id]["items"] if one["id"] == line_id]
        self.shop.stock[line["variant_sku"]] = available

    def offer(self, products: Sequence[Product]) -> None:
        """Have them sold: each a product with one variant, or one variant of several."""
        self.shop.products += offered(self.shop, products)

    # --- What it holds of ours -----------------------------------------------------------------------------------

    def effects(self) -> list[Effected]:
        """Return refunds, confirmed claims and notes under a reference of ours, each kind oldest first."""
        found = [one for order in self.shop.orders.values() for one in _refunds(order)]
        found += [self._claim(one) for key, one in self.shop.claims.items() if key not in self.shop.begun]
        found.sort(key=lambda one: one.shop_id.rpartition("_")[2])
        return found + [one for order in self.shop.orders.values() for one in _notes(order)]

    def _claim(self, claim: JSON) -> Effected:
        order = self.shop.orders[claim["order_id"]]
        sent = [one for one in order["items"] if one["id"] in claim["sent"]]
        variants = {one["id"]: one["variant_id"] for one in order["items"]}
        lines = []
        for one in claim["claim_items"]:
            same = next((other for other in sent if other["variant_id"] == variants[one["item_id"]]), None)
            if same is not None and same["quantity"] == one["quantity"]:
                sent.remove(same)
                lines.append(LineQuantity(one["item_id"], one["quantity"]))
        lines += [LineQuantity(one["variant_id"], one["quantity"]) for one in sent]  # of no line that was claimed
        currency = order["currency_code"].upper()
        return Effected(
            claim["metadata"]["op"],
            claim["id"],
            verb="reship",
            order_id=order["id"],
            lines=tuple(lines),
            owed=Money(claim["owed"], currency),
            paid=Money(Decimal(0), currency),
        )


def _refunds(order: JSON) -> Iterator[Effected]:
    for collection in order["payment_collections"]:
        for payment in collection["payments"]:
            for one in payment["refunds"]:
                if one["note"].startswith("OP-"):
                    yield Effected(
                        one["note"],
                        one["id"],
                        Money(one["amount"], order["currency_code"].upper()),
                        verb="refund",
                        order_id=order["id"],
                        payment_id=payment["id"],
                    )


def _notes(order: JSON) -> Iterator[Effected]:
    for one in (order["metadata"] or {}).values():
        yield Effected(one["op"], one["op"], verb="note", order_id=order["id"], text=one["text"])

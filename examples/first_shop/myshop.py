"""All that this shop brings to op-core: read orders, give money back, find what was given back."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from shop_db import Database

from op_core.models import Address, Customer, Line, Order, OrderPage, Payment
from op_core.money import Money, total
from op_core.requests import RefundRequest
from op_core.stubs import Backend, GrantedRefund


class MyShop(Backend):
    """The shop, as op-core sees it. What is not here is held for a person, never guessed."""

    def __init__(self, directory: Path) -> None:
        """Take the folder of op.toml; the shop's database lies in it."""
        self.db = Database(directory / "shop.db")

    def order(self, order_id: str) -> Order | None:
        """Return one order with its payments."""
        found = self.db.ask("SELECT * FROM orders WHERE id = ?", order_id)
        return self._order(found[0]) if found else None

    def changed_orders(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of orders, oldest change first; the cursor is the last one's time and id."""
        at, last = cursor.split() if cursor else (since.isoformat() if since else "", "0")
        page = "SELECT * FROM orders WHERE (changed_at, id) > (?, CAST(? AS INTEGER)) ORDER BY changed_at, id LIMIT ?"
        rows = self.db.ask(page, at, last, limit)
        after = f"{rows[-1]['changed_at']} {rows[-1]['id']}" if rows else cursor
        return OrderPage(tuple(self._order(row) for row in rows), after, done=len(rows) < limit)

    def grant_refund(self, request: RefundRequest) -> GrantedRefund:
        """Give the money back, and keep our reference beside it."""
        refund_id = self.db.refund(request.order.id, str(request.amount.rounded().amount), request.reference)
        return GrantedRefund(str(refund_id), request.amount, request.reference, "moved")

    def find_refunds(self, reference: str, order: Order) -> Sequence[GrantedRefund]:
        """Return the refunds under the reference: this is what makes a retry safe."""
        rows = self.db.ask("SELECT * FROM refunds WHERE reference = ? AND order_id = ?", reference, order.id)
        return [GrantedRefund(str(row["id"]), _usd(row["amount"]), reference, "moved") for row in rows]

    def _order(self, row: Any) -> Order:
        subtotal = Money(_usd(row["price"]).amount * row["quantity"], "USD")
        paid = subtotal + _usd(row["premium"])
        given_back = self.db.ask("SELECT amount FROM refunds WHERE order_id = ?", row["id"])
        refunded = total((_usd(one["amount"]) for one in given_back), "USD")
        changed_at = datetime.fromisoformat(row["changed_at"])
        return Order(
            id=row["id"],
            number=f"#{1000 + row['id']}",
            created_at=changed_at,
            updated_at=changed_at,
            currency="USD",
            total=paid,
            subtotal=subtotal,
            premium=_usd(row["premium"]),
            lines=(Line(f"{row['id']}-1", row["title"], row["quantity"], _usd(row["price"]), sku=row["sku"]),),
            payments=(Payment(f"card-{row['id']}", captured=paid, refunded=refunded, method="card"),),
            customer=Customer(email=row["email"]),
            shipping_address=Address(
                street_address_1=row["street"], city=row["city"], postal_code=row["zip"], country=row["country"]
            ),
        )


def _usd(amount: str) -> Money:
    return Money(amount, "USD")

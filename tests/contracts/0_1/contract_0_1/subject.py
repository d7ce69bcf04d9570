"""The adapter with a Corner Shop behind it, as op-core's kit tries it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract_0_1 import CornerShopAdapter
from contract_0_1 import books as corner_books
from contract_0_1.served import InMemory
from contract_0_1.shop import CornerShop
from op_core.models import Fulfillment, Order, Product
from op_core.plugins import StoreInfo
from op_core.testing.kit import CannotHold, Effected, Subject
from op_core.testing.wires import HttpWire

__all__ = ["TOKEN", "CornerShopSubject"]

TOKEN = "fake-corner-shop-token"


class CornerShopSubject(Subject):
    """
    An adapter, and its shop in this process. What it says of the shop it reads in the shop's own books.

    Args:
        kind: The class of the adapter.
    """

    settings = {"url": "https://shop.example", "token": TOKEN, "timeout": "5 s"}  # noqa: RUF012 - never changed
    secrets = (TOKEN,)

    def __init__(self, kind: type[CornerShopAdapter] = CornerShopAdapter) -> None:
        self.shop = CornerShop(TOKEN)
        self.wire = HttpWire(InMemory(self.shop))
        self._kind = kind
        self._adapter = self.fresh()

    @property
    def adapter(self) -> CornerShopAdapter:
        """The adapter."""
        return self._adapter

    def fresh(self) -> CornerShopAdapter:
        """Make another one, as a process does that has just started."""
        settings = self._kind.Settings.model_validate(self.settings)
        return self._kind(settings, StoreInfo("main", "main-1", Path.cwd()), transport=self.wire)

    # --- The shop, by hand ---------------------------------------------------------------------------------------

    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """Write it into the books, which hold all that an order can have, but for a second currency."""
        self.shop.orders[order.id] = corner_books.order(order)
        for one in parcels:
            self.shop.parcels[one.id] = corner_books.parcel(one)
        return order

    def change(self, order_id: str) -> None:
        """Tag it."""
        order = self.shop.orders[order_id]
        self.shop.change(order, tags=[*order["tags"], "seen"])

    def stock(self, order: Order, line_id: str, available: int) -> None:
        """Count the SKU of the line."""
        line = order.line(line_id)
        if line is None or not line.sku:
            raise CannotHold("a Corner Shop counts its stock by SKU, and this line has none")
        self.shop.stock[line.sku] = available

    def offer(self, products: Sequence[Product]) -> None:
        """Put them into the catalogue."""
        self.shop.products = [corner_books.product(one, n) for n, one in enumerate(products)]

    def spoil(self, order_id: str) -> None:
        """Leave it with a total that is no amount."""
        self.shop.change(self.shop.orders[order_id], total="tba")

    def settle(self, reference: str) -> None:
        """Have the bank pay what waits for it."""
        if not self.shop.pay(reference):
            raise CannotHold(f"nothing is queued under {reference}: only what was paid by bank is given back later")

    def effects(self) -> Sequence[Effected]:
        """Read them in the books."""
        return [corner_books.effected(one, self.shop.orders) for one in self.shop.effects]

    # --- Time ----------------------------------------------------------------------------------------------------

    def save(self) -> object:
        """Return the books. What stands in them is never changed in place."""
        shop = self.shop
        return dict(shop.orders), dict(shop.parcels), list(shop.products), list(shop.effects), dict(shop.stock)

    def load(self, saved: Any, /) -> None:
        """Set the books back."""
        orders, parcels, products, effects, stock = saved
        self.shop.orders, self.shop.parcels, self.shop.stock = dict(orders), dict(parcels), dict(stock)
        self.shop.products, self.shop.effects = list(products), list(effects)

    def close(self) -> None:
        """Close the adapter."""
        self.adapter.close()

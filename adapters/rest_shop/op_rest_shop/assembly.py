"""Orders, parcels, stock and products out of a shop's JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import attrs

from op_core.errors import ContractBroken
from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    Line,
    LineQuantity,
    Order,
    Payment,
    Product,
)
from op_core.money import Money, total
from op_rest_shop.expressions import LEFT_OUT, Expression, WrongExpression, texts
from op_rest_shop.fields import Reading, nearest
from op_rest_shop.mapping import Manifest
from op_rest_shop.places import Place

__all__ = ["Assembly"]

V = TypeVar("V")
_REFERENCE = re.compile(r"(?<![\w-])OP-[A-Za-z0-9]{6,29}(?![\w-])")


@attrs.define(eq=False)
class Assembly:
    """
    Makes op-core's values of a shop's JSON.

    Attributes:
        manifest: How.
        place: The manifest, for errors.
        functions: The shop's own that make the values of a table instead, by the table's name.
    """

    manifest: Manifest
    place: Place
    functions: Mapping[str, Callable[[Any], Any]] = attrs.field(factory=dict)
    readings: dict[str, Reading] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Prepare each table once."""
        manifest = self.manifest
        tables: dict[str, Any] = {
            name: getattr(manifest, name)
            for name in ("order", "lines", "payments", "addresses", "fulfillments", "stock", "products")
        }
        tables["fulfillments.lines"] = manifest.fulfillments and manifest.fulfillments.lines
        for name, table in tables.items():
            if table is not None:
                self.readings[name] = Reading(name, table.fields, manifest.shop, self.place)

    # --- Orders ------------------------------------------------------------------------------------------------------

    def order(self, item: Any) -> Order:
        """
        Return the order.

        Raises:
            ContractBroken: It is none that the manifest describes.
        """
        if "order" in self.functions:
            return self._own("order", [self.functions["order"](item)], Order)[0]
        said = self.readings["order"].of(item)
        currency = said["currency"]
        shipping, billing = self._addresses(item)
        lines = tuple(self._lines(item, currency))
        customer = self._customer(said, shipping or billing)
        said.setdefault("updated_at", said["created_at"])
        said.setdefault("subtotal", _subtotal(lines, currency))
        payments = self._each("payments", self.manifest.payments, item, currency)
        try:
            return Order(
                **said,
                lines=lines,
                payments=tuple(Payment(**fields) for fields in payments),
                customer=customer,
                shipping_address=shipping,
                billing_address=billing,
                references=self._references(item),
            )
        except (TypeError, ValueError) as error:
            raise ContractBroken(f"{self.place}: order: {error}") from None

    def id_of(self, item: Any) -> str:
        """Return the id of an order."""
        return str(self.readings["order"].one("id", item))

    def version_of(self, place: str) -> Callable[[Any], tuple[str, str]]:
        """Return what tells two items of a list apart, and two versions of one: id, and time of change as it stands."""
        reading, wrapped = self._listed(place)

        def version(item: Any) -> tuple[str, str]:
            one = wrapped(item)
            return reading.raw("id", one), reading.raw("updated_at", one) or reading.raw("created_at", one)

        return version

    def times_of(self, place: str, items: Iterable[Any]) -> list[datetime]:
        """Return the times of change of a list's items, in its order, as far as they can be read."""
        reading, wrapped = self._listed(place)
        each = map(wrapped, items)
        times = (reading.time("updated_at", one) or reading.time("created_at", one) for one in each)
        return [time for time in times if time is not None]

    def _listed(self, place: str) -> tuple[Reading, Callable[[Any], Any]]:
        """Return what reads the items of a list, and what makes of an item what it is asked of."""
        products = self.manifest.products if place == "products" else None
        inside = products is not None and products.variants is not None
        reading = self.readings["order" if products is None else "products"]
        return reading, (lambda item: {"product": item}) if inside else (lambda item: item)

    def _customer(self, said: dict[str, Any], address: Address | None) -> Customer:
        given = {name: said.pop(name) for name in ("email", "name", "phone") if name in said}
        if address is not None:
            given.setdefault("name", f"{address.first_name} {address.last_name}".strip())
            given.setdefault("phone", address.phone)
        return Customer(**given)

    def _lines(self, item: Any, currency: str) -> Iterator[Line]:
        protection = self.manifest.shop.protection_skus
        for fields in self._each("lines", self.manifest.lines, item, currency):
            try:
                yield Line(**fields, is_protection=fields.get("sku", "") in protection)
            except (TypeError, ValueError) as error:
                raise ContractBroken(f"{self.place}: lines: {error}") from None

    def _addresses(self, item: Any) -> tuple[Address | None, Address | None]:
        addresses = self.manifest.addresses
        if addresses is None:
            return None, None
        found = [
            self._found(path, item, "addresses") if path else None for path in (addresses.shipping, addresses.billing)
        ]
        shipping, billing = (Address(**self.readings["addresses"].of(one)) if one else None for one in found)
        return shipping, billing

    def _references(self, item: Any) -> frozenset[str]:
        said = [self._found(path, item, "order.references") for path in self.manifest.order.references]
        return frozenset(found for text in texts(said) for found in _REFERENCE.findall(text))

    # --- Parcels, stock and products ---------------------------------------------------------------------------------

    def parcels(self, item: Any, order_id: str) -> tuple[Fulfillment, ...]:
        """Return the parcels of one order."""
        if "fulfillments" in self.functions:
            return tuple(self._own("fulfillments", self.functions["fulfillments"](item), Fulfillment))
        table = self.manifest.fulfillments
        assert table is not None
        assert table.items is not None
        assert table.lines is not None
        made = []
        for one in self.items("fulfillments", table.items, item, table.skip):
            said = self.readings["fulfillments"].of(one)
            contents = self.items("fulfillments.lines", table.lines.items, one, table.lines.skip)
            try:
                lines = tuple(LineQuantity(**self.readings["fulfillments.lines"].of(each)) for each in contents)
                made.append(Fulfillment(**{**said, "order_id": order_id}, lines=lines))
            except (TypeError, ValueError) as error:
                raise ContractBroken(f"{self.place}: fulfillments: {error}") from None
        return tuple(made)

    def stock(self, body: Any) -> dict[str, int | None]:
        """Return what an answer says of stock, by the field that lines are found by."""
        if "stock" in self.functions:
            return dict(self.functions["stock"](body))
        table = self.manifest.stock
        assert table is not None
        assert table.items is not None
        each = [self.readings["stock"].of(one) for one in self.items("stock", table.items, body)]
        return {one["match"]: one.get("available") for one in each}

    def products(self, item: Any) -> Iterator[Product]:
        """Yield the records of one item of the list: itself, or each of its variants."""
        if "products" in self.functions:
            yield from self._own("products", self.functions["products"](item), Product)
            return
        table = self.manifest.products
        assert table is not None
        records = [item]
        if table.variants is not None:
            records = [{"product": item, "variant": one} for one in self.items("products", table.variants, item)]
        for record in records:
            said = self.readings["products"].of(record)
            for name in ("currency", "updated_at"):  # of the price, and of the paging
                said.pop(name, None)
            try:
                yield Product(**said)
            except (TypeError, ValueError) as error:
                raise ContractBroken(f"{self.place}: products: {error}") from None

    def _own(self, table: str, made: Iterable[Any], kind: type[V]) -> list[V]:
        """Return what the shop's own function has made, if it is what it should be."""
        found = list(made)
        for one in found:
            if not isinstance(one, kind):
                said = f"{table}.function answered {type(one).__name__}; expected {kind.__name__}"
                raise ContractBroken(f"{self.place}: {said}")
        return found

    # --- Lists -------------------------------------------------------------------------------------------------------

    def items(self, table: str, path: Expression, body: Any, skip: Expression | None = None) -> list[Any]:
        """
        Return the list at *path*; null is an empty one.

        Raises:
            ContractBroken: Something else is there, or no such key.
        """
        found, at = self._found(path, body, f"{table}.items"), f"{self.place.at(f'{table}.items')} ({path})"
        if not found and (lack := path.lacks(body)) is not None:
            hint = nearest(str(path), body) or f"; there is no {lack!r}"
            raise ContractBroken(f"{at}: nothing is there{hint}; {LEFT_OUT}")
        if found is None:
            return []
        if not isinstance(found, list):
            raise ContractBroken(f"{at}: found {type(found).__name__}; expected a list")
        return [one for one in found if skip is None or not self._found(skip, one, f"{table}.skip")]

    def _each(self, name: str, table: Any, item: Any, currency: str) -> Iterator[dict[str, Any]]:
        if table is not None:
            for one in self.items(name, table.items, item, table.skip):
                yield self.readings[name].of(one, currency)

    def _found(self, path: Expression, item: Any, key: str) -> Any:
        try:
            return path.of(item)
        except WrongExpression as error:
            raise ContractBroken(f"{self.place.at(key)}: {error}") from None


def _subtotal(lines: Iterable[Line], currency: str) -> Money:
    goods = (Money(line.unit_price.amount * line.quantity, currency) for line in lines if not line.is_protection)
    return total(goods, currency)

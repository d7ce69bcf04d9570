"""The catalogue: what can be sent as a replacement, and at what price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from op_core.models import Product, ProductPage
from op_core.money import Money
from op_core.storefront import Storefront
from op_core.testing.kit.cases import Suite, Tier, case, connected, wrong
from op_core.testing.subject import Subject

__all__ = ["ProductSuite"]

EXPORT = "op_export_products"
GONE = "a product that is left out of a whole run is taken as gone: nobody could have it replaced"
_LONGEST = 100


class ProductSuite(Suite):
    """Every product and variant reaches Order Protection on each run, with its stock."""

    name: ClassVar[str] = "products"
    tier: ClassVar[Tier] = "bronze"

    @case(GONE, EXPORT)
    def test_all_come(self, adapter: Subject, store: Storefront) -> None:
        """Every product, and every variant of one, is on a page."""
        adapter.offer(made := _several())
        found = _skus(_walk(store))
        if lost := [one.sku for one in made if one.sku not in found]:
            wrong(GONE, f"{lost} came on no page; {found}")

    @case("a new shop could never finish an export", EXPORT)
    def test_may_be_none(self, store: Storefront) -> None:
        """A shop without products gives one page, which is empty and done."""
        page = store.export_products(None, None, 10)
        if page.products or not page.done:
            wrong("a new shop could never finish an export", f"{page}, expected an empty page that is done")

    @case("a page of a large catalogue would not be read before its deadline", EXPORT)
    def test_respect_the_limit(self, adapter: Subject, store: Storefront) -> None:
        """No page holds more products than were asked for."""
        adapter.offer(_several())
        for page in _walk(store, limit=2):
            if (many := len(page.products)) > 2:  # noqa: PLR2004 - the limit
                wrong("a page of a large catalogue would be of any size", f"{many} products on a page of at most 2")

    @case(GONE, EXPORT)
    def test_resume_in_a_fresh_process(self, adapter: Subject, store: Storefront) -> None:
        """The cursor alone says where to go on."""
        adapter.offer(_several())
        pages = _walk(store, limit=2)
        with connected(adapter.fresh()) as other:
            rest = _skus(_walk(other, limit=2, cursor=pages[0].cursor))
        if rest != (expected := _skus(pages[1:])):
            wrong(GONE, f"{rest} in a process that goes on after page 1, expected {expected}")

    @case("a replacement would be worth more or less than the product", EXPORT)
    def test_have_their_price(self, adapter: Subject, store: Storefront) -> None:
        """The price is the shop's, to the last digit."""
        _same(adapter, store, "price", lambda one: one.price)

    @case("a replacement would be offered that cannot be sent", EXPORT)
    def test_have_their_stock(self, adapter: Subject, store: Storefront) -> None:
        """What is left is told; what is sold out has 0."""
        _same(adapter, store, "quantity", lambda one: one.quantity)

    @case("a replacement would be offered of what is not for sale", EXPORT)
    def test_tell_what_is_not_for_sale(self, adapter: Subject, store: Storefront) -> None:
        """A product that is not published does not come as active: it says so, or does not come."""
        adapter.offer([_product(1, "19.99", 5), _product(2, "1.15", 12, status="DRAFT")])
        found = {one.sku: one.status.value for page in _walk(store) for one in page.products}
        if found.get("THING-1") != "ACTIVE":
            wrong("nobody could have a product replaced that is for sale", f"THING-1 is {found.get('THING-1')}")
        if found.get("THING-2") == "ACTIVE":
            wrong("a replacement would be offered of what is not for sale", "THING-2 is ACTIVE, and a draft")

    @case("the product of a claim would not be known", EXPORT)
    def test_keep_their_ids(self, adapter: Subject, store: Storefront) -> None:
        """Each record has ids of its own, which are the same on the next run."""
        adapter.offer(_several())
        first, second = ({(one.id, one.variant_id) for page in _walk(store) for one in page.products} for _ in range(2))
        if first != second or len(first) < len(_several()):
            wrong(
                "a product would be told as new on each run, or two as one", f"{sorted(first)}, then {sorted(second)}"
            )


def _product(n: int, price: str, quantity: int, **more: Any) -> Product:
    usual: dict[str, Any] = {"id": str(n), "name": f"Thing {n}", "sku": f"THING-{n}", "quantity": quantity}
    return Product(price=Money(Decimal(price), "USD"), **(usual | more))


def _several() -> list[Product]:
    """Return three products, the last one in two variants, of which one is sold out."""
    return [
        _product(1, "19.99", 5),
        _product(2, "1.15", 12),
        _product(3, "8.20", 3, variant_id="31", sku="THING-3-RED", name="Thing 3, red"),
        _product(3, "8.70", 0, variant_id="32", sku="THING-3-BLUE", name="Thing 3, blue"),
    ]


def _walk(store: Storefront, *, cursor: str | None = None, limit: int = 2) -> list[ProductPage]:
    pages: list[ProductPage] = []
    while not (pages and pages[-1].done):
        pages.append(store.export_products(None, pages[-1].cursor if pages else cursor, limit))
        if len(pages) > _LONGEST:
            wrong("the export would never end", f"{_LONGEST} pages of {limit} for four products, none is done")
    return pages


def _skus(pages: list[ProductPage]) -> list[str]:
    return [one.sku for page in pages for one in page.products]


def _same(adapter: Subject, store: Storefront, what: str, of: Any) -> None:
    adapter.offer(made := _several())
    found = {one.sku: of(one) for page in _walk(store) for one in page.products}
    for one in made:
        if found.get(one.sku) != of(one):
            wrong(
                f"Order Protection would offer replacements by a wrong {what}",
                f"{what} of {one.sku} is {found.get(one.sku)}, the shop says {of(one)}",
            )

"""Page after page, as the export reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from op_core.models import Order, OrderPage
from op_core.storefront import Storefront
from op_core.testing.kit.cases import count, wrong
from op_core.testing.kit.given import held, plain
from op_core.testing.subject import Subject

__all__ = ["as_on_a_page", "ids", "missing", "orders", "same_rest", "told", "walk"]

_LONGEST = 300  # pages; far more than any case needs


def walk(
    store: Storefront, *, since: datetime | None = None, cursor: str | None = None, limit: int = 2
) -> list[OrderPage]:
    """Return all pages from *cursor* on; one that ends nowhere ends the case."""
    pages: list[OrderPage] = []
    while not (pages and pages[-1].done):
        pages.append(store.export_orders(since, pages[-1].cursor if pages else cursor, limit))
        if len(pages) > _LONGEST:
            wrong("the export would never end", f"{_LONGEST} pages of {limit} for a shop of few orders, none is done")
    return pages


def orders(pages: Iterable[OrderPage]) -> list[Order]:
    """Return the orders of all pages, in their order; one that cannot be read ends the case."""
    found: list[Order] = []
    for page in pages:
        for one in page.unreadable:
            wrong("the customer of an order could not claim", f"order {one.id} cannot be read: {one.reason}")
        found += page.orders
    return found


def ids(pages: Iterable[OrderPage]) -> list[str]:
    """Return their ids."""
    return [one.id for one in orders(pages)]


def missing(expected: Sequence[Order], pages: Sequence[OrderPage], when: str) -> None:
    """End the case where one of the *expected* orders is on no page. *when*: what was done, in words."""
    lost = [one.id for one in expected if one.id not in ids(pages)]
    if lost:
        wrong(
            f"{len(lost)} of {len(expected)} orders would never be exported, and their customers could not claim",
            f"{when}, {', '.join(lost)} came on no page; {[ids([page]) for page in pages]}",
        )


def same_rest(store: Storefront, expected: list[str], cursor: str | None, where: str) -> None:
    """End the case where other orders come from *cursor* on than those *expected*. *where*: in which process."""
    rest = ids(walk(store, cursor=cursor))
    if rest != expected:
        lost = [one for one in expected if one not in rest]
        harm = f"{count(len(lost), 'order')} would be skipped" if lost else "orders would be sent again and again"
        wrong(f"after a restart {harm}", f"{rest} from the cursor {cursor!r} {where}, expected {expected}")


def told(adapter: Subject, store: Storefront, order: Order) -> tuple[Order, Order]:
    """Return an order as the shop holds it, and as it comes on a page, between others; see `as_on_a_page`."""
    held(adapter, plain(7))
    kept = held(adapter, order)
    held(adapter, plain(8))
    pages = walk(store)
    missing([kept], pages, "read in pages of 2")
    found = next(one for one in orders(pages) if one.id == kept.id)
    return as_on_a_page(found, kept), found


def as_on_a_page(found: Order, order: Order) -> Order:
    """Return *order* without its payments, if that on the page is without: only `op_get_order` promises them."""
    return order if found.payments else attrs.evolve(order, payments=())

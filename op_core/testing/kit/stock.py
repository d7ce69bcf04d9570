"""Stock, asked just before a replacement is made."""

from __future__ import annotations

from typing import ClassVar

from op_core.models import LineQuantity, Order
from op_core.storefront import Storefront
from op_core.testing.kit.cases import Suite, Tier, case, count, wrong
from op_core.testing.kit.given import held, plain
from op_core.testing.subject import Subject

__all__ = ["StockSuite"]

STOCK = "op_check_stock"


class StockSuite(Suite):
    """A replacement that cannot be sent waits for a person, and one that can does not."""

    name: ClassVar[str] = "stock"
    tier: ClassVar[Tier] = "silver"

    @case("a replacement would be promised that cannot be sent", STOCK)
    def test_is_what_is_left(self, adapter: Subject, store: Storefront) -> None:
        """What can be sent of a line is what the shop has left."""
        order = held(adapter, plain())
        adapter.stock(order, order.lines[0].id, 1)
        _has(store, order, 0, 1)

    @case("a replacement would be promised that cannot be sent", STOCK)
    def test_is_0_where_nothing_is_left(self, adapter: Subject, store: Storefront) -> None:
        """What is sold out has 0: not None, which means that nobody counts it."""
        order = held(adapter, plain())
        adapter.stock(order, order.lines[0].id, 0)
        _has(store, order, 0, 0)

    @case("a replacement would wait for stock that is there", STOCK)
    def test_is_told_apart_by_line(self, adapter: Subject, store: Storefront) -> None:
        """Each line has its own stock."""
        order = held(adapter, plain())
        adapter.stock(order, order.lines[0].id, 0)
        adapter.stock(order, order.lines[1].id, 7)
        _has(store, order, 1, 7)

    @case("a line that was not answered would be promised", STOCK)
    def test_is_told_of_each_line(self, adapter: Subject, store: Storefront) -> None:
        """Each line that is asked for is answered, once."""
        order = held(adapter, plain())
        found = store.check_stock(order, tuple(LineQuantity(one.id, 1) for one in order.lines))
        if sorted(one.line_id for one in found) != sorted(one.id for one in order.lines):
            wrong(
                "a line without an answer would count as one that is never short",
                f"{[one.line_id for one in found]} are answered, expected {[one.id for one in order.lines]}",
            )


def _has(store: Storefront, order: Order, which: int, expected: int) -> None:
    asked = tuple(LineQuantity(one.id, 1) for one in order.lines)
    found = {one.line_id: one.available for one in store.check_stock(order, asked)}
    line_id = order.lines[which].id
    now = found.get(line_id)
    if now != expected:
        left = count(expected, "unit") if expected else "nothing"
        wrong(
            f"a replacement would wait for units that are there: {expected}" if now is not None and now < expected
            else f"a replacement would be promised, with {left} left",
            f"{now} of line {line_id}, the shop has {expected}",
        )  # fmt: skip

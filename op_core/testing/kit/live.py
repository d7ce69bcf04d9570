"""What is left in the shop once everything else was tried."""

from __future__ import annotations

from typing import ClassVar

from op_core.testing.kit.cases import Suite, Tier, case, wrong
from op_core.testing.subject import Subject

__all__ = ["LiveSuite"]


class LiveSuite(Suite):
    """The kit leaves nothing behind. ``adapters check --live`` runs it last, and it decides on platinum."""

    name: ClassVar[str] = "live"
    tier: ClassVar[Tier] = "platinum"

    @case("test orders, refunds and credits would stay in a real shop, and be counted in its books")
    def test_nothing_is_left(self, adapter: Subject) -> None:
        """A shop that nothing was asked of holds no effect: neither one of this case, nor one of a case before."""
        if left := adapter.effects():
            made = ", ".join(f"{one.verb} {one.shop_id}" for one in left)
            wrong(f"the shop would keep {len(left)} effects of the kit", f"{made}, expected none")

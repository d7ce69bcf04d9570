"""
What protection costs for a cart: the store's public rules (page QUOTE), read, chosen and converted. No float, no guess.

`cart` checks what a shop asks for, `rules` chooses, `premium` says what is offered, `prices` fetches and remembers.
"""

from __future__ import annotations

from op_core.pricing.cart import Cart
from op_core.pricing.premium import Premium, premium_for
from op_core.pricing.prices import Prices

__all__ = ["Cart", "Premium", "Prices", "premium_for"]

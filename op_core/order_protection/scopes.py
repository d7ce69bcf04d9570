"""
Which scope of an app each documented call needs, and which calls a feature makes. Page: DEV-SCOPES.

DEV-REF lists parcels, also the making of them, under ``read_orders`` alone. A store's API token has no scopes that
anybody could read; it may do all of this, as far as the pages say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from op_core.settings import StoreSettings

__all__ = ["FEATURES", "SCOPES", "Feature"]

SCOPES: Mapping[str, str] = {
    "ORD-C": "write_orders",
    "ORD-U": "write_orders",
    "ORD-G": "read_orders",
    "ORD-L": "read_orders",
    "FUL-C": "read_orders",
    "FUL-U": "read_orders",
    "FUL-G": "read_orders",
    "CLM-L": "read_claims",
    "CLM-O": "read_claims",
    "CLM-C": "write_claims",
    "CLM-F": "write_claims",
    "PRD-C": "write_products",
    "PRD-U": "write_products",
}


@attrs.frozen
class Feature:
    """
    What a store does with Order Protection.

    Attributes:
        name: In words.
        pages: Of the calls that it makes.
        is_on: Whether a store does it, by its settings and by the hooks that its adapter can be used for.
        asked_for: It happens only where somebody asks for it, so that a missing scope may be meant.
        further: Scopes that no page of a call names.
    """

    name: str
    pages: tuple[str, ...]
    is_on: Callable[[StoreSettings, Callable[[str], bool]], bool] = attrs.field(default=lambda _, __: True, repr=False)
    asked_for: bool = False
    further: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What an app needs for it."""
        return tuple(dict.fromkeys([*(SCOPES[page] for page in self.pages if page in SCOPES), *self.further]))


FEATURES = (
    Feature("export of orders", ("ORD-G", "ORD-C", "ORD-U")),
    Feature("export of parcels", ("FUL-C", "FUL-U", "FUL-G"), lambda _, usable: usable("op_lookup_fulfillments")),
    Feature("verify_claims", ("CLM-O",), lambda store, _: store.verify_claims != "never"),
    Feature("export of products", ("PRD-C", "PRD-U"), lambda _, usable: usable("op_export_products")),
    Feature("sweep", ("CLM-O", "CLM-L"), asked_for=True),
    Feature("filing of claims", ("CLM-C", "CLM-F"), asked_for=True),
    Feature("prices", ("QUOTE",), asked_for=True),  # public; ``read_quotes`` is of a call that is not made
    # A report's call is on no page (G-1); the scope's description, "full management of claims", fits it best.
    Feature("reports", (), lambda store, _: bool(store.report), asked_for=True, further=("manage_claims",)),
)

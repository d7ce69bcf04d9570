"""Hashes of what was sent of a product, so that what is equal is not sent again. Pure; see `op_core.export.hashes`."""

from __future__ import annotations

from typing import Self

import attrs

from op_core.export.hashes import Kept, digest
from op_core.export.products.encode import GONE, TEXTS
from op_core.order_protection.schema import CreateProduct, UpdateProduct

__all__ = ["HeldProduct", "product_update_hash"]

_FIXED = "bundleProductIds"  # no update carries it
_LASTING = ("productImage", "tax")  # an update changes them, and has no way to take them away
_SHORT = 16  # digits of the hash of one part; it is compared with one other only


def product_update_hash(update: UpdateProduct) -> str:
    """Return the hash of all that an update can carry. A text that is emptied equals one that is not said."""
    return digest({name: value for name, value in update.to_wire().items() if value != ""})


@attrs.frozen
class HeldProduct(Kept):
    """What the column ``hash`` keeps of one product."""

    @classmethod
    def of(cls, product: CreateProduct) -> Self:
        """Return what is held once *product* was taken whole."""
        body = product.to_wire()
        parts = {name: "said" for name in (*TEXTS, *_LASTING) if name in body}
        if _FIXED in body:
            parts[_FIXED] = digest(body[_FIXED])[:_SHORT]
        return cls(digest(body), parts)

    def gone(self) -> HeldProduct:
        """Return what is held of a product that the shop has no more."""
        return HeldProduct(digest(GONE.to_wire()), self.parts)

    @property
    def is_gone(self) -> bool:
        """Tell whether the shop had it no more when it was looked at last."""
        return self == self.gone()

    @property
    def texts(self) -> list[str]:
        """The texts that Order Protection has, and that an update could empty."""
        return [name for name in TEXTS if name in self.parts]

    def lacks(self, now: HeldProduct) -> list[str]:
        """Return the names of what *now* says or leaves out, and no update can tell."""
        other = [_FIXED] if self.parts.get(_FIXED) != now.parts.get(_FIXED) else []
        return other + [name for name in _LASTING if name in self.parts and name not in now.parts]

    def updated(self, now: HeldProduct) -> HeldProduct:
        """Return what is held after an update with *now*."""
        stay = {name: value for name, value in self.parts.items() if name == _FIXED or name in _LASTING}
        said = {name: value for name, value in now.parts.items() if name != _FIXED}
        return HeldProduct(now.seen, stay | said)

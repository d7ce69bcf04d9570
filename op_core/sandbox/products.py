"""Products and their stock as the API takes them. No route of it reads them back (G-18): the sandbox shows them."""

from __future__ import annotations

import attrs

from op_core.sandbox.answers import Document, Refusal, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.orders import new_id
from op_core.sandbox.store import Store

__all__ = ["Products"]


@attrs.frozen
class Products:
    """
    Records by product and variant; a product without variants is one record. Bodies were checked by whoever took
    them in.
    """

    _store: Store
    _switchboard: Switchboard

    def create(self, body: Document) -> None:
        """Keep a new record; 409 where its product, or this variant of it, exists (page PRD-C)."""
        product_id, variant_id, at = body["productId"], body.get("variantId") or "", now()
        with self._store.transaction():
            record = {**body, "id": new_id("product"), "createdAt": at, "updatedAt": at}
            if not self._store.add("product", variant_id, record, parent=product_id):
                raise Refusal(409, "productId: it exists, with this variantId; update it with PUT", "productId")
            self._store.add("product_of_variant", product_id, {"id": product_id}, parent=variant_id)

    def update(self, path_id: str, body: Document) -> None:
        """
        Put the fields of the body in the place of the record's; what the body does not name stays.

        How PUT addresses a variant is not stated (G-18); the switch ``variant_address`` says whose id stands in the
        path. ``variantId``: the record of that variant, else the product of that id without variants. ``productId``:
        every record of that product. ``none``: the product without variants.

        Raises:
            Refusal: 404 where there is none (an assumption).
        """
        with self._store.transaction():
            found = self._addressed(path_id)
            if not found:
                raise Refusal(404, "no product of this id; create it with POST /v2/products")
            for product_id, variant_id in found:
                record = self._store.get("product", variant_id, product_id) or {}
                changed = record | body | {"updatedAt": now()}
                self._store.put("product", variant_id, changed, parent=product_id)

    def _addressed(self, path_id: str) -> list[tuple[str, str]]:
        address = self._switchboard.now.wire.variant_address
        if address == "variantId" and path_id:
            variants = self._store.all("product_of_variant", path_id)
            if variants:
                return [(variants[0]["id"], path_id)]
        records = [record.get("variantId") or "" for record in self._store.all("product", path_id)]
        return [(path_id, variant_id) for variant_id in records if address == "productId" or not variant_id]

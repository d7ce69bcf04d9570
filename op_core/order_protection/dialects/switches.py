"""
What a store may have to switch, because the pages contradict each other or are silent: ``[stores.x.wire]``.

Each default is what the fuller copy of the page that documents the call shows. `book` says which contradiction or gap
a switch belongs to.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["DOCUMENTED", "Dialect"]


class Dialect(BaseModel):
    """
    How this store's Order Protection is spoken to.

    Attributes:
        times: Times with ``milliseconds`` (``…00.000Z``) or whole ``seconds`` (``…00Z``).
        create_replaces: Key that names the replaced order in POST order (C-9).
        update_replaces: The same in PUT order (C-9).
        update_amounts: Amounts of PUT order as a ``number`` or as ``text`` (C-10).
        not_delivered: What stands for the status ``NOT_DELIVERED``, which some copies do not know (C-13).
        statuses: ``capitals`` (``IN_TRANSIT``) or ``capitalised`` (``In_transit``) (C-14).
        update_status: Key of the status in PUT fulfillment (C-15).
        claim_form: The ``fuller`` or the ``older`` copy of the body of an online claim (C-17).
        claim_fulfillment: Key of the parcel in an online claim (C-17).
        inventory_quantity: As a ``number`` or as ``text`` (C-19).
        bundles: The product type of a bundle (C-20).
        quote_store: The shop's host in the ``query`` or in the ``path`` of the public quote (C-21).
        quote_borders: Whether the ends of a pricing rule belong to it (G-16); see `op_core.pricing.rules`.
        cancels_protection: What in PUT order takes protection away (G-2).
        variant_address: Which id PUT product takes for a variant; ``none``: a variant is never updated (G-18).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    times: Literal["milliseconds", "seconds"] = "milliseconds"
    create_replaces: Literal["originalSourceOrderNumber", "originalSourceOrderId"] = "originalSourceOrderNumber"
    update_replaces: Literal["originalSourceOrderId", "originalSourceOrderNumber"] = "originalSourceOrderId"
    update_amounts: Literal["number", "text"] = "number"
    not_delivered: Literal["NOT_DELIVERED", "FAILURE"] = "NOT_DELIVERED"
    statuses: Literal["capitals", "capitalised"] = "capitals"
    update_status: Literal["status", "fulfillmentStatus"] = "status"
    claim_form: Literal["fuller", "older"] = "fuller"
    claim_fulfillment: Literal["sourceFulfillmentId", "fulfillmentSourceId"] = "sourceFulfillmentId"
    inventory_quantity: Literal["number", "text"] = "number"
    bundles: Literal["FULL", "GROUPED"] = "FULL"
    quote_store: Literal["query", "path"] = "query"
    quote_borders: Literal["inclusive", "max_exclusive", "to_next_min"] = "inclusive"
    cancels_protection: Literal["premiumPaid", "policyCancelledAt", "both"] = "premiumPaid"
    variant_address: Literal["variantId", "productId", "none"] = "variantId"


DOCUMENTED = Dialect()

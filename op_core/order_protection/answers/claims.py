"""Claims as the API answers them. Pages: CLM-O (claims of an order), CLM-L (all claims), CLM-F (an offline claim)."""

from __future__ import annotations

from op_core.order_protection.answers.reading import (
    Read,
    ReadAmount,
    ReadFlag,
    ReadMany,
    ReadPart,
    ReadText,
    ReadTexts,
    ReadTime,
    ReadUpper,
    ReadWhole,
)

__all__ = [
    "ReadClaim",
    "ReadClaimDocument",
    "ReadClaimItem",
    "ReadClaimMessage",
    "ReadClaimResolution",
    "ReadOfflineClaim",
    "ReadPolicy",
    "ReadStoreCredit",
]


class ReadClaimItem(Read):
    """One item that a claim is about (page CLM-O); *item_id* is Order Protection's own."""

    id: ReadText = None
    claim_id: ReadText = None
    item_id: ReadText = None
    quantity: ReadWhole = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    deleted_at: ReadTime = None


class ReadClaimMessage(Read):
    """
    What was written about a claim (page CLM-O). Its text and names are somebody's: never show them unasked.

    Attributes:
        sender_type: ``customer`` or ``brand``, as far as the pages show.
    """

    id: ReadText = None
    claim_id: ReadText = None
    sender_type: ReadText = None
    message: ReadText = None
    author_name: ReadText = None
    medias: ReadTexts = ()


class ReadClaimResolution(Read):
    """
    What was decided about a claim (pages CLM-O, CLM-L).

    Attributes:
        resolution_type: In capitals, under either name (C-18).
        claim_state: Only on CLM-L.
        paid_value: Major units of *paid_currency*.
    """

    what = "claim resolution"
    id: ReadText = None
    claim_id: ReadText = None
    user_id: ReadText = None
    resolution_type: ReadUpper = None
    resolution_details: ReadText = None
    claim_state: ReadUpper = None
    paid_value: ReadAmount = None
    paid_currency: ReadText = None
    paid_original_value: ReadAmount = None
    include_shipping: ReadFlag = None
    shipping_amount: ReadAmount = None
    credit_store: ReadFlag = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    deleted_at: ReadTime = None


class ReadStoreCredit(Read):
    """Credit that Order Protection gave by itself (page CLM-O). The code is money: never show it unasked."""

    code: ReadText = None
    claim_id: ReadText = None
    email_status: ReadUpper = None
    email_time: ReadTime = None
    credit_value: ReadAmount = None
    bonus_value: ReadAmount = None
    total_value: ReadAmount = None
    bonus: ReadAmount = None
    bonus_type: ReadUpper = None
    credit_currency: ReadText = None
    exchange_rate: ReadAmount = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    deleted_at: ReadTime = None


class ReadClaimDocument(Read):
    """A document of a claim (page CLM-O), such as a ``SIGNATURE``."""

    id: ReadText = None
    claim_id: ReadText = None
    url: ReadText = None
    document_type: ReadUpper = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    deleted_at: ReadTime = None


class ReadPolicy(Read):
    """
    The protection that a claim rests on (page CLM-O). Amounts are major units of *premium_currency*.

    Attributes:
        funded_by: ``customer``, or whoever else paid the premium.
        removed_at: When protection ended.
    """

    id: ReadText = None
    customer_amount: ReadAmount = None
    brand_amount: ReadAmount = None
    insured_amount: ReadAmount = None
    premium_paid: ReadAmount = None
    premium_discounted_amount: ReadAmount = None
    premium_currency: ReadText = None
    funded_by: ReadText = None
    hybrid_operator: ReadUpper = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    removed_at: ReadTime = None
    deleted_at: ReadTime = None


class ReadClaim(Read):
    """
    A claim (page CLM-O; page CLM-L shows less of it).

    Attributes:
        id: The claim's id, as in the webhooks.
        order_id: Order Protection's own id of the order.
        source_order_id: The shop's id of the order.
        claim_state: In capitals: one of the 14 states of page WH-CC, or one that nobody knows yet.
        claim_type: One of the ten types of page CLM-F; None on page CLM-L.
        is_ota: As the page has it; no page says what it means.
    """

    id: ReadText = None
    claim_filed_from: ReadUpper = None
    customer_id: ReadText = None
    store_id: ReadText = None
    order_id: ReadText = None
    source_order_id: ReadText = None
    source_order_number: ReadText = None
    author_name: ReadText = None
    author_email: ReadText = None
    claim_description: ReadText = None
    claim_state: ReadUpper = None
    claim_type: ReadUpper = None
    resolution_requested: ReadUpper = None
    resolution_date: ReadTime = None
    is_ota: ReadFlag = None
    ota_description: ReadText = None
    external_source: ReadText = None
    policy_id: ReadText = None
    view_claim_url: ReadText = None
    created_at: ReadTime = None
    updated_at: ReadTime = None
    deleted_at: ReadTime = None
    claim_items: ReadMany[ReadClaimItem] = ()
    claim_messages: ReadMany[ReadClaimMessage] = ()
    claim_resolutions: ReadMany[ReadClaimResolution] = ()
    claim_store_credits: ReadMany[ReadStoreCredit] = ()
    claim_documents: ReadMany[ReadClaimDocument] = ()
    policy: ReadPart[ReadPolicy] = ReadPolicy()


class ReadOfflineClaim(Read):
    """
    The answer to an offline claim (page CLM-F): what was filed, under an order id that the API made up.

    Attributes:
        source_order_id: Ask for the claim's progress under this id.
    """

    source_order_id: ReadText = None

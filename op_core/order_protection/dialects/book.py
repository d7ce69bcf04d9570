"""
The book of every contradiction (C-n) between Order Protection's pages, and of every gap (G-n) in them.

It is written down in code so that the page for people (``docs/reference/wire.md``), the settings and the tests can be
held against it: each contradiction that touches a call or a delivery has one fixture and one test of its name.
"""

from __future__ import annotations

import attrs

__all__ = ["CONTRADICTIONS", "GAPS", "Contradiction", "Gap"]


@attrs.frozen
class Contradiction:
    """
    Where pages say two things.

    Attributes:
        number: ``C-1`` to ``C-27``, our own.
        pages: Which.
        says: What they say.
        decision: What is done here.
        setting: The key below ``[stores.<name>]`` that switches it; empty where both are simply taken.
    """

    number: str
    pages: str
    says: str
    decision: str
    setting: str = ""


@attrs.frozen
class Gap:
    """
    What no page says.

    Attributes:
        number: ``G-1`` to ``G-23``, our own.
        unknown: What.
        decision: What is done here.
        setting: The key below ``[stores.<name>]`` that a store changes if it knows better; empty where there is none.
    """

    number: str
    unknown: str
    decision: str
    setting: str = ""


CONTRADICTIONS = (
    Contradiction(
        "C-1",
        "DEV-EP; DEV-REF, DEV-QS",
        "an app's token may call all of `/v1`, or only the `/v2` list",
        "either kind of token is sent as a bearer to every call; a 403 names the call and the scope that it may need",
        "oauth",
    ),
    Contradiction(
        "C-2",
        "DEV-WH, GUIDE; WH-*",
        "`claim/approved` or `claim.approved`",
        "both are read",
    ),
    Contradiction(
        "C-3",
        "DEV-WH; WH-*",
        "an envelope with or without `id` and `created_at`",
        "both are read; a repeat is known by its content, an id tells two equal events apart",
    ),
    Contradiction(
        "C-4",
        "DEV-WH; WH-CA",
        "`claim.approved` also in camelCase: claim, store, type, item, quantity",
        "joined to its order through an earlier delivery of the claim, else held as `order_unknown`; without an amount,"
        " held as `no_amount`; a whole body that follows completes it. All its lines of one type count as one"
        " resolution",
    ),
    Contradiction(
        "C-5",
        "DEV-QS; DEV-WH",
        '"order and claim events", and a list of topics without orders',
        "a topic that is not in the list is quarantined, never guessed at",
    ),
    Contradiction(
        "C-6",
        "copies of WH-CA",
        "`shipping_amount_tax` there or not; a total of 27.6 or 26.6",
        "missing counts as 0",
    ),
    Contradiction(
        "C-7",
        "copies of WH-CA",
        "state and country as names or codes",
        "both become codes, before contents are compared",
    ),
    Contradiction(
        "C-8",
        "WH-CA",
        "the sample is not JSON",
        "such a body is quarantined",
    ),
    Contradiction(
        "C-9",
        "ORD-C; ORD-U, ORD-G",
        "the replaced order is `originalSourceOrderNumber` or `originalSourceOrderId`; both texts ask for its id",
        "its id, under the key of each page; both are read",
        "wire.create_replaces, wire.update_replaces",
    ),
    Contradiction(
        "C-10",
        "ORD-U; ORD-C",
        "amounts as numbers or as text",
        "both are read; numbers are sent",
        "wire.update_amounts",
    ),
    Contradiction(
        "C-11",
        "ORD-G, ORD-L",
        "premiums sampled as dates",
        'a date there reads as "not said"',
    ),
    Contradiction(
        "C-12",
        "ORD-G; FUL-C, FUL-G",
        "a parcel's items as `id` or `sourceItemId`, its tracking as one text or a list",
        "both are read; FUL-C's are sent",
    ),
    Contradiction(
        "C-13",
        "copies of FUL-C and FUL-G; FUL-U",
        "`NOT_DELIVERED` in the list of statuses or not",
        "it is read and sent",
        "wire.not_delivered",
    ),
    Contradiction(
        "C-14",
        "FUL-C, FUL-U, ORD-G",
        "statuses are listed in capitals and sampled as `Fulfilled`, `fulfilled`, `shipped`",
        "read in any case, sent in capitals",
        "wire.statuses",
    ),
    Contradiction(
        "C-15",
        "FUL-U; FUL-C",
        "the text knows a cancelled parcel, the list does not; the key is `status` or `fulfillmentStatus`",
        "each as its page says; a cancelled parcel has no word and is not sent",
        "wire.update_status",
    ),
    Contradiction(
        "C-16",
        "CLM-F; WH-CC",
        "ten types of a claim, or eight",
        "all ten may be filed; any type of a webhook is read",
    ),
    Contradiction(
        "C-17",
        "copies of CLM-C",
        "the parcel is `sourceFulfillmentId` or `fulfillmentSourceId`; one copy knows channel, category and warranty,"
        " the other a new address",
        "the fuller copy is followed; what only the other one takes is refused before it is sent",
        "wire.claim_fulfillment, wire.claim_form",
    ),
    Contradiction(
        "C-18",
        "CLM-L; CLM-O",
        "a claim's resolutions as `resolution` with a state, or as `resolutionType` with what was paid",
        "both are read under one name",
    ),
    Contradiction(
        "C-19",
        "PRD-C; PRD-U",
        "stock is required or not, a number or text",
        "required in a create, as a number; text is read as well",
        "wire.inventory_quantity",
    ),
    Contradiction(
        "C-20",
        "PRD-C, PRD-U",
        "a product is `FULL` or `SIMPLE`, or `SIMPLE` or `GROUPED`; PRD-U calls `tax` the id of a product",
        "a bundle is `FULL`, as the schema has it; `tax` is an amount",
        "wire.bundles",
    ),
    Contradiction(
        "C-21",
        "QUOTE",
        'the host is called a part of the path and stands in the query; "rule type brand" and `terms.paidBy`',
        "in the query; who pays is read from `terms.paidBy`",
        "wire.quote_store",
    ),
    Contradiction(
        "C-22",
        "WH-PR",
        'the amount "to be refunded", or "the refunded amount"',
        "it is still to be given back: Order Protection cannot reach the payment",
        "protection.on_removed",
    ),
    Contradiction(
        "C-23",
        "WH-MSG; DEV-WH",
        "a message is any update of a claim, or one that somebody wrote",
        "every message becomes a note on the order",
    ),
    Contradiction(
        "C-24",
        "DEV-AUTH; DEV-MKT",
        "the code of an app comes in the query of the redirect, or as JSON that is posted to it",
        "both are read, and `state` must be the one that was sent out",
        "oauth.redirect_uri",
    ),
    Contradiction(
        "C-25",
        "DEV-WH",
        "a static secret in a header is said to prove that the request was not changed",
        "it proves who knows it, and signs nothing; so the claim is read back before money moves",
        "verify_claims",
    ),
    Contradiction(
        "C-26",
        "LEGACY; DEV-WH",
        "webhooks are made by hand for each store, or registered with an app; each with a secret of its own",
        "a store has several secrets, and any of them opens its one address",
        "webhook_secrets",
    ),
    Contradiction(
        "C-27",
        "copies of CLM-F",
        "one copy shows the body of an online claim",
        "an offline claim has the body of the other copy; an online one there is refused before it is sent",
    ),
)

GAPS = (
    Gap(
        "G-1",
        "how a done resolution is reported",
        "a replacement order: `POST /v1/orders` with `originalSourceOrderNumber`, once. The field is documented; its"
        " use as a report is our reading. Everything else by the settings, else `no_route`",
        "report.<verb>.path",
    ),
    Gap(
        "G-2",
        "which field ends protection through PUT order",
        "a premium of 0, where one was sent before; or `policyCancelledAt`, the time of the order's change (null brings"
        " it back); or both",
        "wire.cancels_protection",
    ),
    Gap(
        "G-3",
        "whether a change that the shop tells comes back as a webhook",
        "the shop's own change is written down before it is told, so that its echo repeats a known state and moves"
        " nothing",
    ),
    Gap(
        "G-4",
        "which of the two kinds of token `/v1` takes",
        "one provider for both; the store's settings name one",
        "oauth",
    ),
    Gap(
        "G-5",
        "whose ids the items of a webhook have",
        "the shop's item id; else Order Protection's own id, asked by GET order; else a SKU that is unique in the"
        " order; else held as `line_unknown`",
    ),
    Gap(
        "G-6",
        "what FLAT_RATE and STORE_CREDIT mean in `claim.approved`",
        "FLAT_RATE: the flat amounts of the lines, refunded; STORE_CREDIT: read like REFUND. Both held unless the"
        " settings say `act`. Any other type is quarantined",
        "resolutions.flat_rate, resolutions.store_credit",
    ),
    Gap(
        "G-7",
        "how often and how long a webhook is sent again, in which order, and how to ask for it",
        "several times, in any order; nothing relies on a schedule, and a sweep finds what never came",
        "sweep.every",
    ),
    Gap(
        "G-8",
        "calls that manage webhooks, and how a secret is changed",
        "not built: webhooks are entered in the dashboard; a list of secrets lets old and new overlap",
        "webhook_secrets",
    ),
    Gap(
        "G-9",
        "answers to what is there already, and the form of errors",
        "409 is followed by PUT, 404 on PUT by POST; the body of an error is kept, never shown in an error's text",
    ),
    Gap(
        "G-10",
        "how many calls are taken in a time",
        "our own limits, above; a 429 is waited for",
        "export.in_flight",
    ),
    Gap(
        "G-11",
        "keys that make a call safe to repeat",
        "what was sent is known by its hash, a claim is filed once under its key, and a lost answer is followed by a"
        " read",
    ),
    Gap(
        "G-12",
        "a host for tests, and tokens for it",
        "the address is a setting; `op-core sandbox` stands in",
        "api_url",
    ),
    Gap(
        "G-13",
        "how the list of claims is filtered, and how one claim is asked for",
        "claims are asked for order by order; the list is read with `size` and `cursor`, as that of orders",
    ),
    Gap(
        "G-14",
        "which parts of an order's items, address and parcels are required",
        "all that the shop has is sent; an order with neither e-mail nor phone is not exportable, since GUIDE knows a"
        " customer by one of them",
    ),
    Gap(
        "G-15",
        "what else PUT order can carry, and whether it replaces or adds",
        "only what its sample shows; what is left out is taken to stay",
    ),
    Gap(
        "G-16",
        "bodies of most partner calls; other types of a premium than `fixed`; who rounds and converts; whether a rule's"
        " ends belong to it",
        "those calls are not built; another type is no offer; the shop gives the rate, and the amount is rounded"
        " half-up to the cart's currency; both ends belong to a rule, and of two rules the lower one counts",
        "wire.quote_borders",
    ),
    Gap(
        "G-17",
        "how a store learns its own id at Order Protection",
        "a setting",
        "op_store_id",
    ),
    Gap(
        "G-18",
        "how PUT product addresses one variant; how a product is read or deleted",
        "by the variant's own id; what is gone from the shop is set to `DELETED`",
        "wire.variant_address",
    ),
    Gap(
        "G-19",
        "where an app is authorised, and how long a refresh token lives",
        "the address is a setting; the newest refresh token that was answered is the one that is used",
        "oauth.authorize_url",
    ),
    Gap(
        "G-20",
        "the index of the pages and most of their OpenAPI files",
        "not used; the shape of every answer and webhook is kept, and a new one is shown",
    ),
    Gap(
        "G-21",
        "the rest of the older pages (LEGACY)",
        "not built",
    ),
    Gap(
        "G-22",
        "whether the spelling of topics depends on the kind of webhook",
        "it is not relied upon: any topic is read in both",
    ),
    Gap(
        "G-23",
        "whether price, discount and tax are of a unit or a line, what the total holds, where it is rounded",
        "`total_refund_amount` is what is owed. It must equal one of twelve readings exactly: per unit or per line;"
        " without shipping, with it, or with it and its tax; rounded per line or on the sum. Else held as `no_reading`"
        " with every reading shown",
    ),
)

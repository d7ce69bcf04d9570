"""
The shapes that are known from the start are those of the pages' samples.

``python tests/order_protection/test_documented.py`` writes op_core/order_protection/documented.json anew.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from op_core.order_protection import documented as listed
from op_core.order_protection import endpoints
from op_core.order_protection.dialects import TOPICS, Dialect
from op_core.order_protection.dialects.kinds import kind_of
from op_core.order_protection.documented import documented, documented_kinds
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.shapes import Known, news_of, shape_of
from op_core.testing.calls import every_call

WIRE = Path(__file__).parents[1] / "data" / "wire"
DRIFT = WIRE.parent / "drift"
FILE = Path(listed.__file__).with_name("documented.json")

# What each page's sample is, and what else the same page or a contradicting one shows of the same thing.
SAMPLES = {
    **{topic: (f"webhook.{topic}.json",) for topic in TOPICS},
    "claim.approved (camel)": ("webhook.claim-approved.developer-page.json",),
    "POST /v1/orders (ORD-C)": ("ok.response.json",),
    "PUT /v1/orders/{sourceOrderId} (ORD-U)": ("ok.response.json",),
    "GET /v1/orders/{sourceOrderId} (ORD-G)": ("get_order.response.json",),
    "GET /v1/orders (ORD-L)": ("list_orders.response.json",),
    "POST /v1/orders/{sourceOrderId}/fulfillments (FUL-C)": ("ok.response.json",),
    "PUT /v1/orders/{sourceOrderId}/fulfillments/{sourceFulfillmentId} (FUL-U)": ("ok.response.json",),
    "GET /v1/orders/{sourceOrderId}/fulfillments (FUL-G)": ("fulfillments.response.json",),
    "GET /v1/orders/{sourceOrderId}/claims (CLM-O)": ("claims_by_order.response.json",),
    "GET /v1/claims (CLM-L)": ("list_claims.response.json",),
    "POST /v1/claims/{sourceOrderId} (CLM-C)": ("ok.response.json",),
    "POST /v1/claims/offline (CLM-F)": ("offline_claim.response.json",),
    "POST /v2/products (PRD-C)": ("ok.response.json",),
    "PUT /v2/products/{productId} (PRD-U)": ("ok.response.json",),
    "GET /v1/quote/insurance (QUOTE)": ("quote.response.json",),
    "GET /v1/quote/insurance/{storeUrl} (QUOTE)": ("quote.response.json",),
    "POST /v1/oauth/token (DEV-AUTH)": ("token.response.json",),
    "POST /v1/oauth/session/verify (DEV-EMB)": ("session.response.json",),
}
# What an order need not say (ORD-C), a claim cannot tell; and what has not happened has no time.
_CLAIM = """
    sourceOrderNumber authorName authorEmail resolutionRequested resolutionDate claimType otaDescription deletedAt
    premiumPaid premiumDiscountedAmount customerAmount removedAt claimFiledFrom
    claimResolutions[].resolution claimResolutions[].resolutionType
"""
_ORDER = """
    originalSourceOrderId originalOrderId sourceOrderNumber sourceUpdatedAt sourceCancelledAt policyCancelledAt
    premiumPaid premiumCost productUrl productImage itemDescription sku sourceProductId sourceVariantId addressId
    trackingCompany trackingNumber trackingUrl sourceFulfillmentId createdAt updatedAt startCursor endCursor
    sourceItemIds[].id sourceItemIds[].sourceItemId fulfillments[].id fulfillments[].sourceOrderId
"""
_EVENT = "id created_at product_id variant_id sku"  # C-3; and what an item of an order need not say
# What may be missing or null, by the ends of their paths.
MAYBE = {
    "claim.created": _EVENT,
    "claim.approved": f"{_EVENT} shipping_amount_tax shipping_address",  # C-6; only a RESHIP has an address
    "claim.denied": f"{_EVENT} shipping_amount_tax",
    "message.created": "id created_at",
    "protection.added": "id created_at",
    "protection.removed": "id created_at",
    "GET /v1/orders/{sourceOrderId} (ORD-G)": _ORDER,
    "GET /v1/orders (ORD-L)": _ORDER,
    "GET /v1/orders/{sourceOrderId}/fulfillments (FUL-G)": f"{_ORDER} [].id [].sourceOrderId",
    "GET /v1/orders/{sourceOrderId}/claims (CLM-O)": _CLAIM,
    "GET /v1/claims (CLM-L)": f"{_CLAIM} startCursor endCursor",
    **dict.fromkeys([one for one in SAMPLES if "quote" in one], "customer brand variants"),  # C-21
    "POST /v1/oauth/token (DEV-AUTH)": "refresh_token",  # whether client_credentials answer one is cut from the page
}


def sample(name):
    return loads((WIRE / name).read_bytes())


def flat_amounts(topic):
    """Return a decision whose flat amount is a number, as where the type is FLAT_RATE (WH-CD)."""
    body = sample(f"webhook.{topic}.json")
    for resolution in body["body"]["resolutions"]:
        for item in resolution["details"]["items"]:
            item["resolution_flat_amount"] = 5
    return body


def orders():
    """Return an order as ORD-C takes it, for ORD-G is cut; with either form of parcels (C-12) and of amounts (C-10)."""
    sent = sample("create_order.request.json") | {"createdAt": "", "updatedAt": "", "fulfillments": parcels()}
    told = [name for name, value in sent.items() if isinstance(value, int | Decimal)]
    return [sent, sent | dict.fromkeys(told, "")]


def parcels():
    return sample("fulfillments.response.json") + sample("get_order.response.json")["fulfillments"]


def listed_claims():
    """Return what CLM-O shows of the parts of a claim; and a resolution has two forms (C-18)."""
    claim = sample("claims_by_order.response.json")[0]
    names = ("claimItems", "claimMessages", "claimResolutions")
    return [{"claimType": "", "otaDescription": "", **{name: claim[name] for name in names}}]


# What else a page, or one that contradicts it, shows of the same thing.
ALSO = {
    "claim.approved": [flat_amounts("claim.approved")],
    "claim.denied": [flat_amounts("claim.denied")],
    "GET /v1/orders/{sourceOrderId} (ORD-G)": orders(),
    "GET /v1/orders (ORD-L)": [{"edges": [{"node": order} for order in orders()]}],
    "GET /v1/orders/{sourceOrderId}/fulfillments (FUL-G)": [parcels()],
    "GET /v1/orders/{sourceOrderId}/claims (CLM-O)": [
        [{"claimResolutions": sample("list_claims.response.json")["edges"][0]["node"]["claimResolutions"]}]
    ],
    "GET /v1/claims (CLM-L)": [{"edges": [{"node": claim} for claim in listed_claims()]}],
}


def place_of(path):
    return path.rpartition(":")[0]


def may_miss(place, maybe):
    return any(place == name or place.endswith(f".{name}") for name in maybe.split())


def computed(what):
    """Return the listed paths of one thing."""
    known = Known.of([shape_of(sample(name)).paths for name in SAMPLES[what]])
    more = {path for value in ALSO.get(what, []) for path in shape_of(value).paths}
    maybe, paths = MAYBE.get(what, ""), known.paths | more
    nulls = {f"{place}:null" for place in map(place_of, paths) if may_miss(place, maybe)}
    always = {place for place in known.always if not may_miss(place, maybe)}
    return [path if place_of(path) in always else f"{path}?" for path in sorted(paths | nulls)]


def words(value, what):
    return news_of(shape_of(value), documented(what)).words()


def test_the_known_shapes_are_those_of_the_samples():
    """What the package lists is computed from the samples, path for path."""
    assert {what: computed(what) for what in sorted(SAMPLES)} == json.loads(FILE.read_bytes())


@pytest.mark.parametrize("path", sorted(WIRE.glob("webhook.*.json")), ids=lambda path: path.name)
def test_every_sample_of_a_delivery_is_known(path):
    """No sample is news, with an event's id and time or without (C-3)."""
    value = loads(path.read_bytes())
    without = {name: part for name, part in value.items() if name not in ("id", "created_at")}

    assert [[], []] == [words(value, kind_of(value)), words(without, kind_of(value))]


@pytest.mark.parametrize("number", ["c03", "c04", "c06", "c07", "c22"])
def test_what_pages_contradict_each_other_about_is_no_news(number):
    """Every form of a contradiction that touches a delivery's keys is known from the start."""
    told = loads((DRIFT / f"{number}.json").read_bytes())
    found = [part for part in told.values() if isinstance(part, dict) and "topic" in part]

    assert found
    assert [[]] * len(found) == [words(one, kind_of(one)) for one in found]


def test_only_calls_of_ours_are_listed():
    """What is listed is a topic, or a call by method, route and page."""
    by_path = endpoints.quote("shop.example", Dialect(quote_store="path"))
    requests = [call.request for call in (*every_call(), by_path)]
    calls = {f"{one.method} {one.route} ({one.page})" for one in requests}

    assert set() == set(documented_kinds()) - calls - {*TOPICS, "claim.approved (camel)"}


if __name__ == "__main__":
    FILE.write_text(json.dumps({what: computed(what) for what in sorted(SAMPLES)}, indent=1) + "\n", encoding="utf-8")

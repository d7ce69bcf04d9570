"""Pricing rules: of a store, of a cohort, in public."""

from __future__ import annotations

from decimal import Decimal

import pytest

FIXED = {"amount": Decimal("1.50"), "type": "fixed"}
RULES = [
    {"id": "dear", "min": Decimal("100.01"), "max": 500, "terms": {"paidBy": "brand", "brand": {"amount": 3}}},
    {"id": "cheap", "min": 0, "max": Decimal("100.00"), "terms": {"paidBy": "customer", "customer": FIXED}},
]


@pytest.fixture
def rules(call):
    """Give shop.example rules of the merchant's and of a partner's cohort."""
    merchant = {"storeUrl": "shop.example", "rules": RULES, "automaticallyAddToCart": True}
    partner = {"storeUrl": "shop.example", "applicationId": "A1", "variantKey": "K1", "id": "of-partner"}
    assert [200, 200] == [call("PUT", "/sandbox/quote", body).status for body in (merchant, partner)]


def test_quote(call, rules):
    """Nobody needs a token; rules are sorted by ``min``, exact, with all that page QUOTE shows."""
    answer = call("GET", "/v1/quote/insurance?store_url=shop.example", token=None)
    assert (200, {"id", "automaticallyAddToCart", "mandatoryOp", "rules", "variants"}) == (
        answer.status,
        set(answer.json),
    )
    assert (True, False, None) == tuple(
        answer.json[name] for name in ("automaticallyAddToCart", "mandatoryOp", "variants")
    )
    cheap, dear = answer.json["rules"]
    assert {"id": "cheap", "min": 0, "max": Decimal("100.00"), "terms": RULES[1]["terms"]} == cheap
    assert ("100.01", {"paidBy": "brand", "brand": {"amount": 3, "type": "fixed"}}) == (str(dear["min"]), dear["terms"])


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?store_url=", 400), ("?shop=shop.example", 400), ("?store_url=other.example", 404)],
)
def test_store_url(call, rules, query, status):
    """A missing host is 400, an unknown one 404, both by the parameter's name."""
    answer = call("GET", f"/v1/quote/insurance{query}", token=None)
    assert (status, "store_url") == (answer.status, answer.json["field"])


def test_host_in_the_path(call, rules):
    """By the switch, the host stands in the path, and no longer in the query (C-21)."""
    ways = ("/v1/quote/insurance?store_url=shop.example", "/v1/quote/insurance/shop.example")
    statuses = [call("GET", way, token=None).status for way in ways]
    call("PUT", "/sandbox/behaviour", {"wire": {"quote_store": "path"}})
    assert [200, 404, 400, 200] == [*statuses, *(call("GET", way, token=None).status for way in ways)]


@pytest.mark.parametrize(
    ("app", "variant", "partners"), [("A1", "K1", True), ("A1", "K2", False), ("A2", "K1", False), ("A1", None, False)]
)
def test_cohort(call, rules, app, variant, partners):
    """The headers of a cohort choose its rules; a cohort without rules has the merchant's."""
    headers = {"x-op-partner-app-id": app} | ({} if variant is None else {"x-op-partner-variant": variant})
    answer = call("GET", "/v1/quote/insurance?store_url=shop.example", token=None, headers=headers)
    assert partners == (answer.json["id"] == "of-partner")


@pytest.mark.parametrize(("application", "partners"), [("A1", True), ("A2", False)])
def test_of_partner(call, rules, application, partners):
    """A partner asks for its cohort's rules by its application's id and the cohort's key, without a token."""
    path = f"/v2/quote/insurance/partner/{application}"
    assert partners == (call("GET", f"{path}?key=K1", token=None).json["id"] == "of-partner")
    assert (400, "key") == ((answer := call("GET", path, token=None)).status, answer.json["field"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"storeUrl": ""}, "storeUrl"),
        ({"rules": [{"min": 0, "max": 1}]}, "rules[0].terms"),
        ({"rules": [{"min": 0, "max": 1, "terms": {"paidBy": "brand", "customer": FIXED}}]}, "rules[0].terms"),
        ({"price": 1}, "price"),
    ],
)
def test_setting_is_strict(call, change, field):
    """Rules are set in the words of the page, with the premium of whoever pays."""
    answer = call("PUT", "/sandbox/quote", {"storeUrl": "shop.example"} | change)
    assert (400, field) == (answer.status, answer.json["field"])

"""Claims that a shop files by REST: about an order, and about a sale of another channel."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

IMAGE = "https://pictures.example/1.png"


@pytest.fixture
def shipped(call, placed):
    """Ship the placed order in one parcel, and return the order's id."""
    parcel = {"sourceFulfillmentId": "F1", "fulfillmentStatus": "FULFILLED"}
    items = [{"sourceItemId": "I1", "quantity": 2}, {"sourceItemId": "I2", "quantity": 1}]
    assert call("POST", f"/v1/orders/{placed}/fulfillments", parcel | {"sourceItemIds": items}).status == 201
    return placed


def online(*issues, **fields):
    issues = issues or ({"issueType": "DAMAGED", "quantity": 1, "sourceItemId": "I1", "details": "box crushed"},)
    return {
        "email": "claimant@example.com",
        "salesChannel": "ONLINE",
        "claimCategory": "SHIPPING",
        "fulfillmentIssues": [{"sourceFulfillmentId": "F1", "issues": list(issues)}],
    } | fields


def read(call, order_id):
    return call("GET", f"/v1/orders/{order_id}/claims").json


def test_online(call, shipped):
    """A claim that a shop files reads back as it was filed, under its order."""
    wish = {"desiredMethod": "RESHIP", "customerSignature": "https://pictures.example/sign.png"}
    issue = {"issueType": "DAMAGED", "quantity": 1, "sourceItemId": "I1", "details": "box crushed", "images": [IMAGE]}
    answer = call("POST", f"/v1/claims/{shipped}", online(issue, resolution=wish, claimFiledFrom="INTERNAL"))
    assert (201, {"status": "ok"}) == (answer.status, answer.json)
    [claim] = read(call, shipped)
    order = call("GET", f"/v1/orders/{shipped}").json
    assert ("INTERNAL", "claimant@example.com", "box crushed", "RESHIP", "NEW", "DAMAGED") == tuple(
        claim[name]
        for name in (
            "claimFiledFrom",
            "authorEmail",
            "claimDescription",
            "resolutionRequested",
            "claimState",
            "claimType",
        )
    )
    assert [(order["orderItems"][0]["id"], 1)] == [(one["itemId"], one["quantity"]) for one in claim["claimItems"]]
    assert [("SIGNATURE", wish["customerSignature"]), ("IMAGE", IMAGE)] == [
        (one["documentType"], one["url"]) for one in claim["claimDocuments"]
    ]


def test_online_sends_its_webhook(call, shipped, receiver, sandbox):
    """A claim that a shop files comes back to it as claim.created; issues of two types are MULTIPLE."""
    other = {"issueType": "MISSING_ITEM", "quantity": 1, "sourceItemId": "I2"}
    call("POST", f"/v1/claims/{shipped}", online({"issueType": "STOLEN", "quantity": 2, "sourceItemId": "I1"}, other))
    assert sandbox.settle()
    [event] = receiver.events
    assert ("claim.created", "MULTIPLE", [("I1", 2), ("I2", 1)]) == (
        event["topic"],
        event["body"]["claim_type"],
        [(item["item_id"], item["quantity"]) for item in event["body"]["items"]],
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        (online(salesChannel="PHONE"), "salesChannel"),
        (online(claimFiledFrom="SHOP"), "claimFiledFrom"),
        (
            online({"issueType": "LATE", "quantity": 1, "sourceItemId": "I1"}),
            "fulfillmentIssues[0].issues[0].issueType",
        ),
        (
            online({"issueType": "DAMAGED", "quantity": 0, "sourceItemId": "I1"}),
            "fulfillmentIssues[0].issues[0].quantity",
        ),
        (
            online({"issueType": "DAMAGED", "quantity": 1, "sourceItemId": "I9"}),
            "fulfillmentIssues[0].issues[0].sourceItemId",
        ),
        (
            online(fulfillmentIssues=[{"sourceFulfillmentId": "F9", "issues": [
                {"issueType": "DAMAGED", "quantity": 1, "sourceItemId": "I1"}]}]),
            "fulfillmentIssues[0].sourceFulfillmentId",
        ),
        (online(resolution={"warrantyPeriod": "a year"}), "resolution.warrantyPeriod"),
        (online(resolution={"updatedShippingAddress": {"city": "Testville"}}), "updatedShippingAddress"),
        (online(options={"fromValet": 1}), "options.fromValet"),
    ],
)  # fmt: skip
def test_online_is_strict(call, shipped, body, field):
    """What the page does not take is refused with 400 and its place, and no claim is filed."""
    answer = call("POST", f"/v1/claims/{shipped}", body)
    assert (400, field) == (answer.status, answer.json["field"])
    assert [] == read(call, shipped)


def test_online_unknown_order(call):
    """A claim about an unknown order is 404."""
    assert call("POST", "/v1/claims/none", online()).status == 404


def test_older_copy(call, shipped):
    """In the older copy of the page (C-17) the parcel has its other key, and the address where a reship goes to."""
    call("PUT", "/sandbox/behaviour", {"wire": {"claim_form": "older", "claim_fulfillment": "fulfillmentSourceId"}})
    issues = [{"issueType": "STOLEN", "quantity": 1, "sourceItemId": "I1"}]
    address = {"address1": "2 Other Way", "city": "Elsewhere", "state": "UT", "zip": "11111", "country": "US"}
    older = {
        "email": "claimant@example.com",
        "fulfillmentIssues": [{"fulfillmentSourceId": "F1", "issues": issues}],
        "resolution": {"desiredMethod": "RESHIP", "updatedShippingAddress": address},
    }
    answers = [call("POST", f"/v1/claims/{shipped}", body) for body in (online(), older)]
    assert [400, 201] == [answer.status for answer in answers]
    [claim] = read(call, shipped)
    call("POST", f"/sandbox/claims/{claim['id']}/approve", {"resolutions": [{"type": "RESHIP"}]})
    [kept] = [one for one in call("GET", "/sandbox/claims").json["claims"] if one["id"] == claim["id"]]
    assert "2 Other Way" == kept["resolutions"][0]["details"]["shipping_address"]["address1"]


def test_offline(call, wire_sample):
    """The page's own sample is answered as the page shows, digit for digit, under a new order id of its form."""
    call("PUT", "/sandbox/behaviour", {"store_id": "store_123"})
    sample, shown = wire_sample("offline_claim.request.json"), wire_sample("offline_claim.response.json")
    answers = [call("POST", "/v1/claims/offline", sample) for _ in range(2)]
    assert [201, 201] == [answer.status for answer in answers]
    ids = [answer.json["payload"].pop("sourceOrderId") for answer in answers]
    del shown["payload"]["sourceOrderId"]
    assert [shown, shown] == [answer.json for answer in answers]
    assert all(re.fullmatch(r"[A-Z]{2}-\d{4}-\d{4}", one) for one in ids)
    assert ids[0] != ids[1]


def test_offline_reads_back(call, wire_sample, receiver, sandbox):
    """An offline claim reads back under its new order id, and is decided like any other; it is no order."""
    call("PUT", "/sandbox/behaviour", {"store_id": "store_123"})
    source_id = call("POST", "/v1/claims/offline", wire_sample("offline_claim.request.json")).json["payload"][
        "sourceOrderId"
    ]
    [claim] = read(call, source_id)
    assert ("DEFECTIVE_ITEM", "REFUND", "customer@example.com", source_id) == tuple(
        claim[name] for name in ("claimType", "resolutionRequested", "authorEmail", "sourceOrderId")
    )
    assert ["SIGNATURE", "RECEIPT", "IMAGE", "IMAGE"] == [one["documentType"] for one in claim["claimDocuments"]]
    assert call("GET", f"/v1/orders/{source_id}").status == 404
    assert call("POST", f"/sandbox/claims/{claim['id']}/approve").status == 201
    assert sandbox.settle()
    approved = receiver.events[-1]["body"]["resolutions"][0]["details"]
    assert ("99.99", "item_123") == (str(approved["total_refund_amount"]), approved["items"][0]["item_id"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"storeId": "store_other"}, "storeId"),
        ({"signature": None}, "signature"),
        ({"resolution": {"desiredMethod": "REFUND"}}, "resolution"),
        ({"item": {"price": "99.99"}}, "item.price"),
        ({"warranty": {"dateOfPurchase": "2024-01-15"}}, "warranty.dateOfPurchase"),
        ({"shippingAddress": {"zip": 10001}}, "shippingAddress.zip"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_offline_is_strict(call, wire_sample, change, field):
    """What the page does not take, and another store's id, are refused with 400 and their place."""
    call("PUT", "/sandbox/behaviour", {"store_id": "store_123"})
    answer = call("POST", "/v1/claims/offline", wire_sample("offline_claim.request.json") | change)
    assert (400, field) == (answer.status, answer.json["field"])


@pytest.mark.parametrize("field", ["customer", "item", "warranty", "shippingAddress", "storeId", "signature",
                                   "salesChannel", "claimCategory", "issueType", "resolution"])  # fmt: skip
def test_offline_required(call, wire_sample, field):
    """Each field that the page marks as required is missed by its name."""
    body = wire_sample("offline_claim.request.json")
    del body[field]
    answer = call("POST", "/v1/claims/offline", body)
    assert (400, field) == (answer.status, answer.json["field"])


def test_every_claim_is_listed(call, shipped):
    """The list shows claims of every origin, oldest first, less of each, page by page (pages CLM-L; C-18)."""
    call("POST", f"/v1/claims/{shipped}", online())
    filed = call("POST", "/sandbox/claims", {"source_order_id": shipped}).json["claim_id"]
    call("POST", f"/sandbox/claims/{filed}/approve")
    nodes, query = [], "?size=1"
    while query:
        page = call("GET", f"/v1/claims{query}").json
        assert {"edges", "pageInfo"} == set(page)
        assert [{"node"}] == [set(edge) for edge in page["edges"]]
        nodes += [edge["node"] for edge in page["edges"]]
        info = page["pageInfo"]
        query = f"?size=1&cursor={info['endCursor']}" if info["hasNextPage"] else ""
    ours = [node for node in nodes if node["sourceOrderId"] == shipped]
    assert filed == ours[1]["id"]
    assert [(None, "NEW"), (None, "APPROVED")] == [(node["claimType"], node["claimState"]) for node in ours]
    [resolution] = ours[1]["claimResolutions"]
    assert ("REFUND", "APPROVED", False) == (
        resolution["resolution"],
        resolution["claimState"],
        "paidValue" in resolution,
    )
    assert not {"policy", "claimDocuments", "claimStoreCredits", "viewClaimUrl"} & set(ours[1])


@pytest.mark.parametrize(("form", "names"), [("by_page", ("resolutionType", "resolution")),
                                             ("resolutionType", ("resolutionType",) * 2),
                                             ("resolution", ("resolution",) * 2)])  # fmt: skip
def test_resolutions_in_either_shape(call, placed, form, names):
    """What was decided reads under the name of its page, or under one on both pages, by the switch (C-18)."""
    call("PUT", "/sandbox/behaviour", {"answers": {"resolutions": form}})
    claim_id = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
    call("POST", f"/sandbox/claims/{claim_id}/approve")
    [of_order] = read(call, placed)
    listed = [edge["node"] for edge in call("GET", "/v1/claims?size=250").json["edges"]]
    [node] = [one for one in listed if one["id"] == claim_id]
    for claim, name in zip((of_order, node), names, strict=True):
        [resolution] = claim["claimResolutions"]
        assert ("REFUND", 1) == (resolution[name], len({"resolutionType", "resolution"} & set(resolution)))


def test_credit_and_state(call, placed, wire_sample):
    """Credit that is given by hand reads back with the fields of page CLM-O; a state that is set by hand is shown."""
    claim_id = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
    statuses = [
        call("POST", f"/sandbox/claims/{claim_id}/credit", {"value": Decimal("10.00"), "bonus": 1}).status,
        call("PUT", f"/sandbox/claims/{claim_id}/state", {"state": "RESOLVED_BY_BRAND"}).status,
        call("PUT", f"/sandbox/claims/{claim_id}/state", {"state": "SOLVED"}).status,
    ]
    assert [200, 200, 400] == statuses
    [claim] = read(call, placed)
    [credit], [sample] = claim["claimStoreCredits"], wire_sample("claims_by_order.response.json")
    assert set(sample["claimStoreCredits"][0]) == set(credit)
    assert ("11.00", "USD", "RESOLVED_BY_BRAND") == (
        str(credit["totalValue"]),
        credit["creditCurrency"],
        claim["claimState"],
    )


def test_messages_have_senders(call, placed):
    """Messages read back with who wrote them, in the order in which they came."""
    claim_id = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
    for sender in ("customer", "brand"):
        call("POST", f"/sandbox/claims/{claim_id}/message", {"message": f"by the {sender}", "sender": sender})
    [claim] = read(call, placed)
    assert [("customer", "by the customer"), ("brand", "by the brand")] == [
        (one["senderType"], one["message"]) for one in claim["claimMessages"]
    ]

"""Claims over a socket: filed from a support page, decided, and read back whole."""

import asyncio
from pathlib import Path

import pytest

import op_core
from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.errors import FilingUnknown, NotFoundThere
from op_core.filing import LineIssue, OnlineClaim
from op_core.order_protection.jsonmoney import loads
from op_core.sandbox import Sandbox
from op_core.testing.clock import START, Clock

WIRE = Path(__file__).parents[1] / "data" / "wire"
SETTINGS = """
[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "{url}"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
op_store_id = "store_123"

[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db" }}
"""


@pytest.fixture
def sandbox():
    """Run a sandbox that is this store's."""
    with Sandbox() as running:
        running.local.switchboard.change({"store_id": "store_123"})
        yield running


@pytest.fixture
def core(tmp_path, sandbox):
    """Give the library between the demo shop and the sandbox; all that can be is exported."""
    shop = DemoShop(tmp_path / "shop.db")
    fill(shop, 10, now=START)
    (tmp_path / "op.toml").write_text(SETTINGS.format(url=sandbox.url), encoding="utf-8")
    with op_core.load(tmp_path / "op.toml", clock=Clock()) as loaded:
        loaded.export("main")
        yield loaded


@pytest.fixture
def line(core, sandbox):
    """Give a line of goods whose only parcel Order Protection knows, with its order."""
    shop = core.work("main").desk.shop
    for order in shop.export_orders(None, None, 100).orders:
        known = {one["sourceFulfillmentId"] for one in sandbox.local.store.all("fulfillment", order.id)}
        parcels = shop.lookup_fulfillments((order.id,))[order.id]
        if len(parcels) == 1 and parcels[0].id in known:
            return order, parcels[0].lines[0].line_id
    raise AssertionError("the seed has orders in one parcel")


def a_claim(line_id):
    issue = LineIssue(line_id, 1, "DAMAGED", details="it fell to pieces", images=["https://example.com/1.jpg"])
    return OnlineClaim(email="customer@example.com", issues=[issue], resolution="REFUND")


def test_a_claim_is_filed_decided_and_read_back(core, sandbox, line):
    """State, type, wish, words, pictures, credits, messages and policy."""
    order, line_id = line
    filed = core.file_claim("main", order.id, a_claim(line_id), key="ticket-77")
    sandbox.local.claims.message(filed.claim_id, {"message": "we look into it"})
    sandbox.local.claims.credit(filed.claim_id, {"value": "5.00", "bonus": "1.00"})
    sandbox.local.claims.approve(filed.claim_id, {"resolutions": [{"type": "REFUND"}]})
    (claim,) = core.claims("main", order.id)

    assert (filed.claim_id, "APPROVED", "DAMAGED", "REFUND", "it fell to pieces") == (
        claim.id,
        claim.claim_state,
        claim.claim_type,
        claim.resolution_requested,
        claim.claim_description,
    )
    assert ["we look into it"] == [one.message for one in claim.claim_messages]
    assert ["REFUND"] == [one.resolution_type for one in claim.claim_resolutions]
    assert ["6.00"] == [str(one.total_value) for one in claim.claim_store_credits]
    assert ["https://example.com/1.jpg"] == [one.url for one in claim.claim_documents]
    assert order.currency == claim.policy.premium_currency


def test_the_same_in_the_other_colour(core, line):
    """`afile_claim` and `aclaims`; a repeat in either colour sends nothing."""
    order, line_id = line

    async def both():
        filed = await core.afile_claim("main", order.id, a_claim(line_id), key="ticket-77")
        return filed, await core.aclaims("main", order.id)

    filed, claims = asyncio.run(both())
    assert filed == core.file_claim("main", order.id, a_claim(line_id), key="ticket-77")
    assert [filed.claim_id] == [claim.id for claim in claims]


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "status", "status": 502}])
def test_an_answer_that_is_lost_files_one_claim(core, sandbox, line, fault):
    """It took effect, and the order's claims say so."""
    order, line_id = line
    befalls = {"method": "POST", "path": "/v1/claims", "after_acting": True, **fault}
    sandbox.local.switchboard.change({"faults": [befalls]})
    filed = core.file_claim("main", order.id, a_claim(line_id))

    assert [filed.claim_id] == [claim.id for claim in core.claims("main", order.id)]
    assert filed == core.file_claim("main", order.id, a_claim(line_id))


def test_the_offline_sample_goes_out_and_comes_in(core, sandbox):
    """Field for field and digit for digit; its progress is read under the order id that was made up."""
    sample = loads((WIRE / "offline_claim.request.json").read_bytes())
    filed = core.file_offline_claim("main", sample, key="till-7")
    (claim,) = core.claims("main", filed.order_id)

    assert (filed.claim_id, "DEFECTIVE_ITEM", sample["item"]["details"]) == (
        claim.id,
        claim.claim_type,
        claim.claim_description,
    )
    assert {"https://example.com/receipt.jpg", "https://example.com/signature.png"} <= {
        one.url for one in claim.claim_documents
    }
    sale = sandbox.local.store.get("offline_sale", filed.order_id)
    assert ("99.99", sample["shippingAddress"]) == (str(sale["orderItems"][0]["price"]), sale["address"])
    assert filed == asyncio.run(core.afile_offline_claim("main", sample, key="till-7"))


def test_an_offline_answer_that_is_lost_stays_unknown(core, sandbox):
    """There is one claim, and no call can find it."""
    sample = loads((WIRE / "offline_claim.request.json").read_bytes())
    faults = [{"kind": "drop", "method": "POST", "path": "/v1/claims/offline", "after_acting": True}]
    sandbox.local.switchboard.change({"faults": faults})
    for _ in range(2):
        with pytest.raises(FilingUnknown, match="dashboard"):
            core.file_offline_claim("main", sample)

    assert 1 == len(sandbox.local.store.all("offline_sale"))


def test_the_claims_of_an_order_that_was_not_exported(core):
    """Order Protection does not know it, which is not the same as having no claim."""
    with pytest.raises(NotFoundThere):
        core.claims("main", "no-such-order")


def test_an_order_without_claims_has_none(core, line):
    """An empty list."""
    assert [] == core.claims("main", line[0].id)

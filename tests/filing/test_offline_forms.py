"""An offline claim, in the form of page CLM-F: what a shop may leave out, and what contradicts itself."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from op_core.errors import NotSendable, WrongArgument
from op_core.filing.forms import offline_body
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.schema import FileOfflineClaim

WIRE = Path(__file__).parents[1] / "data" / "wire"


def sample():
    return loads((WIRE / "offline_claim.request.json").read_bytes())


def test_the_sample_of_the_page_goes_out_as_it_is():
    """Field for field and digit for digit, given as data or as a model."""
    for claim in (sample(), FileOfflineClaim.model_validate(sample())):
        said = offline_body(claim, "store_123").to_wire()
        assert sample() == said
        assert ("99.99", "-74.006") == (str(said["item"]["price"]), str(said["shippingAddress"]["lng"]))


def test_what_every_offline_claim_of_a_store_has_may_be_left_out():
    """Store, channel, category, and a signature that nobody gave."""
    said = sample()
    for name in ("storeId", "salesChannel", "claimCategory", "signature", "claimFiledFrom", "options"):
        del said[name]
    found = offline_body(said, "store_123").to_wire()

    assert ("store_123", "IN_STORE", "WARRANTY", "", "EXTERNAL") == tuple(
        found[name] for name in ("storeId", "salesChannel", "claimCategory", "signature", "claimFiledFrom")
    )


def test_python_names_are_taken_as_well():
    """A shop's code may write them."""
    said = sample()
    said["store_id"], said["sales_channel"] = said.pop("storeId"), said.pop("salesChannel")

    assert sample() == offline_body(said, "store_123").to_wire()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.update(storeId="store_9"), "storeId: found another store's id, expected that of the setting"),
        (
            lambda it: it.update(signature="", options={"requireCustomerSignature": True}),
            "signature: empty, and options.requireCustomerSignature says that one is needed",
        ),
        (
            lambda it: it["warranty"].update(receiptImages=[]),
            "warranty.receiptImages: empty, and warranty",
        ),
        (lambda it: it["warranty"].pop("receiptImages"), "warranty.receiptImages: empty"),
    ],
)
def test_an_offline_claim_that_contradicts_itself_is_refused(change, said):
    """What it says is required must be there; the store is the one of the settings."""
    claim = sample()
    change(claim)
    with pytest.raises(WrongArgument) as caught:
        offline_body(claim, "store_123")

    assert said in str(caught.value)


@pytest.mark.parametrize("field", ["customer", "item", "warranty", "shippingAddress", "issueType", "resolution"])
def test_what_the_page_requires_is_required(field):
    """The field is named with its page."""
    claim = sample()
    del claim[field]
    with pytest.raises(NotSendable, match=rf"FileOfflineClaim\.{field}: required, and missing \(page CLM-F\)"):
        offline_body(claim, "store_123")


def test_a_price_that_is_a_float_is_refused():
    """A float cannot hold one."""
    claim = json.loads((WIRE / "offline_claim.request.json").read_text())
    with pytest.raises(NotSendable, match=r"FileOfflineClaim\.item\.price: found a float"):
        offline_body(claim, "store_123")
    claim["item"]["price"] = Decimal("99.99")
    claim["shippingAddress"].update(lat=Decimal("40.7128"), lng=Decimal("-74.006"))

    assert sample() == offline_body(claim, "store_123").to_wire()

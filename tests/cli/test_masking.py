"""What is hidden."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from op_core.cli.masking import HIDDEN, hidden, hidden_address, hidden_body

SAID = {
    "topic": "claim.approved",
    "body": {
        "claimId": "claim-1",
        "claim_description": "my words",
        "total_refund_amount": Decimal("12.50"),
        "customer@example.com": 1,
        "items": [{"sku": "MUG", "quantity": 2, "gift_note": "for you"}],
        "shipping_address": {"address1": "1 Example Street", "country": "US", "phone": 12025550100},
    },
}


def test_only_what_is_known_to_be_no_persons_is_shown():
    """An unknown field is hidden, whatever it holds, and so is a key that is no name."""
    assert {
        "topic": "claim.approved",
        "body": {
            "claimId": "claim-1",
            "claim_description": HIDDEN,
            "total_refund_amount": Decimal("12.50"),
            HIDDEN: HIDDEN,
            "items": [{"sku": "MUG", "quantity": 2, "gift_note": HIDDEN}],
            "shipping_address": {"address1": HIDDEN, "country": "US", "phone": HIDDEN},
        },
    } == hidden_body(SAID, reveal=False)


def test_what_is_asked_for_is_shown():
    """--reveal shows it as it is."""
    assert SAID == hidden_body(SAID, reveal=True)
    assert "words" == hidden("words", reveal=True)


def _is_unknown(key):
    return hidden_body({key: "words"}, reveal=False).get(key) != "words"


@given(
    st.recursive(
        st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(_is_unknown), inner),
    )
)
def test_no_value_under_an_unknown_key_gets_through(value):
    """However deep it lies, as long as no key on the way down is one that is shown."""

    def leaves(shown):
        if isinstance(shown, dict):
            return [leaf for inner in shown.values() for leaf in leaves(inner)]
        if isinstance(shown, list):
            return [leaf for inner in shown for leaf in leaves(inner)]
        return [shown]

    assert {HIDDEN} >= set(leaves(hidden_body({"surprise": value}, reveal=False)["surprise"]))


def test_an_address_keeps_country_and_state():
    """They decide about the replacement; no address stays none, an empty part empty."""
    address = {"city": "Exampletown", "street_address_2": "", "country": "US", "country_area": "NY"}

    assert {"city": HIDDEN, "street_address_2": "", "country": "US", "country_area": "NY"} == hidden_address(
        address, reveal=False
    )
    assert None is hidden_address(None, reveal=False)


def test_a_value_that_is_no_code_is_hidden_under_any_key():
    """Whoever writes a sentence or an address where an id is expected is not shown either."""
    said = {"id": "evt-1", "type": "I am A, of 1 Example Street", "order_id": "a@example.com", "item_name": "Mug, blue"}

    assert {"id": "evt-1", "type": HIDDEN, "order_id": HIDDEN, "item_name": "Mug, blue"} == hidden_body(
        said, reveal=False
    )
    assert {"item_name": HIDDEN} == hidden_body({"item_name": "for a@example.com"}, reveal=False)

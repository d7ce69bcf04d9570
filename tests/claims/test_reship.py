"""Promise 6: a reship costs the customer nothing, moves no money, and goes to one whole address."""

from decimal import Decimal

import pytest

from op_core.capabilities import Capability, Support
from op_core.errors import NotSupported
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def reship(*items, **said):
    return bodies.approved(bodies.resolution("RESHIP", *items, **{"total": "20.00", **said}))


def decide(scene, body):
    scene.deliver(body)
    scene.run()
    return scene.action()


def test_a_reship_moves_no_money():
    """RESHIP never moves money; its total is shown only."""
    scene = Scene.make()
    action = decide(scene, reship())

    assert [("reship", None)] == [(effect.verb, effect.amount) for effect in scene.shop.effects]
    assert action.worth is None
    assert "20" == action.content["said_total"]


def test_the_customer_owes_nothing_for_a_replacement():
    """Price 0, tax 0, the shop's default shipping method and no notice are said to the shop, not assumed."""
    scene = Scene.make()
    decide(scene, reship(bodies.item("1", 2)))
    (request,) = scene.shop.requests

    assert (Decimal(0), Decimal(0), None) == (request.unit_price, request.tax, request.shipping_method)
    assert (True, False) == (request.take_stock, request.notify)
    assert [("1", 2)] == [(line.line_id, line.quantity) for line in request.lines]
    assert "Order Protection claim C1" == request.reason


@pytest.mark.parametrize(("percentage", "held"), [("100", False), ("100.00", False), (None, False), ("50", True)])
def test_a_part_of_a_unit_cannot_be_sent(percentage, held):
    """A RESHIP percentage other than 100 is held."""
    scene = Scene.make()
    decide(scene, reship(bodies.item(resolution_percentage=percentage)))

    assert [["percentage"] if held else []] == scene.holds()


def test_without_an_address_it_goes_where_the_order_went():
    """Absent: the order's."""
    scene = Scene.make()
    decide(scene, reship())

    assert an_order().shipping_address == scene.shop.requests[0].address


def test_another_address_is_used_whole_and_shown():
    """Different from the order's: shown in the plan; name and phone come from the order."""
    scene = Scene.make()
    action = decide(scene, reship(shipping_address=bodies.ADDRESS))
    address = scene.shop.requests[0].address

    assert action.content["another_address"]
    assert ("2 Example Road", "UT", "84601", "US") == (
        address.street_address_1, address.country_area, address.postal_code, address.country
    )  # fmt: skip
    assert ("Customer", "One") == (address.first_name, address.last_name)


def test_the_order_s_own_address_in_other_words_is_not_another():
    """Names of country and state, and the size of letters, make no other place."""
    scene = Scene.make()
    same = {"address1": "1 EXAMPLE street", "city": "Exampletown", "state": "New York", "zip": "10001",
            "country": "United States"}  # fmt: skip
    action = decide(scene, reship(shipping_address=same))

    assert not action.content["another_address"]


@pytest.mark.parametrize(
    "changes",
    [{"address1": ""}, {"city": None}, {"country": ""}, {"zip": ""}, {"country": "Atlantis"}],
    ids=["no street", "no city", "no country", "no zip", "no such country"],
)
def test_a_partial_address_is_held(changes):
    """Whole or not at all: a partial one, or one without an ISO country, is for a person."""
    scene = Scene.make()
    decide(scene, reship(shipping_address={**bodies.ADDRESS, **changes}))

    assert [["address"]] == scene.holds()
    assert [] == scene.shop.effects


def test_a_country_without_postal_codes_needs_none():
    """Zip where the country has one: Hong Kong has none."""
    scene = Scene.make()
    decide(scene, reship(shipping_address={**bodies.ADDRESS, "zip": "", "country": "HK", "state": ""}))

    assert [[]] == scene.holds()


def test_no_address_at_all_is_held():
    """A digital order without any address cannot be sent anywhere."""
    scene = Scene.make(ModelShop([an_order(shipping_address=None, billing_address=None)]))
    decide(scene, reship())

    assert [["address"]] == scene.holds()


@pytest.mark.parametrize(("left", "held"), [({"1": 1}, True), ({"1": 2}, False), ({}, False)])
def test_short_stock_holds_with_what_is_left(left, held):
    """Stock is asked before a reship; short: held, with what is left. What is not counted is not short."""
    scene = Scene.make()
    scene.shop.stock = left
    action = decide(scene, reship(bodies.item("1", 2), total="40.00"))

    assert [["stock"] if held else []] == scene.holds()
    if held:
        assert "2 of line 1 wanted, 1 left" == action.holds[0]["reason"]
        scene.approve(action)
        scene.run()
    assert ["done"] == scene.states()


def test_the_list_value_of_a_reship_counts_against_the_limit():
    """``hold_above`` looks at what the units cost in the shop, not at the total that was said."""
    scene = Scene.make(limits={"hold_above": {"USD": "39.99"}})
    decide(scene, reship(bodies.item("1", 2), total="1.00"))

    assert [["above_limit"]] == scene.holds()


def test_a_missing_capability_is_held_never_swapped():
    """A shop that cannot reship is not asked for a refund instead, and no approval helps."""

    class NoReship(ModelShop):
        @property
        def capabilities(self):
            """All but one."""
            gap = Capability(Support.UNSUPPORTED, "goods are made to order")
            return {**super().capabilities, "op_create_reship": gap}

    scene = Scene.make(NoReship([an_order()]))
    action = decide(scene, reship())

    assert [["not_supported"]] == scene.holds()
    assert "goods are made to order" in action.holds[0]["reason"]
    assert not action.holds[0]["approvable"]
    assert [] == scene.shop.calls


class Cannot(ModelShop):
    """A shop that says so only when it is called."""

    @hookimpl
    def op_create_reship(self, request):
        """Refuse for good."""
        raise NotSupported("not in this country")


def test_a_capability_that_turns_out_to_be_missing_is_held():
    """`NotSupported` at the call holds the action; it was surely not done."""
    scene = Scene.make(Cannot([an_order()]))
    action = decide(scene, reship())
    tries = scene.ledger.read(actions.attempts_of, action.id)

    assert [("not_supported", "not in this country")] == [(one["code"], one["reason"]) for one in action.holds]
    assert ("result: not supported", "not in this country") == (tries[-1].result, tries[-1].reason)


def test_what_the_shop_cannot_do_may_be_recorded_at_once():
    """No call runs any more, so that nobody has to wait until its time is over."""
    scene = Scene.make(Cannot([an_order()]))
    decide(scene, reship())
    scene.record(scene.action(), "by-hand")

    assert ["done"] == scene.states()

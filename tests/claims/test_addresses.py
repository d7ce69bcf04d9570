"""Where a replacement goes: to one whole address, with nothing on it of another one."""

import attrs
import pytest

from op_core.claims import addresses
from op_core.models import Address
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

OWN = attrs.evolve(
    an_order().shipping_address, company_name="Example Ltd", street_address_2="Floor 3", phone="555-0100"
)
AT_WORK = attrs.evolve(OWN, street_address_1="9 Example Square", country_area="NJ", postal_code="07001")
ELSEWHERE = {"address1": "2  Example Road ", "address2": "Gate 4", "city": "Exampletown", "state": "Utah",
             "zip": "84601", "country": "United States"}  # fmt: skip


def decide(address, **order):
    """Return what the shop is asked to send, and what the plan says of where."""
    scene = Scene.make(ModelShop([an_order(**order)]))
    said = {} if address is None else {"shipping_address": address}
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", **said)))
    scene.run()
    (request,) = scene.shop.requests
    return request.address, scene.action().content["another_address"]


def test_another_place_takes_name_and_phone_of_the_order_and_nothing_else():
    """A company or a floor of the order's address would send the parcel to nobody."""
    address = Address(
        first_name="Customer", last_name="One", phone="555-0100", company_name="", street_address_1="2 Example Road",
        street_address_2="Gate 4", city="Exampletown", country_area="UT", postal_code="84601", country="US",
    )  # fmt: skip

    assert (address, True) == decide(ELSEWHERE, shipping_address=OWN, billing_address=AT_WORK)


@pytest.mark.parametrize(
    ("shipping", "billing", "goes_to"), [(OWN, AT_WORK, OWN), (None, AT_WORK, AT_WORK)], ids=["shipping", "billing"]
)
def test_where_nothing_is_said_it_goes_where_the_order_went(shipping, billing, goes_to):
    """To the shipping address as the shop has it, or to the billing address where it has no other."""
    assert (goes_to, False) == decide(None, shipping_address=shipping, billing_address=billing)


def test_the_name_and_phone_of_an_order_without_an_address_are_nobody_s():
    """Of an order that was shipped nowhere, the place that was said is another one."""
    address, elsewhere = decide(ELSEWHERE, shipping_address=None, billing_address=None)

    assert (("", "", ""), "2 Example Road") == (
        (address.first_name, address.last_name, address.phone),
        address.street_address_1,
    )
    assert elsewhere


@pytest.mark.parametrize(
    ("changes", "is_another"),
    [
        ({}, False),
        ({"country_area": "Utah"}, False),
        ({"city": "EXAMPLETOWN ", "street_address_1": "2 example  road"}, False),
        ({"country": "United States"}, False),
        ({"street_address_1": "3 Example Road"}, True),
        ({"street_address_2": ""}, True),
        ({"city": "Otherville"}, True),
        ({"country_area": "NY"}, True),
        ({"postal_code": "84602"}, True),
        ({"country": "CA"}, True),
    ],
)
def test_each_part_of_an_address_makes_another_place(changes, is_another):
    """A person sees that a parcel leaves the order's address, and is not shown another spelling of it."""
    place = attrs.evolve(
        OWN, street_address_1="2 Example Road", street_address_2="Gate 4", country_area="UT", postal_code="84601"
    )

    assert is_another is decide(ELSEWHERE, shipping_address=attrs.evolve(place, **changes))[1]


@pytest.mark.parametrize("changes", [{"country": "US"}, {"country": "usa", "state": "UT"}, {"city": " Exampletown "}])
def test_one_address_in_another_spelling_is_the_same_decision(changes):
    """Country and state by name or by code, and spaces: what came again asks for no second parcel."""
    scene = Scene.make()
    for n, address in enumerate([ELSEWHERE, {**ELSEWHERE, **changes}]):
        scene.deliver(bodies.approved(bodies.resolution("RESHIP", shipping_address=address), event=f"e{n}"))
        scene.run()

    assert ["planned", "duplicate"] == [one.state for one in scene.deliveries()]
    assert ["done"] == scene.states()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"address1": ""}, "address1"),
        ({"city": " "}, "city"),
        ({"country": ""}, "country"),
        ({"zip": ""}, "zip"),
        ({"zip": "", "address1": "", "city": ""}, "address1, city, zip"),
        ({"zip": "", "country": "HK", "city": ""}, "city"),
    ],
)
def test_what_an_address_lacks_is_named(changes, missing):
    """Whoever mends it in the dashboard reads which parts, as they are called there."""
    scene = Scene.make()
    address = {**ELSEWHERE, **changes}
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", shipping_address=address)))
    scene.run()

    assert [["address"]] == scene.holds()
    assert f"the address of the reship is partial: {missing} missing" == scene.action().holds[0]["reason"]


def test_an_address_that_was_erased_is_replaced_by_no_other_one():
    """Only its mark is left: a replacement planned from it waits, and does not go where the order went."""
    with pytest.raises(addresses.Unusable, match="erased by `op-core forget`"):
        addresses.for_reship({addresses.FORGOTTEN: "a keyed hash"}, an_order())

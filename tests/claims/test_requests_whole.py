"""What a shop and a reviewer are given, whole: every fact of a request is promised to whoever writes an adapter."""

from datetime import timedelta

import attrs
import pytest

from op_core.hooks import hookimpl
from op_core.models import Hold, LineQuantity, Payment
from op_core.money import Money
from op_core.requests import (
    FindRequest,
    NoteRequest,
    OperationKey,
    PlannedAction,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    ReviewPlanRequest,
    StoreCreditRequest,
    Try,
)
from op_core.testing import bodies
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene
from op_core.untrusted import Untrusted

TWICE = bodies.item("1", 2)
MUGS = (LineQuantity("1", 2),)
FORTY = Money("40.00", "USD")
OF_A_CLAIM = {"claim_id": "C1", "reason": "Order Protection claim C1"}
OF_NONE = {"claim_id": None, "reason": "Order Protection, changed by hand in its dashboard"}

# What is delivered; the request that the shop is given for it; what it says besides what every request says.
WHOLE = {
    "refund": (bodies.approved(bodies.resolution("REFUND", TWICE, total="40.00")),
               RefundRequest, OF_A_CLAIM | {"amount": FORTY, "payment_id": "pay-1", "lines": MUGS}),
    "store_credit": (bodies.approved(bodies.resolution("STORE_CREDIT", TWICE, total="40.00")),
                     StoreCreditRequest, OF_A_CLAIM | {"amount": FORTY, "lines": MUGS}),
    "reship": (bodies.approved(bodies.resolution("RESHIP", TWICE, total="40.00")),
               ReshipRequest, OF_A_CLAIM | {"lines": MUGS, "address": an_order().shipping_address}),
    "charge_protection": (bodies.protection(added=True),
                          ProtectionChangeRequest, OF_NONE | {"amount": Money("4.25", "USD")}),
    "note": (bodies.message(), NoteRequest, OF_A_CLAIM | {"text": Untrusted("Claim opened.")}),
}  # fmt: skip


def a_scene(body=None, **faults):
    scene = Scene.make(
        ModelShop([an_order()], faults={(verb, 1): fault for verb, fault in faults.items()}),
        resolutions={"store_credit": "act"},
        protection={"on_added": "bill"},
    )
    scene.deliver(body or bodies.approved())
    return scene


@pytest.mark.parametrize("verb", WHOLE)
def test_a_request_says_all_that_an_adapter_may_count_on(verb):
    """Its name, its order, why, until when, how often it was tried, and what is to be given: no more and no less."""
    body, kind, said = WHOLE[verb]
    scene = a_scene(body)
    scene.run()
    (request,) = scene.shop.requests
    action = scene.action()

    assert verb == action.verb
    assert request == kind(
        store="main",
        key=OperationKey("main-1", action.subject, verb, 1),
        reference=action.reference,
        order=an_order(),
        deadline=START + timedelta(seconds=30),
        attempt=1,
        tries=(),
        **said,
    )


def test_of_a_split_refund_only_the_first_part_names_the_units():
    """Each part names its own payment and amount; a shop that counts refunded units counts each once."""
    paid = [Payment(f"pay-{n}", Money("15.00", "USD"), Money("0.00", "USD")) for n in (1, 2, 3, 4)]
    scene = Scene.make(ModelShop([an_order(payments=tuple(paid))]))
    scene.deliver(bodies.approved(bodies.resolution("REFUND", TWICE, total="40.00")))
    scene.run()

    assert [("pay-1", "15.00 USD", MUGS), ("pay-2", "15.00 USD", ()), ("pay-3", "10.00 USD", ())] == [
        (request.payment_id, str(request.amount), request.lines) for request in scene.shop.requests
    ]
    assert [1, 1, 1] == [request.attempt for request in scene.shop.requests]


@pytest.mark.parametrize(
    ("verb", "fault", "after", "shop_id", "came"),
    [
        ("refund", "raise", {}, None, "unknown"),
        ("refund", "pending", {"minutes": 5}, "refund-1", "pending"),
        ("reship", "raise", {}, None, "unknown"),
    ],
    ids=["unknown", "pending", "without an amount"],
)
def test_a_question_says_all_that_is_known_of_the_effect(verb, fault, after, shop_id, came):
    """The shop is asked under the same name, with the amount, the id that it gave, and what came of the call."""
    scene = a_scene(bodies.approved(bodies.resolution(verb.upper())), **{verb: fault})
    scene.run()
    scene.wait(**after)
    call, question = scene.shop.requests[:2]
    (_, result) = tries = question.tries

    assert question == FindRequest(
        store="main",
        key=OperationKey("main-1", "claim:C1", verb, 1),
        reference=call.reference,
        order=an_order(),
        amount=Money("20.00", "USD") if verb == "refund" else None,
        shop_id=shop_id,
        tries=(Try(START, "call: begun"), Try(START, f"result: {came}", result.reason)),
    )
    assert (fault == "raise") == bool(result.reason), tries


class Reviewer:
    """Wants everything looked at."""

    def __init__(self):
        self.seen = []

    @hookimpl
    def op_review_plan(self, request):
        """Hold it, and remember what was asked."""
        self.seen.append(request)
        return Hold("an odd address", "fraud desk")


def test_a_reviewer_is_given_the_whole_plan_and_its_word_stands_with_its_name():
    """Each planned action with amount, units and payment; the hold says what was found, and who found it."""
    reviewer = Reviewer()
    scene = Scene.make(observers={"one": reviewer})
    scene.deliver(
        bodies.approved(
            bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00"),
            bodies.resolution("RESHIP", TWICE),
        )
    )
    scene.run()
    refund = OperationKey("main-1", "claim:C1", "refund", 0)
    planned = (
        PlannedAction(refund, "1001", Money("15.00", "USD"), (LineQuantity("2", 1),), "pay-1"),
        PlannedAction(attrs.evolve(refund, verb="reship"), "1001", None, MUGS, None),
    )

    assert [ReviewPlanRequest("main", "C1", an_order(), planned)] == reviewer.seen
    found = {"code": "reviewer", "reason": "an odd address", "approvable": True, "actor": "fraud desk"}
    assert [[found], [found]] == [one.holds for one in scene.actions()]

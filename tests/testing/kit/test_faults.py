"""Each case of broken calls is failed by a shop whose adapter takes one of them for what it is not."""

import pytest

from op_core.errors import NotSent, Refused
from op_core.models import NotFound, Outcome
from op_core.testing.kit import BlindSuite, BorderSuite, HistoriesSuite, WireSuite
from op_core.testing.kit import histories as kit_histories
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class SaysNotSent(ModelShop):
    """It takes a lost answer for a call that was never sent."""

    def _change(self, verb, request):
        try:
            return super()._change(verb, request)
        except ConnectionError:
            raise NotSent("connection error") from None


class SaysNotThere(ModelShop):
    """It takes a look-up that failed for one that found nothing."""

    def _look_up(self, hook, request):
        try:
            return super()._look_up(hook, request)
        except RuntimeError:
            return NotFound()


class SaysDone(ModelShop):
    """It takes any answer for a success."""

    def _change(self, verb, request):
        try:
            return super()._change(verb, request)
        except RuntimeError:
            return Outcome("done", shop_id="1", money="moved")


class SaysRefused(ModelShop):
    """It takes any failure for the shop's no."""

    def _change(self, verb, request):
        try:
            return super()._change(verb, request)
        except (ConnectionError, RuntimeError):
            raise Refused("an error") from None


class FindsNothing(ModelShop):
    """It looks in the wrong place."""

    def _look_up(self, hook, request):
        return NotFound()


class Repeats(ModelShop):
    """It does it, and says that it was never sent."""

    def _change(self, verb, request):
        super()._change(verb, request)
        raise NotSent("connection error")


TWICE = {
    "refund": "the customer would be refunded twice: 20.00 USD",
    "reship": "the customer would be sent the replacement twice",
    "store_credit": "the customer would be credited twice: 20.00 USD",
    "protection": "the customer would be billed twice: 4.25 USD",
}
CASES = [
    (
        WireSuite,
        "test_of_a_refund",
        SaysNotSent,
        "the customer would be refunded twice: 20.00 USD (call 1 of 1, raise after)",
    ),
    (WireSuite, "test_of_a_reship", SaysNotSent, TWICE["reship"]),
    (WireSuite, "test_of_a_store_credit", SaysNotSent, TWICE["store_credit"]),
    (WireSuite, "test_of_protection", SaysNotSent, TWICE["protection"]),
    (WireSuite, "test_of_a_refund", SaysDone, "the customer would be told of a refund that nobody made"),
    (WireSuite, "test_of_a_refund", SaysRefused, "the refund would be told as refused, and be made once more by hand"),
    (WireSuite, "test_of_a_question_about_a_refund", SaysNotThere, TWICE["refund"]),
    (WireSuite, "test_of_a_question_about_a_reship", SaysNotThere, TWICE["reship"]),
    (WireSuite, "test_heals_by_itself", SaysRefused, "a customer would wait for a person, because a connection broke"),
    (BorderSuite, "test_of_a_refund", FindsNothing, TWICE["refund"]),
    (BorderSuite, "test_of_a_reship", FindsNothing, "the customer would get the replacement twice"),
    (BorderSuite, "test_of_a_store_credit", FindsNothing, TWICE["store_credit"]),
    (BorderSuite, "test_of_protection", FindsNothing, TWICE["protection"]),
    (HistoriesSuite, "test_of_a_refund", FindsNothing, TWICE["refund"]),
    (HistoriesSuite, "test_of_a_reship", FindsNothing, "the customer would get the replacement twice"),
    (HistoriesSuite, "test_of_protection", FindsNothing, TWICE["protection"]),
    (BlindSuite, "test_refund", Repeats, TWICE["refund"]),
    (BlindSuite, "test_reship", Repeats, "the customer would get the replacement twice"),
    (BlindSuite, "test_protection", Repeats, TWICE["protection"]),
]


@pytest.mark.parametrize(("suite", "name", "shop", "said"), CASES)
def test_each_case_is_failed_by_an_adapter_that_takes_one_thing_for_another(harm, suite, name, shop, said):
    """A shop without guards of its own, as many are: the failure says what would have happened, and at which call."""
    assert said in harm(suite, name, shop, guards=False)


@pytest.mark.parametrize("suite", [WireSuite, BorderSuite, HistoriesSuite, BlindSuite])
def test_every_case_is_proved(suite):
    """A new case comes with an adapter that fails it."""
    assert {name for name in vars(suite) if name.startswith("test_")} == {
        name for one, name, *_ in CASES if one is suite
    }


def test_what_was_run_is_counted():
    """A receipt can say how many histories there were."""
    assert 12 <= kit_histories.histories(Model(), "refund", most=5).histories <= 20

"""The cases that every verb has: each is failed by a shop that is broken there, with the harm that it would do."""

import attrs
import pytest

from op_core.capabilities import Capability
from op_core.errors import NotSent
from op_core.hooks import EFFECTS
from op_core.models import Found, NotFound, Outcome
from op_core.testing import kit
from op_core.testing.kit.effects import EffectSuite
from op_core.testing.model_shop import ModelShop

SUITES = (
    kit.NoteSuite,
    kit.ProtectionSuite,
    kit.ProtectionBackSuite,
    kit.StoreCreditSuite,
    kit.ReshipSuite,
    kit.RefundSuite,
)


class Nothing(ModelShop):
    """It says that it is done, and does nothing."""

    def _change(self, verb, request):
        return Outcome("done", shop_id=f"{verb}-1", money="moved")


class Twice(ModelShop):
    """It does everything two times."""

    def _act(self, verb, request):
        super()._act(verb, request)
        self.effects[-1].settled = True
        self.guards = False
        return super()._act(verb, request)


class Unmarked(ModelShop):
    """It keeps the reference in capitals, as a column that folds its case."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.reference = effect.reference.swapcase()
        return effect


class Misnamed(ModelShop):
    """It names the row of its own table in place of the shop's id."""

    def _change(self, verb, request):
        return attrs.evolve(super()._change(verb, request), shop_id="row-7")


class Silent(ModelShop):
    """It answers nothing, as a method whose last line lacks its return."""

    def _change(self, verb, request):
        super()._change(verb, request)


class Credulous(ModelShop):
    """It finds whatever it is asked for."""

    def _look_up(self, hook, request):
        return Found(Outcome("done", shop_id="1", money="moved"))


class Forgetful(ModelShop):
    """It finds nothing."""

    def _look_up(self, hook, request):
        return NotFound()


class FirstPage(ModelShop):
    """It reads one page of what the shop did."""

    def _look_up(self, hook, request):
        there = [one for one in self.effects[:20] if one.reference == request.reference]
        return super()._look_up(hook, request) if there else NotFound()


class ByOrder(ModelShop):
    """It looks for anything that was done for the order, whatever its reference."""

    def _look_up(self, hook, request):
        found = super()._look_up(hook, request)
        there = [one for one in self.effects if one.order_id == request.order.id]
        return Found(there[0].outcome) if there and found == NotFound() else found


class Once(ModelShop):
    """It takes a second call for the same order as the first one, come again."""

    def _act(self, verb, request):
        there = [one for one in self.effects if (one.verb, one.order_id) == (verb, request.order.id)]
        return there[0] if there else super()._act(verb, request)


class Unguarded(ModelShop):
    """It does again what it is asked for again."""

    def _act(self, verb, request):
        self.guards = False
        return super()._act(verb, request)


class Hasty(ModelShop):
    """It calls done what its shop has only queued."""

    def _change(self, verb, request):
        effect = self._act(verb, request)
        return attrs.evolve(effect.outcome, state="done", money="moved", order_id=None)


class Away(ModelShop):
    """It never gets through."""

    def _change(self, verb, request):
        raise NotSent("no connection")


CASES = {
    "test_is_made": (Nothing, "that nobody made"),
    "test_keeps_the_reference": (Unmarked, "nobody could tell whether the"),
    "test_names_its_id": (Misnamed, "staff would look for the"),
    "test_is_never_silent": (Silent, "nobody would know whether the"),
    "test_is_not_found_before": (Credulous, "that was never made would be told as made"),
    "test_is_found_again": (Forgetful, "after a lost answer the"),
    "test_is_found_among_many": (FirstPage, "after a lost answer the"),
    "test_is_not_another": (ByOrder, "the second of two claims would be taken as done"),
    "test_works_a_second_time": (Once, "is told of a second"),
    "test_is_the_first_when_called_again": (Unguarded, "twice"),
    "test_is_told_as_it_is": (Hasty, "that was made would be told as waiting"),
}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("name", CASES)
def test_each_shared_case_is_failed_by_a_shop_that_is_broken_there(harm, suite, name):
    """The failure says first what would have happened, then where to look and what to read."""
    shop, said = CASES[name]
    first, *rest = harm(suite, name, shop).splitlines()
    assert said in first
    assert any(line.startswith("  read: docs/reference/conformance.md#") for line in rest)


def test_every_shared_case_is_proved():
    """A new case of all verbs comes with a shop that fails it."""
    assert set(CASES) == {name for name in vars(EffectSuite) if name.startswith("test_")}


@pytest.mark.parametrize("suite", SUITES)
def test_two_effects_of_one_call_are_counted(harm, suite):
    """One call that does it twice gives twice what is owed."""
    assert "would get 2 times what is owed" in harm(suite, "test_is_made", Twice)


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_owed_and_not_made_is_a_failure(harm, suite):
    """An adapter that never gets through would have a person do its work."""
    assert "that is owed would wait for a person" in harm(suite, "test_is_made", Away)


class Unwilling(ModelShop):
    """It says that it supports no verb, and does it all the same."""

    @property
    def capabilities(self):
        """Nothing that changes the shop."""
        no = Capability("unsupported", "it is forbidden here")
        return super().capabilities | dict.fromkeys(EFFECTS.values(), no)


@pytest.mark.parametrize("suite", SUITES)
def test_a_verb_that_is_said_to_be_unsupported_does_nothing(harm, suite):
    """The money core is tried of a verb that the adapter says it lacks, too."""
    assert "would be taken as made" in harm(suite, "test_is_never_silent", Unwilling)

"""The contract: one request in, one value out, and a question for each effect."""

import inspect
import typing

import attrs
import pytest

from op_core import hooks, requests
from op_core.hooks import ADDRESSED, BROADCAST, EFFECTS, QUESTIONS, HookSpecs

ALL = (*ADDRESSED, *BROADCAST)
DESIGNED = {
    "op_export_orders", "op_get_order", "op_lookup_fulfillments", "op_check_stock", "op_export_products",
    "op_create_reship", "op_find_reship", "op_issue_refund", "op_find_refund", "op_issue_store_credit",
    "op_find_store_credit", "op_charge_protection", "op_refund_protection", "op_find_protection_change",
    "op_add_note", "op_find_note", "op_review_plan", "op_event",
}  # fmt: skip


def test_the_names_are_those_of_the_design():
    """They are used by code outside this repository; none is missing, none is new."""
    assert DESIGNED == set(ALL)
    assert len(ALL) == len(set(ALL))


@pytest.mark.parametrize("name", ALL)
def test_every_hook_takes_one_request_and_is_documented(name):
    """New facts come as new fields, never as new arguments."""
    function = getattr(HookSpecs, name)
    said = typing.get_type_hints(function)

    assert ["self", "request"] == list(inspect.signature(function).parameters)
    assert said["request"].__module__ == requests.__name__
    assert attrs.has(said["request"])
    assert "return" in said
    assert inspect.getdoc(function)


@pytest.mark.parametrize("name", ALL)
def test_addressed_hooks_have_one_answer_and_broadcast_ones_many(name):
    """Pluggy stops at the first answer of an addressed hook, and asks everybody of a broadcast one."""
    options = getattr(getattr(HookSpecs, name), f"{hooks.PROJECT}_spec")

    assert options["firstresult"] is (name in ADDRESSED)


def test_each_effect_has_its_question():
    """What may have happened can be asked for."""
    assert set(EFFECTS) == set(QUESTIONS)
    assert set(EFFECTS.values()) <= set(ADDRESSED)
    assert {name for name in ADDRESSED if name.startswith("op_find")} == set(QUESTIONS.values())


@pytest.mark.parametrize("name", sorted(EFFECTS.values()))
def test_an_effect_is_told_all_that_it_needs(name):
    """Key, reference, store, fresh order, claim, reason, deadline, attempt and earlier tries."""
    request = typing.get_type_hints(getattr(HookSpecs, name))["request"]
    fields = {field.name for field in attrs.fields(request)}

    assert {"key", "reference", "store", "order", "claim_id", "reason", "deadline", "attempt", "tries"} <= fields


@pytest.mark.parametrize("name", requests.__all__)
def test_requests_are_frozen(name):
    """A hook cannot change what another one sees."""
    request = getattr(requests, name)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        request.__new__(request).store = "other"

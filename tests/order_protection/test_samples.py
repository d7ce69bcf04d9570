"""The samples of the pages go out and come in unchanged: field for field, and money digit for digit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic.alias_generators import to_camel

from op_core.order_protection import dialects, endpoints
from op_core.order_protection.answers.reading import Read
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.messages import Response
from op_core.order_protection.schema import CreateOrder, FileOfflineClaim
from op_core.order_protection.times import time_from

WIRE = Path(__file__).parents[1] / "data" / "wire"
TOPICS = sorted(WIRE.glob("webhook.*.json"))


def raw(name):
    return (WIRE / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("create_order.request.json", lambda body: endpoints.create_order(CreateOrder.model_validate(body))),
        (
            "offline_claim.request.json",
            lambda body: endpoints.file_offline_claim(FileOfflineClaim.model_validate(body)),
        ),
    ],
)
def test_a_documented_request_goes_out_as_its_page_shows_it(name, call):
    """What is sent holds the same fields, the same texts and the same digits, and nothing else."""
    documented = loads(raw(name))
    sent = call(documented).request.body

    assert documented == loads(dumps(sent))
    assert digits(documented) == digits(sent)


def digits(value):
    """Return every number with its digits as they are written, in the order of their places."""
    match value:
        case dict():
            return [found for key in sorted(value) for found in digits(value[key])]
        case list() | tuple():
            return [found for item in value for found in digits(item)]
        case Decimal() | int() if not isinstance(value, bool):
            return [f"{value:f}" if isinstance(value, Decimal) else str(value)]
        case _:
            return []


def shown(value):
    """Return a typed value as the wire writes it."""
    match value:
        case Read():
            fields = {to_camel(name): shown(getattr(value, name)) for name in type(value).model_fields if name != "raw"}
            return {name: inner for name, inner in fields.items() if name in value.raw}
        case tuple():
            return [shown(item) for item in value]
        case _:
            return value


def same(documented, typed):
    """Assert that a typed value says what the page says; a time may be written in another way."""
    match documented:
        case dict() if isinstance(typed, dict):
            left_out = {name for name in documented if name not in typed}
            assert left_out <= {"claim"}, "of the samples, only the empty policy.claim has no type"
            for name in documented.keys() - left_out:
                same(documented[name], typed[name])
        case list():
            assert len(documented) == len(typed)
            for one, other in zip(documented, typed, strict=True):
                same(one, other)
        case str() if isinstance(typed, datetime):
            assert time_from(documented) == typed
        case Decimal() | int():
            assert (documented, str(documented)) == (typed, str(typed))
        case _:
            assert documented == typed


def test_the_documented_claims_come_in_whole():
    """Every field of the sample has its typed place, and all of it is kept as it came."""
    documented = loads(raw("claims_by_order.response.json"))
    claims = endpoints.claims_of_order("llhVsSDgn").read(
        Response(status=200, body=raw("claims_by_order.response.json"))
    )

    assert documented == [claim.raw for claim in claims]
    for said, claim in zip(documented, claims, strict=True):
        same(said, shown(claim))


def test_the_documented_answer_to_an_offline_claim_comes_in_whole():
    """The order id that the API made up is what the claim is asked for by; all of the answer is kept."""
    documented = loads(raw("offline_claim.response.json"))
    body = FileOfflineClaim.model_validate(loads(raw("offline_claim.request.json")))
    filed = endpoints.file_offline_claim(body).read(Response(status=200, body=raw("offline_claim.response.json")))

    assert "XX-1234-1234" == filed.source_order_id
    assert documented["payload"] == filed.raw


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.name)
def test_every_documented_delivery_is_read(path):
    """One for each topic, in each form that the pages show."""
    event = dialects.read(path.read_bytes())

    assert ("camel" == event.dialect) == (event.order_id is None)

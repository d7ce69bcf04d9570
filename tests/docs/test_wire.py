"""The page of the wire and the code say the same, both ways: every call, topic, contradiction and gap."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from op_core.order_protection import dialects, endpoints
from op_core.order_protection.dialects import Dialect
from op_core.order_protection.dialects.book import CONTRADICTIONS, GAPS
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Call
from op_core.order_protection.schema import StoreGrant
from op_core.settings import ReportRoute, StoreSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "wire.md").read_text(encoding="utf-8")
DRIFT = ROOT / "tests" / "data" / "drift"
TESTS = ROOT / "tests" / "order_protection" / "dialects" / "test_contradictions.py"

# Every route and topic that Order Protection's pages name, as far as we could read them.
ROUTES = """
POST /v1/orders · GET /v1/orders · GET /v1/orders/{sourceOrderId} · PUT /v1/orders/{sourceOrderId}
POST /v1/orders/{sourceOrderId}/fulfillments · GET /v1/orders/{sourceOrderId}/fulfillments
PUT /v1/orders/{sourceOrderId}/fulfillments/{sourceFulfillmentId} · GET /v1/orders/{sourceOrderId}/claims
GET /v1/claims · POST /v1/claims/{sourceOrderId} · POST /v1/claims/offline
POST /v2/products · PUT /v2/products/{productId} · GET /v1/quote/insurance
GET /v2/quote/insurance/partner/{applicationId} · GET /v2/widget/config/partner/{applicationId}
POST /v1/oauth/token · POST /v1/oauth/revoke · POST /v1/oauth/session/verify
POST /v2/settings/context · GET /v2/settings/context · PATCH /v2/settings/context · DELETE /v2/settings/context
GET /v2/settings · PUT /v2/settings · GET /v2/pricing/rules · PUT /v2/pricing/rules/{id} · POST /v2/quote
GET /v2/widget/config · PUT /v2/widget/config/{id}
"""


def section(heading):
    """Return the text below a heading, up to the next one."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading):
    """Return the cells of the rows of the first table below a heading, without its head."""
    table = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def cells(heading, count):
    return [[*row, *[""] * (count - len(row))] for row in rows(heading)]


def code(settings):
    return ", ".join(f"`{one}`" for one in settings.split(", ")) if settings else ""


# --- Contradictions and gaps ---------------------------------------------------------------------------------------


def test_the_contradictions_of_the_page_are_those_of_the_book():
    """Number, pages, what they say, what is done, and the setting: word for word, in their order."""
    book = [[one.number, one.pages, one.says, one.decision, code(one.setting)] for one in CONTRADICTIONS]

    assert book == cells("Our reading of contradictions", 5)
    assert [f"C-{n}" for n in range(1, 28)] == [one.number for one in CONTRADICTIONS]


def test_the_gaps_of_the_page_are_those_of_the_book():
    """Number, what is unknown, what is done, and the setting: word for word, in their order."""
    book = [[one.number, one.unknown, one.decision, code(one.setting)] for one in GAPS]

    assert book == cells("Our reading of gaps", 4)
    assert [f"G-{n}" for n in range(1, 24)] == [one.number for one in GAPS]


@pytest.mark.parametrize("number", [one.number for one in CONTRADICTIONS])
def test_a_contradiction_has_one_test_and_one_fixture(number):
    """Both carry its number, and the fixture names the pages."""
    name = f"c{int(number.removeprefix('C-')):02d}"
    tests = [node.name for node in ast.parse(TESTS.read_text(encoding="utf-8")).body
             if isinstance(node, ast.FunctionDef) and node.name.startswith(f"test_{name}_")]  # fmt: skip

    assert 1 == len(tests)
    assert loads((DRIFT / f"{name}.json").read_bytes())["pages"]


def test_no_fixture_is_left_over():
    """A fixture belongs to a contradiction."""
    assert {f"c{n:02d}.json" for n in range(1, 28)} == {path.name for path in DRIFT.iterdir()}


def settings_of(model, prefix=""):
    """Yield every key of a table and of the tables in it, and the tables themselves."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from settings_of(kind, f"{prefix}{name}.")
    if model is StoreSettings:
        yield from (f"report.<verb>.{name}" for name in ReportRoute.model_fields)


def named():
    return {key for one in (*CONTRADICTIONS, *GAPS) for key in one.setting.split(", ") if key}


def test_every_setting_of_the_book_is_one():
    """What a row calls a setting is a key of a store's table."""
    assert set() == named() - set(settings_of(StoreSettings))


def test_every_switch_of_the_wire_has_its_reason():
    """A store can switch only what the book says something about; but for times, whose form no page states."""
    assert {f"wire.{name}" for name in Dialect.model_fields} - {"wire.times"} == {
        key for key in named() if key.startswith("wire.")
    }


# --- Calls and topics ----------------------------------------------------------------------------------------------


BODIES = {"token": StoreGrant(client_id="c", client_secret="fake", store_id="s")}


def built():
    """Return every call that can be made, by its name."""
    calls = {}
    for name in endpoints.__all__:
        make = getattr(endpoints, name)
        if not inspect.isfunction(make) or "Call[" not in str(make.__annotations__["return"]):
            continue
        needed = [each for each in inspect.signature(make).parameters.values() if each.default is each.empty]
        bodies = ("body", "grant")
        call = make(*(BODIES.get(name, _Body()) if one.name in bodies else 1 if one.name == "size" else "1"
                      for one in needed))  # fmt: skip
        assert isinstance(call, Call)
        calls[name] = call.request
    return calls


class _Body:
    """Any body: what it says is not looked at."""

    def to_wire(self):
        return {}


def said_of_calls():
    return {row[0].strip("`"): row[1:] for row in rows("Calls") if row[0].startswith("`")}


def test_every_route_of_the_pages_has_a_row():
    """Built or not; and no other route is named."""
    routes = {route.strip() for line in ROUTES.strip().splitlines() for route in line.split("·")}

    assert routes == said_of_calls().keys()


def test_a_route_is_called_built_if_it_is():
    """And its page is the one that the call itself names."""
    said = {(route, cells[0]) for route, cells in said_of_calls().items() if cells[1] == "yes"}

    assert said == {(f"{request.method} {request.route}", request.page) for request in built().values()}


def test_what_is_not_built_says_why():
    """A row without a call has a reason in its place."""
    assert [] == [route for route, cells in said_of_calls().items() if cells[1] == "no" and len(cells[2]) < 10]


def test_what_is_repeated_blindly_is_what_may_be():
    """The column says what the request says of itself."""
    repeatable = {f"{one.method} {one.route}": "yes" if one.repeatable else "no" for one in built().values()}
    repeatable["POST /v1/oauth/token"] = "`client_credentials` only"  # by its kind

    assert repeatable == {route: cells[3] for route, cells in said_of_calls().items() if cells[1] == "yes"}


def test_every_topic_has_a_row():
    """The topics that are read, and no others."""
    assert sorted(dialects.TOPICS) == sorted(re.findall(r"^\| `(\w+\.\w+)` \|", section("Webhooks"), re.MULTILINE))

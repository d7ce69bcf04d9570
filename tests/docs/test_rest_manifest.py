"""The page of the manifest names every key, field, name and meaning, and nothing else."""

import re
from pathlib import Path
from typing import get_args

import pytest
from op_rest_shop import adapter, authentication, calls, context, fields, landing, mapping
from op_rest_shop.adapter import RestShopAdapter
from op_rest_shop.settings import RestShopSettings
from op_rest_shop.trials import Trial, run, trials

from op_core.order_protection.messages import Response
from op_core.plugins import StoreInfo

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "rest-manifest.md").read_text(encoding="utf-8")


def section(heading):
    """Return what stands under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def tables(heading):
    """Return, of each table of a section, the cells of its rows below the heading."""
    found = re.findall(r"(?:^\|.*\n)+", section(heading), re.MULTILINE)
    return [[line.strip("|\n ").split(" | ") for line in table.splitlines()[2:]] for table in found]


def names(cell):
    return set(re.findall(r"`\"?([a-z_0-9.]+)\"?`", cell))


def keys(heading, table=0):
    return set().union(*(names(row[0]) for row in tables(heading)[table]))


def of_model(model, *without):
    """Return the keys of a table of the manifest, as they are written."""
    return {field.alias or name for name, field in model.model_fields.items()} - {
        name for other in without for name in of_model(other)
    }


@pytest.mark.parametrize(
    ("heading", "table", "model", "without"),
    [
        ("`[shop]`", 0, mapping.Shop, ()),
        ("A call", 0, calls.Call, ()),
        ("Landing rules", 1, calls.Rule, ()),
        ("Lists: `[orders]`, `[products]`", 0, mapping.Listing, (calls.Call,)),
        ("`[order]` and what is in it", 0, mapping.One, (calls.Call,)),
        ("Fields", 0, mapping.FieldSpec, ()),
        ("Effects: `[reship]`, `[refund]`, `[store_credit]`, `[charge_protection]`, `[refund_protection]`, `[note]`", 0,
         mapping.MoneyVerb, ()),
    ],
)  # fmt: skip
def test_every_key_of_a_table_has_its_row(heading, table, model, without):
    """And no row is of a key that is none."""
    assert of_model(model, *without) == keys(heading, table)


def test_every_way_of_authentication_has_its_row_with_its_keys():
    """One row for each kind."""
    said = {next(iter(names(row[0]))): names(row[1]) for row in tables("`[auth]`")[0]}

    kinds = {
        get_args(kind.model_fields["kind"].annotation)[0]: kind for kind in get_args(authentication.Authentication)
    }
    assert {kind: of_model(model) - {"kind"} for kind, model in kinds.items()} == said


def test_every_field_has_its_place_in_bold_where_it_is_needed():
    """Table by table."""
    said = {next(iter(names(row[0]))): row[1] for row in tables("Fields")[1]}

    assert {table: set(known) for table, known in fields.KINDS.items()} == {
        key: names(cell) for key, cell in said.items()
    }
    bold = {key: set(re.findall(r"\*\*`([a-z_]+)`\*\*", cell)) for key, cell in said.items()}
    assert {table: set(needed) for table, needed in fields.NEEDED.items()} == bold


def test_every_name_that_a_call_may_use_is_said():
    """Verb by verb."""
    (heading,) = re.findall(r"^## (Effects.*)", PAGE, re.MULTILINE)
    rows = {row[0]: names(row[1]) for row in tables(heading)[1]}
    said = {verb: found for cell, found in rows.items() for verb in names(cell)}

    every = rows["every effect"]
    for verb, known in context.NAMES.items():
        assert set(known) == said[verb] | (set() if verb == "find" else every), verb


def test_the_usual_meaning_of_an_answer_is_as_the_page_says():
    """Each status of the page, put to the code."""
    call = calls.Call.model_validate({"post": "/a"})
    rows = [(row[0], names(row[1])) for row in tables("Landing rules")[0]]
    told = {int(status): means for cell, means in rows for status in re.findall(r"\b[45]\d\d\b", cell) if means}

    for status in range(400, 600):
        if status == 401:  # it parks the store
            continue
        means = landing.landed(Response(status=status), call, (), "", "").means
        assert told.get(status, {"ask"}) == {means}, status


def test_the_manifest_of_medusa_fits(monkeypatch):
    """It is read and checked as at a start; what it can do is what its README says."""
    monkeypatch.setenv("SHOP_KEY", "not-a-real-key")
    monkeypatch.setenv("SHOP_RESHIP_OPTION", "so_1")
    settings = RestShopSettings.model_validate({"manifest": "shop.toml", "url": "http://127.0.0.1:1"})
    shop = RestShopAdapter(settings, StoreInfo("main", "main-1", ROOT / "examples" / "medusa"))

    usable = {hook for hook, capability in shop.capabilities.items() if capability.usable}
    reads = {"op_export_orders", "op_get_order", *adapter._READS}
    effects = {"op_create_reship", "op_find_reship", "op_issue_refund", "op_find_refund", "op_add_note", "op_find_note"}
    assert reads | effects == usable
    assert "moved" == shop.capabilities["op_issue_refund"].money
    shop.close()


# --- The guide -------------------------------------------------------------------------------------------------------

GUIDE = (ROOT / "docs" / "how-to" / "connect-an-http-shop.md").read_text(encoding="utf-8")


@pytest.fixture
def guided(tmp_path):
    """The manifest that the guide writes, block by block."""
    blocks = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    (tmp_path / "shop.toml").write_text("\n".join(block for block in blocks if "[ledger]" not in block))
    said = {"manifest": "shop.toml", "url": "http://shop.example", "env": {"SHOP_KEY": "not-a-real-key"}}
    with_ = RestShopAdapter(RestShopSettings.model_validate(said), StoreInfo("main", "main-1", tmp_path))
    yield with_
    with_.close()


def test_the_manifest_of_the_guide_doubles_and_loses_nothing(guided):
    """It loads as it stands, and each fault at each of its calls ends with one effect, a refusal or a question."""
    assert {"refund", "reship"} == set(guided.manifest.verbs)
    for verb in guided.manifest.verbs:
        for one in trials(guided.manifest, verb):
            assert isinstance(one, Trial), one
            verdict = run(one, guided.manifest, "shop.toml")
            assert ("", True) == (verdict.wrong, verdict.met), one


def test_the_manifest_of_the_guide_reads_an_order(guided):
    """Cents become amounts, a name is split, and what is refunded is what the refunds say."""
    item = {
        "id": 7,
        "number": "A7",
        "placed_at": "2030-01-01T10:00:00Z",
        "changed_at": "2030-01-01T10:00:00Z",
        "currency": "usd",
        "totals": {"grand": "2745", "shipping": 0, "tax": 0},
        "state": "paid",
        "customer": {"email": "somebody@example.com"},
        "lines": [{"id": 1, "title": "Mug", "quantity": 2, "price": 1250, "sku": "MUG", "variant": {"id": 9}},
                  {"id": 2, "title": "Protection", "quantity": 1, "price": 245, "sku": "PROTECT-STD", "variant": None}],
        "payments": [{"id": 3, "captured": 2745, "refunds": [{"amount": "500"}]}],
        "ship_to": {"name": "Some Other Body", "street": "1 Main St", "city": "Town", "state": "il", "zip": "62701",
                    "country": "US"},
    }  # fmt: skip
    order = guided.reader.assembly.order(item)

    assert ("27.45", "22.45") == (str(order.total.amount), str(order.refundable.amount))
    assert [False, True] == [line.is_protection for line in order.lines]
    assert ("Some Other", "Body") == (order.shipping_address.first_name, order.shipping_address.last_name)

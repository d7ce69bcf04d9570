"""The reference pages name everything that there is, and nothing else."""

import enum
import inspect
import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import get_args

import attrs
import pytest
from op_custom_store.client import METHODS
from pydantic import BaseModel

import op_core.errors
from op_core import models, money, requests, stubs
from op_core.claims.holds import HOLDS
from op_core.claims.states import TRANSITIONS
from op_core.hooks import HookSpecs
from op_core.ledger import schema
from op_core.order_protection.endpoints import PLACEHOLDERS
from op_core.settings import LedgerSettings, ReportRoute, Settings, StoreSettings

DOCS = Path(__file__).parents[2] / "docs"


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def sections(text, level="##"):
    """Return heading to text, of all headings of that level, each up to the next of its level or above."""
    found = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)[1:]
    above = re.compile(rf"^#{{1,{len(level) - 1}}} ", re.MULTILINE)
    return {head: above.split(body)[0] for head, body in zip(found[::2], found[1::2], strict=True)}


def rows(text):
    """Return the cells of every table row."""
    table = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def codes(text):
    """Return what stands in code font in the first cells of the tables."""
    return [cells[0].strip("| ")[1:-1] for cells in rows(text) if cells[0].strip("| ").startswith("`")]


# --- Hooks, values, stubs ------------------------------------------------------------------------------------------


def signature(name):
    said = inspect.get_annotations(getattr(HookSpecs, name))
    arguments = [each for each in inspect.signature(getattr(HookSpecs, name)).parameters if each != "self"]
    return f"{name}({', '.join(f'{each}: {said[each]}' for each in arguments)}) -> {said['return']}"


def test_every_hook_has_its_exact_signature_as_a_heading():
    """A hook, an argument or a type that changes must change the page."""
    headings = re.findall(r"^### `(op_.+)`$", page("reference/hooks.md"), re.MULTILINE)

    assert sorted(signature(name) for name in vars(HookSpecs) if name.startswith("op_")) == sorted(headings)


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_no_page_names_a_hook_that_is_not_declared(path):
    """What looks like a hook is one, or part of the names that are no hooks."""
    others = {"op_acme", "op_core", "op_corner_shop", "op_custom_store", "op_find_…", "op_order_id", "op_references",
              "op_second_look", "op_sql_shop", "op_store_id"}  # fmt: skip
    named = set(re.findall(r"\bop_[a-z_…]+", path.read_text(encoding="utf-8")))

    assert set() == named - others - set(vars(HookSpecs))


def own_fields(cls):
    return [field.name for field in attrs.fields(cls) if not field.inherited]


def of_module(module):
    """Return the attrs classes that a module makes, by name."""
    made = {name: getattr(module, name) for name in module.__all__}
    return {name: cls for name, cls in made.items() if attrs.has(cls) and cls.__module__ == module.__name__}


@pytest.mark.parametrize(("name", "cls"), of_module(requests).items())
def test_every_field_of_a_request_is_described(name, cls):
    """The fields of each request, in their order, and no others."""
    assert own_fields(cls) == codes(sections(page("reference/hooks.md"), "###")[name])


@pytest.mark.parametrize(("name", "cls"), [*of_module(models).items(), ("Money", money.Money)])
def test_every_field_of_a_value_is_described(name, cls):
    """The fields of each value, in their order, and no others."""
    assert own_fields(cls) == codes(sections(page("reference/values.md"))[name])


def plain(default):
    """Return the word of a choice, as the page writes it."""
    return default.value if isinstance(default, enum.Enum) else default


@pytest.mark.parametrize(("name", "cls"), [*of_module(models).items(), ("Money", money.Money)])
def test_every_default_of_a_value_is_said(name, cls):
    """What is required, and what the rest is without being said."""
    said = {cells[0].strip("| `"): cells[2] for cells in rows(sections(page("reference/values.md"))[name])[1:]}
    fields = [field for field in attrs.fields(cls) if not field.inherited]

    assert {
        field.name: "required" if field.default is attrs.NOTHING else f"`{plain(field.default)!r}`" for field in fields
    } == said


def test_values_have_no_other_headings():
    """A class that went must go from the page."""
    assert {*of_module(models), "Money"} == set(sections(page("reference/values.md")))


def test_every_method_of_a_backend_is_described():
    """Name, arguments and hook of each method, and no others."""
    said = {method: cells[2].strip("`") for cells in rows(page("reference/stubs.md"))
            if len(cells) > 2 and "(" in (method := cells[0].strip("`"))}  # fmt: skip
    expected = {
        f"{name}({', '.join([*inspect.signature(getattr(stubs.Backend, name)).parameters][1:])})": hook
        for hook, name in METHODS.items()
    }

    assert expected == said


@pytest.mark.parametrize("name", ["GrantedRefund", "OrderNote", "ProtectionChange", "ReplacementOrder", "StoreCredit"])
def test_every_answer_of_a_backend_is_described(name):
    """The fields of what a backend answers, in their order, and no others."""
    assert own_fields(getattr(stubs, name)) == codes(sections(page("reference/stubs.md"), "###")[name])


# --- Errors --------------------------------------------------------------------------------------------------------


def test_the_tree_of_errors_is_that_of_the_code():
    """The page shows the tree as it stands at the top of the module."""
    drawn = inspect.getdoc(op_core.errors).partition("::\n\n")[2]
    shown = re.search(r"```text\n(.*?)\n```", page("reference/errors.md"), re.DOTALL)[1]

    assert inspect.cleandoc(drawn) == shown


def test_every_error_has_a_row_or_a_sentence():
    """Each class is said something about outside the tree, and no other class is named there."""
    words = page("reference/errors.md").partition("\n```\n")[2]
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", words)) - {"None", "Retry"}

    assert set(op_core.errors.__all__) == named


# --- Settings ------------------------------------------------------------------------------------------------------


def keys(model, prefix=""):
    """Return every key of a table and of the tables in it, dotted."""
    found = set()
    for name, field in model.model_fields.items():
        kind = next((one for one in get_args(field.annotation) if one is not type(None)), field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= keys(kind, f"{prefix}{name}.")
        elif name == "report":
            found |= keys(ReportRoute, f"{prefix}report.<verb>.")
        else:
            found.add(f"{prefix}{name}")
    return found


def test_every_setting_is_described():
    """Every key of the models, and no other."""
    said = [key for text in sections(page("reference/settings.md")).values() for key in codes(text)]

    assert sorted(keys(LedgerSettings, "ledger.") | keys(StoreSettings) - {"name"}) == sorted(said)


BARE = {"id": "x", "adapter": "x", "api_url": "http://localhost", "api_token": "fake", "webhook_secrets": ["fake"]}
APP = {"client_id": "op_app_1", "client_secret": "fake"}
PLACES = {"ledger.url", "report.<verb>.path", "report.<verb>.method", "report.<verb>.body"}


def store(**more):
    table = {"op_store_id": "store_123", **BARE, **more}
    table = {key: value for key, value in table.items() if value is not None}
    settings = Settings.of(DOCS / "op.toml", {"ledger": {"url": "sqlite:///op.db"}, "stores": {"main": table}}, {})
    assert {} == dict(settings.parked)
    return settings.stores["main"]


def defaults():
    for text in sections(page("reference/settings.md")).values():
        for cells in rows(text):
            if len(cells) > 3 and cells[0].strip("| ").startswith("`") and cells[1].startswith("`"):
                yield cells[0].strip("| ")[1:-1], cells[1].strip("`")


@pytest.mark.parametrize(("key", "said"), [each for each in defaults() if each[0] not in PLACES])
def test_the_default_of_a_setting_is_the_one_that_is_said(key, said):
    """Written out in the file, the default that the page names changes nothing."""
    value = tomllib.loads(f"value = {said}")["value"]
    table, _, inner = key.partition(".")
    usual = {"oauth": APP, "api_token": None} if table == "oauth" else {}

    assert store(**usual) == store(**usual | {table: usual.get(table, {}) | {inner: value} if inner else value})


def test_the_quiet_period_follows_deadline_and_lag():
    """The one default that is computed: twice the deadline, at least the search lag."""
    assert timedelta(seconds=20) == store(timing={"deadline": "10 s"}).timing.quiet_period
    assert timedelta(minutes=5) == store(timing={"search_lag": "5 min"}).timing.quiet_period


def test_every_placeholder_of_a_report_is_described():
    """The placeholders of the code, and no others."""
    assert {f"{{{name}}}" for name in PLACEHOLDERS} == set(codes(page("how-to/report-outcomes.md")))


# --- States and holds ----------------------------------------------------------------------------------------------

STATES = sections(page("reference/states.md"))
SCHEMA = inspect.getsource(schema)


def written(table):
    """Return the states that stand in the comment of a table's column."""
    text = re.search(
        rf'^{table} = sa.Table\(.*?"state", sa.Text, nullable=False\),  # (.*?)$', SCHEMA, re.MULTILINE | re.DOTALL
    )
    return set(re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", text[1])))


def test_every_state_of_an_action_is_described_with_where_it_leads():
    """The table of states, row by row."""
    said = {
        cells[0].strip("| `"): tuple(re.findall(r"`([a-z]+)`", cells[2]))
        for cells in rows(STATES["Actions"])
        if cells[0].strip("| ").startswith("`")
    }

    assert TRANSITIONS == said


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Deliveries", "deliveries"),
        ("Reports", "reports"),
        ("Exported orders", "exported_orders"),
        ("Exported products", "exported_products"),
        ("Filings", "filings"),
    ],
)
def test_every_other_state_is_described(heading, table):
    """The states that the schema names, and no others."""
    assert written(table) == set(codes(STATES[heading]))


def test_every_hold_is_described_with_its_meaning():
    """Code, meaning, and whether it may be approved, of each hold."""
    said = {cells[0].strip("| `"): (cells[2].startswith("yes"), cells[1]) for cells in rows(STATES["Holds"])[1:]}

    assert HOLDS == said


def test_every_hold_is_said_what_to_do_about():
    """The how-to has each code once, and no other."""
    text = sections(page("how-to/decide-held-actions.md"))["Each reason, and what to do"]

    assert sorted(HOLDS) == sorted(codes(text))


# --- Numbers of contradictions and gaps ----------------------------------------------------------------------------

ROOT = DOCS.parent
MARK = re.compile(r"\b[CG]-\d+\b")
SHOWN = [*ROOT.glob("*.md"), *ROOT.glob("adapters/*/*.md"), *ROOT.glob("examples/*/*.md"), *DOCS.rglob("*.md")]


def test_every_number_has_a_row_where_it_is_explained():
    """What a page or a message of ours calls C-n or G-n is in the tables of wire.md."""
    texts = [path.read_text(encoding="utf-8") for path in [*SHOWN, *(ROOT / "op_core" / "cli").glob("*.py")]]
    explained = {cells[0].strip("| ") for cells in rows(page("reference/wire.md"))}

    assert set() == {mark for text in texts for mark in MARK.findall(text)} - explained


@pytest.mark.parametrize("path", [path for path in SHOWN if path.name != "wire.md"], ids=lambda path: path.name)
def test_a_number_is_never_said_without_its_explanation(path):
    """Wherever a page names one, it links to it."""
    text = path.read_text(encoding="utf-8")

    assert len(MARK.findall(text)) == len(re.findall(r"\[[CG]-\d+\]\([^)]*wire\.md#our-reading-of-", text))

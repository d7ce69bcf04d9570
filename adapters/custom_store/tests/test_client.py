"""How a backend is found and made, and what is said where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs
import pydantic
import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings

from op_core.errors import SettingsError
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest

SHOP = """
from op_core.capabilities import Capability
from op_core.errors import SettingsError
from op_core.stubs import Backend

class Shop(Backend):
    closed = 0
    def __init__(self, database, directory=None, *, password="x"):
        self.database, self.directory, self.password = database, directory, password
    def order(self, order_id):
        return None
    def close(self):
        self.closed += 1

def anything(**options):
    return Shop(str(sorted(options)))

class Nested:
    shop = Shop("ready.db")

ready = Nested.shop
number = 7

def broken(password):
    raise RuntimeError("cannot log in with " + password)

def said():
    raise SettingsError("the shop is not set up")

async def later():
    return ready

def nothing():
    return None

class Sold:
    def orders(self):
        return []

class Narrow(Backend):
    def order(self):
        return None

class Flat(Backend):
    order = lambda self, order_id: None
    find_refunds = []

class Odd(Shop):
    capabilities = {"op_issue_refunds": Capability("supported")}

class Odder(Shop):
    capabilities = {"op_issue_refund": True}

class Oddest(Shop):
    capabilities = ["op_issue_refund"]
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a shop's package; what importing from it changes in this process is undone."""
    package = tmp_path / "a_shop_on_disk"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "op.py").write_text(SHOP)
    (package / "syntax.py").write_text("def (:\n")
    (package / "needs.py").write_text("import a_module_that_is_nowhere\n")
    (package / "fails.py").write_text("raise RuntimeError('hunter2')\n")
    (package / "leaves.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "tomllib.py").write_text("raise RuntimeError('this is not the standard library')\n")
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def connect(folder):
    """Make an adapter of that shop."""

    def connected(backend, **options):
        settings = CustomStoreSettings(backend=backend, options=options)
        return CustomStoreAdapter(settings, StoreInfo("main", "main-1", folder))

    return connected


def test_a_class_is_made_with_the_options(connect, folder):
    """A class gets the options, and the folder of op.toml if it asks for it; closing the store closes it."""
    adapter = connect("a_shop_on_disk.op:Shop", database="a.db")
    backend = adapter.client.backend

    assert ("a.db", folder) == (backend.database, backend.directory)
    adapter.close()
    assert 1 == backend.closed


def test_the_options_win_over_the_folder(connect):
    """A `directory` among the options is kept."""
    assert "/srv" == connect("a_shop_on_disk.op:Shop", database="a", directory="/srv").client.backend.directory


def test_a_factory_that_takes_anything(connect):
    """A factory with `**options` gets just the options: the folder only goes to who names it."""
    assert "['a', 'b']" == connect("a_shop_on_disk.op:anything", a=1, b=2).client.backend.database


@pytest.mark.parametrize("path", ["ready", "Nested.shop"])
def test_a_ready_object(connect, path):
    """A ready object is taken as it is, and belongs to the shop: closing the store leaves it open."""
    adapter = connect(f"a_shop_on_disk.op:{path}")

    assert "ready.db" == adapter.client.backend.database
    adapter.close()
    assert 0 == adapter.client.backend.closed


def test_the_folder_hides_nothing(connect, folder):
    """The folder of op.toml goes to the end of the path, once, so it cannot hide an installed module."""
    connect("a_shop_on_disk.op:ready")
    connect("a_shop_on_disk.op:ready")

    assert str(folder) == sys.path[-1]
    assert 1 == sys.path.count(str(folder))
    with pytest.raises(SettingsError, match="was imported and has no 'backend'"):
        connect("tomllib:backend")


def test_the_path_stays_as_it_is_for_an_installed_module(connect, folder):
    """Nothing is put on the path where the module is importable, or is not in the folder either."""
    for name in ("op_core.stubs:Backends", "nowhere_at_all:backend"):
        with pytest.raises(SettingsError):
            connect(name)

    assert str(folder) not in sys.path


@pytest.mark.parametrize("backend", ["myshop.op", "myshop.op.backend", ":backend", "my shop:x", "shop:", "a:b:c"])
def test_settings_need_module_and_object(backend):
    """Without module and object the settings say what was expected and what was found."""
    with pytest.raises(pydantic.ValidationError, match=f"expected module:object.*found '{backend}'"):
        CustomStoreSettings(backend=backend)


def test_options_are_not_shown():
    """Options may hold secrets: neither repr nor a fault of the settings shows them."""
    settings = CustomStoreSettings(backend="a:b", options={"password": "hunter2"})
    with pytest.raises(pydantic.ValidationError) as caught:
        CustomStoreSettings(backend="a:b", options="hunter2")

    assert "hunter2" not in f"{settings!r}{settings}{caught.value}"


@pytest.mark.parametrize(
    ("backend", "options", "said"),
    [
        ("nowhere_at_all:x", {}, "there is no module 'nowhere_at_all', neither installed nor in the folder of op.toml"),
        ("a_shop_on_disk.opp:x", {}, "there is no module 'a_shop_on_disk.opp'"),
        ("a_shop_on_disk.op:redy", {}, "has no 'redy'; the nearest is 'ready'"),
        ("a_shop_on_disk.op:Nested.shp", {}, "has no 'shp'; the nearest is 'shop'"),
        ("a_shop_on_disk.syntax:x", {}, "importing 'a_shop_on_disk.syntax' failed: SyntaxError at .*, line 1"),
        ("a_shop_on_disk.needs:x", {}, "needs the module 'a_module_that_is_nowhere', which is not installed"),
        ("a_shop_on_disk.fails:x", {}, "importing 'a_shop_on_disk.fails' failed: RuntimeError at .*fails.py, line 1"),
        ("a_shop_on_disk.leaves:x", {}, "failed: SystemExit at .*leaves.py, line 1"),
        ("a_shop_on_disk.op:Shop", {}, "options.database is missing"),
        (
            "a_shop_on_disk.op:Shop",
            {"databse": "a.db"},
            "options.databse is not an argument .*; the nearest is 'database'; it takes: database, directory, password",
        ),
        ("a_shop_on_disk.op:ready", {"a": 1}, "options are for a class or a factory; .* is a ready Shop"),
        ("a_shop_on_disk.op:broken", {"password": "hunter2"}, "could not be made: RuntimeError at .*op.py, line"),
        ("a_shop_on_disk.op:said", {}, "could not be made: SettingsError: the shop is not set up"),
        ("a_shop_on_disk.op:later", {}, "is an async factory; expected a plain one"),
        ("a_shop_on_disk.op:nothing", {}, "is a None without the method 'order'"),
        ("a_shop_on_disk.op:number", {}, "is a int without the method 'order'; expected an op_core.stubs.Backend"),
        ("a_shop_on_disk.op:Sold", {}, "is a Sold without the method 'order'; the nearest is 'orders'"),
        ("a_shop_on_disk.op:Narrow", {}, r"Narrow.order\(\) cannot be called; expected \(order_id\)"),
        ("a_shop_on_disk.op:Flat", {}, "Flat.find_refunds is a list, expected a method"),
        ("a_shop_on_disk.op:Odd", {"database": ""}, "'op_issue_refunds', which is no hook; .* 'op_issue_refund'"),
        ("a_shop_on_disk.op:Odder", {"database": ""}, r"capabilities\['op_issue_refund'\] is a Capability; found bool"),
        ("a_shop_on_disk.op:Oddest", {"database": ""}, "capabilities is a mapping .*; found list"),
    ],
)
def test_what_is_wrong_is_named(connect, backend, options, said):
    """Each mistake is a SettingsError that names what was found and expected, and shows no secret."""
    with pytest.raises(SettingsError, match=said) as caught:
        connect(backend, **options)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_demo_shop_is_reached_so(tmp_path):
    """The demo shop of op-core is a backend: class, options, a file beside op.toml."""
    settings = CustomStoreSettings(backend="op_core.demo.shop:DemoShop", options={"database": "shop.db"})
    adapter = CustomStoreAdapter(settings, StoreInfo("main", "main-1", tmp_path))

    assert (tmp_path / "shop.db").is_file()
    assert all(capability.usable for capability in adapter.capabilities.values())
    assert "OrderNotFound" == _raised(lambda: adapter.op_get_order(GetOrderRequest("main", "1")))


def _raised(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001 - its name is what is asked for
        return type(error).__name__
    return None


def test_the_adapter_hides_backend_and_options(connect):
    """The adapter's repr shows neither the backend nor what it was made with."""
    adapter = connect("a_shop_on_disk.op:Shop", database="a.db", password="hunter2")

    assert "hunter2" not in repr(adapter)
    assert attrs.has(type(adapter))
    assert isinstance(adapter.store.directory, Path)

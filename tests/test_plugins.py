import sys
from importlib import metadata

import attrs
import pytest
from pydantic import BaseModel

from op_core.capabilities import Capability
from op_core.errors import SettingsError
from op_core.hooks import ADDRESSED, BROADCAST, hookimpl
from op_core.plugins import find_adapters, find_observers, register

YES = Capability("supported")


class Shop:
    """An adapter of one hook."""

    class Settings(BaseModel):
        """None."""

    def __init__(self, **capabilities):
        self.capabilities = capabilities

    @hookimpl
    def op_get_order(self, request):
        return f"order {request}"


class Watcher:
    """An observer of both broadcast hooks."""

    @hookimpl
    def op_review_plan(self, request):
        return None

    @hookimpl
    async def op_event(self, request):
        return None


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that lays out a distribution as pip would and gives its entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def _install(distribution, module, source, *names, group="op_core.adapters", attribute="Adapter"):
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = "".join(f"{name} = {module}:{attribute}\n" for name in names)
        (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")
        return tuple(metadata.Distribution.at(info).entry_points)

    yield _install
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


GOOD = "from pydantic import BaseModel\nclass Adapter:\n    class Settings(BaseModel):\n        url: str\n"


# --- Finding -----------------------------------------------------------------------------------------------------


def test_an_installed_adapter_is_found_by_name(install):
    """The entry points of the environment are read, and a name leads to its class."""
    install("op-plain", "op_plain_shop", GOOD, "plain_shop")

    assert "plain_shop" in find_adapters().names()
    assert "Adapter" == find_adapters().get("plain_shop").__name__


def test_observers_have_a_group_of_their_own(install):
    """An observer needs no settings model, and is no adapter."""
    install("op-audit", "op_audit_log", "class Audit: ...", "audit_log", group="op_core.observers", attribute="Audit")

    assert "Audit" == find_observers().get("audit_log").__name__
    assert "audit_log" not in find_adapters().names()


def test_only_what_is_asked_for_is_imported(install):
    """A broken adapter harms nobody who does not use it, and says why to those who do."""
    entries = install("op-plain", "op_plain_shop", GOOD, "plain_shop")
    entries += install("op-broken", "op_broken_shop", "import no_such_vendor_sdk\n", "broken_shop")
    adapters = find_adapters(entries)

    assert ("broken_shop", "plain_shop") == adapters.names()
    assert "Adapter" == adapters.get("plain_shop").__name__
    with pytest.raises(SettingsError) as caught:
        adapters.get("broken_shop")

    assert (
        "adapter 'broken_shop' (op_broken_shop:Adapter, of op-broken) cannot be imported: "
        "ModuleNotFoundError: No module named 'no_such_vendor_sdk'"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
        ("x = (", "cannot be imported: SyntaxError: "),
        ("Other = 1", "cannot be imported: AttributeError: "),
        ("Adapter = 1", "is int, expected a class"),
        ("class Adapter: ...", "has no Settings, expected a pydantic model"),
        ("class Adapter:\n    class Settings: ...", "has no Settings, expected a pydantic model"),
    ],
)
def test_a_class_that_cannot_be_used_is_refused(install, source, says):
    """Whatever foreign code does while it is imported ends in one plain sentence."""
    adapters = find_adapters(install("op-odd", "op_odd_shop", source, "odd_shop"))

    with pytest.raises(SettingsError) as caught:
        adapters.get("odd_shop")

    assert str(caught.value).startswith("adapter 'odd_shop' (op_odd_shop:Adapter, of op-odd) ")
    assert says in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest(install):
    """A misspelt adapter names what is installed."""
    adapters = find_adapters(install("op-plain", "op_plain_shop", GOOD, "plain_shop", "rest_shop"))

    with pytest.raises(SettingsError, match=r"^no adapter 'plan_shop' is installed, nearest known: 'plain_shop'$"):
        adapters.get("plan_shop")
    with pytest.raises(SettingsError, match=r"^no adapter 'zzz' is installed, known: plain_shop, rest_shop$"):
        adapters.get("zzz")
    with pytest.raises(SettingsError, match=r"^no observer 'zzz' is installed, none is known here$"):
        find_observers(()).get("zzz")


def test_two_distributions_of_one_name_are_both_named(install):
    """Nobody guesses which of two adapters was meant; other names go on."""
    entries = install("op-plain", "op_plain_shop", GOOD, "shop", "plain_shop")
    entries += install("op-stranger", "op_stranger_shop", GOOD, "shop")
    adapters = find_adapters(entries)

    with pytest.raises(SettingsError) as caught:
        adapters.get("shop")

    assert (
        "adapter 'shop' is claimed by op-plain (op_plain_shop:Adapter) and op-stranger (op_stranger_shop:Adapter); "
        "uninstall all but one"
    ) == str(caught.value)
    assert "Adapter" == adapters.get("plain_shop").__name__


def test_one_distribution_found_twice_is_one(install):
    """A folder that stands twice on the path is no conflict."""
    entries = install("op-plain", "op_plain_shop", GOOD, "plain_shop")

    assert "Adapter" == find_adapters(entries * 2).get("plain_shop").__name__


# --- Registering -------------------------------------------------------------------------------------------------


def test_an_adapter_and_observers_share_one_manager():
    """The adapter answers what is addressed; observers hear what is broadcast."""
    manager = register(Shop(op_get_order=YES), {"watcher": Watcher(), "other": Watcher()})

    assert "order 7" == manager.hook.op_get_order(request=7)
    assert 2 == len(manager.hook.op_review_plan.get_hookimpls())


def test_an_adapter_may_observe_too():
    """Broadcast hooks are open to everyone."""

    class Both(Shop, Watcher): ...

    assert 1 == len(register(Both(), {}).hook.op_event.get_hookimpls())


def refusal(adapter, observers=None):
    """Return why these are not registered."""
    with pytest.raises(SettingsError) as caught:
        register(adapter, observers or {})
    return str(caught.value)


@pytest.mark.parametrize("hook", ADDRESSED)
@pytest.mark.parametrize("marks", [{}, {"wrapper": True}, {"hookwrapper": True}, {"optionalhook": True}])
def test_an_observer_never_answers_an_addressed_hook(hook, marks):
    """Neither an implementation nor a wrapper: it could answer a refund that never happened."""

    def answer(self, request):
        yield

    observer = type("Sly", (), {hook: hookimpl(**marks)(answer)})()

    assert f"observer 'sly' implements {hook}, which the store's adapter alone may answer" == refusal(
        Shop(), {"sly": observer}
    )


@pytest.mark.parametrize("hook", BROADCAST)
@pytest.mark.parametrize("marks", [{"wrapper": True}, {"hookwrapper": True}])
def test_nobody_wraps_a_broadcast_hook(hook, marks):
    """A wrapper could swallow another reviewer's hold."""

    def wrap(self, request):
        return (yield)

    observer = type("Sly", (), {hook: hookimpl(**marks)(wrap)})()

    assert refusal(Shop(), {"sly": observer}).startswith(f"observer 'sly' wraps {hook}: ")


def test_an_adapter_wraps_nothing():
    """An addressed hook has one plain implementation."""

    class Wrapping(Shop):
        @hookimpl(wrapper=True)
        def op_check_stock(self, request):
            return (yield)

    assert refusal(Wrapping()).startswith("the adapter wraps op_check_stock: ")


def test_two_implementations_in_one_adapter_are_refused():
    """Also by ``specname`` a hook has one implementation."""

    class Twice(Shop):
        @hookimpl(specname="op_get_order")
        def also(self, request): ...

    assert "the adapter implements op_get_order twice, in also and op_get_order" == refusal(Twice())


@pytest.mark.parametrize(
    ("method", "near"),
    [("op_issue_refnd", "op_issue_refund"), ("issue_refund", "op_issue_refund"), ("op_reveiw_plan", "op_review_plan")],
)
@pytest.mark.parametrize("marks", [{}, {"optionalhook": True}])
def test_a_misspelt_hook_is_answered_with_the_nearest(method, near, marks):
    """A marked method that is no hook would never be called."""
    odd = type("Odd", (Shop,), {method: hookimpl(**marks)(lambda self, request: None)})()

    assert f"the adapter implements {method}, which is no hook, nearest known: '{near}'" == refusal(odd)


def test_a_hook_without_its_mark_is_refused():
    """A forgotten decorator would leave the hook unimplemented without a word."""

    class Unmarked(Shop):
        def op_issue_refund(self, request): ...

    assert "Unmarked.op_issue_refund lacks @hookimpl, so no call would reach it" == refusal(Unmarked())


@pytest.mark.parametrize(
    "method",
    [lambda self, request, amount: None, lambda self, req: None, lambda self: None, lambda self, *parts: parts],
)
def test_a_hook_takes_one_request(method):
    """Arguments that the call does not give, or a request that is not asked for, fail at load."""
    odd = type("Odd", (), {"capabilities": {}, "op_get_order": hookimpl(method)})()

    assert "the adapter: the arguments of op_get_order are wrong, expected op_get_order(self, request)" == refusal(odd)


def test_an_adapter_is_not_equal_by_value():
    """Two stores with like settings are two adapters; attrs makes them equal unless it is told otherwise."""

    @attrs.define
    class ByValue: ...

    assert "declare it with @attrs.define(eq=False)" in refusal(ByValue())


def test_properties_are_not_touched_while_registering():
    """A property may need the shop, and the shop may be away."""

    class Lazy(Shop):
        @property
        def session(self):
            raise AssertionError

    register(Lazy(), {})


def test_capabilities_are_of_hooks_that_are_there():
    """What is declared as usable is implemented, under a hook's name, with a `Capability`."""
    no = Capability("unsupported", "no such thing in this shop")

    register(Shop(op_get_order=YES, op_issue_refund=no), {})

    assert "the adapter declares op_issue_refund as supported and does not implement it" == refusal(
        Shop(op_issue_refund=YES)
    )
    assert "the adapter declares a capability for op_get_ordr, nearest known: 'op_get_order'" == refusal(
        Shop(op_get_ordr=YES)
    )
    assert refusal(Shop(op_get_order=True)).startswith("the adapter has no capabilities, ")
    assert refusal(Watcher()).startswith("the adapter has no capabilities, ")

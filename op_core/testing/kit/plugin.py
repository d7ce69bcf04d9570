"""
The pytest run of ``op-core adapters check``: it runs the kit's cases alone, and tells what became of each.

It trusts no report. A case has passed where the kit's own function came to its end, with the kit's own fixtures around
it, on the adapter that was named, and where nothing of the kit, of op-core or of the adapter was replaced meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from op_core.capabilities import Capability, Support
from op_core.errors import SettingsError
from op_core.faults import where
from op_core.hooks import ADDRESSED
from op_core.storefront import Storefront
from op_core.testing import kit
from op_core.testing.kit.cases import Case, Harm, NotTried, Suite, cases, ended
from op_core.testing.kit.unchanged import Unchanged
from op_core.testing.subject import Subject

__all__ = ["Watch"]

_LIVE = "--op-live"
_FREE = {"adapter", "pytestmark"}  # what an author's class may hold besides what is its own


@attrs.define(eq=False)
class Watch:
    """
    A pytest plugin that sees what is collected, and what of it really runs.

    Args:
        adapter: The class that the fixture ``adapter`` must give.
        told: The file for what is seen: one JSON object a line.
        unchanged: Code that must stay as it is.
        live: The real platform is asked for.
    """

    adapter: type
    told: Path
    unchanged: Sequence[Unchanged]
    live: bool = False
    suites: Sequence[type[Suite]] = kit.SUITES
    _own: dict[str, tuple[Case, Any]] = attrs.field(init=False, factory=dict)
    _wrong: dict[str, str] = attrs.field(init=False, factory=dict)
    _given: dict[tuple[str, str], object] = attrs.field(init=False, factory=dict)
    _shared: str | None = attrs.field(init=False, default=None)
    _said: dict[str, Capability] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Remember the kit's own functions, before an author's file is read."""
        for suite in self.suites:
            for case in cases([suite]):
                self._own[case.id] = case, getattr(suite, _function_of(case, suite))

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Add what the fixture ``adapter`` may ask for."""
        parser.addoption(_LIVE, action="store_true", default=False, help="Let the adapter work on the real platform.")

    # --- What is collected ---------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
        """Keep the kit's cases alone, and let what needs the real platform come last: it sees what the others left."""
        mine = [item for item in items if self._id(item) in self._own]
        config.hook.pytest_deselected(items=[item for item in items if item not in mine])
        items[:] = mine
        yield
        items.sort(key=lambda item: self._own[self._id(item)][0].tier == "platinum")
        for item in items:
            if (wrong := self._replaced(item)) is not None:
                self._wrong[item.nodeid] = wrong
        self._tell("collected", count=len(items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell which file cannot be read: cases may be in it."""
        if report.failed:
            *_, last = str(report.longrepr).strip().splitlines() or [""]
            self._tell("unreadable", file=report.nodeid, why=last.removeprefix("E").strip())

    def _suite(self, item: pytest.Item) -> type[Suite] | None:
        bases = getattr(getattr(item, "cls", None), "__mro__", ())
        return next((base for base in bases if base in self.suites), None)

    def _id(self, item: pytest.Item) -> str:
        suite = self._suite(item)
        name = str(getattr(item, "originalname", ""))
        return "" if suite is None else f"{suite.name}-{name.removeprefix('test_').replace('_', '-')}"

    def _replaced(self, item: Any) -> str | None:
        """Say what the author's class has in the place of something of the suite."""
        suite = self._suite(item)
        assert suite is not None
        others = {_function_of(case, suite) for case in cases([suite])} - {item.originalname}
        for owner in item.cls.__mro__[: item.cls.__mro__.index(suite)]:
            names = {name for name in vars(owner) if not name.startswith("__")} - _FREE - others
            if replaced := sorted(name for name in names if hasattr(suite, name)):
                return f"{owner.__name__} has a {', '.join(replaced)} of its own, in the place of the kit's"
        return None

    # --- What runs -----------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        """Look who is tried."""
        made = yield
        self._given[request.node.nodeid, fixturedef.argname] = made
        if fixturedef.argname == "adapter":
            wrong = self._foreign(made)
            if fixturedef.scope != "function":
                self._shared = (
                    f"the fixture adapter gives one for a whole {fixturedef.scope}, expected one for each case"
                )
            if wrong is not None:
                self._wrong.setdefault(request.node.nodeid, wrong)
        return made

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, Any]:
        """Run a case, and look whether that is all that ran."""
        ended.clear()
        if (wrong := self._slipped_in(item)) is not None:
            self._wrong.setdefault(item.nodeid, wrong)
        try:
            return (yield)
        finally:
            if changed := [name for one in self.unchanged for name in one.changed()]:
                self._wrong[item.nodeid] = f"replaced while it ran: {', '.join(changed)}"

    def _slipped_in(self, item: Any) -> str | None:
        """Say what a case is given that is not from the kit's fixtures, or not from the author's `adapter`."""
        suite = self._suite(item)
        for name, made in item._fixtureinfo.name2fixturedefs.items():  # noqa: SLF001 - nothing public tells which function a fixture is
            if hasattr(suite, name) and _bare(made[-1].func) is not _bare(getattr(suite, name)):
                return f"the fixture {name} is not the kit's"
        for name, value in item.funcargs.items():
            if (name == "adapter" or hasattr(suite, name)) and self._given.get((item.nodeid, name)) is not value:
                return f"what the case is given as {name} is not from the fixture {name}"
        return None

    def _foreign(self, subject: object) -> str | None:
        """Say what is wrong with what the author's fixture gives."""
        if not isinstance(subject, Subject):
            return f"the fixture adapter gives {_named(type(subject))}, expected a Subject"
        adapter = subject.adapter
        if type(adapter) is not self.adapter:
            return f"the fixture adapter gives a subject of {_named(type(adapter))}, expected {_named(self.adapter)}"
        if own := sorted(name for name in getattr(adapter, "__dict__", ()) if name.startswith("op_")):
            return f"the adapter that is tried has another {', '.join(own)} than its class"
        if self.live and not subject.live:
            return "the fixture adapter gives a subject that is not live; it is asked by the option --op-live"
        try:
            store = Storefront.of("main", adapter)
        except SettingsError:  # a case of the kit says what is wrong
            return None
        store.calls.close()
        store.observers.close()
        return self._contradicted({hook: store.supports(hook) for hook in ADDRESSED})

    def _contradicted(self, said: dict[str, Capability]) -> str | None:
        if not self._said:
            self._said = said
            hooks = {hook: {"support": one.support.value, "reason": one.reason} for hook, one in said.items()}
            self._tell("capabilities", hooks=hooks)
        differ = [hook for hook, one in said.items() if one != self._said[hook]]
        return f"the adapter says of {', '.join(differ)} something else than in a case before" if differ else None

    # --- What became of it ---------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Tell what became of a case: by what it raised, not by what a report says."""
        raised = None if call.excinfo is None else call.excinfo.value
        report = yield
        if call.when == "call" or raised is not None:
            result, why = self._result(item, raised, call.when)
            histories = sum(n for key, n in item.user_properties if key == "histories" and isinstance(n, int))
            self._tell("case", id=self._id(item), result=result, why=why, histories=histories)
        return report

    def pytest_sessionfinish(self) -> None:
        """Tell that it came to its end."""
        self._tell("ended")

    def _result(self, item: Any, raised: BaseException | None, when: str) -> tuple[str, str]:
        known, function = self._own[self._id(item)]
        wrong = self._shared or self._wrong.get(item.nodeid)
        if wrong is None and _bare(item.function) is not _bare(function):
            wrong = "the function that ran is not the kit's"
        if wrong is None and raised is None and item.originalname not in ended:
            wrong = "pytest says that it passed, and the kit's function did not come to its end"
        if wrong is not None:
            return "not proven", wrong
        match raised:
            case None:
                return "passed", ""
            case NotTried():
                return self._left_out(known, str(raised.msg), stated=when == "call")
            case pytest.skip.Exception() | pytest.xfail.Exception():
                return "not proven", f"skipped by the author's tests: {raised.msg}"
            case Harm() | pytest.fail.Exception():
                return "failed", str(raised)
        return "failed", where(raised) if isinstance(raised, Exception) else type(raised).__name__

    def _left_out(self, case: Case, statement: str, *, stated: bool) -> tuple[str, str]:
        """Take a statement: of the subject, as it is *stated* while a case runs, or of what the adapter lacks."""
        if case.core:
            return "not proven", f"it belongs to the money core, which nobody may leave out: {statement}"
        if not stated and not any(_lacks(self._said.get(hook)) for hook in case.hooks):
            return "not proven", f"left out, and the adapter claims all of it: {statement}"
        return "not tried", statement

    def _tell(self, event: str, **facts: Any) -> None:
        with self.told.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, **facts}) + "\n")


def _lacks(said: Capability | None) -> bool:
    return said is not None and said.support in (Support.UNSUPPORTED, Support.NOT_YET)


def _function_of(case: Case, suite: type[Suite]) -> str:
    return f"test_{case.id.removeprefix(f'{suite.name}-').replace('-', '_')}"


def _bare(function: Any) -> Any:
    """Return the function inside a method or a fixture."""
    function = getattr(function, "__func__", function)
    if (wrapped := getattr(function, "__pytest_wrapped__", None)) is not None:  # a fixture of pytest before 8.4
        return wrapped.obj
    return getattr(function, "_fixture_function", function)


def _named(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"

"""
What a case is: a test of the kit, with what would happen in a shop if it failed.

A case is a method of a suite. Its docstring says the rule, `case` the harm that the rule stops. Whatever goes wrong in
it ends as a `Harm`, which tells a merchant's damage first and the author's next step after.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, NoReturn, ParamSpec, TypeAlias, cast

import attrs
import pytest

from op_core.capabilities import Capability, Support
from op_core.faults import where
from op_core.storefront import Storefront
from op_core.testing.subject import CannotHold, Subject

__all__ = ["Case", "Harm", "NotTried", "Suite", "Tier", "case", "cases", "connected", "count", "ended", "wrong"]

Tier: TypeAlias = Literal["bronze", "silver", "gold", "platinum"]
P = ParamSpec("P")
PAGE = "docs/reference/conformance.md"
ended: list[str] = []
"""The functions of cases that came to their end without a complaint, by name: what a report alone does not prove."""


class Harm(AssertionError):
    """What would have happened in a shop, what was found instead of what was expected, and where to look."""


class NotTried(pytest.skip.Exception):  # type: ignore[misc, name-defined]  # a class, kept as an attribute
    """The adapter or its platform cannot do it, and says so: the only reason for which the kit leaves a case out."""


@attrs.frozen
class Case:
    """
    One case.

    Attributes:
        id: Its name for ever: ``refund-once``. It is the anchor of its section in the docs.
        meaning: The rule, as one sentence or more.
        harm: What happens in a shop that breaks it.
        hooks: The hooks that it is about. It is skipped only where the adapter says that it lacks one of them.
        core: It belongs to the money core: it is never skipped.
        tier: The tier that needs it.
    """

    id: str
    meaning: str
    harm: str
    hooks: tuple[str, ...]
    core: bool
    tier: Tier


def wrong(harm: str, found: str) -> NoReturn:
    """
    End a case.

    Args:
        harm: What would have happened in a shop: ``the customer would be refunded twice: 12.50 USD``.
        found: What was found, and what was expected. No personal data of a real customer.
    """
    raise Harm(f"{harm}\n  found: {found}")


def count(number: int, word: str) -> str:
    """Return ``1 order`` or ``2 orders``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def case(harm: str, *hooks: str, core: bool = False) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """
    Make a method of a suite a case.

    Args:
        harm: What happens in a shop that breaks it, where nothing more exact is known.
        hooks: The hooks that it is about.
        core: It belongs to the money core: no statement skips it.
    """

    def marked(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            made = _case(cast("Suite", args[0]).__class__, run)
            try:
                function(*args, **kwargs)
                ended.append(run.__name__)
            except CannotHold as statement:
                if core:
                    told = f"{made.harm}\n  found: {statement}; expected a platform on which this can be tried"
                    raise Harm(_told(made, told)) from None
                raise NotTried(str(statement)) from None
            except Harm as error:
                raise Harm(_told(made, str(error))) from None
            except Exception as error:
                raise Harm(_told(made, f"{made.harm}\n  found: {where(error)}")) from error

        run.case = (harm, hooks, core)  # type: ignore[attr-defined]  # read by _case alone
        return run

    return marked


@contextlib.contextmanager
def connected(adapter: object, *, deadline: int = 10) -> Iterator[Storefront]:
    """
    Yield an adapter as op-core calls it: with its promises checked, whatever the colour of its hooks.

    Args:
        adapter: Its instance. It stays open.
        deadline: Seconds that one call may take.
    """
    store = Storefront.of("main", adapter, deadline=deadline)
    try:
        yield store
    finally:
        store.calls.close()
        store.observers.close()


def _told(made: Case, what: str) -> str:
    look = f"\n  look at: {', '.join(made.hooks)}" if made.hooks else ""
    return f"{what}{look}\n  read: {PAGE}#{made.id}"


class Suite:
    """
    Cases that belong together. An author inherits it in an empty class, beside one fixture named ``adapter``.

    Attributes:
        name: First word of each of its cases' ids.
        tier: The tier that needs it.
        words: What stands for ``{what}`` and its kin, in the hooks, harms and docstrings of cases that several suites
            share.
    """

    name: ClassVar[str]
    tier: ClassVar[Tier]
    words: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def store(self, adapter: Subject) -> Iterator[Storefront]:
        """The adapter as op-core calls it."""
        with connected(adapter.adapter) as store:
            yield store

    @pytest.fixture(autouse=True)
    def _as_stated(self, request: pytest.FixtureRequest, adapter: Subject) -> Iterator[None]:
        """Skip what the adapter says that it lacks, and only that; close the subject in the end."""
        made = _case(type(self), request.function)
        stated: Mapping[str, Capability] = getattr(adapter.adapter, "capabilities", {})
        for hook in made.hooks:
            said = stated.get(hook)
            if said and said.support in (Support.UNSUPPORTED, Support.NOT_YET) and not made.core:
                adapter.close()
                raise NotTried(f"{hook} is {said.support.value}: {said.reason}")
        yield
        adapter.close()


def cases(suites: Iterable[type[Suite]]) -> list[Case]:
    """Return every case of these suites, in the order of the source."""
    return [_case(suite, one) for suite in suites for one in _of(suite)]


def _of(suite: type[Suite]) -> Iterator[Any]:
    for owner in reversed(suite.__mro__):
        yield from (one for one in vars(owner).values() if hasattr(one, "case"))


def _case(suite: type[Suite], function: Any) -> Case:
    harm, hooks, core = getattr(function, "__func__", function).case
    name = function.__name__.removeprefix("test_").replace("_", "-")
    meaning, harm, *hooks = (said.format_map(suite.words) for said in (function.__doc__ or "", harm, *hooks))
    return Case(f"{suite.name}-{name}", re.sub(r"\s+", " ", meaning).strip(), harm, tuple(hooks), core, suite.tier)

"""What an adapter says that it can do, held against what it does."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from op_core.capabilities import Capability, Support
from op_core.errors import SettingsError
from op_core.hooks import ADDRESSED, MOVING
from op_core.models import CannotTell, Outcome
from op_core.money import Money
from op_core.testing.kit.cases import Suite, Tier, case, connected, count, wrong
from op_core.testing.kit.everything import bare, everything, usable
from op_core.testing.kit.given import held, plain
from op_core.testing.subject import Subject

__all__ = ["CapabilitySuite"]

WORDS = 2  # of a reason, at least


class CapabilitySuite(Suite):
    """A merchant is told beforehand what a shop can do, and it does that."""

    name: ClassVar[str] = "capabilities"
    tier: ClassVar[Tier] = "bronze"

    @case("the store would be parked at its start")
    def test_fit_the_hooks(self, adapter: Subject) -> None:
        """Hooks and capabilities fit each other: op-core takes the adapter, and each hook that is claimed is there."""
        try:
            with connected(adapter.adapter):
                pass
        except SettingsError as error:
            wrong("the store would be parked at its start, and its claims wait", str(error))

    @case("a merchant could not know what the adapter can do")
    def test_are_declared(self, adapter: Subject) -> None:
        """Each hook is declared, as something else than unknown."""
        stated = _stated(adapter)
        unknown = [hook for hook in ADDRESSED if hook not in stated or stated[hook].support is Support.UNKNOWN]
        if unknown:
            have = {hook: callable(getattr(adapter.adapter, hook, None)) for hook in unknown}
            lines = [
                f'    "{hook}": Capability("supported"),' if there
                else f'    "{hook}": Capability("unsupported", "why this platform cannot"),'
                for hook, there in have.items()
            ]  # fmt: skip
            wrong(
                "a merchant would learn only from a held claim what this shop cannot do",
                "\n".join([f"{count(len(unknown), 'hook')} not declared; write into capabilities", *lines]),
            )

    @case("a merchant could not know why a claim is held")
    def test_have_reasons(self, adapter: Subject) -> None:
        """Whatever falls short of supported says why, in words."""
        for hook, said in _stated(adapter).items():
            if said.support is not Support.SUPPORTED and len(said.reason.split()) < WORDS:
                wrong(
                    "a merchant would read of a held claim that it cannot be done, and not why",
                    f"{hook} is {said.support.value} because {said.reason!r}; say what the platform lacks",
                )

    @case("an effect would happen that nobody claims", core=True)
    def test_claim_all_that_works(self, adapter: Subject) -> None:
        """A hook that is said to be unsupported does nothing: called all the same, it raises, or cannot tell."""
        order = held(adapter, plain())
        with connected(adapter.adapter) as store:
            for hook, request in everything(order, Money(Decimal("1.15"), "USD")).items():
                if usable(store, hook) or not getattr(store.manager.hook, hook).get_hookimpls():
                    continue
                before = len(adapter.effects())
                said = _answer(store, hook, request)
                made = adapter.effects()[before:]
                if made or not isinstance(said, CannotTell | None):
                    wrong(
                        f"the shop would do what its adapter says it cannot: {made[0].verb}" if made
                        else "claims would wait for a person although the shop can do it",
                        f"{hook} is {store.supports(hook).support.value} and answers {type(said).__name__}; claim it,"
                        " or let it raise NotSupported",
                    )  # fmt: skip

    @case("a customer would be told of money that nobody pays", core=True)
    def test_tell_how_money_moves(self, adapter: Subject) -> None:
        """Money moves as it was declared."""
        order = held(adapter, plain())
        with connected(adapter.adapter) as store:
            for hook, request in everything(order, Money(Decimal("1.15"), "USD")).items():
                declared = store.supports(hook).money
                if hook not in MOVING or not usable(store, hook) or declared is None:
                    continue
                said = _answer(store, hook, request)
                if not isinstance(said, Outcome) or said.state not in ("done", "pending"):
                    continue
                told = "moved" if declared == "queued" and said.state == "done" else declared
                if said.money != told:
                    wrong(
                        "a customer would be told of money that nobody pays" if declared == "moved"
                        else "staff would pay by hand what was paid already",
                        f"{hook} is declared {declared} and answers {said.state}, money {said.money}",
                    )  # fmt: skip


def _stated(adapter: Subject) -> Mapping[str, Capability]:
    stated: object = getattr(adapter.adapter, "capabilities", None)
    if not isinstance(stated, Mapping):
        wrong("the store would be parked at its start", f"capabilities is {stated!r}, expected a mapping")
    return stated


def _answer(store: Any, hook: str, request: Any) -> Any:
    """Return what a hook answers, called without any promise around it; None where it raises."""
    try:
        return bare(store, hook, request)
    except Exception:  # noqa: BLE001 - whatever it raises, it answered nothing
        return None

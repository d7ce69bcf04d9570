"""
Trials of a verb: each call fails in each way that its landing rules know, and op-core goes on as it always does.

What is looked at afterwards is what a customer and the shop's staff would see: one effect, none that was told as
done and is not there, none that was told as refused and is, and nothing half-built that locks the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import attrs

from op_core.errors import NotSent, Refused, ShopUnavailable
from op_core.models import CannotTell, Found, NotFound
from op_core.requests import Effect, FindRequest
from op_rest_shop.authentication import ClientCredentials, Login
from op_rest_shop.calls import Call
from op_rest_shop.mapping import Manifest, Verb
from op_rest_shop.sequences import Writer
from op_rest_shop.trials.derived import DerivedShop, first_undo
from op_rest_shop.trials.faults import ANSWER_LOST, REFUSED, Fault, faults
from op_rest_shop.trials.requests import REFERENCE, made_up
from op_rest_shop.trials.wire import Answering, TriedClient, Way, Wire

__all__ = ["NotTried", "Shop", "Trial", "Verdict", "run", "trials"]

_WELL_AGAIN = 5  # rounds without a fault, in which an effect that was begun comes to an end: make, ask, make, ask, ask

_Rounds = tuple[Mapping[str, Fault], ...]


@attrs.frozen
class Trial:
    """
    One fault, and what it takes to come to it.

    Attributes:
        verb: The verb.
        place: Where the fault happens: ``refund.calls[0]``, ``reship.find``.
        fault: The fault.
        rounds: For each try, place to what goes wrong in it.
    """

    verb: str
    place: str
    fault: Fault
    rounds: _Rounds = attrs.field(repr=False)

    def __str__(self) -> str:
        """Return place and fault."""
        return f"{self.place}: {self.fault}"


@attrs.frozen
class NotTried:
    """
    What could not be tried.

    Attributes:
        place: What it is about.
        why: In words.
    """

    place: str
    why: str


@attrs.frozen
class Shop:
    """
    A shop to try a manifest at.

    Attributes:
        way: httpx's way there; it is closed after one trial.
        request: The effect, on an order that it has.
        url: Its address.
    """

    way: Way
    request: Effect
    url: str = "http://shop.invalid"


@attrs.frozen
class Verdict:
    """
    How a trial ended.

    Attributes:
        trial: The trial.
        state: ``done``, ``pending``, ``refused``, ``held`` (a person is asked), ``unknown`` or ``open``.
        made: How many effects the shop has in the end.
        wrong: What would have happened in a shop; empty: it is well.
        met: Whether the call was made at all.
    """

    trial: Trial
    state: str
    made: int
    wrong: str
    met: bool


def trials(manifest: Manifest, name: str) -> Iterator[Trial | NotTried]:
    """Yield the trials of one verb, and what cannot be tried."""
    verb = manifest.verbs[name]
    if verb.function is not None:
        yield NotTried(name, f"made by {verb.function}, of which the manifest knows no calls")
        return
    if verb.find_function is not None:
        yield NotTried(f"{name}.find", f"asked for by {verb.find_function}, of which the manifest knows no calls")
    for place, call, before in _places(manifest, name, verb):
        for fault in faults(call, manifest.shop.rules, REFERENCE):
            if isinstance(fault, str):
                yield NotTried(place, f"an answer {fault}: no JSON is known that fits")
            elif place != "auth" or not fault.acts:
                yield Trial(name, place, fault, _rounds(before, place, fault))


def _places(manifest: Manifest, name: str, verb: Verb) -> Iterator[tuple[str, Call, _Rounds]]:
    """Yield each call of a verb, and what must go wrong for it to be made."""
    for at, call in enumerate(verb.calls):
        yield f"{name}.calls[{at}]", call, ()
        if call.undo is not None:
            yield f"{name}.calls[{at}].undo", call.undo, ({f"{name}.calls[{at + 1}]": REFUSED},)
    if verb.leftovers is not None:
        yield f"{name}.leftovers", verb.leftovers, ()
        undo = first_undo(verb)
        begun: _Rounds = () if undo is None else ({f"{name}.calls[{undo}]": ANSWER_LOST}, {})
        yield f"{name}.leftovers.undo", verb.leftovers.undo, begun
    if verb.find is not None:
        yield f"{name}.find", verb.find, ({f"{name}.calls[{verb.at}]": ANSWER_LOST}, {})
    if isinstance(manifest.auth, Login | ClientCredentials):
        yield "auth", Call.model_validate({"post": "/"}), ()


def _rounds(before: _Rounds, place: str, fault: Fault) -> _Rounds:
    *first, last = before or ({},)
    return (*first, {**last, place: fault})


def run(trial: Trial, manifest: Manifest, place: str, *, at: Shop | None = None) -> Verdict:
    """
    Run one trial.

    Args:
        trial: The trial.
        manifest: The manifest.
        place: Its name, for reasons.
        at: Where; None: at a shop that is derived from the manifest.

    Raises:
        Underivable: The manifest's expressions fit no JSON that is known.
    """
    shop = at or Shop(
        Answering(DerivedShop(manifest, trial.verb, REFERENCE).answer),
        made_up(trial.verb, manifest.shop.currency or "USD"),
    )
    wire = Wire(shop.way, manifest.shop.rules)
    with_ = TriedClient.over(wire, shop.url, place, manifest)
    story = _Story(Writer(trial.verb, manifest.verbs[trial.verb], with_), shop.request)
    try:
        for round_ in (*trial.rounds, *({},) * _WELL_AGAIN):
            if story.over and not round_:
                break
            wire.faults = round_
            story.go_on()
    finally:
        with_.close()
    made = wire.acted[f"{trial.verb}.calls[{manifest.verbs[trial.verb].at}]"]
    return Verdict(trial, story.state, made, _wrong(trial, manifest, story, wire), trial.place in wire.met)


@attrs.define
class _Story:
    """One effect on its way: what was not made is made, what is in doubt is asked for, what is done once more."""

    writer: Writer
    request: Effect
    state: str = "open"
    reason: str = ""
    unfound: bool = False
    over: bool = False

    def go_on(self) -> None:
        """Do what the engine does next. A question that is not answered is asked again."""
        with suppress(ShopUnavailable):
            if self.state == "open":
                self._make()
            elif self.state == "unknown":
                self._ask()
            elif self.state in ("done", "pending") and self.writer.verb.find is not None:
                self.unfound = isinstance(self._look(), NotFound)
                self.over = True
            else:
                self.over = True

    def _make(self) -> None:
        try:
            outcome = self.writer.call(self.request)  # a look-up that lags would see nothing
            self.state, self.reason = outcome.state, outcome.reason or ""
        except Refused as error:
            self.state, self.reason = "refused", error.reason
        except NotSent as error:
            self.reason = error.reason

    def _ask(self) -> None:
        match self._look():
            case Found() as found:
                self.state = found.outcome.state
            case NotFound():
                self.state = "open"
            case CannotTell() as cannot:
                self.state, self.reason = "held", cannot.reason

    def _look(self) -> Found | NotFound | CannotTell:
        request, amount = self.request, getattr(self.request, "amount", None)
        return self.writer.look(FindRequest(request.store, request.key, request.reference, request.order, amount))


def _wrong(trial: Trial, manifest: Manifest, story: _Story, wire: Wire) -> str:
    """Say what a customer or the shop's staff would see; empty: nothing that should not be."""
    name, verb = trial.verb, manifest.verbs[trial.verb]
    made = wire.acted[f"{name}.calls[{verb.at}]"]
    left = _half_built(wire, name, verb)
    known = story.state == "held" or "could not be taken back" in story.reason  # a person is told
    told = story.state in ("done", "pending")
    wrongs = (
        (made > 1, f"the customer would get {made} of one {name}"),
        (told and not made, f"the {name} would be told as {story.state}, and nothing was made"),
        (story.state == "refused" and made, f"the {name} would be told as refused, and it is there: it is given again"),
        (story.unfound, f"the {name} is there, and {name}.find does not find it"),
        (story.state in ("open", "unknown"), f"the {name} would never come to an end: {story.reason}"),
        (
            left and not known,
            f"{left} half-built would stay behind in the shop: {name}.leftovers takes such things back",
        ),
    )
    return next((said for wrong, said in wrongs if wrong), "")


def _half_built(wire: Wire, name: str, verb: Verb) -> int:
    at = first_undo(verb)
    if at is None:
        return 0
    place, ended = f"{name}.calls[{at}]", f"{name}.calls[{verb.at}]"
    return wire.acted[place] - wire.acted[f"{place}.undo"] - wire.acted[f"{name}.leftovers.undo"] - wire.acted[ended]

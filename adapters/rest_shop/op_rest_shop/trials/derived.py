"""A shop as its manifest expects it: every answer is what the manifest's own expressions look for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from op_core.order_protection.jsonmoney import dumps
from op_rest_shop.authentication import ClientCredentials, Login
from op_rest_shop.calls import Call
from op_rest_shop.expressions import Expression
from op_rest_shop.mapping import Find, Manifest, Verb
from op_rest_shop.trials.inverse import SOMETHING, Underivable, found_in, lacking

__all__ = ["DerivedShop", "first_undo"]

_ID = "made-1"
_ANOTHER = "OP-ANOTHER0000000000000000"


def first_undo(verb: Verb) -> int | None:
    """Return the place of the first call that can be taken back; None: there is none."""
    return next((at for at, call in enumerate(verb.calls) if call.undo is not None), None)


@attrs.define(eq=False)
class DerivedShop:
    """
    Does what one verb asks of it, and knows afterwards what it did.

    Attributes:
        manifest: The manifest.
        name: The verb.
        reference: Ours, of the one effect that it is asked for.

    Raises:
        Underivable: An expression of the verb fits no JSON that is known.
    """

    manifest: Manifest
    name: str
    reference: str
    did: Counter[str] = attrs.field(init=False, factory=Counter)
    _answers: dict[str, Any] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Derive all answers at once."""
        verb = self.verb
        held = self._held()
        self._answers = {}
        for at, call in enumerate(verb.calls):
            said = held.get(call.name) if call.name else None
            self._answers[f"{self.name}.calls[{at}]"] = self._done(call, said, f"calls[{at}]")
            if call.undo is not None:
                self._answers[f"{self.name}.calls[{at}].undo"] = self._done(call.undo, None, "undo")
        if verb.leftovers is not None:
            self._answers[f"{self.name}.leftovers.undo"] = self._done(verb.leftovers.undo, None, "undo")
        self.found(1)
        self.left(1)

    @property
    def verb(self) -> Verb:
        """The verb."""
        return self.manifest.verbs[self.name]

    @property
    def half_built(self) -> int:
        """How many things were begun, and neither ended nor taken back."""
        at = first_undo(self.verb)
        if at is None:
            return 0
        place, leftovers = f"{self.name}.calls[{at}]", f"{self.name}.leftovers.undo"
        return self.did[place] - self.did[f"{place}.undo"] - self.did[leftovers] - self.made

    @property
    def made(self) -> int:
        """How many effects there are."""
        return self.did[f"{self.name}.calls[{self.verb.at}]"]

    def answer(self, place: str) -> tuple[bytes, Mapping[str, str]]:
        """Do what is asked at a place of the manifest; return body and headers of the answer."""
        if place == "auth":
            return self._token()
        if place == f"{self.name}.find":
            said = self.found(self.made)
        elif place == f"{self.name}.leftovers":
            said = self.left(max(self.half_built, 0))
        else:
            said = self._answers[place]
            self.did[place] += 1
        return dumps(said), {}

    # --- Answers -----------------------------------------------------------------------------------------------------

    def _held(self) -> dict[str, Any]:
        """Return name to answer: what the calls and the verb look for in the answers of earlier calls."""
        names = {call.name for call in self.verb.calls if call.name}
        held: Any = {name: {} for name in names}
        for expression, wanted in self._looked_for():
            if names & expression.roots:
                held = found_in(expression, held, wanted, self.reference)
        if self.verb.pending is not None and names & self.verb.pending.roots:
            held = lacking(self.verb.pending, held, self.reference)
        return {name: said for name, said in held.items() if name in names}

    def _looked_for(self) -> Iterator[tuple[Expression, Any]]:
        verb = self.verb
        for call in verb.calls:
            for each in (*call.expressions, *(call.undo.expressions if call.undo is not None else ())):
                yield each, SOMETHING
            if call.when is not None:
                yield call.when, SOMETHING
        for path in (verb.order_id, verb.id):
            if path is not None:
                yield path, _ID

    def found(self, number: int) -> Any:
        """Return the answer of *find* where there are so many of ours, and one of somebody else's."""
        find = self.verb.find
        if find is None:
            return {}
        other = found_in(find.items, None, [self._effect(find, _ANOTHER)], _ANOTHER)
        ours = [self._effect(find, self.reference)]
        try:
            said = found_in(find.items, None, number * ours, self.reference) if number else None
        except Underivable:  # an answer that has place for one
            said = found_in(find.items, None, ours, self.reference)
        return self._done(find, _both(said, other), "find")

    def left(self, number: int) -> Any:
        """Return the answer of *leftovers* where so many are half-built."""
        rest = self.verb.leftovers
        if rest is None:
            return {}
        held: Any = {"item": {}}
        for each in rest.undo.expressions:
            if "item" in each.roots:
                held = found_in(each, held, _ID, self.reference)
        said = found_in(rest.items, None, [held["item"]] * (number or 1), self.reference)
        return self._done(rest, said if number else _emptied(said), "leftovers")

    def _effect(self, find: Find, reference: str) -> Any:
        """Return one effect in a list: its reference serves as its id, for in some shops it is."""
        item = found_in(find.id, None, reference, reference)
        if find.order_id is not None:
            item = found_in(find.order_id, item, reference, reference)
        for path in (find.pending, find.refused):
            item = item if path is None else lacking(path, item, reference)
        return item

    def _done(self, call: Call, said: Any, where: str) -> Any:
        """Return *said* with what the landing rules need to take it for ``done``."""
        for rule in (*call.rules, *self.manifest.shop.rules):
            if rule.status and 200 not in rule.status:  # noqa: PLR2004 - what this shop answers with
                continue
            if rule.means != "done":
                if rule.when is None:
                    raise Underivable(f"{where}: 200 means {rule.means}")
                said = lacking(rule.when, said, self.reference)
            elif rule.when is not None:
                return found_in(rule.when, said, reference=self.reference)
        return {} if said is None else said

    def _token(self) -> tuple[bytes, Mapping[str, str]]:
        auth = self.manifest.auth
        token = "not-a-real-token"  # noqa: S105 - and it says so
        said: Any = {"access_token": token} if isinstance(auth, ClientCredentials) else {}
        headers = {}
        if isinstance(auth, Login) and auth.token is not None:
            said = found_in(auth.token, None, token)
        elif isinstance(auth, Login) and auth.token_header is not None:
            headers[auth.token_header] = token
        return dumps(said), headers


def _both(one: Any, other: Any) -> Any:
    """Return both answers in one: their tables merged, their lists one behind the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _both(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return one + other
    return other if one is None else one


def _emptied(said: Any) -> Any:
    """Return an answer with nothing in its lists."""
    return (
        []
        if isinstance(said, list)
        else {name: _emptied(each) for name, each in said.items()}
        if isinstance(said, dict)
        else said
    )

"""
The manifest: how a shop's HTTP API is called, and how its JSON becomes op-core's values.

`load` reads and checks it without a call. What only the shop can tell is for `op-core doctor`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import BeforeValidator, Field, SecretStr

from op_core.errors import SettingsError
from op_core.settings import Currency, Function, Pattern, Zone, describe, expected, parse_toml
from op_rest_shop.authentication import Authentication
from op_rest_shop.calls import Call, Look, Rule, Table
from op_rest_shop.kinds import MoneyForm, Path, TimeForm, Url

__all__ = [
    "Addresses",
    "FieldSpec",
    "Find",
    "Leftovers",
    "Listing",
    "Manifest",
    "MoneyVerb",
    "One",
    "Paging",
    "Parcels",
    "Part",
    "Products",
    "Shop",
    "Stocks",
    "Verb",
    "load",
]

VerbName = Literal["reship", "refund", "store_credit", "charge_protection", "refund_protection", "note"]
_READING = "get"


class FieldSpec(Table):
    """
    How one field is read where a path alone is not enough.

    Attributes:
        path: JMESPath to it.
        money: How an amount is written, where that differs from ``shop.money``.
        times: How a time is written, where that differs from ``shop.times``.
        zone: Of times that say none, where that differs from ``shop.zone``.
        values: The shop's word to ours. A word that is not there is an error, unless there is a *default*.
        pattern: What is searched for in the text: its first group, or all of it. What is not found is empty.
        default: In the place of what is not there, and of a word that *values* does not have.
        required: Whether it is an error where nothing is there, though we could do without.
    """

    path: Path
    money: MoneyForm | None = None
    times: TimeForm | None = None
    zone: Zone | None = None
    values: dict[str, str] = Field(default_factory=dict)
    pattern: Pattern | None = None
    default: str | None = None
    required: bool = False


def _spec(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


Fields = dict[str, Annotated[FieldSpec, BeforeValidator(_spec)]]


class Shop(Table):
    """
    What holds for all calls.

    Attributes:
        url: The address below which all paths lie. None: the store's settings say it.
        zone: Of times that say none. Without it such a time is an error.
        times: How times are written: ``iso``, ``unix`` (seconds) or ``unix_ms``.
        money: How amounts are written: ``decimal`` (a number or a text) or ``minor_units`` (whole cents).
        currency: Of orders and products that do not say it.
        protection_skus: Lines of these SKUs are the premium.
        rules: Landing rules of every call, after the call's own.
    """

    url: Url | None = None
    zone: Zone | None = None
    times: TimeForm = "iso"
    money: MoneyForm = "decimal"
    currency: Currency | None = None
    protection_skus: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


class Paging(Table):
    """
    How a list goes on.

    Attributes:
        by: ``keyset`` (each page asks for what changed at or after the last one seen), ``offset``, ``page`` (a number),
            ``cursor`` (the answer names the next) or ``link`` (a ``Link`` header does).
        next: For ``cursor``: path to the next page's cursor. Nothing there: it was the last page.
        more: For ``cursor``: path to what says whether there is a next page, where the cursor is always there.
        overlap: For ``offset``: rows that are read again with each page, so that a row which moved is noticed. For
            ``page``: whether each page is read a second time with the next one; 0: not.
        first: For ``page``: the number of the first one.
    """

    by: Literal["keyset", "offset", "page", "cursor", "link"]
    next: Path | None = None
    more: Path | None = None
    overlap: Annotated[int, Field(ge=0, le=100)] = 10
    first: Annotated[int, Field(ge=0, le=1)] = 1

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Paging:
        if (self.by == "cursor") != (self.next is not None):
            raise expected('next beside by = "cursor", and there alone: the path to the next cursor')
        return self


class Listing(Look):
    """
    A list, page by page.

    Attributes:
        items: Path to the list in the answer.
        paging: How it goes on. None: one answer holds all.
        limit: Items of a page, where the shop allows fewer than are asked for.
    """

    items: Path
    paging: Paging | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class One(Look):
    """
    One order.

    Attributes:
        item: Path to it in the answer; nothing there: the shop has no such order.
        fields: Field to path.
        references: Paths to texts on the order that hold our references.
        function: Makes the order of the shop's JSON instead: ``module:function``. Pages are still walked by *fields*.
    """

    item: Path
    fields: Fields = Field(default_factory=dict)
    references: tuple[Path, ...] = ()
    function: Function | None = None


class Part(Table):
    """
    A list inside an order.

    Attributes:
        items: Path to the list.
        skip: Path to what, where it is there, leaves an item out.
        fields: Field to path.
    """

    items: Path
    skip: Path | None = None
    fields: Fields


class Addresses(Table):
    """
    The addresses of an order.

    Attributes:
        shipping: Path to the one that goods are sent to.
        billing: Path to the other.
        fields: Field to path, inside either.
    """

    shipping: Path
    billing: Path | None = None
    fields: Fields


class Parcels(Table):
    """
    Parcels, inside an order as `One` reads it, or read by a call of their own.

    Attributes:
        items: Path to the list.
        skip: Path to what, where it is there, leaves one out.
        fields: Field to path.
        lines: What is in one.
        function: Makes them of an order's JSON instead: ``module:function``.
        orders: How several orders are read at once: a call that may use ``{order_ids}``, whose *items* are orders as
            *order* knows them. None: one call for each order.
    """

    items: Path | None = None
    skip: Path | None = None
    fields: Fields = Field(default_factory=dict)
    lines: Part | None = None
    orders: Listing | None = None
    function: Function | None = None

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Parcels:
        said = [self.items is not None, self.lines is not None, bool(self.fields)]
        if (self.function is None and not all(said)) or (self.function is not None and any(said)):
            raise expected("either items, fields and lines, or a function")
        return self


class Stocks(Look):
    """
    What can be sent.

    Attributes:
        items: Path to the list in the answer.
        match: The field of a line by which an item is found.
        fields: ``match`` and ``available`` to their paths.
        function: Makes of the answer's JSON a table instead, of *match* to how many there are: ``module:function``.
    """

    items: Path | None = None
    match: Literal["sku", "variant_id", "product_id", "id"] = "sku"
    fields: Fields = Field(default_factory=dict)
    function: Function | None = None

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Stocks:
        said = [self.items is not None, bool(self.fields)]
        if (self.function is None and not all(said)) or (self.function is not None and any(said)):
            raise expected("either items and fields, or a function")
        return self


class Products(Listing):
    """
    What is sold.

    Attributes:
        variants: Path to the variants inside an item; each is a record of its own. Fields are then read from
            ``{product, variant}``.
        fields: Field to path. Beside *function*, those by which pages are walked.
        counted: Whether their quantities are asked for as *stock* is, with one more call for each page.
        function: Makes the records of an item's JSON instead: ``module:function``.
    """

    variants: Path | None = None
    fields: Fields
    counted: bool = False
    function: Function | None = None


class Find(Look):
    """
    The look-up of an effect by our reference.

    Attributes:
        items: Path to what is ours in the answer: ``refunds[?ours(note)]``.
        id: Path to its id, inside an item.
        order_id: For a reship that is an order of its own: path to that order's id.
        pending: Path to what, where it is there, says that it is not settled yet.
        refused: Path to what, where it is there, says that it failed for good.
    """

    items: Path
    id: Path
    order_id: Path | None = None
    pending: Path | None = None
    refused: Path | None = None


class Leftovers(Look):
    """
    Half-built things of an earlier try, which are taken back before a new one begins.

    Attributes:
        items: Path to what is ours and half-built in the answer.
        undo: The call that takes one back; it may use ``{item}``.
    """

    items: Path
    undo: Call


class Refusal(Table):
    """
    What is refused before anything is called.

    Attributes:
        when: Path to what must not be there: ``address != order.shipping_address``.
        why: In words for the shop's staff.
    """

    when: Path
    why: Annotated[str, Field(min_length=1)]


class Verb(Table):
    """
    One effect, as a sequence of calls.

    Attributes:
        refuse: What this shop would do otherwise than it was asked for.
        calls: The calls, in their order. The one with ``effect = true``, else the last that is no GET, makes the
            effect; the ones before it only prepare, the ones after it only finish.
        id: Path to the shop's id of what was made, among the answers by the names of their calls.
        order_id: For a reship that is an order of its own: path to that order's id.
        pending: Path to what, where it is there, says that it is not settled yet.
        find: How it is found again. None: an effect of unknown outcome is held for a person.
        leftovers: How half-built things of an earlier try are found and taken back.
        function: Makes the effect instead: ``module:function``.
        find_function: Asks for it instead: ``module:function``.
    """

    refuse: tuple[Refusal, ...] = ()
    calls: tuple[Call, ...] = ()
    id: Path | None = None
    order_id: Path | None = None
    pending: Path | None = None
    find: Find | None = None
    leftovers: Leftovers | None = None
    function: Function | None = None
    find_function: Function | None = None

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Verb:
        if self.find is not None and self.find_function is not None:
            raise expected("either find or a find_function")
        if bool(self.calls) == (self.function is not None):
            raise expected("either calls or a function")
        if self.calls and self.id is None:
            raise expected("id: the path to the shop's id of what was made")
        if self.calls:
            self._sequence()
        return self

    def _sequence(self) -> None:
        marked = [at for at, call in enumerate(self.calls) if call.effect]
        if len(marked) > 1 or self.at < 0:
            raise expected("one call that makes the effect: the last that is no GET, or the one with effect = true")
        effect, before = self.calls[self.at], self.calls[: self.at]
        if effect.method == _READING or effect.each or effect.when or effect.undo or effect.repeat:
            raise expected("an effect that is one call: no GET, and without each, when, undo and repeat")
        loose = [call for call in before if call.method != _READING and call.undo is None and not call.harmless]
        if loose:
            raise expected(
                "of each call before the effect an undo, or harmless = true where what it leaves hurts nobody"
            )
        names = [call.name for call in self.calls if call.name]
        if len(names) != len(set(names)):
            raise expected("another name for each call")
        if not any("reference" in each.roots for call in self.calls[: self.at + 1] for each in call.expressions):
            raise expected("{reference} in the call that makes the effect, or before it: the effect is found by it")

    @property
    def is_found(self) -> bool:
        """Whether the shop can be asked for an effect."""
        return self.find is not None or self.find_function is not None

    @property
    def at(self) -> int:
        """The place of the call that makes the effect."""
        marked = [at for at, call in enumerate(self.calls) if call.effect]
        written = [at for at, call in enumerate(self.calls) if call.method != _READING]
        return (marked or written[-1:] or [-1])[0]


class MoneyVerb(Verb):
    """
    An effect that is about money.

    Attributes:
        money: What an answer of the shop means: ``moved`` (its gateway has paid), ``queued`` (the shop pays later,
            pending until *find* says so) or ``booked`` (the money is moved elsewhere).
    """

    money: Literal["moved", "queued", "booked"]

    @pydantic.model_validator(mode="after")
    def _settles(self) -> MoneyVerb:
        tells = self.find_function is not None or (self.find is not None and self.find.pending is not None)
        if self.money == "queued" and not tells:
            raise expected('find with pending beside money = "queued": nobody else tells when it is paid')
        if any(call.undo for call in self.calls[self.at :]):
            raise expected("no undo of a call that moves money")
        return self


class Manifest(Table):
    """
    A whole manifest.

    Attributes:
        unsupported: Verb to the reason why this shop cannot do it.
    """

    shop: Shop = Shop()
    auth: Authentication = Field(discriminator="kind")
    orders: Listing
    order: One
    lines: Part | None = None
    payments: Part | None = None
    addresses: Addresses | None = None
    fulfillments: Parcels | None = None
    stock: Stocks | None = None
    products: Products | None = None
    reship: Verb | None = None
    refund: MoneyVerb | None = None
    store_credit: MoneyVerb | None = None
    charge_protection: MoneyVerb | None = None
    refund_protection: MoneyVerb | None = None
    note: Verb | None = None
    unsupported: dict[VerbName, str] = Field(default_factory=dict)

    @pydantic.model_validator(mode="after")
    def _one_or_the_other(self) -> Manifest:
        if both := self.verbs.keys() & self.unsupported.keys():
            raise expected(f"{min(both)} either with calls or as unsupported, not both")
        if self.products is not None and self.products.counted and (self.stock is None or self.stock.match == "id"):
            raise expected("beside products.counted a table stock that matches by sku, variant_id or product_id")
        return self

    @property
    def verbs(self) -> dict[str, Verb]:
        """Each verb that the shop can do, by its name in the contract."""
        return {name: verb for name in get_args(VerbName) if (verb := getattr(self, name)) is not None}


def load(path: File, environ: Mapping[str, str]) -> Manifest:
    """
    Read a manifest.

    Args:
        path: The file.
        environ: What ``{ env = "NAME" }`` is looked up in.

    Raises:
        SettingsError: It cannot be read, or says something that no manifest says.
    """
    try:
        document = parse_toml(path, path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; expected the shop's manifest") from None
    unset: list[str] = []
    resolved = _resolved(document, environ, "", unset)
    if unset:
        raise SettingsError("; ".join(f"{path}: {each}" for each in unset))
    try:
        return Manifest.model_validate(resolved)
    except pydantic.ValidationError as error:
        said = describe(error, "", Manifest).removeprefix(": ")
        raise SettingsError(f"{path}: {said}") from None


def _resolved(value: Any, environ: Mapping[str, str], key: str, unset: list[str]) -> Any:
    if isinstance(value, list):
        return [_resolved(inner, environ, f"{key}[{at}]", unset) for at, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if set(value) != {"env"} or not isinstance(value["env"], str):
        return {name: _resolved(inner, environ, f"{key}.{name}".lstrip("."), unset) for name, inner in value.items()}
    if value["env"] not in environ:
        unset.append(f"{key}: the environment variable {value['env']} is not set")
        return None
    return SecretStr(environ[value["env"]])

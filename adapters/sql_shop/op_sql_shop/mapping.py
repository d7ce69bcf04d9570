"""
The mapping file: which statements read and write the shop, and how their columns become op-core's values.

`load` reads and checks it without a database. What only the database can tell is for `op-core doctor`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, get_args

import pydantic
from pydantic import BeforeValidator, Field

from op_core.errors import SettingsError
from op_core.models import FulfillmentStatus
from op_core.settings import Currency, Duration, Function, Pattern, Zone, describe, expected, parse_toml
from op_sql_shop.kinds import (
    MoneyForm,
    MoneyWay,
    Name,
    PerDialect,
    Place,
    Statement,
    TimeForm,
)

__all__ = [
    "Column",
    "Fulfillments",
    "GreatestOf",
    "MoneyVerb",
    "Orders",
    "Products",
    "Select",
    "ShippingEvents",
    "Shop",
    "ShopMapping",
    "Step",
    "Verb",
    "load",
]


VerbName = Literal["reship", "refund", "store_credit", "charge_protection", "refund_protection", "note"]


class _Table(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Column(_Table):
    """
    How one column is read where its name and the usual conversion are not enough.

    Attributes:
        column: The name that the statement gives it; None: that of the field.
        money: How an amount is held, where that differs from ``shop.money``.
        times: How a time is held, where that differs from ``shop.times``.
        zone: Of times that say none, where that differs from ``shop.zone``.
        values: The shop's word to ours. A word that is not there is an error, unless there is a *default*.
        pattern: What is searched for in the text: its first group, or all of it. What is not found is empty.
        default: In the place of NULL, and of a word that *values* does not have.
    """

    column: Name | None = None
    money: PerDialect[MoneyForm] | None = None
    times: PerDialect[TimeForm] | None = None
    zone: Zone | None = None
    values: dict[str, str] = {}
    pattern: Pattern | None = None
    default: str | None = None


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Columns = dict[Name, Annotated[Column, BeforeValidator(_column)]]


class Shop(_Table):
    """
    What holds for all statements.

    Attributes:
        zone: Of times that say none. Without it such a time is an error.
        times: How times are held, and written: ``aware``, ``naive``, ``text``, ``unix`` (seconds) or ``unix_ms``.
            None: text in SQLite, aware in PostgreSQL, naive in MariaDB and MySQL.
        time_format: How a time is written as text, in the words of strftime.
        money: How amounts are held, and written: ``decimal``, ``minor_units`` (whole cents), or ``real`` (SQLite's
            decimal columns).
        digits: Places behind the point that ``real`` holds for certain.
        currency: Of orders and products whose statement has no column ``currency``.
        reread: Orders that changed so long ago are read again each time, for shops whose times of change stand still.
        protection_skus: Lines of these SKUs are the premium.
    """

    zone: Zone | None = None
    times: PerDialect[TimeForm] | None = None
    time_format: str = "%Y-%m-%d %H:%M:%S.%f"
    money: PerDialect[MoneyForm] = {"any": "decimal"}
    digits: Annotated[int, Field(ge=0, le=8)] = 2
    currency: Currency | None = None
    reread: Duration | None = None
    protection_skus: tuple[str, ...] = ()


class Select(_Table):
    """
    A statement that reads, and how its columns are called by us.

    Attributes:
        select: One SELECT. A column named like a field is that field.
        columns: Field to column, for the others.
    """

    select: Statement
    columns: Columns = {}


class GreatestOf(_Table):
    """
    A time of change that no column holds: the greatest of these.

    Attributes:
        greatest_of: SELECTs of two columns each: ``order_id``, and ``changed_at``.
    """

    greatest_of: Annotated[tuple[Statement, ...], Field(min_length=1)]


class Orders(Select):
    """
    The orders.

    Attributes:
        key: The column of the shop's immutable id, unique.
        changed_at: The column of the time of change, or the greatest of several times.
        lock: The table and column of the row that a write locks: ``orders.id``. Needed by whoever writes.
    """

    key: Name = "id"
    changed_at: GreatestOf | Name = "updated_at"
    lock: Place | None = None


class Products(Select):
    """
    What is sold.

    Attributes:
        key: The column that names a record: a product without variants, or one variant.
        changed_at: The column of the time of change; None: all are read each time.
    """

    key: Name = "id"
    changed_at: Name | None = None


class Fulfillments(Select):
    """
    Parcels, one row each.

    Attributes:
        lines: SELECT of ``fulfillment_id``, ``order_id``, ``line_id`` and ``quantity``.
    """

    lines: Statement


class ShippingEvents(Select):
    """
    What happened to units on their way, one row for each event and line, for shops that have no parcels.

    Attributes:
        statuses: The shop's code of an event to a status. Other events say nothing of a parcel.
        returned: Codes of what customers send back: after a delivery they change nothing.
    """

    statuses: dict[str, FulfillmentStatus]
    returned: tuple[str, ...] = ("returned",)


class Step(_Table):
    """
    One statement of a write.

    Attributes:
        sql: The statement. Each column of the row that it returns can be bound by later ones.
        last_id: The name under which later ones bind the id that an INSERT made, where it returns no row.
        expect_rows: How many rows it changes or returns: a number, ``some`` or ``any``. Else all is undone.
        refused: Why, where they are not as many.
        each: Once for each line. Neighbours with the same *each* are done together, line after line.
        when: The bound value without which it is left out, such as ``take_stock``.
    """

    sql: Statement
    last_id: Name | None = None
    expect_rows: Annotated[int, Field(ge=0)] | Literal["some", "any"] = "some"
    refused: str | None = None
    each: Literal["lines"] | None = None
    when: Name | None = None


class Verb(_Table):
    """
    One effect: all its statements are one transaction.

    Attributes:
        steps: The statements, in their order.
        find: SELECT that finds the effect by ``:reference`` in the shop's own tables; it needs *unique*. None: our
            table ``op_references`` holds it.
        unique: The table and column that hold the reference, of which the database allows each value once.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    find: Statement | None = None
    unique: Place | None = None

    @pydantic.model_validator(mode="after")
    def _both_or_none(self) -> Verb:
        if (self.find is None) != (self.unique is None):
            raise expected("find and unique together, or neither")
        return self


class MoneyVerb(Verb):
    """
    An effect that is about money. A row moves none, so the mapping says who does.

    Attributes:
        money: ``queued``: a job of the shop pays what the rows say, and *paid* tells when. ``booked``: the money is
            moved elsewhere, by people. ``module:function``: a function that calls the gateway.
        find_money: ``module:function``: asks the gateway whether it paid, where a call of *money* did not end.
        paid: SELECT by ``:shop_id`` that returns a row once the shop's job has paid.
    """

    money: MoneyWay
    find_money: Function | None = None
    paid: Statement | None = None

    @property
    def moves(self) -> Literal["moved", "queued", "booked"]:
        """How the money moves: a function moves it at once."""
        return self.money if self.money in ("queued", "booked") else "moved"  # type: ignore[return-value]  # no other word

    @pydantic.model_validator(mode="after")
    def _paid_if_queued(self) -> MoneyVerb:
        if (self.money == "queued") != (self.paid is not None):
            raise expected('paid beside money = "queued", and there alone: a statement that tells when it is paid')
        return self

    @pydantic.model_validator(mode="after")
    def _door(self) -> MoneyVerb:
        if self.find_money is not None and self.moves != "moved":
            raise expected('find_money beside money = "module:function", and there alone')
        if self.find is not None and self.moves == "moved":
            raise expected("op_references beside a function that pays: leave out find and unique")
        return self


class ShopMapping(_Table):
    """
    A whole mapping file.

    Attributes:
        unsupported: Verb to the reason why this shop cannot do it.
    """

    shop: Shop = Shop()
    orders: Orders
    lines: Select
    payments: Select | None = None
    addresses: Select | None = None
    premiums: Select | None = None
    marks: Select | None = None
    fulfillments: Fulfillments | None = None
    shipping_events: ShippingEvents | None = None
    stock: Select | None = None
    products: Products | None = None
    reship: Verb | None = None
    refund: MoneyVerb | None = None
    store_credit: MoneyVerb | None = None
    charge_protection: MoneyVerb | None = None
    refund_protection: MoneyVerb | None = None
    note: Verb | None = None
    unsupported: dict[VerbName, str] = {}

    @pydantic.model_validator(mode="after")
    def _whole(self) -> ShopMapping:
        if self.fulfillments is not None and self.shipping_events is not None:
            raise expected("parcels from fulfillments or from shipping_events, not from both")
        if self.verbs and self.orders.lock is None:
            raise expected("orders.lock, such as orders.id: whoever writes locks the order's row")
        if both := self.verbs.keys() & self.unsupported.keys():
            raise expected(f"{min(both)} either with steps or as unsupported, not both")
        return self

    @property
    def verbs(self) -> dict[str, Verb]:
        """Each verb that the shop can do, by its name in the contract."""
        return {name: verb for name in get_args(VerbName) if (verb := getattr(self, name)) is not None}


def load(path: Path) -> ShopMapping:
    """
    Read a mapping file.

    Raises:
        SettingsError: It cannot be read, or says something that no mapping says.
    """
    try:
        document = parse_toml(path, path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; expected the shop's mapping") from None
    try:
        return ShopMapping.model_validate(document)
    except pydantic.ValidationError as error:
        said = describe(error, "", ShopMapping).removeprefix(": ")
        raise SettingsError(f"{path}: {said}") from None

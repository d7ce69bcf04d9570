"""
``op_references``: our one small table in the shop's database.

A verb's statements and its row here are one transaction, so that effect and mark are both there or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from op_core.errors import ShopAway
from op_sql_shop.client import Session

__all__ = ["TABLE", "Mark", "References"]

_ID = sa.String(191)  # what MariaDB can index in every character set
TABLE = sa.Table(
    "op_references",
    sa.MetaData(),
    sa.Column("reference", sa.String(32), primary_key=True),
    sa.Column("verb", sa.String(24), nullable=False),
    sa.Column("order_id", _ID, nullable=False, index=True),
    sa.Column("amount", sa.String(48)),  # as text: every database holds it digit for digit
    sa.Column("currency", sa.String(3)),
    sa.Column("state", sa.String(8), nullable=False),  # done; of a gateway also asked, paid: see Mark
    sa.Column("shop_id", _ID),
    sa.Column("new_order_id", _ID, index=True),
    sa.Column("created_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("turn", sa.String(16)),  # of a gateway: whose call it is or was,
    sa.Column("until", sa.DateTime),  # until when it may be under way, UTC,
    sa.Column("request", sa.Text),  # and what the rows need that a question does not say, as JSON
    mysql_engine="InnoDB",
)


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


@attrs.frozen
class Mark:
    """
    One effect, as our table knows it.

    Attributes:
        amount: As text, in *currency*; None where no money is meant.
        state: ``done``. Of a gateway also ``asked``: it is called, or was, and nobody knows yet; and ``paid``: it paid
            (*shop_id* is its id), and the rows are not written yet.
        new_order_id: The order that a reship made.
        turn: Whose call of the gateway it is, or was; a later one takes it over. None: no gateway was called.
        until: Until when that call may be under way, UTC.
        request: What the rows need that a question does not say, as JSON.
    """

    reference: str
    verb: str
    order_id: str
    amount: str | None
    currency: str | None
    state: str
    shop_id: str | None
    new_order_id: str | None
    turn: str | None = None
    until: datetime | None = attrs.field(default=None, converter=_utc)
    request: str | None = attrs.field(default=None, repr=False)


@attrs.define(eq=False)
class References:
    """
    Reads and writes the table.

    Attributes:
        store: Name of the store, for the advice.
        place: The mapping file's name, for errors.
    """

    store: str
    place: str
    _is_there: bool = attrs.field(init=False, default=False)

    def find(self, session: Session, reference: str) -> Mark | None:
        """
        Return the mark of that reference.

        Raises:
            ShopAway: The table is not there.
        """
        if not self.is_there(session):
            raise ShopAway(
                f"{self.place}: the table op_references is not there; make it by: op-core db install {self.store}"
            )
        columns = [TABLE.c[field.name] for field in attrs.fields(Mark)]
        row: Any = session.run(
            sa.select(*columns).where(TABLE.c.reference == reference), {}, self._place()
        ).one_or_none()
        return Mark(*row) if row is not None else None

    def under_way(self, session: Session, order_id: str, now: datetime) -> str | None:
        """Return the reference of a payment of this order that the shop's rows may not know of yet."""
        called = sa.and_(TABLE.c.state == "asked", TABLE.c.until > now.replace(tzinfo=None))
        about = (TABLE.c.order_id == order_id, sa.or_(called, TABLE.c.state == "paid"))
        marks = sa.select(TABLE.c.reference, TABLE.c.state).where(*about).limit(1)
        found: Any = session.run(marks, {}, self._place()).first()
        if found is None:
            return None
        return found[0] if found[1] == "asked" else f"{found[0]}, which is paid, and its rows are not written"

    def add(self, session: Session, mark: Mark, now: datetime) -> None:
        """Write a mark down. Raises `Refused` where the reference is there already."""
        values = _row(mark) | {"created_at": now.replace(tzinfo=None)}
        session.run(TABLE.insert(), values, self._place())

    def change(self, session: Session, mark: Mark) -> None:
        """Write down what a mark is now."""
        changed = {name: value for name, value in _row(mark).items() if name in _CHANGES}
        session.run(TABLE.update().where(TABLE.c.reference == mark.reference), changed, self._place())

    def remove(self, session: Session, mark: Mark) -> None:
        """Take back a mark that stands for nothing, unless a later call has taken it over."""
        mine = (TABLE.c.reference == mark.reference, TABLE.c.state == "asked", TABLE.c.turn == mark.turn)
        session.run(TABLE.delete().where(*mine), {}, self._place())

    def of_orders(self, session: Session, order_ids: Sequence[str]) -> dict[str, list[tuple[str, str | None]]]:
        """Return, by order, the references that it carries; each with the order that it replaces, if it does."""
        marks: dict[str, list[tuple[str, str | None]]] = {}
        if not self.is_there(session):  # not installed yet: then nothing of ours is in this shop
            return marks
        columns = (TABLE.c.reference, TABLE.c.order_id, TABLE.c.new_order_id)
        about = sa.or_(TABLE.c.order_id.in_(order_ids), TABLE.c.new_order_id.in_(order_ids))
        found: Any = session.run(sa.select(*columns).where(about), {}, self._place())
        for reference, order_id, new in found:
            marks.setdefault(order_id, []).append((reference, None))
            if new is not None:
                marks.setdefault(new, []).append((reference, order_id))
        return marks

    def is_there(self, session: Session) -> bool:
        """Tell whether the table is there; once it was, it is not asked again."""
        self._is_there = self._is_there or sa.inspect(session.connection).has_table(TABLE.name)
        return self._is_there

    def install(self, engine: sa.Engine) -> bool:
        """Make the table, if it is not there, and tell whether it was made."""
        with engine.begin() as connection:
            if sa.inspect(connection).has_table(TABLE.name):
                return False
            TABLE.create(connection, checkfirst=True)
        return True

    def statements(self, engine: sa.Engine) -> str:
        """Return what `install` would execute, and the rights that a user then needs."""
        indexes = sorted(TABLE.indexes, key=lambda one: str(one.name))
        made: list[ExecutableDDLElement] = [CreateTable(TABLE), *map(CreateIndex, indexes)]
        said = [str(each.compile(engine)).strip() + ";" for each in made]
        return "\n".join([*said, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE.name} TO <this user>;"])

    def _place(self) -> str:
        return f"{self.place}: op_references"


_CHANGES = ("state", "shop_id", "new_order_id", "turn", "until", "request")


def _row(mark: Mark) -> dict[str, Any]:
    until = mark.until.replace(tzinfo=None) if mark.until is not None else None
    return attrs.asdict(mark) | {"until": until}

"""A claim held against the shop's own order, before anything is sent. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from op_core._settings_faults import nearest
from op_core.errors import WrongArgument
from op_core.models import Fulfillment, Line, Order

__all__ = ["Claimed", "check_claimed", "parcels_of"]


@attrs.frozen
class Claimed:
    """
    Some units of a line, as a claim names them.

    Attributes:
        place: Where the claim names them, for the error; the field's name is set behind it.
        fields: Names of the fields of line, quantity and parcel.
        parcel_id: None where the claim leaves it to be looked up.
    """

    place: str
    fields: tuple[str, str, str]
    line_id: str
    quantity: int
    parcel_id: str | None

    @property
    def line_field(self) -> str:
        """Where the line is named."""
        return f"{self.place}.{self.fields[0]}"

    @property
    def quantity_field(self) -> str:
        """Where the units are said."""
        return f"{self.place}.{self.fields[1]}"

    @property
    def parcel_field(self) -> str:
        """Where the parcel is named."""
        return f"{self.place}.{self.fields[2]}"


def check_claimed(claimed: Sequence[Claimed], order: Order, parcels: Sequence[Fulfillment] | None) -> None:
    """
    Refuse lines and parcels that the order does not have, and more units than were ordered or are in a parcel.

    Args:
        claimed: All that the claim names.
        order: As the shop holds it now.
        parcels: Of the order; None where the shop cannot tell.

    Raises:
        WrongArgument: The text names the field, what was found, and the nearest.
    """
    for one in claimed:
        _line(one, order)
    _not_more(claimed, {line.id: line.quantity for line in order.lines})
    if parcels is None:
        return
    for one in claimed:
        if one.parcel_id is not None:
            _parcel(one, order, parcels)
    for parcel in parcels:
        inside = [one for one in claimed if one.parcel_id == parcel.id]
        _not_more(inside if parcel.lines else (), _inside(parcel), f"parcel {parcel.id!r}")


def _line(one: Claimed, order: Order) -> Line:
    line = order.line(one.line_id)
    goods = [line.id for line in order.lines if not line.is_protection]
    if line is None:
        near = nearest(one.line_id, goods)
        raise WrongArgument(f"{one.line_field}: found {one.line_id!r}, no line of order {order.id!r}; {near}")
    if line.is_protection:
        raise WrongArgument(f"{one.line_field}: found {one.line_id!r}, the protection itself; expected a line of goods")
    return line


def _parcel(one: Claimed, order: Order, parcels: Sequence[Fulfillment]) -> None:
    parcel = next((parcel for parcel in parcels if parcel.id == one.parcel_id), None)
    if parcel is None:
        near = nearest(str(one.parcel_id), [parcel.id for parcel in parcels])
        raise WrongArgument(f"{one.parcel_field}: found {one.parcel_id!r}, no parcel of order {order.id!r}; {near}")
    if parcel.lines and one.line_id not in _inside(parcel):
        holding = [parcel.id for parcel in parcels_of(one.line_id, parcels)]
        where = f"it is in {', '.join(map(repr, holding))}" if holding else "it is in no parcel"
        raise WrongArgument(f"{one.line_field}: found {one.line_id!r}, not in parcel {parcel.id!r}; {where}")


def _not_more(claimed: Iterable[Claimed], there: Counter[str] | dict[str, int], where: str = "the order") -> None:
    units: Counter[str] = Counter()
    for one in claimed:
        units[one.line_id] += one.quantity
        most = there.get(one.line_id, 0)
        if units[one.line_id] > most:
            raise WrongArgument(
                f"{one.quantity_field}: found {units[one.line_id]} units of line {one.line_id!r} in all, "
                f"expected at most {most}: {where} has no more"
            )


def _inside(parcel: Fulfillment) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in parcel.lines:
        units[line.line_id] += line.quantity
    return units


def parcels_of(line_id: str, parcels: Sequence[Fulfillment]) -> list[Fulfillment]:
    """Return the parcels that hold a line; where none says so, those of which nobody knows what is in them."""
    return [parcel for parcel in parcels if _inside(parcel)[line_id]] or [one for one in parcels if not one.lines]

"""What a shop fills in, made into the bodies of pages CLM-C and CLM-F. Pure: order and parcels are handed in."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from pydantic.alias_generators import to_camel

from op_core._settings_faults import nearest
from op_core.errors import WrongArgument
from op_core.filing.checks import Claimed, check_claimed, parcels_of
from op_core.models import Fulfillment, Order
from op_core.order_protection.schema import (
    ClaimCategory,
    ClaimOptions,
    FileClaim,
    FileOfflineClaim,
    IssueType,
    RequestedResolution,
    SalesChannel,
)

__all__ = ["LineIssue", "OnlineClaim", "offline_body", "online_body"]

_E = TypeVar("_E", bound=enum.StrEnum)
_WORD = re.compile(r"[A-Za-z_-]{1,40}")
_OURS = ("line_id", "quantity", "fulfillment_id")
_THEIRS = ("sourceItemId", "quantity", "sourceFulfillmentId")


def _choice(kind: type[_E], what: str, said: object) -> _E:
    known = [one.value for one in kind]
    if not isinstance(said, str):
        raise WrongArgument(f"{what}: found a {type(said).__name__}, expected one of {', '.join(known)}")
    if said not in known:
        found = repr(said) if _WORD.fullmatch(said) else "other text"  # it may be somebody's, in the wrong place
        raise WrongArgument(f"{what}: found {found}; {nearest(said, known)}")
    return kind(said)


def _issue_type(said: IssueType | str) -> IssueType:
    return _choice(IssueType, "issue_type", said)


def _wish(said: RequestedResolution | str | None) -> RequestedResolution | None:
    return None if said is None else _choice(RequestedResolution, "resolution", said)


def _category(said: ClaimCategory | str) -> ClaimCategory:
    return _choice(ClaimCategory, "category", said)


def _addresses(said: Iterable[str]) -> tuple[str, ...]:
    if isinstance(said, str):
        raise WrongArgument("images: found text, expected a list of addresses")
    return tuple(said)


def _issues(said: Iterable[LineIssue]) -> tuple[LineIssue, ...]:
    issues = tuple(said)
    if not issues or not all(isinstance(one, LineIssue) for one in issues):
        raise WrongArgument("issues: expected at least one LineIssue, and nothing else")
    return issues


def _units(_: object, __: object, said: int) -> None:
    if isinstance(said, bool) or not isinstance(said, int) or said < 1:
        raise WrongArgument(f"quantity: found {said!r}, expected a whole number from 1")


@attrs.frozen
class LineIssue:
    """
    What is wrong with some units of one line of an order.

    Attributes:
        line_id: The shop's id of the line.
        quantity: Units that are concerned.
        issue_type: One of the ten of page CLM-F, such as ``DAMAGED``.
        details: The customer's own words.
        images: Addresses of pictures.
        fulfillment_id: The shop's id of the parcel. None: looked up; needed where units of the line are in several
            parcels and only some of them are concerned.
    """

    line_id: str = attrs.field(converter=str)
    quantity: int = attrs.field(validator=_units)
    issue_type: IssueType = attrs.field(converter=_issue_type)
    details: str = attrs.field(default="", repr=False)
    images: tuple[str, ...] = attrs.field(default=(), converter=_addresses, repr=False)
    fulfillment_id: str | None = None


@attrs.frozen(kw_only=True)
class OnlineClaim:
    """
    A claim about an order of the online store, as a support page knows it.

    Attributes:
        email: The claimant's.
        issues: What is wrong, line by line.
        resolution: What the customer asks for: ``RESHIP``, ``REFUND`` or ``STORE_CREDIT``.
        signature: Address of a picture of the customer's signature.
        requires_signature: The claim is refused here where there is none.
        category: ``SHIPPING`` or ``WARRANTY``.
        warranty_period: An ISO 8601 duration, such as ``P1Y``.
    """

    email: str = attrs.field(repr=False)
    issues: tuple[LineIssue, ...] = attrs.field(converter=_issues)
    resolution: RequestedResolution | None = attrs.field(default=None, converter=_wish)
    signature: str = attrs.field(default="", repr=False)
    requires_signature: bool = False
    category: ClaimCategory = attrs.field(default=ClaimCategory.SHIPPING, converter=_category)
    warranty_period: str | None = None


def online_body(claim: OnlineClaim | FileClaim, order: Order, parcels: Sequence[Fulfillment] | None) -> FileClaim:
    """
    Return the body of page CLM-C for a claim, held against the shop's order.

    Args:
        claim: What the shop filled in, or the body itself.
        order: As the shop holds it now.
        parcels: Of the order; None where the shop cannot tell.

    Raises:
        WrongArgument: The order does not have what the claim is about; the text names the field.
        NotSendable: The page does not take it.
    """
    check_claimed(list(_claimed(claim)), order, parcels)
    body = claim if isinstance(claim, FileClaim) else _filled(claim, order, parcels)
    signature = body.resolution.customer_signature if body.resolution else None
    _check_signature("resolution.customerSignature", signature, body.options)
    return body


def _claimed(claim: OnlineClaim | FileClaim) -> Iterator[Claimed]:
    if isinstance(claim, OnlineClaim):
        for at, one in enumerate(claim.issues):
            yield Claimed(f"issues[{at}]", _OURS, one.line_id, one.quantity, one.fulfillment_id)
        return
    for at, parcel in enumerate(claim.fulfillment_issues or ()):
        for within, issue in enumerate(parcel.issues):
            place = f"fulfillmentIssues[{at}].issues[{within}]"
            yield Claimed(place, _THEIRS, issue.source_item_id, issue.quantity, parcel.source_fulfillment_id)


def _filled(claim: OnlineClaim, order: Order, parcels: Sequence[Fulfillment] | None) -> FileClaim:
    by_parcel: dict[str, list[dict[str, Any]]] = {}
    for at, one in enumerate(claim.issues):
        line = order.line(one.line_id)
        assert line is not None, "check_claimed has seen it"
        for parcel_id, quantity in _placed(one, f"issues[{at}]", parcels):
            said = {
                "issueType": one.issue_type,
                "quantity": quantity,
                "sourceItemId": one.line_id,
                "sourceProductId": line.product_id or None,
                "sourceVariantId": line.variant_id or None,
                "details": one.details or None,
                "images": one.images or None,
            }
            by_parcel.setdefault(parcel_id, []).append(said)
    wish = {
        "desiredMethod": claim.resolution,
        "customerSignature": claim.signature or None,
        "warrantyPeriod": claim.warranty_period,
    }
    return FileClaim.model_validate(
        {
            "email": claim.email,
            "claimCategory": claim.category,
            "fulfillmentIssues": tuple(
                {"sourceFulfillmentId": parcel_id, "issues": tuple(issues)} for parcel_id, issues in by_parcel.items()
            ),
            "resolution": wish if any(wish.values()) else None,
            "options": {"requireCustomerSignature": True} if claim.requires_signature else None,
        }
    )


def _placed(one: LineIssue, place: str, parcels: Sequence[Fulfillment] | None) -> list[tuple[str, int]]:
    """Say which parcels the units of an issue are in; never guessed where it might be another one."""
    field = f"{place}.fulfillment_id"
    if one.fulfillment_id is not None:
        return [(one.fulfillment_id, one.quantity)]
    if parcels is None:
        raise WrongArgument(f"{field}: missing; this shop cannot look parcels up, expected the parcel's id")
    holding = parcels_of(one.line_id, parcels)
    if not holding:
        raise WrongArgument(f"{field}: missing, and line {one.line_id!r} is in no parcel: nothing of it was sent yet")
    if len(holding) == 1:
        return [(holding[0].id, one.quantity)]
    units = [sum(line.quantity for line in parcel.lines if line.line_id == one.line_id) for parcel in holding]
    if sum(units) == one.quantity:
        return [(parcel.id, quantity) for parcel, quantity in zip(holding, units, strict=True)]
    listed = ", ".join(repr(parcel.id) for parcel in holding)
    raise WrongArgument(
        f"{field}: missing; units of line {one.line_id!r} are in several parcels: {listed}; expected one"
    )


def offline_body(claim: FileOfflineClaim | Mapping[str, Any], op_store_id: str) -> FileOfflineClaim:
    """
    Return the body of page CLM-F for a claim.

    Args:
        claim: The body. A mapping may leave out the store's id, an empty signature, the channel ``IN_STORE`` and the
            category ``WARRANTY``.
        op_store_id: Order Protection's own id of the store.

    Raises:
        WrongArgument: It is another store's, or lacks the signature or the receipt that it says is required.
        NotSendable: The page does not take it.
    """
    usual = {
        "store_id": op_store_id,
        "signature": "",
        "sales_channel": SalesChannel.IN_STORE,
        "claim_category": ClaimCategory.WARRANTY,
    }
    if isinstance(claim, FileOfflineClaim):
        body = claim
    else:
        missing = {name: said for name, said in usual.items() if name not in claim and to_camel(name) not in claim}
        body = FileOfflineClaim.model_validate({**claim, **missing})
    if body.store_id != op_store_id:
        raise WrongArgument("storeId: found another store's id, expected that of the setting op_store_id")
    _check_signature("signature", body.signature, body.options)
    if body.warranty.receipt_required and not body.warranty.receipt_images:
        raise WrongArgument("warranty.receiptImages: empty, and warranty.receiptRequired says that one is needed")
    return body


def _check_signature(field: str, signature: str | None, options: ClaimOptions | None) -> None:
    if options is not None and options.require_customer_signature and not signature:
        raise WrongArgument(f"{field}: empty, and options.requireCustomerSignature says that one is needed")

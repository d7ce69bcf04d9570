"""What `op-core doctor` looks at: the way in, one page, one order as it would be exported, each verb's requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import attrs
from pydantic import SecretStr

from op_core.errors import HookError, NotSupported, OpCoreError
from op_core.export import to_create
from op_core.models import Address, LineQuantity, Order
from op_core.order_protection.jsonmoney import dumps
from op_core.order_protection.schema import PlatformId
from op_core.proofs import Proof
from op_rest_shop.calls import Call
from op_rest_shop.context import NAMES, of_order
from op_rest_shop.expressions import WrongExpression
from op_rest_shop.mapping import Manifest, MoneyVerb, Verb
from op_rest_shop.reading import UNSORTED, Reader
from op_rest_shop.sequences import Writer
from op_rest_shop.trials import NotTried, Underivable, run, trials

__all__ = ["prove"]

_MONEY = {
    "moved": "the shop's gateway pays at once",
    "queued": "the shop pays later; pending until its look-up says so",
    "booked": "a row is written; the money is moved elsewhere",
}
_PAGE = 5
_SHOWN = 3  # faults of a verb that are told in words


def prove(manifest: Manifest, reader: Reader, writers: Mapping[str, Writer], *, writes: bool) -> Iterator[Proof]:
    """
    Yield what was looked at. Nothing but reading calls is sent.

    Raises:
        NotSupported: With *writes*: what a shop was told over HTTP cannot be taken back.
    """
    if writes:
        raise NotSupported("what a shop is told over HTTP cannot be taken back; doctor shows each verb's requests")
    try:
        page = reader.page(datetime.now(UTC) - timedelta(days=3650), None, _PAGE)
    except OpCoreError as error:
        yield Proof("one page of orders", "not well", str(error))
        return
    yield Proof("one page of orders", "well", f"{len(page.orders)} orders; the shop knows us")
    times = [order.updated_at for order in page.orders]
    if manifest.orders.paging is not None and times != sorted(times):
        yield Proof("order of the list", "not well", UNSORTED)
    if not page.orders:
        yield Proof("one order", "look", "the shop has no orders; place one, and look again")
        return
    order = page.orders[-1]
    yield from _order(reader, order)
    for name in manifest.verbs:
        yield from _verb(manifest, writers[name], order)


def _order(reader: Reader, listed: Order) -> Iterator[Proof]:
    try:
        order = reader.order(listed.id)
    except (OpCoreError, HookError) as error:
        yield Proof("one order", "not well", str(error))
        return
    parts = f"{len(order.lines)} lines, {len(order.payments)} payments"
    said = f"order {order.number}: {parts}, total {order.total.amount:f} {order.currency}"
    try:
        body = dumps(to_create(order, PlatformId.API.value).to_wire()).decode()
    except (OpCoreError, ValueError) as error:
        why = str(error) if isinstance(error, OpCoreError) else "Order Protection does not take it"
        yield Proof("one order", "look", f"{said}: not exported: {why}")
    else:
        yield Proof("one order", "well", f"{said}, as it would be exported", private=body)
    if order.payments and order.paid.amount > 0 and not order.refundable.amount <= order.paid.amount:
        yield Proof("payments", "look", "more is left to give back than was paid")


def _verb(manifest: Manifest, writer: Writer, order: Order) -> Iterator[Proof]:
    verb, place = writer.verb, writer.name
    if isinstance(verb, MoneyVerb):
        yield Proof(f"{place}.money", "well", f"{verb.money}: {_MONEY[verb.money]}")
    if verb.find_function is not None:
        yield Proof(f"{place}.find", "well", f"asked for by {verb.find_function}")
    if verb.function is not None:
        yield Proof(place, "well", f"made by {verb.function}")
        return
    if not verb.is_found:
        yield Proof(f"{place}.find", "look", "none: an effect of unknown outcome waits for a person")
    labels, texts = zip(*_requests(writer, verb, order), strict=True)
    yield Proof(f"{place}, as a dry run", "well", "; ".join(labels), private="\n".join(texts))
    yield from _under_faults(manifest, writer.client.place, place)


def _under_faults(manifest: Manifest, file: str, name: str) -> Iterator[Proof]:
    """Yield how a verb's landing rules fare at a shop that is made of the manifest: the real one is not called."""
    what = f"{name}, with a fault at each call"
    tried, wrong, ends, not_tried = 0, [], Counter[str](), []
    try:
        for trial in trials(manifest, name):
            if isinstance(trial, NotTried):
                not_tried.append(f"{trial.place}: {trial.why}")
                continue
            verdict = run(trial, manifest, file)
            tried, ends[verdict.state] = tried + 1, ends[verdict.state] + 1
            if verdict.wrong:
                wrong.append(f"{trial}: {verdict.wrong}")
    except Underivable as error:
        not_tried.append(f"no JSON is known in which {error} finds anything")
    if wrong:
        yield Proof(what, "not well", f"{len(wrong)} of {tried}: {'; '.join(wrong[:_SHOWN])}")
    elif tried:
        ended = ", ".join(f"{number} {state}" for state, number in ends.most_common())
        yield Proof(what, "well", f"{tried} faults, none doubled, none lost: {ended}")
    for said in not_tried:
        yield Proof(what, "look", f"not tried: {said}")


def _requests(writer: Writer, verb: Verb, order: Order) -> Iterator[tuple[str, str]]:
    """Yield what each call would send, as far as it is known before the ones ahead of it are answered."""
    context = _example(writer.name, order)
    for call in verb.calls:
        yield call.label, _shown(writer, call, {**context, "line": (context["lines"] or [{}])[0]})


def _shown(writer: Writer, call: Call, context: Mapping[str, Any]) -> str:
    try:
        request = writer.client.request(call, context)
    except (WrongExpression, OpCoreError) as error:
        return f"{call.label}: known only after the calls ahead of it ({error})"
    raw = request.body is None or isinstance(request.body, bytes)
    body: bytes = (request.body or b"") if raw else dumps(request.body)
    query = f"?{urlencode(request.query)}" if request.query else ""
    masked = {name for name, value in call.headers.tree.items() if isinstance(value, SecretStr)}
    headers = "".join(f" [{name}: {'***' if name in masked else value}]" for name, value in request.headers)
    return f"{request.method} {request.path}{query}{headers} {body.decode()}".rstrip()


def _example(verb: str, order: Order) -> dict[str, Any]:
    units = tuple(LineQuantity(line.id, 1) for line in order.lines if not line.is_protection)[:1]
    said: dict[str, Any] = {
        **of_order(order, units),
        "reference": "OP-EXAMPLE00000000000000000000000",
        "claim_id": "example",
        "reason": "a dry run of doctor",
        "attempt": 1,
        "amount": order.total.amount,
        "payment_id": order.payments[0].id if order.payments else None,
        "take_stock": True,
        "notify": False,
        "shipping_method": None,
        "text": "a dry run of doctor",
        "address": {name: getattr(order.shipping_address or Address(), name) for name in _address()},
    }
    return {name: said[name] for name in NAMES[verb]}


def _address() -> tuple[str, ...]:
    return tuple(each.name for each in attrs.fields(Address))

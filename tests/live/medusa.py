"""
What the manifest of examples/medusa does with a running Medusa v2: reads all, makes effects, is killed at every call.

    make live-medusa         sets one up, of 20 orders; or SHOP_URL, SHOP_KEY and SHOP_RESHIP_OPTION name one, which is
                             written to

With ``--record FILE`` the answers of one order are kept, scrubbed, for the tests that replay them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import medusa_claims
import medusa_record
import medusa_shop
from op_rest_shop import RestShopAdapter, RestShopSettings

from op_core.models import Found, LineQuantity, NotFound, Order
from op_core.money import Money
from op_core.order_protection.jsonmoney import dumps
from op_core.plugins import StoreInfo
from op_core.requests import (
    Effect,
    ExportOrdersRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    OperationKey,
    RefundRequest,
    ReshipRequest,
)

FOLDER = Path(__file__).parents[2] / "examples" / "medusa"
NEEDED = ("SHOP_URL", "SHOP_KEY", "SHOP_RESHIP_OPTION")
EFFECTS = 40
ROUNDS = 3  # of kills at each point, where all of op-core is killed
SIDES = ("before", "after")
CALLS = {"refund": 1, "reship": 5}


def connected() -> RestShopAdapter:
    settings = RestShopSettings.model_validate({"manifest": "shop.toml", "url": os.environ["SHOP_URL"]})
    return RestShopAdapter(settings, StoreInfo("main", "medusa-main", FOLDER))


def exported(shop: RestShopAdapter) -> list[Order]:
    orders: list[Order] = []
    cursor, done = None, False
    while not done:
        page = shop.op_export_orders(request=ExportOrdersRequest("main", None, cursor, 7))
        orders += page.orders
        cursor, done = page.cursor, page.done
        if page.unreadable:
            raise SystemExit(f"cannot be read: {page.unreadable}")
    return orders


def effect(shop: RestShopAdapter, verb: str, order_id: str, run: str) -> Effect:
    order = shop.op_get_order(request=GetOrderRequest("main", order_id))
    key = OperationKey("medusa-main", f"claim:{order_id}-{run}", verb, 1)
    said: dict[str, Any] = {
        "store": "main",
        "key": key,
        "reference": f"OP-{hashlib.sha256(str(key).encode()).hexdigest()[:24].upper()}",
        "order": order,
        "deadline": datetime.now(UTC) + timedelta(minutes=1),
        "claim_id": run,
    }
    if verb == "refund":
        return RefundRequest(**said, amount=Money(Decimal("1.25"), order.currency), payment_id=order.payments[0].id)
    line = next(line for line in order.lines if not line.is_protection)
    return ReshipRequest(**said, lines=(LineQuantity(line.id, 1),), address=order.shipping_address)


def found(shop: RestShopAdapter, request: Effect) -> Any:
    ask = {"refund": shop.op_find_refund, "reship": shop.op_find_reship}[request.key.verb]
    return ask(request=FindRequest("main", request.key, request.reference, request.order))


def acted(shop: RestShopAdapter, request: Effect) -> None:
    """Do what the engine does: ask, and make it only if it is not there."""
    there = found(shop, request)
    if isinstance(there, Found):
        return
    assert isinstance(there, NotFound), there
    make = {"refund": shop.op_issue_refund, "reship": shop.op_create_reship}[request.key.verb]
    made = make(request=request)  # type: ignore[operator]  # each verb's own request
    assert made.state == "done", made


def killed(verb: str, order_id: str, run: str, point: str) -> bool:
    """Make the effect in a process of its own that kills itself at a crash point."""
    command = [sys.executable, __file__, "--once", verb, order_id, run]
    ended = subprocess.run(command, env={**os.environ, "OP_CRASH_POINT": point}, capture_output=True, check=False)
    if ended.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(ended.stderr.decode()[-2000:])
    return ended.returncode == -signal.SIGKILL


def raw(shop: RestShopAdapter, path: str, **query: str) -> Any:
    call = shop.manifest.orders.model_copy(update={"get": type(shop.manifest.orders.get)(path), "query": _shape(query)})
    return shop.client.call(call, {}, "live").body


def _shape(query: dict[str, str]) -> Any:
    from op_rest_shop.templates import Shape  # noqa: PLC0415 - this script's own calls alone need it

    return Shape.made(query)


def torture(shop: RestShopAdapter, orders: list[Order]) -> dict[str, Any]:
    begun, kills, run = time.monotonic(), 0, f"{time.time():.0f}"
    made = []
    for at in range(EFFECTS):
        order, verb = orders[at // 2 % len(orders)], ("refund", "reship")[at % 2]
        this = f"{run}-{at}"
        for call in range(CALLS[verb]):
            for side in SIDES:
                kills += killed(verb, order.id, this, f"rest:{verb}:{call}:{side}")
        for _ in range(2):
            acted(shop, effect(shop, verb, order.id, this))
        made.append((verb, order.id, this))
        print(f"\r{at + 1} of {EFFECTS} effects, {kills} kills", end="", file=sys.stderr)
    print(file=sys.stderr)
    once = [found(shop, effect(shop, *each)) for each in made]
    before, after = _lines(orders), _lines(exported(shop))
    return {
        "effects": EFFECTS,
        "kills": kills,
        "found once": sum(isinstance(each, Found) and not each.others for each in once),
        "half-built claims": sum(_half_built(shop, order.id) for order in orders),
        "orders that owe": sum(_owes(shop, order.id) != 0 for order in orders),
        "totals or lines that moved": sum(after[order_id] != said for order_id, said in before.items()),
        "seconds": round(time.monotonic() - begun),
    }


def _lines(orders: list[Order]) -> dict[str, Any]:
    """Return total and lines of each order; Medusa gives lines now in one order, now in another."""
    return {order.id: (order.total, frozenset(order.lines)) for order in orders}


def _half_built(shop: RestShopAdapter, order_id: str) -> int:
    claims = raw(shop, "/admin/claims", order_id=order_id, fields="id,canceled_at,claim_items.id", limit="200")[
        "claims"
    ]
    return sum(not claim["claim_items"] and not claim["canceled_at"] for claim in claims)


def _owes(shop: RestShopAdapter, order_id: str) -> Any:
    return raw(shop, f"/admin/orders/{order_id}", fields="id,summary")["order"]["summary"]["pending_difference"]


def wrong_totals(shop: RestShopAdapter, orders: list[Order]) -> list[str]:
    """Return the orders whose amounts are others than Medusa's own."""
    wrong = []
    for order in orders:
        own = raw(shop, f"/admin/orders/{order.id}", fields="id,summary,original_total,discount_total")["order"]
        paid, refunded = (own["summary"].get(name) or 0 for name in ("paid_total", "refunded_total"))
        given = order.paid.amount - order.refundable.amount
        if (order.total.amount, order.paid.amount, given) != (own["original_total"], paid, refunded):
            wrong.append(order.id)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--once", nargs=3, metavar=("VERB", "ORDER", "RUN"))
    parser.add_argument("--folder", type=Path, default=Path("build") / "medusa", help="of Medusa's packages")
    parser.add_argument("--orders", type=int, default=20)
    given = parser.parse_args()
    if given.once:
        shop = connected()
        acted(shop, effect(shop, *given.once))
        return
    named = [name for name in NEEDED if name in os.environ]
    if named and len(named) < len(NEEDED):
        raise SystemExit(
            f"{', '.join(NEEDED)}: expected all of them, or none; examples/medusa/README.md says what they are"
        )
    with nullcontext({}) if named else medusa_shop.shop(given.folder.resolve(), given.orders) as said:
        os.environ.update(said)
        raise SystemExit(tried(connected(), given.record))


def tried(shop: RestShopAdapter, recorded: Path | None) -> int:
    """Read all, make effects, print what came of it; return the exit code."""
    orders = exported(shop)
    usable = [order for order in orders if order.cancelled_at is None and order.paid.amount > 2 * EFFECTS]
    if recorded:
        medusa_record.record(
            shop, usable[0], [effect(shop, verb, usable[0].id, "recorded") for verb in CALLS], recorded
        )
        return 0
    parcels = shop.op_lookup_fulfillments(request=LookupFulfillmentsRequest("main", tuple(o.id for o in orders)))
    said: dict[str, Any] = {
        "orders": len(orders),
        "orders with other totals than Medusa's": len(wrong_totals(shop, orders)),
        "parcels": sum(map(len, parcels.values())),
        "tracked": sum(bool(one.tracking_numbers) for each in parcels.values() for one in each),
    }
    hooks = torture(shop, usable)
    whole = whole_path(shop, exported(shop))
    print(dumps({**said, "by the hooks": hooks, "by serve": whole}).decode())
    wrong = [said["orders with other totals than Medusa's"]]
    wrong += [each[name] for each in (hooks, whole) for name in ("half-built claims", "orders that owe")]
    wrong += [
        hooks["totals or lines that moved"],
        whole["made twice"],
        EFFECTS - hooks["found once"],
        EFFECTS - whole["made"],
    ]
    return int(any(wrong))


def whole_path(shop: RestShopAdapter, orders: list[Order]) -> dict[str, Any]:
    """Let a local Order Protection decide as many claims, each sent twice, with `op-core serve` killed at each call."""
    begun, before = time.monotonic(), _references(shop, orders)
    points = [f"rest:{verb}:{call}:{side}" for verb, calls in CALLS.items() for call in range(calls) for side in SIDES]
    with TemporaryDirectory() as folder:
        said = medusa_claims.decided(FOLDER, Path(folder), orders, points * ROUNDS, EFFECTS)
    made = [one for one in _references(shop, orders) if one not in before]
    return {
        **said,
        "made": len(set(made)),
        "made twice": len(made) - len(set(made)),
        "half-built claims": sum(_half_built(shop, order.id) for order in orders),
        "orders that owe": sum(_owes(shop, order.id) != 0 for order in orders if order.cancelled_at is None),
        "seconds": round(time.monotonic() - begun),
    }


def _references(shop: RestShopAdapter, orders: list[Order]) -> list[str]:
    """Return our reference on each refund and each confirmed claim of these orders, as often as it is there."""
    found = []
    for order in orders:
        fields = "id,*payment_collections.payments.refunds"
        own = raw(shop, f"/admin/orders/{order.id}", fields=fields)["order"]
        notes = [
            refund["note"]
            for collection in own["payment_collections"]
            for payment in collection["payments"]
            for refund in payment["refunds"]
        ]
        claims = raw(shop, "/admin/claims", order_id=order.id, fields="id,metadata,claim_items.id", limit="200")[
            "claims"
        ]
        kept = [claim["metadata"] or {} for claim in claims if claim["claim_items"]]
        found += [text for text in (*notes, *(each.get("op") for each in kept)) if (text or "").startswith("OP-")]
    return found


if __name__ == "__main__":
    main()

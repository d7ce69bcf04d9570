"""
The Corner Shop: a small shop with an HTTP admin API, for tests. `answer` is the whole of it, with or without a socket.

It is as real shops are. Lists have pages; what is left out of a request has a default, and rarely the one that is
wanted; a 200 may say no; times are those of the shop's town. No guard hides a caller's mistake: it does twice what it
is told twice.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

import attrs

from contract_0_1.copies import copied
from op_core.money import Money

__all__ = ["CornerShop", "Doc", "Says"]

Doc: TypeAlias = dict[str, Any]
"""What the shop stores. It is never changed in place, so that older states of the shop can be kept."""

Query: TypeAlias = Mapping[str, list[str]]

KINDS = {
    "replacements": "replacement",
    "refunds": "refund",
    "credits": "credit",
    "premiums": "premium",
    "notes": "note",
}
STATES = {"bank": "queued", "cash": "noted"}  # method of a payment to what becomes of a refund at once; else paid
FIELDS = {
    "replacements": "reference lines ship_to price tax shipping payments method take_stock notify note",
    "refunds": "reference amount currency payment lines note",
    "credits": "reference amount currency note",
    "premiums": "reference kind amount currency",
    "notes": "reference text format",
}


class Says(Exception):
    """An answer that is no success: a status, and a code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@attrs.define(eq=False)
class CornerShop:
    """
    The shop. A new one is empty.

    Attributes:
        token: Who carries it may do everything.
        orders: By id.
        effects: Refunds, replacements, credits, premiums and notes, oldest first; each says its *kind*.
        stock: Units by SKU.
    """

    token: str
    orders: dict[str, Doc] = attrs.field(factory=dict)
    parcels: dict[str, Doc] = attrs.field(factory=dict)
    products: list[Doc] = attrs.field(factory=list)
    effects: list[Doc] = attrs.field(factory=list)
    stock: dict[str, int] = attrs.field(factory=dict)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """
        Answer a request with a status and JSON.

        Args:
            method: In capitals.
            target: Path and query, escaped.
            headers: Names in small letters.
            body: JSON, of a POST.
        """
        parts = urlsplit(target)
        path = [unquote(part) for part in parts.path.split("/")[1:]]
        try:
            self._known(headers.get("authorization"))
            if method == "POST":
                status, found = self._changed(path, body, headers.get("idempotency-key"))
            else:
                status, found = 200, self._found(path, parse_qs(parts.query))
        except Says as said:
            status, found = said.status, {"error": said.code}
        return status, json.dumps(found).encode()

    def _known(self, said: str | None) -> None:
        if said != f"Bearer {self.token}":
            raise Says(401, "no_such_token")

    def _changed(self, path: list[str], body: bytes, key: str | None) -> tuple[int, Doc]:
        match path:
            case ["v1", "orders", order_id, kind] if kind in KINDS:
                return self._made(self._order(order_id), kind, _read(body, kind), key)
            case ["v1", kind, effect_id] if kind in KINDS:
                return self._labelled(kind, effect_id, _read(body, kind)["reference"])
        raise Says(404, "no_such_page")

    def _found(self, path: list[str], query: Query) -> Doc:
        match path:
            case ["v1", "orders"]:
                return self._page("orders", list(self.orders.values()), query)
            case ["v1", "products"]:
                return self._page("products", self.products, query)
            case ["v1", "orders", order_id]:
                return {"order": self._order(order_id)}
            case ["v1", "parcels"]:
                return self._few(
                    "parcels", [one for one in self.parcels.values() if one["order"] in query["order"]], query
                )
            case ["v1", "stock"]:
                return self._few(
                    "stock", [{"sku": sku, "available": self.stock.get(sku)} for sku in query["sku"]], query
                )
            case ["v1", kind] if kind in KINDS:
                mine = [one for one in self.effects if one["kind"] == kind]
                return self._few(kind, [one for one in mine if one["reference"] in query["reference"]], query)
        raise Says(404, "no_such_page")

    def _order(self, order_id: str) -> Doc:
        if order_id not in self.orders:
            raise Says(404, "no_such_order")
        return self.orders[order_id]

    def _page(self, name: str, found: list[Doc], query: Query) -> Doc:
        """Return the page after a place in the order of changes; the cursor names the place."""
        found = sorted(found, key=changed)
        limit = int(query.get("limit", ["50"])[0])
        if "changed_since" in query:
            since = datetime.fromisoformat(query["changed_since"][0])
            found = [one for one in found if changed(one)[0] >= since]
        if "cursor" in query:
            at, key = json.loads(query["cursor"][0])
            found = [one for one in found if changed(one) > (datetime.fromisoformat(at), key)]
        at, key = changed(found[limit - 1]) if len(found) > limit else (None, "")
        return {name: found[:limit], "next": json.dumps([at.isoformat(), key]) if at is not None else None}

    def _few(self, name: str, found: list[Doc], query: Query) -> Doc:
        """Return three at a time, so that whoever reads the first page alone is found out."""
        first = int(query.get("cursor", ["0"])[0])
        after = first + 3
        return {name: found[first:after], "next": str(after) if after < len(found) else None}

    # --- Changing ------------------------------------------------------------------------------------------------

    def _made(self, order: Doc, kind: str, asked: Doc, key: str | None) -> tuple[int, Doc]:
        made = next((one for one in self.effects if key is not None and one["key"] == key), None)
        if made is not None and (made["order"], made["kind"], made["asked"]) != (order["id"], kind, asked):
            raise Says(422, "other_request_of_this_key")
        if made is not None:
            return 200, {KINDS[kind]: made}
        effect = {
            "kind": kind,
            "id": f"{KINDS[kind]}-{len(self.effects) + 1}",
            "reference": asked.get("reference", ""),
            "order": order["id"],
            "state": "made",
            "key": key,
            "asked": asked,
        }
        if "amount" in asked:
            effect |= {"amount": _amount(asked, order), "currency": order["currency"], "state": "paid"}
        problem = getattr(self, f"_{kind}")(order, asked, effect)
        if problem:
            return 200, {"problems": [problem]}
        self.effects.append(effect)
        return 201, {KINDS[kind]: effect}

    def _refunds(self, order: Doc, asked: Doc, effect: Doc) -> str | None:
        wanted = asked.get("payment") or order["payments"][0]["id"]
        payment = next((one for one in order["payments"] if one["id"] == wanted), None)
        if payment is None:
            return "no_such_payment"
        refunded = Decimal(payment["refunded"]) + Decimal(effect["amount"])
        if refunded > Decimal(payment["captured"]):
            return "more_than_is_left"
        units = {one["line"]: one["quantity"] for one in asked.get("lines", [])}
        if set(units) - {one["id"] for one in order["lines"]}:
            return "no_such_line"
        effect |= {
            "payment": wanted,
            "lines": asked.get("lines", []),
            "state": STATES.get(payment["method"], "paid"),
        }
        paid = {**payment, "refunded": str(refunded)}
        self.change(
            order,
            payments=[paid if one is payment else one for one in order["payments"]],
            lines=[{**one, "refunded": one["refunded"] + units.get(one["id"], 0)} for one in order["lines"]],
            references=[*order["references"], effect["reference"]],
        )
        return None

    def _replacements(self, order: Doc, asked: Doc, effect: Doc) -> str | None:
        if (problem := self._unsendable(order, asked)) is not None:
            return problem
        nth = 1 + sum(one["kind"] == "replacements" and one["order"] == order["id"] for one in self.effects)
        new = copied(order, asked, f"{order['id']}-R{nth}", self.now())
        self.orders[new["id"]] = new
        if asked.get("take_stock", False):
            for line in new["lines"]:
                if line["sku"] in self.stock:
                    self.stock[line["sku"]] -= line["quantity"]
        effect |= {"id": new["id"], "lines": asked["lines"]}
        return None

    def _unsendable(self, order: Doc, asked: Doc) -> str | None:
        units = {one["line"]: one["quantity"] for one in asked["lines"]}
        lines = {one["id"]: one for one in order["lines"]}
        if not units or set(units) - set(lines):
            return "no_such_line"
        if any(n < 1 or n > lines[line]["quantity"] for line, n in units.items()):
            return "more_than_was_ordered"
        return None

    def _credits(self, order: Doc, asked: Doc, effect: Doc) -> str | None:
        return None if order["customer"]["email"] else "no_account"

    def _premiums(self, order: Doc, asked: Doc, effect: Doc) -> str | None:
        amount = Decimal(effect["amount"])
        if asked["kind"] == "charge":
            paid = {"id": f"{effect['id']}-P", "method": "card", "captured": str(amount), "refunded": "0"}
            self.change(
                order,
                payments=[*order["payments"], paid],
                premium=str(Decimal(order["premium"] or 0) + amount),
                total=str(Decimal(order["total"]) + amount),
            )
        elif asked["kind"] != "refund":
            raise Says(422, "no_such_kind")
        effect["premium"] = asked["kind"]
        return None

    def _notes(self, order: Doc, asked: Doc, effect: Doc) -> str | None:
        effect |= {"text": asked["text"], "format": asked.get("format", "html")}
        return None

    def _labelled(self, kind: str, effect_id: str, reference: str) -> tuple[int, Doc]:
        """Write a reference on what was made, as staff do who forgot it."""
        self.effects = [{**one, "reference": reference} if one["id"] == effect_id else one for one in self.effects]
        return 200, {KINDS[kind]: next(one for one in self.effects if one["id"] == effect_id)}

    def pay(self, reference: str) -> bool:
        """Pay what is queued under a reference, as the bank does at night; tell whether anything was."""
        queued = [one for one in self.effects if one["reference"] == reference and one["state"] == "queued"]
        self.effects = [{**one, "state": "paid"} if one in queued else one for one in self.effects]
        return bool(queued)

    def change(self, order: Doc, **changes: Any) -> None:
        """Change an order, later than any change before."""
        self.orders[order["id"]] = {**order, **changes, "changed_at": self.now()}

    def now(self) -> str:
        """Return the time in the shop's town: a second after the latest change, for nobody waits for a clock here."""
        latest = max(changed(one)[0] for one in self.orders.values())
        return (latest + timedelta(seconds=1)).isoformat()


def changed(found: Doc) -> tuple[datetime, str]:
    """Return when something changed, and its id: two things of one moment have an order too."""
    return datetime.fromisoformat(found["changed_at"]), found.get("id", "") or found["product"] + found["variant"]


def _read(body: bytes, kind: str) -> Doc:
    try:
        asked = json.loads(body, parse_float=str)
    except ValueError:
        raise Says(400, "no_json") from None
    if not isinstance(asked, dict) or set(asked) - set(FIELDS[kind].split()):
        raise Says(422, "no_such_field")
    return asked


def _amount(asked: Doc, order: Doc) -> str:
    try:
        amount = Money(str(asked["amount"]), asked.get("currency", order["currency"]))
    except ValueError:
        raise Says(422, "no_amount") from None
    if amount.currency != order["currency"]:
        raise Says(422, "other_currency")
    if not amount.is_exact or amount.amount <= 0:
        raise Says(422, "no_amount")
    return f"{amount.amount:f}"

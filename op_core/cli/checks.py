"""What `op-core doctor` looks at: each check says what it found, in words, and whether that is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import attrs

from op_core.cli.installed import receipt_of
from op_core.cli.opened import parked_in_words
from op_core.cli.wire_view import short, words_of
from op_core.cli.words import MEANS, MONEY, REPORTED, settings_in_words
from op_core.core import Core
from op_core.errors import NotSupported, OpCoreError, OrderNotFound, RequestNotSent, SettingsError, WireError
from op_core.hooks import ADDRESSED, EFFECTS, QUESTIONS
from op_core.http import Manners
from op_core.ledger import actions, deliveries, differences, exports, filings, products, reports, shapes, stores
from op_core.ledger.database import HEAD
from op_core.models import Order
from op_core.order_protection.client import Client
from op_core.order_protection.scopes import FEATURES
from op_core.runners.embedded import Work
from op_core.settings import StoreSettings

__all__ = ["Check", "capabilities_of", "check_core", "check_store"]

_LINES = 10  # new shapes that are said one by one
_MANY = 100_000  # webhooks, to count them
_BRIEF = Manners(attempts=1, connect=5, read=10, whole=15)  # somebody waits for the answer
_SHOWN = 3  # keys of claims


@attrs.frozen
class Check:
    """
    One thing that was looked at.

    Attributes:
        store: Name of the store; None for what all share.
        state: ``well``, ``not well``, or ``look`` where nothing is broken and a person should know.
        private: More that was found, and holds personal data.
    """

    store: str | None
    check: str
    state: Literal["well", "look", "not well"]
    said: str
    private: str = ""


def check_core(core: Core) -> Iterator[Check]:
    """Check what all stores share."""
    yield Check(None, "settings", "well", str(core.settings.path))
    version = core.ledger.schema_version()
    said = f"{core.ledger.engine.dialect.name}, schema {version} of {HEAD}"
    yield Check(None, "ledger", "well" if version == HEAD else "not well", said)
    if core.ledger.read(stores.fact, "recovering"):
        said = "every action is looked up in the shop before it may call; `op-core db recovering --off` ends it"
        yield Check(None, "recovering", "look", said)
    if not {*core.runner.stores, *core.parked}:
        yield Check(None, "stores", "not well", "there is none; add a table [stores.main]")


def check_store(core: Core, name: str) -> Iterator[Check]:
    """Check one store; of a parked one only why it is parked."""
    if name in core.parked:
        yield Check(name, "parked", "not well", parked_in_words(core, name))
        return
    work = core.work(name)
    store = work.desk.store
    yield Check(name, "settings", "well", f"id {store.id}, adapter {store.adapter}")
    receipt, counts = receipt_of(store.adapter)
    yield Check(name, "receipt", "well" if counts else "look", receipt)
    yield _shop(name, work)
    yield _api(name, work)
    yield _scopes(name, work)
    yield from _missing(name, work)
    address = f"https://<your host>/webhooks/{name}"
    secrets = "with its webhook secret" if len(store.webhook_secrets) == 1 else "with one of its webhook secrets"
    yield Check(name, "webhook", "well", f"enter {address} in Order Protection's dashboard, {secrets}")
    yield from (Check(name, what, "well", said) for what, said in settings_in_words(store))
    yield from (Check(name, f"report of {verb}", *_route(store, verb)) for verb in REPORTED)
    yield from _counts(core, name, store.id)
    yield from _swept(core, name, work)
    yield from _shopside(core, name, work)


def capabilities_of(work: Work) -> list[dict[str, str | None]]:
    """Return every hook, how far the adapter supports it, how it declares that money moves, and why not further."""
    declared = {hook: work.desk.shop.supports(hook) for hook in ADDRESSED}
    return [
        {"hook": hook, "support": one.support.value, "money": one.money, "reason": one.reason}
        for hook, one in declared.items()
    ]


def _shop(name: str, work: Work) -> Check:
    """Ask for a page of one order, then for that order alone: claims are acted upon by the second."""
    shop = work.desk.shop
    try:
        page = shop.export_orders(None, None, 1)
    except OpCoreError as error:
        return Check(name, "shop", "not well", f"cannot be read: {error}")
    if not page.orders:
        return Check(name, "shop", "look", "can be read, and has no order")
    first = page.orders[0]
    if not all(isinstance(order, Order) for order in page.orders):
        return Check(name, "shop", "not well", f"op_export_orders answered {type(first).__name__}, expected Order")
    try:
        shop.get_order(first.id)
    except NotSupported:  # the missing hook is said by itself
        pass
    except OrderNotFound:
        said = f"op_export_orders gives order {first.id}, and op_get_order says that there is none of that id"
        return Check(name, "shop", "not well", said)
    except OpCoreError as error:
        return Check(name, "shop", "not well", f"op_export_orders gives order {first.id}; asked for it alone: {error}")
    return Check(name, "shop", "well", f"can be read: order {first.id}")


def _missing(name: str, work: Work) -> Iterator[Check]:
    """Say what each missing hook means; a question is not missed where its effect is missing too."""
    supports = work.desk.shop.supports
    lacks = {hook for hook in ADDRESSED if not supports(hook).usable and supports(hook).support != "unknown"}
    for hook, means in MEANS.items():
        effects = {EFFECTS[verb] for verb, question in QUESTIONS.items() if question == hook}
        if hook in lacks and not (effects and effects <= lacks):
            yield Check(name, f"without {hook}", "look", f"{means}. {supports(hook).reason}")


def _api(name: str, work: Work) -> Check:
    store = work.desk.store
    try:
        seen = work.desk.fingerprints.answer
        with Client(store.api_url, work.tokens, manners=_BRIEF, on_answer=seen) as client:
            first = next(iter(client.list_orders(size=1)), None)
    except (WireError, SettingsError) as error:
        hint = _start_it(store.api_url) if isinstance(error, RequestNotSent) else ""
        return Check(name, "Order Protection", "not well", f"{store.api_url}: {error}{hint}")
    has = "has orders" if first is not None else "has no order yet"
    return Check(name, "Order Protection", "well", f"{store.api_url} takes the token, {has}")


def _scopes(name: str, work: Work) -> Check:
    """Hold the scopes of the token against those of what the store does."""
    shop, store = work.desk.shop, work.desk.store
    on = [one for one in FEATURES if one.scopes and one.is_on(store, lambda hook: shop.supports(hook).usable)]
    needs = "; ".join(f"{one.name}: {' '.join(one.scopes)}" for one in on)
    if work.app is None:
        return Check(name, "scopes", "well", f"an API token names none. An app would need: {needs}")
    has = work.app.status().scopes
    if has is None:
        return Check(name, "scopes", "look", f"not known: there is no token, or no scope was said. Needed: {needs}")
    lacks = {one: [scope for scope in one.scopes if scope not in has] for one in on}
    missing = "; ".join(f"{one.name} lacks {' '.join(scopes)}" for one, scopes in lacks.items() if scopes)
    if not missing:
        return Check(name, "scopes", "well", f"{' '.join(has)}: all that is needed")
    must = any(scopes and not one.asked_for for one, scopes in lacks.items())
    said = f"{missing}. The token has: {' '.join(has) or 'none'}. Give them to the app, then install it again"
    return Check(name, "scopes", "not well" if must else "look", said)


def _start_it(api_url: str) -> str:
    """Say how a sandbox is started, where the address is one of this machine."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    start = f"start it by `op-core sandbox --port {parts.port or 80} --db sandbox.db`"
    return f". If that is a sandbox, {start}; the demo's: see the head of op.toml" if here else ""


def _route(store: StoreSettings, verb: str) -> tuple[Literal["well", "look"], str]:
    route = next((one for known, one in store.report.items() if known == verb), None)
    if route is not None:
        return "well", f"{route.method} {route.path}"
    if verb == "reship":
        return "look", "a replacement that is an order of its own is sent as one; any other has no_route"
    return "look", f"no_route: stores.{store.name}.report.{verb} is not set, and no page documents the call"


def _counts(core: Core, name: str, store_id: str) -> Iterator[Check]:
    known = core.ledger.read(actions.listing, store_id)
    if held := sum(action.needs_person for action in known):
        yield Check(name, "held", "look", f"{held} wait for a person: op-core actions list {name} --state held")
    else:
        yield Check(name, "held", "well", "nothing waits for a person")
    if quarantined := len(core.ledger.read(deliveries.listing, store_id, "quarantined", _MANY)):
        look = f"op-core deliveries list {name} --state quarantined"
        yield Check(name, "quarantined", "not well", f"{quarantined} kept aside until something is mended: {look}")
    else:
        yield Check(name, "quarantined", "well", "every webhook could be read")
    yield from _shapes(core, name, store_id)
    yield from _exported(core, name, store_id)
    told = Counter(report.state for report in core.ledger.read(reports.listing, store_id))
    if told["failed"]:
        again = f"after a mend: op-core report {name} --since …"
        yield Check(name, "reports", "not well", f"{told['failed']} failed; {again}")
    elif told["no_route"]:
        yield Check(name, "reports", "look", f"{told['no_route']} have no route")
    else:
        yield Check(name, "reports", "well", "none failed")
    for money, count in sorted(Counter(action.money for action in known if action.money).items()):
        yield Check(name, f"money {money}", "look" if money == "booked" else "well", f"{count}: {MONEY[str(money)]}")


def _shopside(core: Core, name: str, work: Work) -> Iterator[Check]:
    """Look at what the shop itself starts: prices for its cart, claims from its support page."""
    host = work.desk.store.quote.store_url
    if host is not None:
        try:
            problems = core.quote(name, 0, "USD").problems
        except WireError as error:
            yield Check(name, "prices", "not well", f"the rules of {host} cannot be read: {error}")
        else:
            said = "; ".join(problems) or f"the rules of {host} can be read"
            yield Check(name, "prices", "look" if problems else "well", said)
    if unsure := core.ledger.read(filings.listing, work.desk.store.id, "unknown"):
        keys = ", ".join(one.key for one in unsure[:_SHOWN]) + (", …" if len(unsure) > _SHOWN else "")
        said = f"{len(unsure)} may have been filed; file each again under its key to find out: {keys}"
        yield Check(name, "claims filed", "look", said)


def _swept(core: Core, name: str, work: Work) -> Iterator[Check]:
    last, stopped, sweep = work.sweeper.last(), work.sweeper.stopped(), work.desk.store.sweep
    late = last is None or (sweep.every and core.ledger.now() - last > 2 * sweep.every)
    said = "claims were never read back" if last is None else f"claims were last read back on {_at(last)}"
    if stopped is not None:
        said += f"; a sweep stands still since {_at(stopped)}"
    go = f": op-core sweep {name}" if late or stopped else ""
    yield Check(name, "sweep", "look" if late or stopped else "well", f"{said}{go}")
    if count := len(core.ledger.read(differences.listing, work.desk.store.id)):
        said = f"{count} things are told differently by Order Protection and by the ledger: op-core sweep {name}"
        yield Check(name, "sweep differences", "look", said)


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d at %H:%M} UTC"


def _shapes(core: Core, name: str, store_id: str) -> Iterator[Check]:
    """Say what came in a shape that nobody knows; what is new alike in several of one thing is said once."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for one in core.ledger.read(shapes.listing, store_id, new=True):
        alike.setdefault((one.what, *words_of(one)), []).append(one.id)
    for (what, *new), ids in [*alike.items()][:_LINES]:
        learn = f"op-core wire show {ids[0]}, then op-core wire learn {name} {' '.join(map(str, ids))}"
        yield Check(name, f"shape of {what}", "look", f"new: {short(new)}; {learn}")
    if len(alike) > _LINES:
        yield Check(name, "more shapes", "look", f"{len(alike) - _LINES} more are new: op-core wire list {name} --new")
    if not alike:
        yield Check(name, "shapes", "well", "what came in has the shape that the pages show, or that was accepted")


def _exported(core: Core, name: str, store_id: str) -> Iterator[Check]:
    read = core.ledger.read
    orders = [*read(exports.states, store_id), *read(exports.fulfillment_states, store_id)]
    yield from _left_out(name, "export", orders, "orders", ("order or parcel", "orders or parcels"))
    if core.work(name).desk.shop.supports("op_export_products").usable:
        yield from _left_out(name, "products", read(products.states, store_id), "products", ("product", "products"))


def _left_out(name: str, check: str, rows: Iterable[Any], verb: str, what: tuple[str, str]) -> Iterator[Check]:
    left = Counter(row.state for row in rows)
    for state, count in sorted(left.items()):
        means = f"{count} {what[1]}: op-core {verb} list {name} --state {state}"
        yield Check(name, f"{check} {state}", "not well" if state == "refused" else "look", means)
    if not left:
        yield Check(name, check, "well", f"no {what[0]} is left out")

"""A store whose shop is the model shop, whose ledger is real, and whose API is a double like the real thing."""

import threading
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from op_core.errors import AlreadyThere, NotFoundThere
from op_core.export import Exporter
from op_core.ledger import Ledger, exports, products
from op_core.models import Fulfillment, LineQuantity, Product
from op_core.money import Money
from op_core.order_protection.answers import ReadFulfillment, ReadOrder
from op_core.order_protection.dialects.switches import Dialect
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.model_shop import ModelShop

START = datetime(2025, 6, 1, 12, tzinfo=UTC)


@attrs.define
class Lost:
    """The call takes effect, then this is raised in the place of its answer."""

    error: Exception


@attrs.define
class Api:
    """
    Client's methods over dictionaries: 409 for what is there, 404 for what is not.

    ``script`` holds, by method, what happens to its next calls: None, an error that is raised instead, or a `Lost` one.
    A function is given the id and returns one of these.
    """

    orders: dict = attrs.field(factory=dict)
    parcels: dict = attrs.field(factory=dict)
    products: dict = attrs.field(factory=dict)
    calls: list = attrs.field(factory=list)
    script: dict = attrs.field(factory=dict)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def _call(self, name, key, effect):
        with self.lock:
            self.calls.append((name, key))
            scripted = self.script.get(name)
            fault = scripted(key) if callable(scripted) else scripted.pop(0) if scripted else None
            if isinstance(fault, Exception):
                raise fault
            result = effect()
            if isinstance(fault, Lost):
                raise fault.error
            return result

    def create_order(self, order):
        def effect():
            if order.source_order_id in self.orders:
                raise AlreadyThere("there already", status=409)
            self.orders[order.source_order_id] = order.to_wire()

        self._call("create_order", order.source_order_id, effect)

    def update_order(self, order_id, changes):
        self._call("update_order", order_id, lambda: self._order(order_id).update(changes.to_wire()))

    def get_order(self, order_id):
        return self._call("get_order", order_id, lambda: ReadOrder.model_validate(dict(self._order(order_id))))

    def create_fulfillment(self, order_id, fulfillment):
        def effect():
            self._order(order_id)
            if (order_id, fulfillment.source_fulfillment_id) in self.parcels:
                raise AlreadyThere("there already", status=409)
            self.parcels[order_id, fulfillment.source_fulfillment_id] = fulfillment.to_wire()

        self._call("create_fulfillment", f"{order_id}/{fulfillment.source_fulfillment_id}", effect)

    def update_fulfillment(self, order_id, fulfillment_id, status):
        def effect():
            if (order_id, fulfillment_id) not in self.parcels:
                raise NotFoundThere("no such parcel", status=404)
            self.parcels[order_id, fulfillment_id]["fulfillmentStatus"] = status

        self._call("update_fulfillment", f"{order_id}/{fulfillment_id}", effect)

    def list_fulfillments(self, order_id):
        def effect():
            self._order(order_id)
            return [
                ReadFulfillment.model_validate(dict(one)) for key, one in self.parcels.items() if key[0] == order_id
            ]

        return self._call("list_fulfillments", order_id, effect)

    def create_product(self, product):
        key = (product.product_id, product.variant_id or "")

        def effect():
            if key in self.products:
                raise AlreadyThere("there already", status=409)
            self.products[key] = product.to_wire()

        self._call("create_product", "/".join(filter(None, key)), effect)

    def update_product(self, address, changes):
        def effect():
            found = [one for key, one in self.products.items() if address == (key[1] or key[0])]
            if not found:
                raise NotFoundThere("no such product", status=404)
            found[0].update(changes.to_wire())

        self._call("update_product", address, effect)

    def _order(self, order_id):
        if order_id not in self.orders:
            raise NotFoundThere("no such order", status=404)
        return self.orders[order_id]

    def names(self):
        """Return the calls since the last look, and forget them."""
        names, self.calls = [name for name, _ in self.calls], []
        return names


@attrs.define
class Store:
    """All of one store, and short ways to look at it."""

    ledger: Ledger
    api: Api
    shop: ModelShop
    settings: StoreSettings
    clock: list

    @property
    def exporter(self):
        return Exporter(self.settings, self.ledger, Storefront.of("main", self.shop), self.api)

    @property
    def catalogue(self):
        return self.exporter.products()

    def sell(self, *products):
        """Let the shop sell these and no others."""
        self.pass_time(timedelta(seconds=1))
        self.shop.products = products

    def product_row(self, product_id, variant_id=""):
        rows = self.ledger.read(products.known, self.settings.id, [product_id])
        return rows.get((product_id, variant_id))

    def with_wire(self, **switches):
        """Change switches of the wire."""
        self.settings = self.settings.model_copy(update={"wire": Dialect(**switches)})

    def with_export(self, **changes):
        """Change settings of the export."""
        export = self.settings.export.model_copy(update=changes)
        self.settings = self.settings.model_copy(update={"export": export})

    def pass_time(self, span):
        self.clock[0] += span

    def put(self, order):
        """Put an order into the shop, as just changed."""
        self.pass_time(timedelta(seconds=1))
        self.shop.orders[order.id] = attrs.evolve(order, updated_at=self.clock[0])

    def change(self, order_id, **changes):
        """Change an order of the shop."""
        self.put(attrs.evolve(self.shop.orders[order_id], **changes))

    def row(self, order_id):
        return self.ledger.read(exports.known_orders, self.settings.id, [order_id]).get(order_id)

    def parcel_row(self, order_id, parcel_id):
        return self.ledger.read(exports.known_fulfillments, self.settings.id, [order_id]).get((order_id, parcel_id))

    def cursor(self):
        return self.ledger.read(exports.cursor, self.settings.id, "orders")

    def mark(self, order_id):
        self.ledger.write(exports.mark_changed, self.settings.id, order_id, self.clock[0])


def _store(url):
    clock = [START]
    return Store(
        ledger=Ledger.open(url, clock=lambda: clock[0], upgrade=True),
        api=Api(),
        shop=ModelShop(),
        settings=StoreSettings(
            name="main",
            id="main-1",
            adapter="model",
            api_url="https://api.example.com",
            api_token="not-a-real-token-0000",
            webhook_secrets=("not-a-real-secret-0000",),
        ),
        clock=clock,
    )


@pytest.fixture
def store(sqlite_url):
    """Give a store whose ledger is SQLite."""
    made = _store(sqlite_url)
    yield made
    made.ledger.close()


@pytest.fixture
def any_store(ledger_url):
    """Give a store on each kind of database."""
    made = _store(ledger_url)
    yield made
    made.ledger.close()


@pytest.fixture
def lost():
    """Give the mark for a call that takes effect and whose answer is lost."""
    return Lost


@pytest.fixture
def a_product():
    """Give a maker of products: a mug at 12.00 USD of which 5 are left."""

    def make(product_id="P1", **changes):
        return Product(**({"id": product_id, "name": "Mug", "price": Money("12.00", "USD"), "quantity": 5} | changes))

    return make


@pytest.fixture
def a_parcel():
    """Give a maker of parcels of order 1001: both lines of `an_order`, with tracking."""

    def make(**changes):
        usual = {
            "id": "F1",
            "order_id": "1001",
            "status": "IN_TRANSIT",
            "lines": (LineQuantity("1", 2), LineQuantity("2", 1)),
            "created_at": START,
            "tracking_company": "Example Carrier",
            "tracking_numbers": ("TRACK-1",),
        }
        return Fulfillment(**(usual | changes))

    return make

import pytest

from op_core.errors import RateLimited
from op_core.export import ExportedProducts
from op_core.http import Manners
from op_core.order_protection.client import Client
from op_core.sandbox import Sandbox


@pytest.fixture
def wired(store):
    """Give a store whose API is the sandbox, on a loopback port, through the project's own client."""
    with Sandbox() as sandbox, Client(sandbox.url, "not-a-real-token", manners=Manners(attempts=1)) as client:
        store.api = client
        store.with_export(in_flight=1)
        yield store, sandbox


def there(sandbox):
    return {(one["productId"], one.get("variantId") or ""): one for one in sandbox.local.store.all("product")}


def test_products_and_stock(wired, a_product):
    """What the shop sells is what the API then shows, digit for digit, also under an awkward id."""
    store, sandbox = wired
    variants = [a_product("#1/2", variant_id=f"#1/2 {size}", name=size, components=("A", "B")) for size in "SL"]
    store.sell(a_product("P1", quantity=None, in_stock=False), *variants)
    assert ExportedProducts(seen=3, created=3) == store.catalogue.run()
    store.sell(a_product("P1", quantity=None), variants[0], a_product("#1/2", variant_id="#1/2 L", quantity=0))
    assert ExportedProducts(seen=3, updated=2, unchanged=1, not_sendable=1) == store.catalogue.run()
    known = there(sandbox)
    assert [(True, 1), (None, 5), (None, 0)] == [
        (known[key].get("inStock"), known[key]["inventoryQuantity"])
        for key in (("P1", ""), ("#1/2", "#1/2 S"), ("#1/2", "#1/2 L"))
    ]
    assert "12.00" == str(known["P1", ""]["price"])


@pytest.mark.parametrize("acts", [True, False])
def test_answers_that_are_lost(wired, a_product, acts):
    """Answers lost before or after the API acted lose no product, and make none twice."""
    store, sandbox = wired
    store.sell(a_product("1"), a_product("2"))
    sandbox.local.switchboard.change({"faults": [{"kind": "drop", "method": "POST", "after_acting": acts, "times": 1}]})
    assert ExportedProducts(seen=2, created=2) == store.catalogue.run()
    assert {("1", ""), ("2", "")} == set(there(sandbox))


def test_rate_limit(wired, a_product):
    """A run that the API slows down stops, and the next one goes on."""
    store, sandbox = wired
    store.with_export(in_flight=1, page_size=2)
    store.sell(*(a_product(str(number)) for number in range(5)))
    fault = {"kind": "status", "status": 429, "retry_after": 3600, "method": "POST"}
    sandbox.local.switchboard.change({"faults": [fault]})
    with pytest.raises(RateLimited):
        store.catalogue.run()
    assert ExportedProducts(seen=5, created=5) == store.catalogue.run()
    assert 5 == len(there(sandbox))

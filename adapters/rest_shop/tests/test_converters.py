"""What a manifest makes of a shop's words, numbers and times, and of ours for the shop."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from op_rest_shop import RestShopAdapter, RestShopSettings
from op_rest_shop.expressions import Expression, WrongExpression
from op_rest_shop.fields import Reading
from op_rest_shop.mapping import Part, Shop
from op_rest_shop.places import Place

from op_core.errors import ContractBroken
from op_core.models import FulfillmentStatus
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import ExportOrdersRequest

NOON = datetime(2030, 1, 2, 12, 30, 15, 250000, tzinfo=UTC)


def field(table, name, spec, value, **shop):
    """Read one field of a table, whose path is ``it``, from an item."""
    fields = Part.model_validate({"items": "items", "fields": {name: {"path": "it", **spec}}}).fields
    return Reading(table, fields, Shop.model_validate(shop), Place("shop.toml")).of({"it": value}, "USD").get(name)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("iso", "2030-01-02T12:30:15.250Z"),
        ("iso", "2030-01-02T13:30:15.25+01:00"),
        ("unix", Decimal("1893587415.25")),
        ("unix", "1893587415.25"),
        ("unix_ms", 1893587415250),
    ],
)
def test_a_time_is_read_in_each_form(form, value):
    """As a text or a number; of the shop, or of one field."""
    assert NOON == field("order", "created_at", {}, value, times=form)
    assert NOON == field("order", "created_at", {"times": form}, value)


def test_a_time_without_zone_is_the_shops():
    """Or that of the field, where it says one."""
    said = "2030-01-02T13:30:15.25"

    assert NOON == field("order", "created_at", {}, said, zone="Europe/Berlin")
    assert NOON == field("order", "created_at", {"zone": "UTC"}, "2030-01-02T12:30:15.25", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("currency", "value", "amount"),
    [("usd", 1250, "12.50"), ("jpy", 1250, "1250"), ("kwd", "1250", "1.250"), ("usd", None, "0.99")],
)
def test_whole_cents_are_an_amount_by_its_currency(currency, value, amount):
    """Yen have none, dinars three digits; a default is read as the shop would write it."""
    item, spec = {"it": value}, {"path": "it", "money": "minor_units", "default": "99"}
    fields = Part.model_validate({"items": "items", "fields": {"unit_price": spec}}).fields

    found = Reading("lines", fields, Shop(), Place("shop.toml")).of(item, currency.upper())
    assert {"unit_price": Money(Decimal(amount), currency.upper())} == found


def test_an_amount_keeps_every_digit():
    """A shop's unrounded sum is no other amount."""
    assert Money(Decimal("32.4208750000001"), "USD") == field("lines", "tax", {}, Decimal("32.4208750000001"))
    with pytest.raises(ContractBroken, match=r"found a fraction; expected minor units"):
        field("lines", "tax", {"money": "minor_units"}, Decimal("12.5"))


@pytest.mark.parametrize(
    ("table", "name", "spec", "value", "found"),
    [
        ("addresses", "country", {}, "de", "DE"),
        ("addresses", "country", {"values": {"Germany": "DE"}}, "Germany", "DE"),
        ("fulfillments", "status", {"values": {"sent": "IN_TRANSIT"}}, "sent", FulfillmentStatus.IN_TRANSIT),
        ("fulfillments", "status", {"values": {}, "default": "DELIVERED"}, None, FulfillmentStatus.DELIVERED),
        ("fulfillments", "status", {"values": {"a": "LOST"}, "default": "DELIVERED"}, "b", FulfillmentStatus.DELIVERED),
        ("order", "number", {"pattern": r"#(\d+)"}, "Order #1001", "1001"),
        ("order", "number", {"pattern": r"\d+"}, "Order #1001", "1001"),
        ("order", "number", {}, 1001, "1001"),
        ("order", "tags", {}, ["a", 7, None, ""], ("a", "7")),
        ("order", "tags", {}, "a", ("a",)),
        ("lines", "quantity", {}, "2.0", 2),
    ],
)
def test_a_word_is_read_as_the_manifest_says(table, name, spec, value, found):
    """Countries, statuses, parts of a text, lists of texts, whole numbers."""
    needed = {"order": {"currency": "USD"}}.get(table, {})
    assert found == field(table, name, spec, value, **needed)


@pytest.mark.parametrize(
    ("table", "name", "spec", "value", "said"),
    [
        ("fulfillments", "status", {"values": {"shipped": "IN_TRANSIT"}}, "shiped", "the nearest is 'shipped'"),
        ("fulfillments", "status", {}, "IN_TRANSITT", "the nearest is IN_TRANSIT; say what it means in values"),
        ("addresses", "city", {"required": True}, None, r"addresses.fields.city \(it\): nothing is there"),
        ("lines", "quantity", {}, "1.5", "expected a whole number from 0"),
        ("lines", "quantity", {}, -1, "expected a whole number from 0"),
        ("lines", "sku", {}, {}, "found a table; expected a text"),
    ],
)
def test_a_word_that_nobody_knows_is_told_with_the_nearest(table, name, spec, value, said):
    """No guess is made of it."""
    with pytest.raises(ContractBroken, match=said):
        field(table, name, spec, value)


@pytest.mark.parametrize(
    ("expression", "value", "found"),
    [
        ("first_name(it)", "Some Other Body", "Some Other"),
        ("last_name(it)", "Some Other Body", "Body"),
        ("first_name(it)", " Body ", "Body"),
        ("last_name(it)", "Body", ""),
        ("upper(it)", "il", "IL"),
        ("lower(it)", "US", "us"),
        ("unix(it)", "2030-01-02T12:30:15.250Z", 1893587415),
        ("unix_ms(it)", "2030-01-02T12:30:15.250Z", 1893587415250),
        ("minor_units(it, 'USD')", Decimal("12.50"), 1250),
        ("minor_units(it, 'JPY')", "12.00", 12),
        ("to_number(it)", "12.50", Decimal("12.50")),
        ("sum(it)", ["0.1", Decimal("0.2"), 1], Decimal("1.3")),
        ("length(it)", [1, 2], 2),
        ("ours(it)", {"a": ["see OP-1, twice"]}, True),
        ("ours(it)", "OP-11", False),
    ],
)
def test_each_function_does_what_its_row_says(expression, value, found):
    """Of null, each is null, 0 or no."""
    of = Expression(expression)

    assert found == of.of({"it": value}, "OP-1")
    if not expression.startswith("minor_units"):
        assert not of.of({"it": None}, "OP-1")


def test_an_amount_with_more_digits_than_its_currency_has_no_minor_units():
    """It is never rounded on its way to the shop."""
    with pytest.raises(WrongExpression, match="more digits than its currency"):
        Expression("minor_units(it, 'USD')").of({"it": Decimal("12.505")})


# --- Paging by times -------------------------------------------------------------------------------------------------


@pytest.fixture
def shop_in(manifest, tmp_path):
    """Return an adapter of a shop that writes its times in one form, and is asked in it."""
    made = []

    def shop(form, unit, orders):
        def answer(request):
            since, limit = (int(request.url.params.get(name, 0)) for name in ("since", "limit"))
            return httpx.Response(200, json={"orders": [one for one in orders if one["updated_at"] >= since][:limit]})

        text = manifest.replace("[shop]\n", f'[shop]\ntimes = "{form}"\n').replace("{since}", f"{{{form}(since)}}")
        (tmp_path / "shop.toml").write_text(text)
        given = {"manifest": "shop.toml", "url": "https://shop.example", "env": {"SHOP_TOKEN": "not-a-real-token"}}
        settings, info = RestShopSettings.model_validate(given), StoreInfo("main", "main-1", tmp_path)
        made.append(RestShopAdapter(settings, info, transport=httpx.MockTransport(answer)))
        return made[-1]

    yield shop
    for each in made:
        each.close()


@pytest.mark.parametrize(("form", "unit"), [("unix", 1), ("unix_ms", 1000)])
def test_a_list_is_asked_for_by_times_that_are_numbers(shop_in, form, unit):
    """The later pages ask in the form of the first one, and no order is left out."""
    orders = [
        {"id": f"o{at}", "display_id": at, "created_at": at * unit, "updated_at": at * unit, "currency_code": "usd"}
        | {"total": 1, "items": [], "payments": [], "address": None}
        for at in range(1_900_000_000, 1_900_000_007)
    ]
    shop, found, cursor, done = shop_in(form, unit, orders), [], None, False
    since = datetime.fromtimestamp(1_900_000_001, UTC) + timedelta(microseconds=999)
    while not done:
        page = shop.op_export_orders(request=ExportOrdersRequest("main", since, cursor, 3))
        found, cursor, done = [*found, *(order.id for order in page.orders)], page.cursor, page.done

    assert [one["id"] for one in orders[1:]] == found

"""Fills an empty Medusa v2 by its own API: a catalogue, and orders in every state that a claim may find them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import httpx

__all__ = ["seed"]

_COUNTRIES = {"us": ("North America", "usd", "8.25"), "de": ("Europe", "eur", "19")}
_PRODUCTS = {"Mug": "18.50", "Candle": "24", "Lamp": "139.95", "Blanket": "89", "Hat": "35"}
_PROTECTION = ("Shipping Protection", "PROTECT-STD", "2.45")
_ADDRESSES = {
    "us": {"province": "us-ca", "city": "Springfield", "postal_code": "92101"},
    "de": {"province": "", "city": "Musterstadt", "postal_code": "10115"},
}
_STATES = ("delivered", "shipped", "delivered", "split", "part", "packed", "delivered", "paid", "refunded", "cancelled")
_ALL = "id,*items,*fulfillments,*fulfillments.items,*payment_collections.payments"


@attrs.define
class _Api:
    """Calls one Medusa; what it refuses ends the run."""

    client: httpx.Client
    headers: dict[str, str] = attrs.field(factory=dict, repr=False)

    def __call__(self, method: str, path: str, said: Any = None, **query: str) -> Any:
        answer = self.client.request(method, path, json=said, params=query, headers=self.headers)
        if answer.is_error:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()


@attrs.frozen
class _Catalogue:
    """What orders are made of."""

    location: str
    channel: str
    regions: Mapping[str, str]
    shipping: str
    variants: Sequence[str]
    protection: str


def seed(address: str, user: tuple[str, str], orders: int, told: Callable[[str], None]) -> dict[str, str]:
    """
    Make catalogue and orders; return SHOP_KEY and SHOP_RESHIP_OPTION.

    Args:
        address: Of the shop.
        user: E-mail address and password of its administrator.
        orders: How many; their states repeat every ten.
        told: Is told how far it is.
    """
    with httpx.Client(base_url=address, timeout=60) as client:
        admin, store = _Api(client), _Api(client)
        token = admin("POST", "/auth/user/emailpass", {"email": user[0], "password": user[1]})["token"]
        admin.headers["Authorization"] = f"Bearer {token}"
        publishable = admin("GET", "/admin/api-keys", type="publishable")["api_keys"][0]["token"]
        store.headers["x-publishable-api-key"] = publishable
        told("making the catalogue")
        catalogue, reship = _catalogue(admin)
        for number in range(orders):
            told(f"order {number + 1} of {orders}")
            _order(admin, store, catalogue, number)
        key = admin("POST", "/admin/api-keys", {"title": "op-core", "type": "secret"})["api_key"]["token"]
        return {"SHOP_KEY": key, "SHOP_RESHIP_OPTION": reship}


def _catalogue(admin: _Api) -> tuple[_Catalogue, str]:
    shop = admin("GET", "/admin/stores")["stores"][0]
    money = [{"currency_code": "usd", "is_default": True}, {"currency_code": "eur"}]
    admin("POST", f"/admin/stores/{shop['id']}", {"supported_currencies": money})
    channel = admin("GET", "/admin/sales-channels")["sales_channels"][0]["id"]
    regions = {country: _region(admin, country) for country in _COUNTRIES}
    location = _location(admin, channel)
    profile = admin("GET", "/admin/shipping-profiles")["shipping_profiles"][0]["id"]
    zone = _zone(admin, location)
    shipping = _option(admin, zone, profile, "Standard", 6, in_store=True)
    reship = _option(admin, zone, profile, "Replacement", 0, in_store=False)
    made = [_product(admin, channel, profile, name, name.upper(), price) for name, price in _PRODUCTS.items()]
    protection = _product(admin, channel, profile, *_PROTECTION, counted=False)
    for item in admin("GET", "/admin/inventory-items", limit="100")["inventory_items"]:
        level = {"location_id": location, "stocked_quantity": 5000}
        admin("POST", f"/admin/inventory-items/{item['id']}/location-levels", level)
    return _Catalogue(location, channel, regions, shipping, made, protection), reship


def _region(admin: _Api, country: str) -> str:
    name, currency, rate = _COUNTRIES[country]
    said = {"name": name, "currency_code": currency, "countries": [country], "automatic_taxes": True}
    region = admin("POST", "/admin/regions", {**said, "payment_providers": ["pp_system_default"]})["region"]["id"]
    tax = {"rate": float(rate), "code": country, "name": "Tax", "is_default": True}
    said = {"country_code": country, "provider_id": "tp_system", "default_tax_rate": tax}
    admin("POST", "/admin/tax-regions", said)
    return str(region)


def _location(admin: _Api, channel: str) -> str:
    address = {"address_1": "1 Dock Rd", "city": "Springfield", "country_code": "us"}
    location = admin("POST", "/admin/stock-locations", {"name": "Warehouse", "address": address})["stock_location"][
        "id"
    ]
    admin("POST", f"/admin/stock-locations/{location}/fulfillment-providers", {"add": ["manual_manual"]})
    admin("POST", f"/admin/stock-locations/{location}/sales-channels", {"add": [channel]})
    admin("POST", f"/admin/stock-locations/{location}/fulfillment-sets", {"name": "Parcels", "type": "shipping"})
    return str(location)


def _zone(admin: _Api, location: str) -> str:
    def sets(fields: str) -> Any:
        found = admin("GET", f"/admin/stock-locations/{location}", fields=fields)
        return found["stock_location"]["fulfillment_sets"][0]

    zones = [{"type": "country", "country_code": country} for country in _COUNTRIES]
    parcels = sets("*fulfillment_sets")["id"]
    admin("POST", f"/admin/fulfillment-sets/{parcels}/service-zones", {"name": "World", "geo_zones": zones})
    return str(sets("*fulfillment_sets.service_zones")["service_zones"][0]["id"])


def _option(admin: _Api, zone: str, profile: str, name: str, price: int, *, in_store: bool) -> str:
    said = {
        "name": name,
        "service_zone_id": zone,
        "shipping_profile_id": profile,
        "provider_id": "manual_manual",
        "price_type": "flat",
        "type": {"label": name, "description": name, "code": name.lower()},
        "prices": [{"currency_code": currency, "amount": price} for currency in ("usd", "eur")],
        "rules": [
            {"attribute": "enabled_in_store", "value": str(in_store).lower(), "operator": "eq"},
            {"attribute": "is_return", "value": "false", "operator": "eq"},
        ],
    }
    return str(admin("POST", "/admin/shipping-options", said)["shipping_option"]["id"])


def _product(admin: _Api, channel: str, profile: str, name: str, sku: str, price: str, *, counted: bool = True) -> str:
    prices = [{"currency_code": currency, "amount": float(price)} for currency in ("usd", "eur")]
    variant = {"title": "One", "sku": sku, "options": {"Size": "One"}, "manage_inventory": counted, "prices": prices}
    said = {
        "title": name,
        "status": "published",
        "shipping_profile_id": profile,
        "options": [{"title": "Size", "values": ["One"]}],
        "sales_channels": [{"id": channel}],
        "variants": [variant],
    }
    return str(admin("POST", "/admin/products", said)["product"]["variants"][0]["id"])


def _order(admin: _Api, store: _Api, catalogue: _Catalogue, number: int) -> None:
    """Place one order, and bring it into the state that its number gives it."""
    order_id = _placed(store, catalogue, number)
    state = _STATES[number % len(_STATES)]
    if state == "cancelled":
        admin("POST", f"/admin/orders/{order_id}/cancel")
        return
    order = admin("GET", f"/admin/orders/{order_id}", fields=_ALL)["order"]
    payment = order["payment_collections"][0]["payments"][0]["id"]
    admin("POST", f"/admin/payments/{payment}/capture", {})
    if state == "refunded":
        admin("POST", f"/admin/payments/{payment}/refund", {"amount": 5, "note": "goodwill"})
    goods = [line for line in order["items"] if line["variant_sku"] != _PROTECTION[1]]
    parcels = {"split": [goods[:1], goods[1:]], "part": [goods[:1]], "paid": []}.get(state, [goods])
    for parcel in filter(None, parcels):
        _sent(admin, catalogue, order_id, parcel, state)


def _placed(store: _Api, catalogue: _Catalogue, number: int) -> str:
    country = "de" if number % 4 == 3 else "us"
    address = {"first_name": "Some", "last_name": "Body", "address_1": f"{number + 1} Main St", "country_code": country}
    address |= {**_ADDRESSES[country], "phone": "+15550100"}
    variants = [catalogue.variants[(number + at) % len(catalogue.variants)] for at in range(2 + number % 2)]
    items = [{"variant_id": variant, "quantity": 1 + number % 3} for variant in variants]
    items += [{"variant_id": catalogue.protection, "quantity": 1}] if number % 2 else []
    cart = {"region_id": catalogue.regions[country], "sales_channel_id": catalogue.channel, "items": items}
    cart |= {"email": "somebody@example.com", "shipping_address": address, "billing_address": address}
    cart_id = store("POST", "/store/carts", cart)["cart"]["id"]
    store("POST", f"/store/carts/{cart_id}/shipping-methods", {"option_id": catalogue.shipping})
    paid = store("POST", "/store/payment-collections", {"cart_id": cart_id})["payment_collection"]["id"]
    store("POST", f"/store/payment-collections/{paid}/payment-sessions", {"provider_id": "pp_system_default"})
    return str(store("POST", f"/store/carts/{cart_id}/complete", {})["order"]["id"])


def _sent(admin: _Api, catalogue: _Catalogue, order_id: str, lines: Sequence[Any], state: str) -> None:
    items = [{"id": line["id"], "quantity": line["quantity"]} for line in lines]
    admin("POST", f"/admin/orders/{order_id}/fulfillments", {"items": items, "location_id": catalogue.location})
    if state == "packed":
        return
    order = admin("GET", f"/admin/orders/{order_id}", fields=_ALL)["order"]
    parcel = next(one["id"] for one in order["fulfillments"] if not one["shipped_at"])
    number = f"1Z999AA1{int(order_id[-6:], 36) % 10**10:010d}"
    label = {"tracking_number": number, "tracking_url": f"https://track.example.com/{number}"}
    shipment = {"items": items, "labels": [{**label, "label_url": f"https://labels.example.com/{number}"}]}
    admin("POST", f"/admin/orders/{order_id}/fulfillments/{parcel}/shipments", shipment)
    if state in ("delivered", "split"):
        admin("POST", f"/admin/orders/{order_id}/fulfillments/{parcel}/mark-as-delivered", {})

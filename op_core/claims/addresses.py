"""Addresses: the wire says countries and states by name or by code (C-7); a shop needs ISO codes."""

from __future__ import annotations

from functools import lru_cache

import attrs
import pycountry

from op_core.models import Address, Order
from op_core.order_protection.events import SaidAddress

__all__ = ["WITHOUT_ZIP", "Unusable", "country_code", "for_reship", "normal", "state_code"]

# Countries and places that have no postal codes, so that an address without one is whole.
WITHOUT_ZIP = frozenset(
    "AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ GY HK HM IE JM KI KM KN KP LC"
    " ML MO MR MS MU MW NA NR NU PA QA RW SB SC SL SR ST SY TD TF TG TK TL TO TT TV TZ UG VU YE ZW".split()
)
_USUAL = {"UK": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB"}  # said often, listed nowhere
_PARTS = ("address1", "address2", "city", "state", "zip", "country")


class Unusable(ValueError):
    """An address that can neither be used nor left out."""


@lru_cache(maxsize=512)
def country_code(said: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country said by code or by name; None where it is neither."""
    said = said.strip()
    if not said:
        return None
    try:
        found = pycountry.countries.lookup(_USUAL.get(said.upper(), said))
    except LookupError:
        return None
    return str(found.alpha_2)


@lru_cache(maxsize=512)
def state_code(country: str, said: str) -> str:
    """Return the code of a state, province or county within *country*; what was said, where nothing is known of it."""
    wanted = said.strip().casefold()
    for part in pycountry.subdivisions.get(country_code=country) or ():  # type: ignore[no-untyped-call]  # it has no types
        code = str(part.code).partition("-")[2]
        if wanted in (code.casefold(), str(part.name).casefold()):
            return code
    return said.strip()


def normal(said: SaidAddress) -> dict[str, str]:
    """Return an address in one spelling: single spaces, ISO country, code of the state where both are known."""
    parts = {name: " ".join(str(getattr(said, name)).split()) for name in _PARTS}
    if (country := country_code(parts["country"])) is not None:
        parts["country"] = country
        parts["state"] = state_code(country, parts["state"])
    return parts


def for_reship(said: dict[str, str] | None, order: Order) -> tuple[Address, bool]:
    """
    Return where a reship goes, and whether that is another place than the order's.

    An address is taken whole or not at all: street, city and country (and zip, where the country has them) make it
    usable; name and phone then come from the order. Where nothing was said it is the order's own.

    Raises:
        Unusable: It is partial, has no ISO country, or there is none at all.
    """
    own = order.shipping_address or order.billing_address
    if said is None or not any(said.values()):
        if own is None:
            raise Unusable("neither the decision nor the order has an address")
        return own, False
    country = country_code(said["country"])
    missing = [name for name in ("address1", "city", "country") if not said[name]]
    if country is not None and country not in WITHOUT_ZIP and not said["zip"]:
        missing.append("zip")
    if missing:
        raise Unusable(f"the address of the reship is partial: {', '.join(missing)} missing")
    if country is None:
        raise Unusable("the country of the reship is neither an ISO code nor the name of a country")
    who = own or Address()
    address = attrs.evolve(
        who,
        street_address_1=said["address1"],
        street_address_2=said["address2"],
        city=said["city"],
        country_area=said["state"],
        postal_code=said["zip"],
        country=country,
        company_name="",
    )
    return address, own is None or _place(own) != _place(address)


def _place(address: Address) -> tuple[str, ...]:
    country = country_code(address.country) or address.country
    parts = (
        address.street_address_1,
        address.street_address_2,
        address.city,
        state_code(country, address.country_area),
        address.postal_code,
        country,
    )
    return tuple(" ".join(part.split()).casefold() for part in parts)

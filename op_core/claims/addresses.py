"""Addresses: the wire says countries and states by name or by code (C-7); a shop needs ISO codes."""

from __future__ import annotations

import attrs

from op_core.countries import country_code, state_code
from op_core.models import Address, Order
from op_core.order_protection.events import SaidAddress
from op_core.untrusted import steers

__all__ = ["FORGOTTEN", "WITHOUT_ZIP", "Unusable", "for_reship", "normal"]

FORGOTTEN = "forgotten"  # the only key of what stands in the place of an address that was erased

# Countries and places that have no postal codes, so that an address without one is whole.
WITHOUT_ZIP = frozenset(
    "AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ GY HK HM IE JM KI KM KN KP LC"
    " ML MO MR MS MU MW NA NR NU PA QA RW SB SC SL SR ST SY TD TF TG TK TL TO TT TV TZ UG VU YE ZW".split()
)
_PARTS = ("address1", "address2", "city", "state", "zip", "country")


class Unusable(ValueError):
    """An address that can neither be used nor left out."""


def normal(said: SaidAddress) -> dict[str, str]:
    """Return an address in one spelling: single spaces, ISO country, code of the state where both are known."""
    parts = {name: " ".join(getattr(said, name).plain.split()) for name in _PARTS}
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
        Unusable: It is partial, has no ISO country, steers a screen or a printer, or there is none at all.
    """
    own = order.shipping_address or order.billing_address
    if said is not None and FORGOTTEN in said:
        raise Unusable("the address was erased by `op-core forget`")
    if said is None or not any(said.values()):
        if own is None:
            raise Unusable("neither the decision nor the order has an address")
        return own, False
    if wrong := [name for name in _PARTS if steers(said[name])]:
        raise Unusable(f"the address of the reship holds control characters, in {', '.join(wrong)}")
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

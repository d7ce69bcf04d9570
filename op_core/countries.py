"""Countries and their parts, by code or by name: shops and the wire say either (C-7)."""

from __future__ import annotations

from functools import lru_cache

import pycountry

__all__ = ["country_code", "state_code"]

_USUAL = {"UK": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB"}  # said often, listed nowhere


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

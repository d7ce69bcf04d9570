"""Personal data, hidden: what is shown is listed here, everything else is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["HIDDEN", "hidden", "hidden_address", "hidden_body"]

HIDDEN = "***"

# Keys of webhook bodies whose values name things or count them, in small letters and without underscores.
_SHOWN = frozenset(
    """
    id topic createdat updatedat claimid orderid sourceorderid sourceordernumber storeid itemid sourceitemid productid
    variantid sku itemname type claimtype claimstate quantity price discount tax resolutionpercentage
    resolutionflatamount currency amount totalrefundamount shippingamount shippingamounttax country
    """.split()
)
_CODE = re.compile(r"[\w.:/#+-]{1,80}", re.ASCII)  # an id, a code, a time, an amount; never a sentence or an address
_WORDS = re.compile(r"[\w .,:/#+&()'-]{1,120}")
_IN_WORDS = ("itemname", "country")  # of these the values are words
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_PLACE = ("country", "country_area", "state")  # of an address


def hidden(text: str | None, *, reveal: bool) -> str | None:
    """Return *text*, or that there is one."""
    return text if reveal or not text else HIDDEN


def hidden_address(address: Mapping[str, str] | None, *, reveal: bool) -> dict[str, str | None] | None:
    """Return an address of which only country and state are shown."""
    if address is None:
        return None
    return {name: part if name in _PLACE else hidden(part, reveal=reveal) for name, part in address.items()}


def hidden_body(value: Any, *, reveal: bool, key: str = "") -> Any:
    """Return a body, as JSON data, in which only what is surely not about a person is shown."""
    if reveal or value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        known = {name: inner for name, inner in value.items() if _NAME.fullmatch(name)}
        shown = {name: hidden_body(inner, reveal=False, key=name) for name, inner in known.items()}
        return shown if len(known) == len(value) else {**shown, HIDDEN: HIDDEN}
    if isinstance(value, list):
        return [hidden_body(inner, reveal=False, key=key) for inner in value]
    plain = key.lower().replace("_", "")
    form = _WORDS if plain in _IN_WORDS else _CODE
    return value if plain in _SHOWN and form.fullmatch(str(value)) else HIDDEN

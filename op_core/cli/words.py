"""What settings and missing hooks mean, in words for who runs the shop."""

from __future__ import annotations

from collections.abc import Iterator

from op_core.money import Money
from op_core.settings import StoreSettings

__all__ = ["MEANS", "MONEY", "MONEY_TO_BE", "REPORTED", "settings_in_words"]

_UNSURE = "whatever has an unknown outcome waits for a person, as the shop cannot be asked"

# What it means where an adapter lacks a hook.
MEANS = {
    "op_export_orders": "no order is exported",
    "op_get_order": "no claim is acted upon, as no order can be read",
    "op_lookup_fulfillments": "no parcel is exported",
    "op_check_stock": "stock is not asked before something is sent again",
    "op_export_products": "no product is exported",
    "op_create_reship": "every decision to send something again is held",
    "op_find_reship": f"reships: {_UNSURE}",
    "op_issue_refund": "every refund is held",
    "op_find_refund": f"refunds: {_UNSURE}",
    "op_issue_store_credit": "every store credit is held",
    "op_find_store_credit": f"store credits: {_UNSURE}",
    "op_charge_protection": "no premium is billed",
    "op_refund_protection": "no premium is given back",
    "op_find_protection_change": f"premiums: {_UNSURE}",
    "op_add_note": "messages are held",
    "op_find_note": "a note of unknown outcome is tried once more and may appear twice",
}

# How money moved, by what an outcome says of it; and how it will, by what the adapter declares.
MONEY = {
    "moved": "paid back by the gateway",
    "queued": "the shop's own job will pay",
    "booked": "written down in the shop; the money has to be moved elsewhere",
}
MONEY_TO_BE = {
    "moved": "a gateway moves it at once",
    "queued": "the shop's own job will pay, later",
    "booked": "it is only written down in the shop; the money has to be moved elsewhere",
}

REPORTED = ("refund", "reship", "store_credit", "charge_protection", "refund_protection")

_VERIFIED = {
    "always": "each claim is read back from Order Protection before money moves",
    "above_limit": "only a claim above the limit is read back from Order Protection before money moves",
    "never": "claims are not read back: whoever knows the webhook secret can make one up",
}
_ADDED = {
    "hold": "protection added by hand is held",
    "bill": "protection added by hand is billed to the customer",
    "absorb": "protection added by hand is paid by the shop",
}
_REMOVED = {
    "hold": "protection removed by hand is held",
    "refund": "of protection removed by hand the premium is given back",
}


def settings_in_words(store: StoreSettings) -> Iterator[tuple[str, str]]:
    """Yield names and words: what money does by itself in this store."""
    above = ", ".join(str(Money(amount, currency)) for currency, amount in store.limits.hold_above.items())
    yield (
        "limits",
        (
            f"up to {above} money moves by itself; above, and in any other currency, a person is asked"
            if above
            else "no limit is set: all money waits for a person (limits.hold_above)"
        ),
    )
    yield "claims", _VERIFIED[store.verify_claims]
    yield "protection", f"{_ADDED[store.protection.on_added]}; {_REMOVED[store.protection.on_removed]}"
    switches = {"flat rates": store.resolutions.flat_rate, "store credits": store.resolutions.store_credit}
    for what, switch in switches.items():
        yield what, "acted upon, by our reading of what they mean (G-6)" if switch == "act" else "held"

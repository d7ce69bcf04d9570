"""The public pricing rules of stores and of partners' cohorts. Pages: QUOTE, DEV-QS, DEV-CHK."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

import attrs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from op_core.order_protection.jsonmoney import number_from
from op_core.sandbox.answers import Document, OwnBody, Refusal
from op_core.sandbox.orders import new_id
from op_core.sandbox.store import Store

__all__ = ["Cohort", "Premium", "Quote", "QuoteOfStore", "Quotes", "Rule", "SetQuote", "Terms"]

_Amount = Annotated[Decimal, BeforeValidator(number_from)]


class _Camel(OwnBody):
    model_config = ConfigDict(alias_generator=to_camel)


class Premium(_Camel):
    """A premium in USD; the pages know no type but ``fixed``, so any is taken here (G-16)."""

    amount: _Amount
    type: str = "fixed"


class Terms(_Camel):
    """Who pays, and how much."""

    paid_by: Literal["customer", "brand"]
    customer: Premium | None = None
    brand: Premium | None = None

    @model_validator(mode="after")
    def _has_its_premium(self) -> Self:
        if (self.brand if self.paid_by == "brand" else self.customer) is None:
            raise ValueError("expected the premium of whoever pays, under customer or brand")
        return self


class Rule(_Camel):
    """A rule for subtotals in USD from *min* to *max*."""

    id: str | None = None
    min: _Amount
    max: _Amount
    terms: Terms


class SetQuote(_Camel):
    """
    The rules of a store, or of a partner's cohort on it, in the words of page QUOTE.

    Attributes:
        store_url: The store's host.
        application_id: The partner's application; None: the merchant's own rules.
        variant_key: Its cohort.
    """

    store_url: str = Field(min_length=1)
    application_id: str | None = Field(default=None, min_length=1)
    variant_key: str | None = Field(default=None, min_length=1)
    id: str | None = None
    automatically_add_to_cart: bool = False
    mandatory_op: bool = False
    rules: tuple[Rule, ...] = ()


class Quote(BaseModel):
    """The rules as page QUOTE shows them, sorted by ``min``."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: str
    automatically_add_to_cart: bool
    mandatory_op: bool
    rules: list[Rule]
    variants: None


class QuoteOfStore(BaseModel):
    """Whose rules are asked for."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    store_url: str = Field(min_length=1)


class Cohort(BaseModel):
    """The headers by which a partner asks for its cohort's rules (page DEV-QS)."""

    model_config = ConfigDict(
        alias_generator=lambda name: "x-op-partner-" + name.replace("_", "-"), frozen=True, hide_input_in_errors=True
    )

    app_id: str | None = None
    variant: str | None = None


@attrs.frozen
class Quotes:
    """Rules by store, application and cohort."""

    _store: Store

    def set(self, asked: SetQuote) -> None:
        """Keep rules, in the place of those of the same store and cohort."""
        said = asked.model_dump(
            by_alias=True, exclude={"store_url", "application_id", "variant_key"}, exclude_none=True
        )
        rules = sorted(said["rules"], key=lambda rule: rule["min"])
        said["rules"] = [{"id": new_id("rule")} | rule for rule in rules]
        quote = {"id": new_id("quote")} | said | {"variants": None}
        key = _key(asked.application_id, asked.variant_key)
        self._store.put("quote", key, {"quote": quote, "store_url": asked.store_url}, parent=asked.store_url)

    def of_store(self, store_url: str, cohort: Cohort) -> Document:
        """Return the rules of the cohort that is named; where it has none, the merchant's (page DEV-EP)."""
        found = self._store.get("quote", _key(cohort.app_id, cohort.variant), store_url)
        found = found or self._store.get("quote", _key(None, None), store_url)
        if found is None:
            raise Refusal(404, "store_url: no store of this host; give it rules with PUT /sandbox/quote", "store_url")
        return dict(found["quote"])

    def of_partner(self, application_id: str, variant_key: str) -> Document:
        """
        Return the rules of a partner's cohort (page DEV-CHK); where it has none, the merchant's.

        The path names no store: the one whose rules were set first is taken.
        """
        kept = self._store.items("quote")
        for key in (_key(application_id, variant_key), _key(None, None)):
            for id, known in kept:  # noqa: A001 - it is the id
                if id == key:
                    return dict(known["quote"])
        raise Refusal(404, "no rules of this application, and none of a store; set some with PUT /sandbox/quote")

    def rules(self) -> list[Document]:
        """Return all rules of all stores and cohorts."""
        return [rule for _, known in self._store.items("quote") for rule in known["quote"]["rules"]]


def _key(application_id: str | None, variant_key: str | None) -> str:
    return "\n".join((application_id or "", variant_key or ""))

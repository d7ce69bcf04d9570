"""The public pricing rules of a store. Page: QUOTE."""

from __future__ import annotations

from op_core.order_protection.answers.reading import (
    Read,
    ReadAmount,
    ReadFlag,
    ReadMany,
    ReadPart,
    ReadText,
)

__all__ = ["ReadPremium", "ReadQuote", "ReadQuoteRule", "ReadQuoteTerms"]


class ReadPremium(Read):
    """A premium: *amount* in USD where *type* is ``fixed``; no other type is documented (G-16)."""

    amount: ReadAmount = None
    type: ReadText = None


class ReadQuoteTerms(Read):
    """Who pays, and how much (C-21): ``customer`` or ``brand``; only one of the two amounts is there."""

    paid_by: ReadText = None
    customer: ReadPart[ReadPremium] = ReadPremium()
    brand: ReadPart[ReadPremium] = ReadPremium()


class ReadQuoteRule(Read):
    """A rule for subtotals from *min* to *max*, in USD."""

    id: ReadText = None
    min: ReadAmount = None
    max: ReadAmount = None
    terms: ReadPart[ReadQuoteTerms] = ReadQuoteTerms()


class ReadQuote(Read):
    """
    The rules of a store.

    Attributes:
        automatically_add_to_cart: Protection is in the cart until the customer takes it out.
        mandatory_op: Protection is always in the cart.
    """

    id: ReadText = None
    automatically_add_to_cart: ReadFlag = None
    mandatory_op: ReadFlag = None
    rules: ReadMany[ReadQuoteRule] = ()

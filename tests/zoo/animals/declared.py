"""Adapters that say of themselves what is not so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from op_corner_shop import CornerShopAdapter

from animals.registry import animal
from op_core.capabilities import Capability, Support
from op_core.hooks import ADDRESSED

ALL: Mapping[str, Capability] = dict.fromkeys(ADDRESSED, Capability(Support.SUPPORTED))


@animal("capabilities-claim-all-that-works", "the shop would do what its adapter says it cannot")
class InheritsAVerb(CornerShopAdapter):
    """
    A subclass of a shop without store credit, which inherits the method.

    https://github.com/thephpleague/omnipay-sagepay/issues/76
    """

    capabilities: ClassVar[Mapping[str, Capability]] = ALL | {
        "op_issue_store_credit": Capability(Support.UNSUPPORTED, "this shop has no credit"),
        "op_find_store_credit": Capability(Support.UNSUPPORTED, "this shop has no credit"),
    }


@animal("capabilities-fit-the-hooks", "declares op_find_note as supported and does not implement it")
class ClaimsWhatIsNotThere(CornerShopAdapter):
    """
    A hook is claimed that nobody has written.

    https://github.com/apache/libcloud/issues/2084
    """

    op_find_note = None  # type: ignore[assignment]  # the fault


@animal("capabilities-are-declared", "a merchant would learn only from a held claim what this shop cannot do")
class NothingDeclared(CornerShopAdapter):
    """
    What it can do is to be found out by trying.

    https://github.com/dbt-labs/dbt-core/issues/7588
    """

    capabilities: ClassVar[Mapping[str, Capability]] = {}


@animal("capabilities-have-reasons", "a merchant would read of a held claim that it cannot be done, and not why")
class SkippedWithoutAReason(CornerShopAdapter):
    """
    What is left out has no reason that tells anything.

    https://github.com/airbytehq/airbyte/pull/18425
    """

    capabilities: ClassVar[Mapping[str, Capability]] = ALL | {"op_find_note": Capability(Support.NOT_YET, "todo")}


@animal("capabilities-tell-how-money-moves", "op_issue_refund is declared booked and answers")
class BookedToldAsMoved(CornerShopAdapter):
    """
    A refund is written down, and told as paid.

    https://github.com/eileenmcnaughton/nz.co.fuzion.omnipaymultiprocessor/pull/304
    """

    capabilities: ClassVar[Mapping[str, Capability]] = ALL | {
        "op_issue_refund": Capability(Support.SUPPORTED, money="booked"),
    }

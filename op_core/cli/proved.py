"""What `op-core doctor` has an adapter prove: whatever goes wrong in there is a check that is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from op_core.cli.asked import WrongUse
from op_core.cli.checks import Check
from op_core.errors import NotSupported, OpCoreError
from op_core.faults import where
from op_core.proofs import Proves
from op_core.storefront import Storefront

__all__ = ["must_prove_writes", "proved"]


def must_prove_writes(shop: Storefront) -> None:
    """
    Refuse a store whose adapter can prove nothing.

    Raises:
        WrongUse: It cannot.
    """
    if not isinstance(shop.adapter, Proves):
        raise WrongUse(f"--prove-writes: the adapter of store {shop.name} cannot prove anything; nothing was done")


def proved(shop: Storefront, told: Callable[[str], None], *, writes: bool = False) -> Iterator[Check]:
    """
    Yield what the adapter proves; nothing, where it cannot.

    Args:
        shop: Of the store.
        told: Told what was looked at.
        writes: Effects are made and taken back.

    Raises:
        WrongUse: They cannot be taken back. Nothing was made.
    """
    if not isinstance(shop.adapter, Proves):
        return
    try:
        for proof in shop.prove(writes=writes):
            told(proof.check)
            yield Check(shop.name, proof.check, proof.state, proof.said, proof.private)
    except NotSupported as error:
        if writes:
            raise WrongUse(f"--prove-writes: {error}") from None
        yield Check(shop.name, "proof", "not well", str(error))
    except OpCoreError as error:
        yield Check(shop.name, "proof", "not well", str(error))
    except Exception as error:  # noqa: BLE001 - an adapter may fail in any way; its text may hold personal data
        yield Check(shop.name, "proof", "not well", f"it failed: {where(error)}")

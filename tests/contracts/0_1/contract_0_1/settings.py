"""The part of op.toml that is this adapter's: ``[stores.x.settings]``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import pydantic

from op_core.settings import Duration, Secret

__all__ = ["CornerShopSettings"]


class CornerShopSettings(pydantic.BaseModel):
    """
    Where the shop is, and how it knows us.

    Attributes:
        url: The shop's address, up to the ``/v1``.
        token: A token of the shop's admin API that may read and change orders. It is shown nowhere.
        timeout: The longest silence of the shop. Keep it below the store's ``timing.deadline``, so that a call ends by
            itself and says why.
    """

    # A key that is misspelt must not be taken for one that was left out, and no error may show what was set.
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str = pydantic.Field(examples=["https://shop.example"])
    token: Secret = pydantic.Field(examples=[{"env": "SHOP_TOKEN"}])
    timeout: Annotated[Duration, pydantic.Field(gt=timedelta(0))] = timedelta(seconds=20)

    @pydantic.field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        # The token goes with every call: in the clear it may go to this machine alone.
        if not value.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("expected an address that begins with https://")
        return value.rstrip("/")

"""The part of op.toml that is this adapter's: ``[stores.x.settings]``."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import pydantic

from op_core.settings import Count, Duration, Secret

__all__ = ["RestShopSettings"]

_Wait = Annotated[Duration, pydantic.Field(gt=timedelta(0))]


class RestShopSettings(pydantic.BaseModel):
    """
    Where the manifest is, and how the shop is called.

    Attributes:
        manifest: The manifest; a relative path starts from the folder of op.toml.
        url: The shop's address, where it differs from the manifest's ``shop.url``.
        env: Values for the manifest's ``{ env = "NAME" }``, in the place of the environment's: so two stores share one
            manifest.
        timeout: The longest silence of the shop.
        connections: Calls to the shop at one time.
        calls_per_second: Calls are spread so that there are no more. None: the shop takes what comes.
        largest_answer: Bytes of one answer, unpacked.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    manifest: str = pydantic.Field(examples=["shop.toml"])
    url: Secret | None = pydantic.Field(None, examples=[{"env": "SHOP_URL"}])
    env: dict[str, Secret] = {}
    timeout: _Wait = timedelta(seconds=20)
    connections: Annotated[Count, pydantic.Field(ge=1, le=100)] = 4
    calls_per_second: Annotated[Decimal, pydantic.Field(gt=0, le=1000)] | None = None
    largest_answer: Annotated[Count, pydantic.Field(ge=1024)] = 16 * 1024 * 1024

"""Settings and secrets, and what happens before anything is asked."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pydantic
from op_corner_shop import CornerShopAdapter, CornerShopSettings

from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import Order
from op_core.requests import GetOrderRequest


@animal("settings-hide-secrets", "whoever reads a log or an error page could pay refunds with the shop's token")
class SecretInItsRepr(CornerShopAdapter):
    """
    The token is shown with the rest of it.

    https://github.com/activemerchant/active_merchant
    """

    def __repr__(self) -> str:
        """Show everything."""
        return f"<{type(self).__name__} token={self.settings.token.get_secret_value()}>"


@animal("settings-spill-no-secret", "whoever reads the logs could pay refunds with the shop's token")
class SecretInItsErrors(CornerShopAdapter):
    """
    What was sent is told with what went wrong, headers and all.

    https://github.com/airbytehq/airbyte/issues/23414
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Tell everything."""
        try:
            return super().op_get_order(request)
        except Exception as error:
            sent = {"Authorization": f"Bearer {self.settings.token.get_secret_value()}"}
            raise RuntimeError(f"GET /v1/orders with {sent}") from error


class _Loose(CornerShopSettings):
    model_config = pydantic.ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


@animal("settings-refuse-unknown-keys", "a slip such as notfy = false would be ignored")
class SlipsIgnored(CornerShopAdapter):
    """
    A setting that nobody knows is taken without a word.

    https://github.com/airbytehq/airbyte/issues/25004
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = _Loose


@animal("settings-start-without-the-shop", "while this shop is away op-core would not start")
class AskedAtItsStart(CornerShopAdapter):
    """
    One plugin that cannot be made ends the program for all.

    https://github.com/simonw/llm/issues/1280
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask the shop whether it is there."""
        super().__init__(*args, **kwargs)
        self.client.get("orders", query=[("limit", "1")])


@animal("concurrency-blocks-no-loop", "op_get_order is async def and blocks its loop by")
class BlockingInAsyncDef(CornerShopAdapter):
    """
    An `async def` that waits without awaiting.

    https://github.com/simonw/datasette/issues/2497
    """

    @hookimpl
    async def op_get_order(self, request: GetOrderRequest) -> Order:  # type: ignore[override]  # the fault
        """Wait, in the way of everybody else."""
        await asyncio.sleep(0)
        return super().op_get_order(request)

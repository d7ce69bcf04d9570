"""The part of op.toml that is this adapter's: ``[stores.x.settings]``."""

from __future__ import annotations

from typing import Any

import pydantic

__all__ = ["CustomStoreSettings"]


class CustomStoreSettings(pydantic.BaseModel):
    """
    Where the shop's backend is, and what it is made with.

    Attributes:
        backend: ``module:object``, such as ``"myshop.op:backend"``. The object is a backend, or a class or factory
            that makes one.
        options: Keyword arguments for the class or factory. They may hold secrets, so they are never shown.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    backend: str = pydantic.Field(examples=["myshop.op:Shop"])
    options: dict[str, Any] = pydantic.Field(default_factory=dict, repr=False)

    @pydantic.field_validator("backend")
    @classmethod
    def _module_and_object(cls, value: str) -> str:
        module, colon, path = value.partition(":")
        names = (*module.split("."), *path.split("."))
        if not colon or not all(name.isidentifier() for name in names):
            raise ValueError(f"expected module:object, such as myshop.op:backend; found {value!r}")
        return value

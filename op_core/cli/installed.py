"""The adapters that are installed, and what the kit found of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from op_core import plugins, receipts
from op_core.core import Core
from op_core.errors import SettingsError

__all__ = ["COLUMNS", "installed_adapters", "receipt_of", "stale"]

COLUMNS = ("adapter", "class", "of", "version", "broken", "receipt")


def installed_adapters() -> list[dict[str, Any]]:
    """Return every adapter that is installed: where it is from, and what is wrong with it if something is."""
    registry = plugins.find_adapters()
    rows = []
    for entry in sorted(registry.entry_points, key=lambda entry: (entry.name, entry.value)):
        try:
            registry.get(entry.name)
            broken = None
        except SettingsError as error:
            broken = str(error)
        rows.append(
            {
                "name": entry.name,
                "class": entry.value,
                "distribution": entry.dist.name if entry.dist else None,
                "version": entry.dist.version if entry.dist else None,
                "broken": broken,
                "receipt": receipts.kept(entry),
            }
        )
    return rows


def receipt_of(adapter: str) -> tuple[str, bool]:
    """
    Say of an adapter what the kit found, and tell whether no receipt says anything that is not so.

    That nobody has tried it is nothing wrong with it: a shop's own adapter needs no receipt.
    """
    entry = next((entry for entry in plugins.find_adapters().entry_points if entry.name == adapter), None)
    if entry is None:
        return f"adapter {adapter} is not installed", True
    said = f"adapter {adapter}: {receipts.kept(entry)}"
    if receipts.read(entry)[0] in ("counts", "none"):
        return said, True
    return f"{said}; `op-core adapters check {adapter}` tries it again", False


def stale(core: Core) -> Iterator[str]:
    """Yield a line for each adapter whose receipt no longer counts; it works all the same."""
    for adapter in sorted({work.desk.store.adapter for work in core.runner.stores.values()}):
        said, counts = receipt_of(adapter)
        if not counts:
            yield said

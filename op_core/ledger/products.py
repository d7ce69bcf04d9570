"""Rows of the products that were exported: one for every product without variants and for every variant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import sqlalchemy as sa

from op_core.ledger import stores
from op_core.ledger.schema import cursors, exported_products
from op_core.ledger.upsert import put_row

__all__ = ["Key", "currency", "everything", "forget", "known", "known_by", "put", "set_currency", "states"]

Key: TypeAlias = tuple[str, str]  # ids of the product and of the variant, which is empty where there are none


def _of(store_id: str) -> sa.Select[Any]:
    table = exported_products
    return sa.select(table).where(table.c.store_id == store_id).order_by(table.c.product_id, table.c.variant_id)


def known(connection: sa.Connection, store_id: str, product_ids: Iterable[str]) -> dict[Key, sa.Row[Any]]:
    """Return what was exported of these products and their variants."""
    rows = connection.execute(_of(store_id).where(exported_products.c.product_id.in_(list(product_ids))))
    return {(row.product_id, row.variant_id): row for row in rows}


def known_by(connection: sa.Connection, store_id: str, ids: Iterable[str]) -> dict[str, set[Key]]:
    """Return, by id of a product or of a variant, what Order Protection has under it."""
    wanted = set(ids)
    table = exported_products
    rows = connection.execute(
        sa.select(table.c.product_id, table.c.variant_id).where(
            table.c.store_id == store_id,
            sa.or_(table.c.product_id.in_(wanted), table.c.variant_id.in_(wanted)),
            table.c.update_hash.is_not(None),
            table.c.state != "gone",
        )
    )
    owners: dict[str, set[Key]] = {}
    for product_id, variant_id in rows:
        for one in {product_id, variant_id} & wanted:
            owners.setdefault(one, set()).add((product_id, variant_id))
    return owners


def everything(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return the rows of all products of a store."""
    return list(connection.execute(_of(store_id)))


def put(connection: sa.Connection, store_id: str, key: Key, **values: Any) -> None:
    """Write down what became of the export of one product."""
    product_id, variant_id = key
    put_row(
        connection,
        exported_products,
        {"store_id": store_id, "product_id": product_id, "variant_id": variant_id},
        values,
    )


def states(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return every product that could not be exported as it is, with the reason."""
    left = ("not_exportable", "not_sendable", "refused")
    return list(connection.execute(_of(store_id).where(exported_products.c.state.in_(left))))


def currency(connection: sa.Connection, store_id: str) -> str | None:
    """Return the currency of the prices that were sent; None before the first."""
    return stores.fact(connection, _fact(store_id))


def set_currency(connection: sa.Connection, store_id: str, code: str | None) -> None:
    """Remember the currency of the prices that are sent: the wire has no place for it."""
    stores.set_fact(connection, _fact(store_id), code)


def _fact(store_id: str) -> str:
    return f"product_currency/{store_id}"


def forget(connection: sa.Connection, store_id: str) -> None:
    """Forget what was sent of a store's products, so that all is sent again."""
    connection.execute(exported_products.delete().where(exported_products.c.store_id == store_id))
    connection.execute(cursors.delete().where(cursors.c.store_id == store_id, cursors.c.what == "products"))
    set_currency(connection, store_id, None)

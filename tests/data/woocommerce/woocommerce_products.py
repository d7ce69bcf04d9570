"""What the sample shop sells."""

from __future__ import annotations

from datetime import datetime

import attrs
from woocommerce_rows import Rows

OPENED = datetime(2026, 3, 1, 9, 0, 0)  # noqa: DTZ001 - WooCommerce's columns hold no zone


@attrs.frozen
class Product:
    """
    A product, or one of its variations.

    Attributes:
        stock: None: WooCommerce does not count it, or counts its parent's.
    """

    id: int
    name: str
    sku: str
    price: str
    stock: int | None = None
    parent: int = 0
    virtual: bool = False
    status: str = "publish"

    @property
    def ids(self) -> dict[str, int]:
        """How an order's item names it."""
        return {"_product_id": self.parent or self.id, "_variation_id": self.id if self.parent else 0}


PRODUCTS = [
    Product(101, "Beanie", "WOO-BEANIE", "18", 400),
    Product(102, "Café-Tasse „Größe M“", "TASSE-M", "12.5", 250),
    Product(103, "抹茶 Matcha & Whisk", "MATCHA", "34.95", 3),
    Product(104, "Poster 100% Cotton_Rag", "POSTER", "25"),
    Product(105, "Album", "ALBUM", "9.99", virtual=True),
    Product(106, "Hoodie", "HOODIE", ""),  # only its variations are sold
    Product(107, "Hoodie - Blue, Large", "HOODIE-B-L", "45", 120, parent=106),
    Product(108, "Hoodie - Red, Small", "HOODIE-R-S", "45", 0, parent=106),
    Product(109, "Sock", "SOCK", "", 600),  # it counts for its variations
    Product(110, "Sock - 38", "SOCK-38", "6", parent=109),
    Product(111, "Sock - 42", "SOCK-42", "6", parent=109),
    Product(112, "Order Protection", "PROTECT-STD", "2.95", virtual=True),
    Product(113, "Mug 🍓", "", "11.115", 300),  # no SKU, and three digits
    Product(114, "Not yet sold", "DRAFT-1", "5", 5, status="draft"),
    Product(115, 'Gone "for good"', "GONE-1", "5", 0, status="trash"),
    Product(116, "Backordered bag", "BAG", "60", -2),
]
BY_ID = {each.id: each for each in PRODUCTS}
SOLD = [101, 102, 103, 104, 107, 110, 111, 113, 116]
REMOVED = Product(199, "Removed from the shop", "REMOVED", "7")  # its orders outlive it


def add_products(rows: Rows):
    """Add all products, as posts with meta rows and as rows of WooCommerce's own table."""
    for each in PRODUCTS:
        kind = "product_variation" if each.parent else "product"
        rows.post(kind, OPENED, each.status, each.id, title=each.name, parent=each.parent)
        status = "instock" if each.stock is None or each.stock > 0 else "outofstock"
        meta = {
            "_sku": each.sku,
            "_price": each.price,
            "_manage_stock": "no" if each.stock is None else "yes",
            "_stock": "" if each.stock is None else f"{each.stock}.000000",
            "_stock_status": status,
            "_virtual": "yes" if each.virtual else "no",
        }
        for key, value in meta.items():
            rows.add("wp_postmeta", post_id=each.id, meta_key=key, meta_value=value)
        rows.add(
            "wp_wc_product_meta_lookup",
            product_id=each.id,
            sku=each.sku,
            virtual=each.virtual,
            min_price=each.price or "6",
            max_price=each.price or "45",
            stock_quantity=each.stock,
            stock_status=status,
        )

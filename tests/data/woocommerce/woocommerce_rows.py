"""Rows of WordPress's and WooCommerce's tables, and the ids that WordPress gives away."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text

NEW_YORK = timedelta(hours=-5)  # WordPress keeps local times beside GMT ones


def plain(amount: Decimal) -> str:
    """Write an amount as WooCommerce keeps it in meta rows: without zeros at the end."""
    return format(amount.normalize(), "f") if amount else "0"


def serialized_taxes(amount: Decimal, keys=("total", "subtotal")) -> str:
    """Write the taxes of an item in PHP's own form."""
    value = plain(amount)
    parts = "".join(f's:{len(key)}:"{key}";a:1:{{i:1;s:{len(value)}:"{value}";}}' for key in keys)
    return f"a:{len(keys)}:{{{parts}}}"


def escaped(words: str) -> str:
    """Escape words as a plugin does that writes them into a note."""
    return words.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#039;")


class Rows:
    """Rows of many tables, written all at once."""

    def __init__(self):
        """Begin with none."""
        self.tables = defaultdict(list)
        self.post_id = 1000
        self.item_id = 0

    def add(self, table, **row):
        """Add a row."""
        self.tables[table].append(row)

    def post(self, post_type: str, at: datetime, status="draft", post_id=None, title="", parent=0) -> int:
        """Add a post: a product, or the placeholder that holds an order's id. Other posts take ids too."""
        if post_id is None:
            self.post_id += 1 + (self.post_id % 7 == 0)
            post_id = self.post_id
        self.add(
            "wp_posts",
            ID=post_id,
            post_type=post_type,
            post_status=status,
            post_title=title,
            post_parent=parent,
            post_date=at + NEW_YORK,
            post_date_gmt=at,
            post_modified=at + NEW_YORK,
            post_modified_gmt=at,
            **dict.fromkeys(("post_content", "post_excerpt", "to_ping", "pinged", "post_content_filtered"), ""),
        )
        return post_id

    def item(self, order: int, kind: str, name: str, **meta) -> int:
        """Add an item of an order and its meta rows. WooCommerce keeps all values as text."""
        self.item_id += 1
        row = {"order_item_id": self.item_id, "order_item_name": name, "order_item_type": kind, "order_id": order}
        self.add("wp_woocommerce_order_items", **row)
        for key, value in meta.items():
            value_as_text = plain(value) if isinstance(value, Decimal) else str(value)
            row = {"order_item_id": self.item_id, "meta_key": key, "meta_value": value_as_text}
            self.add("wp_woocommerce_order_itemmeta", **row)
        return self.item_id

    def meta(self, order: int, **meta):
        """Add meta rows of an order."""
        for key, value in meta.items():
            self.add("wp_wc_orders_meta", order_id=order, meta_key=key, meta_value=value)

    def note(self, order: int, at: datetime, content: str):
        """Add an order note. The order's own time of change stands still, as it does in WooCommerce."""
        self.add(
            "wp_comments",
            comment_post_ID=order,
            comment_author="WooCommerce",
            comment_author_email="woocommerce@shop.example",
            comment_date=at + NEW_YORK,
            comment_date_gmt=at,
            comment_content=content,
            comment_agent="WooCommerce",
            comment_type="order_note",
        )

    def write(self, connection):
        """Write all of them."""
        for table, rows in self.tables.items():
            for names in {tuple(row) for row in rows}:
                columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
                insert = text(f"insert into {table} ({columns}) values ({values})")  # noqa: S608 - names from this file
                connection.execute(insert, [row for row in rows if tuple(row) == names])

"""
Orders per second read from a shop in PostgreSQL, beside the driver alone that runs the very same statements.

    python tests/bench/sql_reading.py URL FOLDER COUNT     reads so many orders and prints its peak of memory, in kB
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from figures import Figure, Sample, in_turns
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from sqlalchemy.engine import make_url

from op_core.plugins import StoreInfo
from op_core.requests import ExportOrdersRequest
from op_core.testing import postgres

__all__ = ["measure"]

_PAGE = 200  # export.page_size
_SCHEMA = """
create table orders (id bigint generated always as identity primary key, number text not null unique,
    customer_email text not null, status text not null, currency char(3) not null, total numeric(12, 2) not null,
    shipping numeric(12, 2) not null, tax numeric(12, 2) not null, created_at timestamptz not null,
    updated_at timestamptz not null);
create table lines (id bigint generated always as identity primary key,
    order_id bigint not null references orders, title text not null, sku text not null, quantity integer not null,
    price numeric(12, 2) not null, discount numeric(12, 2) not null, tax numeric(12, 2) not null, product_id bigint);
create table payments (id bigint generated always as identity primary key,
    order_id bigint not null references orders, method text not null, captured numeric(12, 2) not null,
    refunded numeric(12, 2) not null);
create table addresses (id bigint generated always as identity primary key,
    order_id bigint not null references orders, kind text not null, first_name text not null, last_name text not null,
    street text not null, city text not null, state text not null, zip text not null, country char(2) not null);
"""
_FILL = """
insert into orders (number, customer_email, status, currency, total, shipping, tax, created_at, updated_at)
select 'N' || n, 'buyer' || n || '@example.com', 'paid', 'USD', 60 + n %% 97 + (n %% 100) / 100.0, 4.90,
    (n %% 31) / 10.0, timestamptz '2025-01-01' + n * interval '1 minute',
    timestamptz '2025-01-02' + n / 3 * interval '3 minutes' from generate_series(1, %(count)s) n;
insert into lines (order_id, title, sku, quantity, price, discount, tax, product_id)
select o, 'Item ' || k, 'SKU-' || (o * k) %% 5000, k, 10 + (o %% 1000) / 100.0, (o %% 3) / 2.0, (o %% 31) / 30.0,
    (o * k) %% 5000 from generate_series(1, %(count)s) o, generate_series(1, 3) k;
insert into payments (order_id, method, captured, refunded)
select id, 'card', total, 0 from orders;
insert into addresses (order_id, kind, first_name, last_name, street, city, state, zip, country)
select id, kind, 'Some', 'Body ' || id, id || ' Main St', 'Springfield', 'IL', '62701', 'US'
from orders, (values ('shipping'), ('billing')) kinds (kind);
create index on orders (updated_at, id);
create index on lines (order_id);
create index on payments (order_id);
create index on addresses (order_id);
analyze;
"""
_MAPPING = """
[orders]
select = '''select id, number, customer_email as email, status, currency, total, shipping, tax, created_at, updated_at
    from orders'''
[lines]
select = '''select order_id, id, title as name, sku, quantity, price as unit_price, discount, tax, product_id
    from lines'''
[payments]
select = "select order_id, id, method, captured, refunded from payments"
[addresses]
select = '''select order_id, kind, first_name, last_name, street as street_address_1, city, state as country_area,
    zip as postal_code, country from addresses'''
"""


def measure(folder: Path, rounds: int, count: int) -> list[Figure]:
    """Return what is read, and what is read and mapped, beside the same pages by psycopg alone."""
    with postgres.server() as server, postgres.database(server) as url:
        with _connected(url) as connection:
            connection.execute(_SCHEMA)
            for statement in _FILL.strip().rstrip(";").split(";"):
                connection.execute(statement, {"count": count})
            connection.commit()
        (folder / "shop.toml").write_text(_MAPPING, encoding="utf-8")
        with closing(_adapter(url, folder)) as adapter:
            statements = _texts(adapter)

            def alone() -> Sample:
                return _timed(count, lambda: _raw(url, statements))

            read, raw = in_turns(rounds, lambda: _timed(count, lambda: _read(adapter)), alone)
            mapped, raw_again = in_turns(rounds, lambda: _timed(count, lambda: _mapped(adapter)), alone)
        memory = {f"MB at {n:,} orders": _peak(url, folder, n) for n in (max(_PAGE, count // 10), count)}
    is_ = f"psycopg alone: the same statements, pages of {_PAGE}, {count:,} orders of 3 lines, all rows fetched"
    both = Figure("SQL orders read and mapped", is_, mapped, raw_again, memory)
    return [Figure("SQL orders read", is_, read, raw), both]


def _adapter(url: str, folder: Path) -> SqlShopAdapter:
    return SqlShopAdapter(SqlShopSettings(url=url, mapping="shop.toml"), StoreInfo("bench", "bench", folder))


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        yield connection


def _timed(count: int, work: Callable[[], int]) -> Sample:
    begun, cpu = time.perf_counter(), time.process_time()
    done = work()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if done != count:
        raise RuntimeError(f"{count} orders, read: {done}")
    return Sample(count / wall, cpu / count * 1e6)


def _texts(adapter: SqlShopAdapter) -> dict[str, str]:
    """Return the adapter's own statements in psycopg's spelling."""
    paging, children = adapter.reader.orders, adapter.reader.children
    texts = {"first": paging.first, "after": paging.after}
    texts |= {name: child.statement for name, child in children.items()}
    return {name: re.sub(r":(op_limit|op_time|op_key|order_ids)", r"%(\1)s", text.text) for name, text in texts.items()}


def _raw(url: str, texts: dict[str, str]) -> int:
    children = [text for name, text in texts.items() if name not in ("first", "after")]
    done, after = 0, None
    with _connected(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        columns = [each.name for each in connection.execute(texts["first"], {"op_limit": 0}).description or ()]
        connection.rollback()
        time_at, key_at = columns.index("updated_at"), columns.index("id")
        while True:
            values = {"op_limit": _PAGE + 1}
            if after is not None:
                values |= {"op_time": after[time_at], "op_key": after[key_at]}
            rows = connection.execute(texts["first" if after is None else "after"], values).fetchall()
            page = rows[:_PAGE]
            ids = [row[key_at] for row in page]
            for text in children:
                connection.execute(text, {"order_ids": ids}).fetchall()
            connection.rollback()
            done += len(page)
            if len(rows) <= _PAGE:
                return done
            after = page[-1]


def _read(adapter: SqlShopAdapter) -> int:
    """Run the adapter's statements through its own session, and fetch every row."""
    reader = adapter.reader
    done, cursor, last = 0, None, False
    while not last:
        with adapter.client.reading() as session:
            found, cursor, last = reader.paged(session, reader.orders, None, cursor, _PAGE)
            deque(reader.children_of(session, found), maxlen=0)
        done += len(found.rows)
    return done


def _mapped(adapter: SqlShopAdapter, most: int | None = None) -> int:
    done, cursor = 0, None
    while True:
        page = adapter.op_export_orders(ExportOrdersRequest("bench", cursor=cursor, limit=_PAGE))
        done, cursor = done + len(page.orders), page.cursor
        if page.done or (most is not None and done >= most):
            return done


def _peak(url: str, folder: Path, count: int) -> float:
    """Return the peak of memory of a process that reads and maps so many orders, in MB."""
    command = [sys.executable, __file__, url, str(folder), str(count)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return int(said.stdout) / 1024


def main() -> None:
    """Read so many orders, and print the peak of memory."""
    url, folder, count = sys.argv[1:]
    with closing(_adapter(url, Path(folder))) as adapter:
        _mapped(adapter, int(count))
    # Not by getrusage: a process begins with the peak of the one that started it.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(peak.split()[1])


if __name__ == "__main__":
    main()

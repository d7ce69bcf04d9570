"""
Measure op-core, each figure beside a ceiling that is measured in the same run: ``make bench``.

    python tests/bench/run.py            a table, then every figure of every round as JSON
    python tests/bench/run.py --json     JSON alone
    python tests/bench/run.py --quick    in less than half a minute; to see that it runs, not to quote

Rates depend on the machine and on who else uses it; the ratios much less, for both sides meet the same minute.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import attrs
import claims
import machine
import orders
import rest_calls
import sql_reading
import two_stores
import webhooks
from figures import Figure
from rich.console import Console
from rich.table import Table

__all__: list[str] = []


@attrs.frozen
class _Size:
    rounds: int
    seconds: float
    claims: int
    orders: int
    sql_orders: int
    rest_calls: int
    two_stores: int


_WHOLE = _Size(rounds=5, seconds=3.0, claims=500, orders=3_000, sql_orders=100_000, rest_calls=2_000, two_stores=100)
_QUICK = _Size(rounds=2, seconds=1.0, claims=100, orders=500, sql_orders=2_000, rest_calls=200, two_stores=20)


def _measured(folder: Path, size: _Size, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    for name, measure in (
        ("webhooks", lambda: [webhooks.measure(folder, size.rounds, size.seconds)]),
        ("claims", lambda: [claims.measure(folder, size.rounds, size.claims)]),
        ("orders", lambda: [orders.measure(folder, size.rounds, size.orders)]),
        ("a SQL shop", lambda: sql_reading.measure(folder, size.rounds, size.sql_orders)),
        ("an HTTP shop", lambda: rest_calls.measure(folder, size.rounds, size.rest_calls)),
        ("two HTTP shops", lambda: two_stores.measure(folder, size.rounds, size.two_stores)),
    ):
        with console.status(f"measuring {name}"):
            figures += measure()
    return figures


def _table(figures: list[Figure]) -> Table:
    table = Table(title="per second, medians", title_justify="left", caption_justify="left")
    for heading in ("", "op-core", "ceiling", "ratio", "CPU µs each", "ceiling's"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    ceilings = []
    for figure in (one.as_json() for one in figures):
        ours, ceiling = figure["per_second"], figure["ceiling"]["per_second"]
        ceilings.append(f"{figure['name']}: {figure['ceiling']['is']}")
        table.add_row(
            figure["name"],
            _number(ours["median"]),
            _number(ceiling["median"]),
            f"{figure['ratio']['median']:.1%}",
            _number(figure["cpu_us"]),
            _number(figure["ceiling_cpu_us"]),
        )
        for bound in ("min", "max"):
            ratio = f"{figure['ratio'][bound]:.1%}"
            table.add_row(f"  {bound} of rounds", _number(ours[bound]), _number(ceiling[bound]), ratio)
        for name, value in (figure["more"] | figure["beside"]).items():
            table.add_row(f"  {name}", _number(value), _number(figure["ceiling_more"].get(name)))
    table.caption = "\n".join(["The ceilings:", *ceilings])
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure op-core beside its ceilings.")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--quick", action="store_true", help="less than half a minute; not to quote")
    parser.add_argument("--folder", type=Path, help="where the ledgers are made; its disk is measured too")
    chosen = parser.parse_args()
    logging.getLogger("op_core").setLevel(logging.ERROR)
    size = _QUICK if chosen.quick else _WHOLE
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        facts = machine.facts(Path(made))
        figures = _measured(Path(made), size, Console(stderr=True))
    said = {
        "machine": facts,
        "size": attrs.asdict(size),
        "took_s": round(time.monotonic() - begun),
        "figures": [figure.as_json() for figure in figures],
    }
    if not chosen.json:
        Console(width=None if sys.stdout.isatty() else 100).print(_table(figures))
    sys.stdout.write(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()

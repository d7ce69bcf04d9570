"""What the figures were measured on; without it they say nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sqlite3
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["cpu_seconds", "facts"]

_NAMED = "op-core attrs httpcore httptools httpx pluggy pydantic sqlalchemy uvicorn uvloop".split()
_SYNCS = 100


def facts(folder: Path) -> dict[str, Any]:
    """Return cores, versions, how long the disk of *folder* takes to sync, and how busy the machine is."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "sync_us": round(_sync(folder) * 1e6),
        "versions": {name: _version(name) for name in _NAMED},
    }


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU that a process has used so far, all its threads; None where there is no ``/proc``."""
    if not sys.platform.startswith("linux"):
        return None
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _sync(folder: Path) -> float:
    """Return the median time of one small write that is on the disk when it returns."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

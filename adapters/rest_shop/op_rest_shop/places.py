"""Where a key of the manifest stands: its file and line, so that an error leads to what has to be mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import attrs

__all__ = ["Place"]

_HEADER = re.compile(r"\s*(\[{1,2})\s*([\w\"'.\- ]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w\"'.\-]+)\s*=")


@attrs.frozen
class Place:
    """
    A manifest's name, and the lines of its keys.

    Attributes:
        name: As the settings call it.
        lines: Key, as errors write it (``refund.calls[0].post``), to line.
    """

    name: str
    lines: Mapping[str, int] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, text: str) -> Place:
        """Return that of a manifest; *text* is TOML that was read before."""
        lines: dict[str, int] = {}
        met = Counter[str]()
        table = ""
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = _plain(header[2])
                if header[1] == "[[":
                    met[table] += 1
                    table = f"{table}[{met[table] - 1}]"
                lines.setdefault(table, number)
            elif key := _KEY.match(line):
                lines.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
        return cls(name, lines)

    def at(self, key: str) -> str:
        """Return file, line and key; of a key inside an inline table, the line of that table."""
        known = key
        while known and known not in self.lines:
            known = known.rpartition(".")[0]
        return f"{self.name}:{self.lines[known]}: {key}" if known else f"{self.name}: {key}"

    def told(self, fault: str) -> str:
        """Return a fault that begins with its key, with file and line."""
        key, colon, said = fault.partition(":")
        return f"{self.at(key)}{colon}{said}"

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def _plain(key: str) -> str:
    return key.replace('"', "").replace("'", "").replace(" ", "")

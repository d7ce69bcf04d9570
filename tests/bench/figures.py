"""What was measured: rounds of ours and of its ceiling, taken in turns, so that a busy minute hits both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import attrs

__all__ = ["Figure", "Sample", "in_turns"]


@attrs.frozen
class Sample:
    """
    One round.

    Attributes:
        rate: Per second of the clock on the wall.
        cpu_us: Microseconds of CPU that one took in the process that is measured; None where nobody can say.
        more: Other figures of the round, such as latencies, by name.
    """

    rate: float
    cpu_us: float | None = None
    more: dict[str, float] = attrs.field(factory=dict)


@attrs.frozen
class Figure:
    """
    A rate beside its ceiling.

    Attributes:
        name: What is counted.
        ceiling_is: What the ceiling does, in words.
        ours: By round.
        ceiling: By round; each was measured next to the one of ours.
        beside: Other rates of the same run that explain this one, by name.
    """

    name: str
    ceiling_is: str
    ours: list[Sample]
    ceiling: list[Sample]
    beside: dict[str, float] = attrs.field(factory=dict)

    @property
    def ratios(self) -> list[float]:
        """Ours through the ceiling, by round."""
        return [ours.rate / ceiling.rate for ours, ceiling in zip(self.ours, self.ceiling, strict=True)]

    def as_json(self) -> dict[str, Any]:
        """Return every figure, also those of the single rounds."""
        return {
            "name": self.name,
            "per_second": _spread([one.rate for one in self.ours]),
            "ceiling": {"is": self.ceiling_is, "per_second": _spread([one.rate for one in self.ceiling])},
            "ratio": _spread(self.ratios),
            "cpu_us": _cpu(self.ours),
            "ceiling_cpu_us": _cpu(self.ceiling),
            "more": _more(self.ours),
            "ceiling_more": _more(self.ceiling),
            "beside": {name: round(value, 1) for name, value in self.beside.items()},
        }


def in_turns(
    rounds: int, ours: Callable[[], Sample], ceiling: Callable[[], Sample]
) -> tuple[list[Sample], list[Sample]]:
    """Measure both in each round; who comes first changes, for the second may find the machine warm or tired."""
    first, second = [], []
    for n in range(rounds):
        if n % 2 == 0:
            first.append(ours())
            second.append(ceiling())
        else:
            second.append(ceiling())
            first.append(ours())
    return first, second


def _spread(values: list[float]) -> dict[str, Any]:
    return {
        "min": _short(min(values)),
        "median": _short(statistics.median(values)),
        "max": _short(max(values)),
        "rounds": [_short(value) for value in values],
    }


def _short(value: float) -> float:
    return round(value, 1 if value >= 10 else 3)


def _cpu(samples: list[Sample]) -> float | None:
    known = [one.cpu_us for one in samples if one.cpu_us is not None]
    return round(statistics.median(known), 1) if known else None


def _more(samples: list[Sample]) -> dict[str, float]:
    return {name: _short(statistics.median(one.more[name] for one in samples)) for name in samples[0].more}

"""Run the histories of every scene, some scenes at a time, or one history again."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from op_core.testing.histories.explore import Counts, explore, replay
from op_core.testing.histories.scenes import SCENES, a_world

__all__ = ["main"]


def _run(scene: str, *, depth: int, most: int | None) -> Counts:
    logging.disable(logging.CRITICAL)  # what the shop fails with is scripted
    return explore(a_world(scene), depth=depth, most=most)


def _again(scene: str, text: str) -> int:
    wrong = replay(a_world(scene), [event.strip() for event in text.split(",")], lambda event: _say(f"  {event}"))
    _say(wrong or "nothing is lost or doubled")
    return int(wrong is not None)


def _all(scenes: Sequence[str], depth: int, most: int | None, processes: int) -> int:
    began, every = time.monotonic(), Counts()
    with ProcessPoolExecutor(processes) as pool:
        for scene, counts in zip(scenes, pool.map(partial(_run, depth=depth, most=most), scenes), strict=True):
            _say(f"{scene}: {counts}; {counts.worlds} worlds, {counts.bound}")
            for one in counts.failures:
                events = ", ".join(one.events)
                _say(f"  {one.reason}")
                _say(f'  python -m op_core.testing.histories --scene "{scene}" --replay "{events}"')
            every += counts
    _say(f"{every}, in {time.monotonic() - began:.0f} s")
    return int(bool(every.failures))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where every promise holds, 1 where one is broken."""
    parser = argparse.ArgumentParser(prog="python -m op_core.testing.histories", description=__doc__)
    parser.add_argument("--scene", action="append", choices=SCENES, metavar="SCENE", help="only this one; repeatable")
    parser.add_argument("--replay", metavar="EVENTS", help="run one history of the scene, its events apart by commas")
    parser.add_argument("--depth", type=int, default=16, help="events in one history at most (16)")
    parser.add_argument("--most", type=int, help="histories of one scene at most")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="scenes at one time")
    said = parser.parse_args(arguments)
    if said.replay is not None:
        if said.scene is None or len(said.scene) != 1:
            parser.error("--replay needs the one --scene that it is of")
        return _again(said.scene[0], said.replay)
    return _all(said.scene or SCENES, said.depth, said.most, said.processes)


if __name__ == "__main__":
    sys.exit(main())

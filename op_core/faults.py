"""Naming what went wrong in somebody else's code, without repeating what it said."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

from op_core import models, money
from op_core.errors import OpCoreError

__all__ = ["where"]

_PACKAGE = str(Path(__file__).parent)
_NOT_THEIRS = (_PACKAGE, *(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")))
_SAY_NO_VALUES = (models.__file__, money.__file__)


def where(error: BaseException) -> str:
    """
    Name an exception by type and place: the innermost line of the shop's or the adapter's own code.

    Its text is dropped, for it may hold personal data; but our own errors, and what our values say of a wrong one
    (a naive time, a float), hold none, and are what its author needs.
    """
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    place = "".join(
        f" in {Path(at.filename).name}, line {at.lineno} ({at.name})" for at in (theirs or list(frames))[-1:]
    )
    is_ours = isinstance(error, OpCoreError) or (frames and frames[-1].filename in _SAY_NO_VALUES)
    return f"{type(error).__name__}{place}{f': {error}' if is_ours else ''}"

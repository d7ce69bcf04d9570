"""
The command line.

Exit codes: 0 done, 1 the thing asked about is not well, 2 wrong use or settings. Results go to stdout, messages and
progress to stderr. What is heavy is imported inside each command, so that ``op-core --help`` is quick.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

from op_core.cli.asked import WrongUse
from op_core.cli.output import Plain, explain_marks, note
from op_core.errors import OpCoreError, SettingsError, WrongArgument

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """
    Run one command and exit.

    Args:
        arguments: What follows ``op-core``; None takes them from the process.
    """
    from op_core.cli.app import command  # noqa: PLC0415 - it needs this package to be there

    if not logging.root.handlers:
        written = logging.StreamHandler()
        written.setFormatter(Plain())
        logging.basicConfig(handlers=[written])
    logging.getLogger("stamina").setLevel(logging.ERROR)  # a retry says nothing to a person; what fails for good does
    try:
        command()(args=arguments, prog_name="op-core")
    except OpCoreError as error:
        said = f"op-core: {error}"
        for more in getattr(error, "__notes__", ()):
            said = f"{said.rstrip('.')}. {more}"
        note(said)
        sys.exit(2 if isinstance(error, SettingsError | WrongArgument | WrongUse) else 1)
    finally:
        explain_marks()
    sys.exit(0)

"""
Claims that the shop files from its own support page, each once under its key; no key of theirs makes it safe (G-11).

`forms` is what a shop fills in, `checks` holds it against the shop's order, `once` files it.
"""

from __future__ import annotations

from op_core.filing.forms import LineIssue, OnlineClaim
from op_core.filing.once import Filed, Filer

__all__ = ["Filed", "Filer", "LineIssue", "OnlineClaim"]

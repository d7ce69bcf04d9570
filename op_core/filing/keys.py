"""What a claim is known by: its key, and a hash of its content. Nothing of the content itself is kept."""

from __future__ import annotations

import re
from typing import Any

import attrs

from op_core.errors import WrongArgument
from op_core.export.hashes import digest
from op_core.filing.forms import OnlineClaim
from op_core.order_protection.schema import FileClaim, FileOfflineClaim

__all__ = ["content_hash", "key_of"]

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def content_hash(claim: OnlineClaim | FileClaim | FileOfflineClaim) -> str:
    """Hash what a claim says; the order of issues and pictures does not count."""
    return digest(attrs.asdict(claim) if isinstance(claim, OnlineClaim) else claim.to_wire())


def key_of(said: str | None, content: tuple[Any, ...]) -> str:
    """
    Return the key that a caller gave, or one that follows from the content.

    Raises:
        WrongArgument: The ledger keeps keys as they are, so none may hold an e-mail address or a sentence.
    """
    if said is None:
        return f"content-{digest([str(part) for part in enumerate(content)])[:40]}"
    text: object = said
    if not (isinstance(text, str) and _KEY.fullmatch(text)):
        raise WrongArgument(
            "key: expected 1 to 128 letters, digits, dots, colons, dashes and underscores, such as the number of a "
            "ticket; it is kept as it is, so it must not name a person"
        )
    return said

"""
The receipt that ``op-core adapters check`` leaves in an installed adapter: what the kit found, of exactly these files.

It counts only while its hash is that of the files. It is the author's word: a hash shows a change, not a forger, who
makes a new one. Whoever must know runs ``op-core adapters check --verify``, which tries everything again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

import attrs

from op_core.errors import SettingsError

__all__ = ["Receipt", "State", "folder_of", "hash_of", "kept", "read"]

_NAME = "receipt.json"
_FORM = 1
State: TypeAlias = Literal["counts", "changed", "altered", "none"]
"""``counts``; ``changed``: the adapter's files have; ``altered``: the receipt has; ``none``: there is none."""


@attrs.frozen
class Receipt:
    """
    What the kit found.

    Attributes:
        adapter: Name of the adapter.
        kit: Version of op-core, whose kit it was.
        files: Hash of the adapter's installed files.
        tier: ``bronze``, ``silver``, ``gold``, ``platinum``, or None.
        passed: Ids of the cases that passed.
        failed: Id of each case that did not to ``failed``, ``not proven`` or ``not run``.
        not_tried: Id of each case that was left out to the statement for which it was.
        problems: What was wrong besides the cases.
        histories: Histories of faults that were played.
        live: It ran on the real platform.
        date: When, UTC.
    """

    adapter: str
    kit: str
    files: str
    tier: str | None
    passed: tuple[str, ...]
    failed: Mapping[str, str]
    not_tried: Mapping[str, str]
    problems: tuple[str, ...]
    histories: int
    live: bool
    date: datetime

    @property
    def words(self) -> str:
        """What it says, in a few words."""
        bad = len(self.failed) + len(self.problems)
        return f"{self.tier or 'no tier'}{f', {bad} failed' if bad else ''}"

    def write(self, folder: Path) -> Path:
        """
        Write it into the adapter's folder, and return where.

        Raises:
            SettingsError: It cannot be written there.
        """
        facts = attrs.asdict(self) | {"date": self.date.isoformat(timespec="seconds"), "form": _FORM}
        path = folder / _NAME
        try:
            text = json.dumps(facts | {"seal": _seal(facts)}, indent=2, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
        return path

    @classmethod
    def of(cls, text: str) -> Self:
        """
        Read one.

        Raises:
            ValueError: It is none, or not as it was written.
        """
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.pop("seal", None) != _seal(facts) or facts.pop("form") != _FORM:
            raise ValueError("not as it was written")
        tuples = {name: tuple(facts[name]) for name in ("passed", "problems")}
        return cls(**facts | tuples | {"date": datetime.fromisoformat(facts["date"])})


def read(entry: metadata.EntryPoint) -> tuple[State, Receipt | None]:
    """Return the receipt of an installed adapter, and whether it counts; nothing of the adapter is imported."""
    folder = folder_of(entry)
    if folder is None or not (folder / _NAME).is_file():
        return "none", None
    try:
        found = Receipt.of((folder / _NAME).read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError, OSError):
        return "altered", None
    return ("counts" if found.files == hash_of(folder) else "changed"), found


def kept(entry: metadata.EntryPoint) -> str:
    """Say in a few words what an installed adapter's receipt is worth."""
    state, found = read(entry)
    if found is None:
        return "no receipt" if state == "none" else "the receipt was altered"
    if state == "changed":
        return f"changed since the receipt of {found.date:%Y-%m-%d}"
    return found.words if found.kit == metadata.version("op-core") else f"{found.words}, by op-core {found.kit}"


def folder_of(entry: metadata.EntryPoint) -> Path | None:
    """Return the folder of the adapter's package; None where it is no package, or not there."""
    parts = entry.value.partition(":")[0].strip().split(".")
    for depth in range(1, len(parts) + 1):  # a namespace, which others share, is not the adapter's own
        try:
            spec = find_spec(".".join(parts[:depth]))
        except (ImportError, ValueError):
            return None
        if spec is None:
            return None
        if spec.origin is not None:
            return Path(spec.origin).parent if spec.submodule_search_locations else None
    return None


def hash_of(folder: Path) -> str:
    """Return the hash of all files in *folder*, their paths and contents, but for the receipt and what Python keeps."""
    whole = hashlib.sha256()
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, path in sorted(paths.items()):
        if name != _NAME and "__pycache__" not in path.parts:
            whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{whole.hexdigest()}"


def _seal(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

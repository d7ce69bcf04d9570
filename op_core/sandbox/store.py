"""Where the sandbox keeps its documents: SQLite, in memory or in a file, as JSON text with exact decimals."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from op_core.errors import SettingsError
from op_core.order_protection import jsonmoney
from op_core.sandbox.answers import Document

__all__ = ["Store"]

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, parent, id)
);
CREATE INDEX IF NOT EXISTS documents_order ON documents (kind, seq);
"""


class Store:
    """
    Documents by kind, parent and id, in the order in which they came. Safe to use from many threads.

    Args:
        path: A file that outlives the process, or None for memory.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the file, and make its table where it has none; `SettingsError` where that cannot be."""
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise SettingsError(f"{path}: cannot be opened ({error})") from error
        try:
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._connection.close()
            raise SettingsError(f"{path}: cannot be used as the sandbox's file ({error})") from error

    def close(self) -> None:
        """Close the file. The store is of no use after that."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other threads out, and take everything back where the block raises. May be nested."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._connection.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def add(self, kind: str, id: str, body: Document, parent: str = "") -> bool:  # noqa: A002 - it is the id
        """Keep a new document; False, and nothing kept, where that id exists."""
        with self.transaction():
            cursor = self._connection.execute(
                "INSERT INTO documents (kind, parent, id, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (kind, parent, id, jsonmoney.dumps(body).decode()),
            )
            return cursor.rowcount == 1

    def put(self, kind: str, id: str, body: Document, parent: str = "") -> None:  # noqa: A002 - it is the id
        """Keep a document, in the place of the one that has its id."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO documents (kind, parent, id, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, parent, id) DO UPDATE SET body = excluded.body",
                (kind, parent, id, jsonmoney.dumps(body).decode()),
            )

    def remove(self, kind: str, id: str, parent: str = "") -> bool:  # noqa: A002 - it is the id
        """Forget a document; False where there is none."""
        query = "DELETE FROM documents WHERE (kind, parent, id) = (?, ?, ?)"
        with self.transaction():
            return self._connection.execute(query, (kind, parent, id)).rowcount > 0

    def get(self, kind: str, id: str, parent: str = "") -> Document | None:  # noqa: A002 - it is the id
        """Return the document, or None."""
        rows = self._rows("SELECT seq, body FROM documents WHERE (kind, parent, id) = (?, ?, ?)", (kind, parent, id))
        return rows[0][1] if rows else None

    def all(self, kind: str, parent: str | None = None) -> list[Document]:
        """Return all documents of a kind (and of one parent), oldest first."""
        if parent is None:
            rows = self._rows("SELECT seq, body FROM documents WHERE kind = ? ORDER BY seq", (kind,))
        else:
            rows = self._rows(
                "SELECT seq, body FROM documents WHERE kind = ? AND parent = ? ORDER BY seq", (kind, parent)
            )
        return [body for _, body in rows]

    def items(self, kind: str) -> list[tuple[str, Document]]:
        """Return all documents of a kind, oldest first, each with its id."""
        with self._lock:
            found = self._connection.execute("SELECT id, body FROM documents WHERE kind = ? ORDER BY seq", (kind,))
            return [(id, jsonmoney.loads(body.encode())) for id, body in found]  # noqa: A001 - it is the id

    def page(self, kind: str, after: int, size: int) -> list[tuple[int, Document]]:
        """Return up to *size* documents after the position *after*, oldest first, each with its position."""
        query = "SELECT seq, body FROM documents WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?"
        return self._rows(query, (kind, after, size))

    def positions(self, kind: str) -> list[int]:
        """Return the positions of all documents of a kind, oldest first."""
        with self._lock:
            found = self._connection.execute("SELECT seq FROM documents WHERE kind = ? ORDER BY seq", (kind,))
            return [seq for (seq,) in found]

    def _rows(self, query: str, values: tuple[str | int, ...]) -> list[tuple[int, Document]]:
        with self._lock:
            found = self._connection.execute(query, values).fetchall()
        return [(seq, jsonmoney.loads(body.encode())) for seq, body in found]

"""What a webhook says in words reaches a shop written in Python marked: a shop that pastes it does nothing."""

import sqlite3
import sys
import types
from contextlib import closing
from pathlib import Path

import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings

from op_core.plugins import StoreInfo
from op_core.stubs import Backend, OrderNote
from op_core.testing import bodies
from op_core.testing.hostile import TEXTS
from op_core.testing.model_shop import an_order
from op_core.testing.scene import Scene


class Shop(Backend):
    """A shop with a table of notes."""

    def __init__(self, path):
        """Make the table."""
        self.path = path
        self.run("create table notes (id integer primary key, said text, reference text)")

    def run(self, sql, *values):
        """Run whatever is in *sql*, one statement or many, as a careless shop does."""
        with closing(sqlite3.connect(self.path)) as db:
            rows = db.execute(sql, values).fetchall() if values else db.executescript(sql)
            db.commit()
            return rows

    def order(self, order_id):
        """There is one."""
        return an_order() if order_id == "1001" else None

    def add_note(self, request):
        """Bind the words."""
        said = (request.text.plain, request.reference)
        ((made,),) = self.run("insert into notes (said, reference) values (?, ?) returning id", *said)
        return OrderNote(str(made), request.reference)


class Careless(Shop):
    """One that pastes them into a statement."""

    def add_note(self, request):
        """Paste."""
        self.run(f"insert into notes (said, reference) values ('{request.text}', '')")  # noqa: S608 - the careless way
        return OrderNote("1", request.reference)


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Return what becomes of messages in a shop of some kind: the states of their notes, and the rows."""

    def run(kind):
        module = types.ModuleType("a_noting_shop")
        module.backend = kind(tmp_path / "shop.db")
        monkeypatch.setitem(sys.modules, "a_noting_shop", module)
        settings = CustomStoreSettings(backend="a_noting_shop:backend")
        scene = Scene.make(CustomStoreAdapter(settings, StoreInfo("main", "main-1", Path())))
        for n, text in enumerate(TEXTS):
            scene.deliver(bodies.message(text, event=f"e{n}"))
        scene.run()
        with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
            return set(scene.states()), [said for (said,) in db.execute("select said from notes order by id")]

    return run


def test_words_that_are_bound_are_kept_as_they_came(noted):
    """From the webhook's bytes to the shop's table."""
    states, rows = noted(Shop)

    assert ({"done"}, sorted(TEXTS)) == (states, sorted(rows))


def test_words_that_are_pasted_do_nothing(noted):
    """The shop's fault is an error of its own before a statement is made: no row, no table lost, nobody told "done"."""
    states, rows = noted(Careless)

    assert [] == rows
    assert "done" not in states

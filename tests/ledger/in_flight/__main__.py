"""
Write down how this version of op-core leaves its ledger, for all later ones.

``python -m in_flight`` in ``tests/ledger`` writes two files to ``tests/data/ledgers``, named by the schema's revision:
``.sql`` is the SQLite ledger of a store that was stopped, ``.json`` what else is left of it and how this version ends
it. PYTHONPATH may name an older checkout, whose op-core does so. What is released is never written anew.
"""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from in_flight.store import begin, ended, go_on, left

from op_core.ledger import database

LEDGERS = Path(__file__).parents[2] / "data" / "ledgers"


def main():
    """Write both files."""
    with tempfile.TemporaryDirectory() as folder:
        scene = begin(f"sqlite:///{folder}/op.db")
        with closing(sqlite3.connect(f"{folder}/op.db")) as ledger:
            dump = "\n".join(ledger.iterdump())
        there = json.dumps(left(scene))  # as it is now: what follows changes it
        go_on(scene)
        said = {"left": json.loads(there), "ended": ended(scene)}
        scene.ledger.close()
    (LEDGERS / f"{database.HEAD}.sql").write_text(dump + "\n", encoding="utf-8")
    (LEDGERS / f"{database.HEAD}.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


main()

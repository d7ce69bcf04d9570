"""
The ledger: what was asked, decided, done and reported, as rows.

The functions of this package are the only writers of its rows. Each takes a connection and runs inside one
transaction; `Ledger.write` commits it together with others. Nothing here calls a shop or the network.
"""

from op_core.ledger.database import Ledger

__all__ = ["Ledger"]

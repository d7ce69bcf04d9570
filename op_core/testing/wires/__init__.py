"""
The way from an adapter to its shop, where a test can cut it: one call, in one way.

    wire = HttpWire(httpx.WSGITransport(shop))         # for an adapter that speaks HTTP through httpx
    wire = CallWire(); shop = wire.far(shop)           # for one that calls objects in this process
    wire = SqlWire(engine)                             # for one that speaks SQL through SQLAlchemy
    wire.cut(2, "drop after")                          # the second call from now on: the shop acts, its answer is lost

Each is a `op_core.testing.subject.Wire`.
"""

from op_core.testing.wires.calls import CallWire
from op_core.testing.wires.counting import Counting
from op_core.testing.wires.http import HttpWire
from op_core.testing.wires.sql import SqlWire

__all__ = ["CallWire", "Counting", "HttpWire", "SqlWire"]

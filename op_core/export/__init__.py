"""
Orders and parcels of a shop, sent to Order Protection: pages, encoded, sent, with a cursor and hashes per page.

``encode`` and ``hashes`` are pure, ``send`` and ``parcels`` make the calls of one order and know no ledger, ``batches``
sends many at once, ``pages`` and ``marks`` say which, and write down what became of them.
"""

from op_core.export.encode import NotExportable, to_create, to_fulfillment, to_update
from op_core.export.outcome import Exported, Progress
from op_core.export.pages import Exporter

__all__ = ["Exported", "Exporter", "NotExportable", "Progress", "to_create", "to_fulfillment", "to_update"]

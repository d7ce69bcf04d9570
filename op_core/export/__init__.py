"""
What a shop holds, sent to Order Protection: pages, encoded, sent, with a cursor and hashes per page.

``encode`` and ``hashes`` are pure, ``send`` and ``parcels`` make the calls of one order and know no ledger, ``batches``
sends many at once, ``pages`` and ``marks`` say which, and write down what became of them. The package ``products``
does the same for products.
"""

from op_core.export.encode import NotExportable, to_create, to_fulfillment, to_update
from op_core.export.outcome import Exported, ExportedProducts, Progress
from op_core.export.pages import Exporter

__all__ = [
    "Exported",
    "ExportedProducts",
    "Exporter",
    "NotExportable",
    "Progress",
    "to_create",
    "to_fulfillment",
    "to_update",
]

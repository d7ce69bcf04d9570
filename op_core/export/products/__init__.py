"""
Products and stock of a shop, sent to Order Protection (pages PRD-C, PRD-U), as orders are: see `op_core.export`.

``encode`` and ``hashes`` are pure, ``send`` makes the calls of one product and knows no ledger, ``catalogue`` says
which, and writes down what became of them.
"""

from op_core.export.products.catalogue import Catalogue
from op_core.export.products.encode import to_create_product

__all__ = ["Catalogue", "to_create_product"]

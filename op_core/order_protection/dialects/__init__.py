"""
Every difference between Order Protection's pages, and every gap in them: handled here and nowhere else.

`deliveries` reads webhooks in any spelling, `answers` what the API answers in any spelling, `values` single values;
`authorization` reads how an app's authorization comes back; `sending` writes what we send in the spelling of the
store's switches (`switches`). `book` lists all contradictions (C-n) and gaps (G-n) with what was decided.
"""

from __future__ import annotations

from op_core.order_protection.dialects.deliveries import TOPICS, read
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect

__all__ = ["DOCUMENTED", "TOPICS", "Dialect", "read"]

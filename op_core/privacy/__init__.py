"""
What the ledger keeps about people, and how long.

``forget`` erases what it holds about one order's customer, ``search`` finds the orders of an e-mail address, and
``retention`` takes old bodies away. The proof of money stays: keys, references, units, amounts, states and times.
"""

from op_core.privacy.forget import Forgotten, forget, look
from op_core.privacy.retention import Kept, tidy
from op_core.privacy.search import OfEmail, orders_of

__all__ = ["Forgotten", "Kept", "OfEmail", "forget", "look", "orders_of", "tidy"]

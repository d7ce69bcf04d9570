"""
The wire to Order Protection: what we send and read (REST), and what it sends (webhooks).

`dialects.read` turns a webhook's body into an event; `client.Client` makes the calls; `schema` and `answers` are
their bodies; `endpoints` says what each call is without sending it.

This package itself imports no HTTP library, so that pure code may use its events: import the client from
`op_core.order_protection.client`.
"""

from __future__ import annotations

from op_core.order_protection import events
from op_core.order_protection.dialects import TOPICS, read
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.messages import Request, Response

__all__ = ["TOPICS", "Request", "Response", "dumps", "events", "loads", "read"]

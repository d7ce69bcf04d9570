"""Words that do harm wherever somebody takes them for more than words: for tests of what a webhook's text becomes."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS = (
    "'; DROP TABLE notes; --",
    '" or 1=1 /* \\',
    ":reference :order_id %(id)s %s ? {0}",
    "<script>alert('1')</script> & <img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} {order_id} {reference} {% raw %} #{7*7}",
    "$(id) `id` ; id | id && id > /tmp/x",
    "[bold red]x[/bold red] :smile:",
    "\x1b[2J\x1b]0;title\x07\x9b31mred\x7f\x08\x08",
    "../../../etc/passwd",
    "..",
    "%2e%2e%2f..%00",
    "first\r\nX-Other: header\r\n\r\n<body>",
    "\u202egnp.exe \u2066x\u2069 \u200b\u2028\u2029 \ufeff",
    "https://app.example/claims/view/1?next=javascript:alert(1)#'\"",
    "=cmd|' /c calc'!A1",
)
"""For SQL, bound names, HTML, templates, a shell, rich's markup, a terminal, a path, a header, an eye, a sheet."""

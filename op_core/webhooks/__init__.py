"""Receiving webhooks: `receive` knows no framework; `asgi` and `wsgi` are its two faces."""

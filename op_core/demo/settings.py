"""The demo's op.toml: a whole one, with secrets that are obviously none, so that every verb works in its folder."""

from __future__ import annotations

__all__ = ["SECRET", "TOKEN", "settings_text"]

TOKEN = "demo-token-not-a-secret"  # noqa: S105 - as it says
SECRET = "demo-webhook-secret-not-a-secret"  # noqa: S105 - as it says


def settings_text(port: int) -> str:
    """Return the file, for a sandbox on that port."""
    return f"""# Made by `op-core demo`. Its Order Protection is a sandbox; start it here with:
#   op-core sandbox --port {port} --db sandbox.db --token {TOKEN}

[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "demo-shop"
adapter = "custom_store"
api_url = "http://127.0.0.1:{port}"
api_token = "{TOKEN}"
webhook_secrets = ["{SECRET}"]
verify_claims = "always"

[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db" }}

[stores.main.limits]
hold_above = {{ USD = "250.00", EUR = "250.00", JPY = "40000", BHD = "100.000" }}

[stores.main.protection]
on_added = "bill"
on_removed = "refund"

[stores.main.resolutions]
flat_rate = "act"
store_credit = "act"

[stores.main.export]
tracking_wait = "1 s"    # the demo does not wait a day for a tracking number

# The API's pages do not document how an outcome is reported (G-1). This is the sandbox's assumption.
[stores.main.report.refund]
path = "/v1/claims/{{claim_id}}/resolutions"

[stores.main.report.refund.body]
verb = "{{verb}}"
reference = "{{reference}}"
shopId = "{{shop_id}}"
amount = "{{amount}}"
currency = "{{currency}}"
outcome = "{{outcome}}"

[stores.main.report.store_credit]
path = "/v1/claims/{{claim_id}}/resolutions"

[stores.main.report.store_credit.body]
verb = "{{verb}}"
reference = "{{reference}}"
shopId = "{{shop_id}}"
amount = "{{amount}}"
currency = "{{currency}}"
"""

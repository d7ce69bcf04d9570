"""
A small shop in WooCommerce's tables, always the same: 60 orders with what real ones do to whoever reads them.

It is in New York, so that its local times are not its GMT ones, and sells in USD. Its rows are made here, as
WooCommerce 9 makes them: nothing of WooCommerce has run.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

from sqlalchemy import text
from woocommerce_products import BY_ID, OPENED, REMOVED, SOLD, add_products
from woocommerce_rows import Rows, escaped, serialized_taxes

CENT, LONG, NOTHING = Decimal("0.01"), Decimal("0.000001"), Decimal(0)
BULK_EDIT = datetime(2026, 6, 1, 12, 0, 0)  # noqa: DTZ001 - as above
RATES = {"CA": "7.25", "NY": "8.875", "GB": "20", "DE": "19", "JP": "0"}
CANCELLED, REFUNDED = dict.fromkeys((5, 37), "wc-cancelled"), dict.fromkeys((31, 52), "wc-refunded")
UNFINISHED = {23: "wc-pending", 24: "wc-failed", 44: "wc-checkout-draft", 45: "auto-draft", 46: "trash"}
STATUSES = CANCELLED | REFUNDED | UNFINISHED | {17: "wc-on-hold"}  # of these orders; others are processing or completed
PEOPLE = [
    ("Ada", "Fakename", "1 Example Street", "Oakland", "CA", "94601", "US", "+1 202 555 0101"),
    ("Zoë", "Ünwahr", "Müsterweg 2", "Köln", "", "50667", "DE", "+49 30 23125 001"),
    ("太郎", "架空", "例町1-2-3", "千代田区", "JP13", "100-0001", "JP", ""),
    ("Siân", "O'Fiction", "3 Sample Lane", "Cardiff", "", "CF10 1AA", "GB", "+44 1632 960001"),
    ("Ben", "Invented", "4 Example Avenue", "Brooklyn", "NY", "11201", "US", "+1 202 555 0102"),
]


def fill(connection):
    """Make the tables and the shop in an empty database."""
    for statement in Path(__file__).with_name("tables.sql").read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            connection.execute(text(f"{statement} default charset utf8mb4 collate utf8mb4_unicode_520_ci"))
    rows, random = Rows(), Random(20260701)  # noqa: S311 - a sample, no secret
    add_products(rows)
    for number in range(60):
        SampleOrder(rows, random, number).place()
    rows.write(connection)
    connection.commit()


def cents(amount: Decimal) -> Decimal:
    """Round as WooCommerce does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class SampleOrder:
    """One order on its way through the shop."""

    def __init__(self, rows: Rows, random: Random, number: int):
        """Decide who buys, where, and what becomes of it."""
        self.rows, self.random, self.number = rows, random, number
        later = timedelta(hours=31 * number, minutes=random.randrange(60), seconds=random.randrange(60))
        self.created = OPENED + later
        self.updated = self.created + timedelta(hours=random.randrange(1, 40))
        self.status = STATUSES.get(number, "wc-completed" if number % 3 else "wc-processing")
        self.person = PEOPLE[number % len(PEOPLE)]
        self.rate = Decimal(RATES.get(self.person[4]) or RATES.get(self.person[6], "0")) / 100
        self.gross = number % 5 in (1, 3) and number > 30  # since then, prices include tax
        self.id = rows.post("shop_order_placehold", self.created)
        self.card = number % 8 != 3  # others pay at the door, and owe it until then
        self.lines = []  # item id, product, units, total and tax of each

    def place(self):
        """Add all of its rows."""
        coupon = Decimal(1) if self.number == 12 else Decimal("0.1") if self.number % 6 == 4 else NOTHING
        subtotal, discount, discount_tax, tax = self.add_lines(coupon)
        self.virtual = all(product.virtual for _, product, *_ in self.lines)
        fees = self.add_fees()
        shipping, shipping_tax = self.add_shipping()
        if tax or shipping_tax:
            amounts = {"tax_amount": tax, "shipping_tax_amount": shipping_tax, "rate_percent": self.rate * 100}
            self.rows.item(self.id, "tax", "TAX-1", rate_id=1, label="Tax", compound="", **amounts)
        if coupon:
            name = "everything-off" if coupon == 1 else "10off"
            self.rows.item(self.id, "coupon", name, discount_amount=discount, discount_amount_tax=discount_tax)
        self.total = cents(subtotal - discount + fees + shipping + shipping_tax + tax)
        sold = self.number not in {17, *UNFINISHED} and self.total > 0
        self.paid = sold and (self.card or self.status == "wc-completed")
        self.add_notes()
        self.add_refunds()
        if 20 <= self.number < 30:
            self.updated = BULK_EDIT  # ten orders in one second
        self.add_order(tax)
        self.add_operational(shipping, shipping_tax, discount, discount_tax)
        self.add_addresses()

    def add_lines(self, coupon):
        """Add what is bought; return the sums before discount, of discount, of its tax, and of tax."""
        chosen = [BY_ID[each] for each in self.random.sample(SOLD, self.random.choice([1, 1, 2, 3]))]
        chosen += [BY_ID[112]] if self.number % 5 == 2 else []  # protection as a product
        chosen = [BY_ID[105]] if self.number == 9 else chosen  # nothing to send
        chosen += [REMOVED] if self.number == 14 else [BY_ID[115]] if self.number == 19 else []
        sums = [NOTHING] * 4
        for product in chosen:
            units = 1 if product.sku == "PROTECT-STD" else self.random.choice([1, 1, 2, 3])
            full = Decimal(product.price) * units
            if self.gross:  # the part that is tax leaves many digits
                before = (full / (1 + self.rate)).quantize(LONG)
                after = (before * (1 - coupon)).quantize(LONG)
                full_tax, tax = full - before, full * (1 - coupon) - after
            else:
                before, after = full, cents(full * (1 - coupon)) if coupon else full
                full_tax, tax = cents(before * self.rate), cents(after * self.rate)
            amounts = {"_line_subtotal": before, "_line_subtotal_tax": full_tax, "_line_total": after, "_line_tax": tax}
            more = {} if product.stock is None else {"_reduced_stock": units}
            more |= {"pa_gift-wrap": "No & thanks"} if self.number % 9 == 0 else {}
            meta = {**product.ids, "_qty": units, "_tax_class": "", **amounts, **more}
            item = self.rows.item(self.id, "line_item", product.name, **meta, _line_tax_data=serialized_taxes(tax))
            self.lines.append((item, product, units, after, tax))
            sums = [held + new for held, new in zip(sums, (before, before - after, full_tax - tax, tax), strict=True)]
        return sums

    def add_fees(self):
        """Add what is neither goods nor shipping: protection, a service, a discount as some plugins write it."""
        fees = [("Order Protection", Decimal("2.95"))] if self.number % 5 in (0, 3) else []
        fees += {15: [("Gift wrap", Decimal(4))], 16: [("Loyalty", Decimal(-3))]}.get(self.number, [])
        for name, amount in fees:
            meta = {"_fee_amount": amount, "_tax_class": "0", "_tax_status": "none", "_line_total": amount}
            taxes = serialized_taxes(NOTHING, ("total",))
            self.rows.item(self.id, "fee", name, **meta, _line_tax=0, _line_tax_data=taxes)
        return sum((amount for _, amount in fees), NOTHING)

    def add_shipping(self):
        """Add the way of shipping; return its price and its tax."""
        if self.virtual:
            return NOTHING, NOTHING
        free = self.number == 12 or self.number % 11 == 8
        price = NOTHING if free else Decimal("7.5")
        tax = cents(price * self.rate)
        name, method = ("Free shipping", "free_shipping") if free else ("Flat rate", "flat_rate")
        self.rows.item(self.id, "shipping", name, method_id=method, instance_id=1, cost=price, total_tax=tax)
        return price, tax

    def add_notes(self):
        """Add what WooCommerce and the shipping plugins write down."""
        if self.paid:
            self.rows.note(self.id, self.created, "Order status changed from Pending payment to Processing.")
        if self.status == "wc-cancelled":
            self.rows.note(self.id, self.updated, "Order status changed from Processing to Cancelled.")
        goods = [(product, units) for _, product, units, *_ in self.lines if not product.virtual]
        if self.status != "wc-completed" or not goods:
            return
        parcels = [goods]
        if self.number % 4 == 1:  # one for each line, and more where it has several units
            parcels = [[(product, 1)] for product, units in goods for _ in range(min(units, 2))]
            parcels += [[(product, units - 2)] for product, units in goods if units > 2]
        for n, parcel in enumerate(parcels):
            at = self.created + timedelta(days=2 + n, minutes=self.number)
            code, day = f"{self.number:05}{n:02}86660", f"{at:%B} {at.day}, {at.year}"
            if self.number % 7 == 0:
                note = f"Order was shipped with UPS and tracking number is: 1Z00EX{code}"
            elif self.number % 7 == 1 and len(parcels) == 1:
                note = f"Items shipped via FedEx on {day} with tracking number {code} (ShipStation)."
            else:
                named = [(f"{each.name} ({each.sku})" if each.sku else each.name, units) for each, units in parcel]
                names = escaped(", ".join(f"{name} x {units}" for name, units in named))
                note = f"{names} shipped via USPS on {day} with tracking number 9400100{code}860."
            self.rows.note(self.id, at, note)

    def add_refunds(self):
        """Add refunds: of all in two parts, of a little, of one unit."""
        if self.status == "wc-refunded":
            half = cents(self.total / 2)
            self.add_refund(half, "Partly sent back")
            self.add_refund(self.total - half, "Order fully refunded.")
        elif self.paid and self.number % 10 == 7:
            self.add_refund(Decimal("1.50"), "Goodwill — désolé")
        elif self.paid and self.number % 10 == 1:
            item, product, units, total, tax = self.lines[0]
            amounts = {"_line_subtotal": -total / units, "_line_total": -total / units, "_line_tax": -tax / units}
            line = {**product.ids, "_qty": -1, **amounts, "_refunded_item_id": item}
            self.add_refund(cents((total + tax) / units), "Sent back", product.name, line)

    def add_refund(self, amount, reason, name="", line=None):
        """Add a refund: an order of another type, with negative amounts, under this one."""
        at = self.created + timedelta(days=6, minutes=self.random.randrange(600))
        self.updated = max(self.updated, at)
        refund = self.rows.post("shop_order_placehold", at, parent=self.id)
        self.rows.add(
            "wp_wc_orders",
            id=refund,
            status="wc-completed",
            currency="USD",
            type="shop_order_refund",
            tax_amount=cents(line["_line_tax"]) if line else NOTHING,
            total_amount=-amount,
            customer_id=0,
            date_created_gmt=at,
            date_updated_gmt=at,
            parent_order_id=self.id,
        )
        data = {"order_id": refund, "woocommerce_version": "9.8.5", "prices_include_tax": self.gross}
        self.rows.add("wp_wc_order_operational_data", **data)
        self.rows.meta(refund, _refund_amount=str(amount), _refund_reason=reason, _refunded_by="1")
        if line:
            self.rows.item(refund, "line_item", name, **line)

    def add_order(self, tax):
        """Add the order itself."""
        first, last = self.person[:2]
        self.rows.add(
            "wp_wc_orders",
            id=self.id,
            status=self.status,
            currency="USD",
            type="shop_order",
            tax_amount=tax,
            total_amount=self.total,
            customer_id=0 if self.number % 4 == 0 else 1 + self.number % len(PEOPLE),
            billing_email=f"{self.number:02}.customer@shop.example",
            date_created_gmt=self.created,
            date_updated_gmt=self.updated,
            parent_order_id=0,
            payment_method="stripe" if self.card else "cod",
            payment_method_title="Credit card" if self.card else "Cash on delivery",
            transaction_id=f"ch_fake{self.number:04}" if self.card and self.paid else None,
            customer_note=f"For {first} {last}, please" if self.number % 13 == 0 else "",
        )
        self.rows.meta(self.id, is_vat_exempt="no", _billing_address_index=f"{first} {last}")
        if self.number % 10 == 6:  # a plugin that numbers orders its own way
            self.rows.meta(self.id, _order_number=f"NY-{self.number:05}")

    def add_operational(self, shipping, shipping_tax, discount, discount_tax):
        """Add what WooCommerce keeps beside the order."""
        self.rows.add(
            "wp_wc_order_operational_data",
            order_id=self.id,
            created_via="checkout",
            woocommerce_version="9.8.5",
            prices_include_tax=self.gross,
            order_key=f"wc_order_fake{self.number:08}",
            order_stock_reduced=self.paid,
            date_paid_gmt=self.created if self.paid else None,
            date_completed_gmt=self.updated if self.status == "wc-completed" else None,
            shipping_tax_amount=shipping_tax,
            shipping_total_amount=shipping,
            discount_tax_amount=discount_tax,
            discount_total_amount=discount,
            recorded_sales=self.paid,
        )

    def add_addresses(self):
        """Add who pays, and where it goes; the second one is empty where nothing is sent."""
        names = ("first_name", "last_name", "address_1", "city", "state", "postcode", "country", "phone")
        row = {"order_id": self.id, "company": "", **dict(zip(names, self.person, strict=True))}
        email = f"{self.number:02}.customer@shop.example"
        self.rows.add("wp_wc_order_addresses", address_type="billing", email=email, address_2="", **row)
        unit = "Unit 7" if self.number % 6 == 0 else ""
        sent = row | {"address_2": unit} if not self.virtual else dict.fromkeys((*names, "company", "address_2"), "")
        self.rows.add("wp_wc_order_addresses", address_type="shipping", email=None, **(sent | {"order_id": self.id}))

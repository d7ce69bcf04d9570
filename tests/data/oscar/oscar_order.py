"""The rows that Oscar has of an order: written by its checkout, its warehouse and its dashboard."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import attrs
from oscar_parcels import put
from oscar_tables import PROTECTION, Tables, amount, stamp

from op_core.models import Address, Customer, Fulfillment, Line, Order, Payment
from op_core.money import Money, total
from op_core.testing.subject import CannotHold

__all__ = ["Rows"]


@attrs.define
class Rows:
    """
    The rows of one order, and what it is like when it is read out of them again.

    Attributes:
        times: When something about it was written.
    """

    to: Tables
    times: list[datetime] = attrs.field(init=False, factory=list)

    def put(self, order: Order, parcels: Sequence[Fulfillment]) -> Order:
        """Write them all."""
        self._must_fit(order)
        tax, shipping, on_shipping = (
            one or Money(Decimal(0), order.currency) for one in (order.tax, order.shipping, order.shipping_tax)
        )
        ship_to, bill_to = self._address(order.shipping_address, "shipping"), self._address(order.billing_address)
        user, customer = self._customer(order)
        n = self.to.insert(
            "order_order",
            number=f"new-{order.number}",
            currency=order.currency,
            total_incl_tax=amount(order.total),
            total_excl_tax=amount(order.total - tax),
            shipping_incl_tax=amount(shipping + on_shipping),
            shipping_excl_tax=amount(shipping),
            shipping_method="Standard",
            shipping_code="standard",
            status="Cancelled" if order.cancelled_at else order.status or "Pending",
            guest_email="" if user else order.customer.email,
            date_placed=self._at(order.created_at),
            billing_address_id=bill_to and bill_to[0],
            shipping_address_id=ship_to and ship_to[0],
            site_id=1,
            user_id=user,
            analytics_tracked=0,
        )
        self.to.db.execute("update order_order set number = ? where id = ?", (str(100000 + n), n))
        lines = tuple(self._line(n, line, order) for line in order.lines)
        payments = tuple(self._payment(n, payment) for payment in order.payments)
        premium = self._premium(n, order)
        if order.cancelled_at:
            self.to.insert(
                "order_orderstatuschange",
                old_status="Pending",
                new_status="Cancelled",
                order_id=n,
                date_created=self._at(order.cancelled_at),
            )
        for parcel in parcels:
            self.times += put(
                self.to, n, parcel, {line.id: int(new.id) for line, new in zip(order.lines, lines, strict=True)}
            )
        if order.updated_at > max(self.times):
            at = self._at(order.updated_at)
            self.to.insert(
                "order_ordernote", note_type="Info", message="seen", date_created=at, date_updated=at, order_id=n
            )
        return attrs.evolve(
            order,
            id=str(n),
            number=str(100000 + n),
            updated_at=max(self.times),
            subtotal=total(
                (Money(one.unit_price.amount * one.quantity, order.currency) for one in lines), order.currency
            ),
            shipping=shipping,
            shipping_tax=on_shipping,
            tax=tax,
            discount=total((one.discount for one in lines if one.discount), order.currency),
            premium=premium,
            lines=lines,
            payments=payments,
            customer=customer,
            shipping_address=ship_to and ship_to[1],
            billing_address=bill_to and bill_to[1],
            status="Cancelled" if order.cancelled_at else order.status or "Pending",
            tags=(),
            risk_level="",
        )

    # --- What Oscar has no place for -----------------------------------------------------------------------------

    def _must_fit(self, order: Order) -> None:
        if any(line.unit_price.currency != order.currency for line in order.lines):
            raise CannotHold("Oscar has one currency for an order and its lines")
        if order.replaces or order.references:
            raise CannotHold("only the adapter writes a reference into Oscar")
        shared = total((line.discount for line in order.lines if line.discount), order.currency)
        if order.discount is not None and order.discount != shared:
            raise CannotHold("Oscar shares every discount out over the lines")

    # --- Rows ----------------------------------------------------------------------------------------------------

    def _at(self, time: datetime) -> str:
        self.times.append(time.astimezone(UTC))
        return stamp(time)

    def _customer(self, order: Order) -> tuple[int | None, Customer]:
        home = order.shipping_address or order.billing_address or Address()
        phone = order.shipping_address.phone if order.shipping_address else ""
        if not order.customer.name:
            name = " ".join(filter(None, (home.first_name, home.last_name)))
            return None, Customer(order.customer.email, name, phone)
        first, _, last = order.customer.name.partition(" ")
        return self.to.insert(
            "auth_user",
            username=str(uuid.uuid4()),
            email=order.customer.email,
            first_name=first,
            last_name=last,
            password="!",
            is_superuser=0,
            is_staff=0,
            is_active=1,
            date_joined=stamp(order.created_at),
        ), attrs.evolve(order.customer, phone=phone)

    def _address(self, address: Address | None, kind: str = "billing") -> tuple[int, Address] | None:
        if address is None:
            return None
        country = self.to.db.execute(
            "select name from address_country where iso_3166_1_a2 = ?", (address.country,)
        ).fetchone()
        if country is None:
            raise CannotHold(f"this Oscar knows no country {address.country!r}")
        said = {
            "first_name": address.first_name,
            "last_name": address.last_name,
            "line1": address.street_address_1,
            "line2": address.street_address_2,
            "line3": address.company_name,  # it has no place of its own
            "line4": address.city,
            "state": address.country_area,
            "postcode": address.postal_code,
        }
        n = self.to.insert(
            f"order_{kind}address",
            **said,
            **({"phone_number": address.phone, "notes": ""} if kind == "shipping" else {}),
            title="",
            country_id=address.country,
            search_text=" ".join(filter(None, (*said.values(), country[0]))),
        )
        street = ", ".join(filter(None, (address.street_address_2, address.company_name)))
        phone = address.phone if kind == "shipping" else ""
        return n, attrs.evolve(address, street_address_2=street, company_name="", phone=phone)

    def _line(self, order_id: int, line: Line, order: Order) -> Line:
        sku = PROTECTION if line.is_protection else line.sku
        product, record = self.to.sold(line.name, sku, line.unit_price)
        discount, tax = (
            line.discount or Money(Decimal(0), order.currency),
            line.tax or Money(Decimal(0), order.currency),
        )
        before = Money(line.unit_price.amount * line.quantity, order.currency)
        per_unit = {"unit_price_excl_tax": amount(line.unit_price), "unit_price_incl_tax": None}
        n = self.to.insert(
            "order_line",
            order_id=order_id,
            partner_id=1,
            partner_name="Main warehouse",
            partner_sku=sku,
            partner_line_reference="",
            partner_line_notes="",
            stockrecord_id=record,
            product_id=product,
            title=line.name,
            upc=None,
            quantity=line.quantity,
            line_price_before_discounts_excl_tax=amount(before),
            line_price_before_discounts_incl_tax=amount(before + tax),
            line_price_excl_tax=amount(before - discount),
            line_price_incl_tax=amount(before - discount + tax),
            **per_unit,
            status="Pending",
            num_allocated=0,
            allocation_cancelled=0,
        )
        if line.refunded_quantity:
            self.to.insert(
                "order_paymenteventquantity",
                line_id=n,
                quantity=line.refunded_quantity,
                event_id=self._refunded(order_id, order),
            )
        return attrs.evolve(
            line,
            id=str(n),
            sku=sku,
            product_id=str(product),
            variant_id="",
            discount=discount,
            tax=tax,
            url="",
            image_url="",
            description="",
        )

    def _refunded(self, order_id: int, order: Order) -> int:
        kind = self.to.id("select id from order_paymenteventtype where code = 'refunded'")
        return self.to.insert(
            "order_paymentevent",
            order_id=order_id,
            event_type_id=kind,
            amount="0",
            reference="",
            date_created=self._at(order.created_at),
        )

    def _payment(self, order_id: int, payment: Payment) -> Payment:
        method = payment.method or "card"
        kind = self.to.id("select id from payment_sourcetype where code = ?", method)
        n = self.to.insert(
            "payment_source",
            order_id=order_id,
            source_type_id=kind or self.to.insert("payment_sourcetype", code=method, name=method),
            currency=payment.captured.currency,
            amount_allocated=amount(payment.captured),
            amount_debited=amount(payment.captured),
            amount_refunded=amount(payment.refunded),
            label="",
            reference="",
        )
        return attrs.evolve(payment, id=str(n), method=method)

    def _premium(self, order_id: int, order: Order) -> Money | None:
        on_lines = [one for one in order.lines if one.is_protection]
        if on_lines:
            paid = total(
                (
                    Money(one.unit_price.amount * one.quantity, order.currency)
                    - (one.discount or _none(order))
                    + (one.tax or _none(order))
                    for one in on_lines
                ),
                order.currency,
            )
            if order.premium not in (None, paid):
                raise CannotHold(f"Oscar keeps a premium as a line or as a surcharge: {order.premium} is not {paid}")
            return paid
        if order.premium is not None:
            paid = amount(order.premium)
            self.to.insert(
                "order_surcharge",
                name="Order protection",
                code="order-protection",
                incl_tax=paid,
                excl_tax=paid,
                order_id=order_id,
            )
        return order.premium


def _none(order: Order) -> Money:
    return Money(Decimal(0), order.currency)

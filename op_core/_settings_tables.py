"""The tables of op.toml, one model each; frozen, and no key that is not here is taken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from op_core._settings_faults import expected
from op_core._settings_values import (
    Amount,
    ApiUrl,
    Count,
    Currency,
    Duration,
    HeaderText,
    Host,
    Name,
    PageUrl,
    RedirectUri,
    RoutePath,
    Scope,
    Secret,
    ledger_url,
)
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect

__all__ = [
    "ExportSettings",
    "LedgerSettings",
    "Limits",
    "OAuthSettings",
    "ProtectionSettings",
    "QuoteSettings",
    "ReportRoute",
    "ReportVerb",
    "ResolutionSettings",
    "RetentionSettings",
    "StoreSettings",
    "SweepSettings",
    "Table",
    "TimingSettings",
]

ReportVerb = Literal["refund", "reship", "store_credit", "charge_protection", "refund_protection"]


class Table(BaseModel):
    """What every table has. No text of pydantic repeats a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LedgerSettings(Table):
    """
    Where the ledger is.

    Attributes:
        url: An SQLAlchemy URL with its driver and a whole path. It may hold a password: never print it.
    """

    url: str = Field(repr=False)

    @field_validator("url", mode="before")
    @classmethod
    def _whole_url(cls, value: object, info: ValidationInfo) -> str:
        return ledger_url(value, info.context or Path.cwd())


class Limits(Table):
    """
    What waits for a person: holds, not errors.

    Attributes:
        hold_above: Currency to the largest amount that goes through by itself. A currency not named is held.
        actions_per_hour: Actions of this store that may begin in one hour.
        pending_limit: How long an action may stay pending in the shop before a person is asked.
    """

    hold_above: dict[Currency, Amount] = {}
    actions_per_hour: Annotated[Count, Field(ge=0)] = 200
    pending_limit: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(days=3)


class ProtectionSettings(Table):
    """What to do when protection is added to or removed from an order by hand."""

    on_added: Literal["hold", "bill", "absorb"] = "hold"
    on_removed: Literal["hold", "refund"] = "hold"


class ResolutionSettings(Table):
    """Whether to act on resolution types whose meaning is our assumption (G-6)."""

    flat_rate: Literal["hold", "act"] = "hold"
    store_credit: Literal["hold", "act"] = "hold"


class ReportRoute(Table):
    """The call that tells Order Protection of one kind of outcome; none is documented (G-1)."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    path: RoutePath
    body: dict[str, Any] = {}


class TimingSettings(Table):
    """
    How long a call to the shop may take, and when its absence counts.

    Attributes:
        deadline: Longest time of one hook call.
        lease: How long an action belongs to one runner; longer than the deadline.
        search_lag: How long the shop's own search may lag behind what it has done.
        quiet_period: How long after a call "not found" counts; not shorter than the search lag.
        calls: Sync hook calls of this store at one time.
        attempts: Tries of a call that never reached the shop, before a person is asked.
    """

    deadline: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)
    lease: Annotated[Duration, Field(validate_default=True)] = timedelta(minutes=2)
    search_lag: Duration = timedelta(0)
    quiet_period: Duration = Field(default_factory=lambda data: max(2 * data["deadline"], data["search_lag"]))
    calls: Annotated[Count, Field(ge=1, le=100)] = 4
    attempts: Annotated[Count, Field(ge=1, le=100)] = 8

    @field_validator("lease")
    @classmethod
    def _outlives_the_call(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value <= info.data.get("deadline", timedelta(0)):
            raise expected("a duration longer than timing.deadline")
        return value

    @field_validator("quiet_period")
    @classmethod
    def _outlasts_the_search(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value < info.data.get("search_lag", timedelta(0)):
            raise expected("a duration not shorter than timing.search_lag")
        return value


class ExportSettings(Table):
    """
    How orders and products are read and sent.

    Attributes:
        overlap: How far before its cursor a page is read again.
        tracking_wait: How long a fulfillment waits for its tracking number.
        page_size: Most orders or products in one page.
        in_flight: Calls to Order Protection at one time.
        product_currency: Of the prices of all products; None: that of the first one that was sent.
    """

    overlap: Duration = timedelta(minutes=10)
    tracking_wait: Duration = timedelta(hours=24)
    page_size: Annotated[Count, Field(ge=1, le=10_000)] = 200
    in_flight: Annotated[Count, Field(ge=1, le=256)] = 8
    product_currency: Currency | None = None


class OAuthSettings(Table):
    """
    An app's credentials, in the place of a store's API token.

    Attributes:
        client_id: Of the app.
        client_secret: Of the app. What the ledger keeps of its tokens is sealed with a key made from it.
        grant: ``client_credentials``: a token for a store that has the app. ``authorization_code``: a person lets the
            app in once (`op-core app authorize`), and its refresh token is used from then on.
        scopes: What is asked for; none: all that were granted.
        redirect_uri: Where the merchant comes back to, as registered for the app.
        authorize_url: Where the merchant lets the app in; no page says it (G-19).
        refresh_token: One that was got elsewhere, to begin with.
        ahead: How long before its end a token is renewed; at most half its life.
    """

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Secret
    grant: Literal["client_credentials", "authorization_code"] = "client_credentials"
    scopes: tuple[Scope, ...] = ()
    redirect_uri: RedirectUri | None = None
    authorize_url: PageUrl | None = None
    refresh_token: Secret | None = None
    ahead: Duration = timedelta(minutes=5)


class SweepSettings(Table):
    """
    How claims are read back from Order Protection, to find what its webhooks did not tell.

    Attributes:
        days: How far back orders are looked at.
        every: Pause between two sweeps of `op-core serve`; 0: none.
        grace: How old a decision must be before its webhook counts as never delivered.
    """

    days: Annotated[Count, Field(ge=1, le=365)] = 14
    every: Duration = timedelta(hours=6)
    grace: Duration = timedelta(minutes=15)


class RetentionSettings(Table):
    """
    How long personal data stays in the ledger.

    Attributes:
        bodies: How long a webhook is kept as it arrived, from its arrival; None: for ever. One that waits, that nobody
            could read, or whose claim is not over is kept longer.
    """

    bodies: Annotated[Duration, Field(ge=timedelta(days=1))] | None = None


class QuoteSettings(Table):
    """
    What protection costs in the cart.

    Attributes:
        store_url: The shop's host, as Order Protection knows it. None: no price is asked.
        max_age: How long the rules are used without being asked for again.
        stale_for: How old they may be where Order Protection cannot be reached.
        partner_app_id: A partner's application, whose prices are asked for.
        partner_variant: Its cohort.
    """

    store_url: Host | None = None
    max_age: Duration = timedelta(minutes=10)
    stale_for: Annotated[Duration, Field(validate_default=True)] = timedelta(hours=24)
    partner_app_id: HeaderText | None = None
    partner_variant: HeaderText | None = None

    @field_validator("stale_for")
    @classmethod
    def _not_before_the_max(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        if value < info.data.get("max_age", timedelta(0)):
            raise expected("a duration not shorter than quote.max_age")
        return value

    @field_validator("partner_variant")
    @classmethod
    def _of_an_application(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("partner_app_id") is None:
            raise expected("quote.partner_app_id beside it")
        return value


class StoreSettings(Table):
    """
    One store: ``[stores.<name>]``.

    Attributes:
        name: The table's name. It may change.
        id: Permanent; it is part of every operation key.
        adapter: Name of an entry point in the group ``op_core.adapters``.
        api_url: Order Protection's address, without a slash at its end.
        oauth: The credentials of an app; None: there is an *api_token*.
        api_token: The store's API token; None: there is *oauth*.
        op_store_id: Order Protection's own id of this store; deliveries that name another are quarantined.
        webhook_secrets: Any of them opens the door, so that they can be changed one after the other.
        verify_claims: When a claim is read back from the API before money moves.
        observers: Names of entry points in the group ``op_core.observers``.
        settings: The adapter's own table, checked by the adapter's own model.
        report: By verb, the call that reports an outcome. A verb without one has no route.
        wire: How Order Protection is spoken to, where its pages contradict each other or are silent.
    """

    name: Name
    id: Name
    adapter: Name
    api_url: ApiUrl
    oauth: OAuthSettings | None = None
    api_token: Secret | None = Field(default=None, validate_default=True)
    op_store_id: str | None = Field(default=None, min_length=1, validate_default=True)
    webhook_secrets: tuple[Secret, ...] = Field(min_length=1)
    platform_id: Literal["shopify", "woocommerce", "magento", "bigcommerce", "api"] = "api"
    verify_claims: Literal["always", "above_limit", "never"] = "always"
    observers: tuple[Name, ...] = ()
    settings: dict[str, Any] = Field(default={}, repr=False)
    limits: Limits = Limits()
    protection: ProtectionSettings = ProtectionSettings()
    resolutions: ResolutionSettings = ResolutionSettings()
    report: dict[ReportVerb, ReportRoute] = {}
    timing: TimingSettings = TimingSettings()
    export: ExportSettings = ExportSettings()
    sweep: SweepSettings = SweepSettings()
    retention: RetentionSettings = RetentionSettings()
    quote: QuoteSettings = QuoteSettings()
    wire: Dialect = DOCUMENTED

    @field_validator("api_token")
    @classmethod
    def _one_of_two(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "oauth" in info.data and (value is None) == (info.data["oauth"] is None):
            both = "one of the two: this key, or the table oauth of an app, and not both"
            raise expected(both if value else "a secret, or the table oauth of an app in its place")
        return value

    @field_validator("op_store_id")
    @classmethod
    def _needed_by_the_grant(cls, value: str | None, info: ValidationInfo) -> str | None:
        oauth = info.data.get("oauth")
        if value is None and oauth is not None and oauth.grant == "client_credentials":
            raise expected("Order Protection's own id of the store: oauth.grant is client_credentials, which names it")
        return value

"""
Every error of ours, grouped by what the caller does next.

::

    OpCoreError
    ├── SettingsError              mend op.toml or the environment; nothing was done
    │   ├── StoreParked            the other stores go on; mend this one
    │   └── UnknownStore
    ├── WrongArgument              mend the call; nothing was asked and nothing was done
    ├── LedgerError                mend the ledger (upgrade, disk, rights); nothing was done
    ├── HookError                  what an adapter raises
    │   ├── NotSent                surely never reached the shop: tried again by itself
    │   │   └── ShopAway           nor will anything until it is well: the store waits as a whole
    │   ├── Refused                the shop said no: a person looks
    │   ├── NotSupported           this shop cannot do it: held
    │   └── OrderNotFound          the shop has no such order: held
    ├── ShopUnavailable            the shop did not answer a question: asked again later
    ├── ContractBroken             the adapter answered something else than its hook promises: mend the adapter
    ├── WireError                  Order Protection, or the way to it
    │   ├── NotSendable            our own request is not one that the API takes: mend the order
    │   ├── RequestNotSent         never reached it: safe to send again
    │   ├── MayHaveLanded          sent, and no answer: read before sending again
    │   ├── UnreadableAnswer       answered, in a form that nobody knows: the body is kept
    │   └── Answered               an answer that is not a success
    │       ├── BadRequest         400: mend the request
    │       ├── Unauthorized       401, 403: mend the token
    │       │   └── TokenRevoked   an app's token is refused for good: install the app again
    │       ├── NotFoundThere      404: it does not know this id
    │       ├── AlreadyThere       409: update instead
    │       ├── Unprocessable      422: mend the data
    │       ├── RateLimited        429: wait `retry_after` seconds
    │       └── ServerFailed       5xx: later
    ├── InstallFailed              an app was not let in: begin the authorization again; nothing was kept
    ├── FilingError                a claim that the shop files; it is filed once under its key
    │   ├── KeyTaken               another claim has this key: take another one
    │   ├── FilingUnderWay         another call files it right now: ask again
    │   └── FilingUnknown          it may have been filed: ask again later, or look
    ├── Unreadable                 a delivery that cannot be read: kept in quarantine
    └── PersonError                a decision that cannot be taken as asked; nothing was done
"""

from __future__ import annotations

__all__ = [
    "AlreadyThere",
    "Answered",
    "BadRequest",
    "ContractBroken",
    "FilingError",
    "FilingUnderWay",
    "FilingUnknown",
    "HookError",
    "InstallFailed",
    "KeyTaken",
    "LedgerError",
    "MayHaveLanded",
    "NotFoundThere",
    "NotSendable",
    "NotSent",
    "NotSupported",
    "OpCoreError",
    "OrderNotFound",
    "PersonError",
    "RateLimited",
    "Refused",
    "RequestNotSent",
    "ServerFailed",
    "SettingsError",
    "ShopAway",
    "ShopUnavailable",
    "StoreParked",
    "TokenRevoked",
    "Unauthorized",
    "UnknownStore",
    "Unprocessable",
    "Unreadable",
    "UnreadableAnswer",
    "WireError",
    "WrongArgument",
]


class OpCoreError(Exception):
    """Anything that op-core raises on purpose. Its text holds no secret and no personal data."""


# --- Mend the settings -------------------------------------------------------------------------------------------


class SettingsError(OpCoreError):
    """The settings cannot be used: the text names the file, the key, what was found and what was expected."""


class StoreParked(SettingsError):
    """This store cannot work as it is set up; the others go on."""

    def __init__(self, store: str, reason: str) -> None:
        self.store = store
        self.reason = reason
        super().__init__(f"store {store!r} is parked: {reason}")


class UnknownStore(SettingsError):
    """No store of that name is in the settings."""


class WrongArgument(OpCoreError):
    """What the shop's own code asks for cannot be. The text names argument, finding and expectation."""


class LedgerError(OpCoreError):
    """The ledger cannot be used as it is: wrong version, no rights, no room."""


# --- What an adapter raises --------------------------------------------------------------------------------------


class HookError(OpCoreError):
    """
    What an adapter says by raising.

    Args:
        reason: Why, in words for the shop's staff. No personal data, no secret.
    """

    def __init__(self, reason: str = "") -> None:
        self.reason = reason or type(self).__name__
        super().__init__(self.reason)


class NotSent(HookError):
    """The call surely never reached the shop. The only failure that is tried again blindly."""


class Refused(HookError):
    """The shop understood and said no. Nothing was changed."""


class NotSupported(HookError):
    """This shop cannot do what the hook asks. The action is held, never swapped for another one."""


class OrderNotFound(HookError):
    """The shop has no order of that id."""


class ShopUnavailable(OpCoreError):
    """A question to the shop was not answered: it failed, or its time ran out. Ask again later."""


class ShopAway(NotSent, ShopUnavailable):
    """
    The call surely never reached the shop, and none will until it is well again: the store waits as a whole.

    Any hook may raise it, one that reads or one that changes the shop: no connection, a locked database, a user without
    rights, a column that an upgrade took away. It costs an action none of its tries, however long it lasts. Raise it
    only where nothing can have been done: a call that was sent, or a COMMIT that was not answered, may have landed.

    Args:
        reason: Why, as for any `HookError`.
        wait: Seconds for which the shop asks to be left alone, such as `Retry-After`; None: it does not say.
    """

    def __init__(self, reason: str = "", *, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(reason)


class ContractBroken(OpCoreError):
    """An adapter answered something that its hook does not promise."""


# --- Order Protection, or the way to it --------------------------------------------------------------------------


class WireError(OpCoreError):
    """A call to Order Protection did not end in a success."""


class NotSendable(WireError):
    """The request is not one that the API takes. The text names field, rule and page, never personal data."""


class RequestNotSent(WireError):
    """The connection never came about. Nothing was sent; it is safe to send again."""


class MayHaveLanded(WireError):
    """The request went out and no answer came back. Read what is there before sending again."""


class UnreadableAnswer(WireError):
    """
    The API answered in a form that nobody knows.

    Attributes:
        body: The answer as it came, for the record. Not part of the text.
    """

    def __init__(self, message: str, body: bytes = b"") -> None:
        self.body = body
        super().__init__(message)


class Answered(WireError):
    """
    The API answered, and the answer is no success.

    Attributes:
        status: The HTTP status.
        body: The answer as it came, for the record. Not part of the text.
        retry_after: Seconds that the API asks to wait, if it says so.
    """

    def __init__(self, message: str, *, status: int, body: bytes = b"", retry_after: float | None = None) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after
        super().__init__(message)


class BadRequest(Answered):
    """400: the API does not take this request. Mend it; sending it again changes nothing."""


class Unauthorized(Answered):
    """401 or 403: the token is wrong, revoked, or may not do this. Mend the store's `api_token` or its `oauth`."""


class TokenRevoked(Unauthorized):
    """The API takes no token of this app for this store any more. The text says how the app is installed again."""


class NotFoundThere(Answered):
    """404: the API does not know this id."""


class AlreadyThere(Answered):
    """409: it exists already. Update it instead."""


class Unprocessable(Answered):
    """422: the API understood and refuses the data. Mend them."""


class RateLimited(Answered):
    """429: too many calls. Wait `retry_after` seconds."""


class ServerFailed(Answered):
    """5xx: the API failed. A write may have landed; read before writing again."""


# --- Claims that the shop files ----------------------------------------------------------------------------------


class FilingError(OpCoreError):
    """
    A claim that the shop files was not filed by this call.

    Attributes:
        key: The key under which it is filed once.
    """

    def __init__(self, message: str, key: str = "") -> None:
        self.key = key
        super().__init__(message)


class KeyTaken(FilingError):
    """A claim of other content was filed under this key, or may have been."""


class FilingUnderWay(FilingError):
    """Another call files it right now. Ask again under the same key for what became of it."""


class FilingUnknown(FilingError):
    """It may have been filed. The text says whether to ask again under the same key, or to look and decide."""


# --- Apps, deliveries and people ---------------------------------------------------------------------------------


class InstallFailed(OpCoreError):
    """An app was not let in by a merchant, or what came back is not what was asked for. Begin again."""


class Unreadable(OpCoreError):
    """A delivery that cannot be read. It is kept, with this reason, in quarantine."""


class PersonError(OpCoreError):
    """A decision that cannot be taken as it was asked. Nothing was done."""

"""
Sealing: what the ledger keeps of an app's credentials is worth nothing without the app's own secret.

The key is made from that secret and is never stored, so that a copy or a backup of the ledger holds no usable token.
"""

from __future__ import annotations

import base64

from op_core.errors import SettingsError

__all__ = ["Seal"]


class Seal:
    """
    Seals texts with a key made from a secret.

    Args:
        secret: The secret.
        purpose: What is sealed, and for whom: what was sealed for another purpose does not open.

    Raises:
        SettingsError: The extra ``oauth`` is not installed.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        """Make the key."""
        try:
            from cryptography.fernet import Fernet  # noqa: PLC0415 - part of an extra
            from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - as above
        except ModuleNotFoundError:
            raise SettingsError(
                'an app\'s tokens are sealed by cryptography: install op-core with its extra "oauth"'
            ) from None
        key = HKDF(SHA256(), length=32, salt=None, info=f"op-core {purpose}".encode()).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def __repr__(self) -> str:
        """Show no key."""
        return "<Seal>"

    def close(self, text: str) -> str:
        """Return *text* sealed."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str | None) -> str | None:
        """Return what was sealed; None where this key does not open it, or there is nothing."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - part of an extra

        if sealed is None:
            return None
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

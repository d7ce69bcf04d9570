"""
A local Order Protection: strict where the API is documented, and with a voice, so that a shop can be built against it.

It needs the extra ``[server]``. Everything that it assumes is marked as an assumption where it stands.
"""

from __future__ import annotations

from op_core.errors import SettingsError

try:
    from op_core.sandbox.app import create_app
    from op_core.sandbox.run import Sandbox, serve
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
        raise
    raise SettingsError(f'the sandbox needs {error.name}: install op-core with its extra "server"') from error

__all__ = ["Sandbox", "create_app", "serve"]

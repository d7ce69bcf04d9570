"""``python -m op_core``: the same as ``op-core``."""

from op_core.cli import main

main()

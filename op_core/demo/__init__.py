"""A small shop on SQLite, to try op-core on."""

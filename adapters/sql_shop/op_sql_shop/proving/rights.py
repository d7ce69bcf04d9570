"""What the user may do, beside what the mapping needs."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from op_core.proofs import Proof
from op_sql_shop.client import Session
from op_sql_shop.proving.catalog import Catalog, asked

__all__ = ["RIGHTS", "rights"]

RIGHTS = ("select", "insert", "update", "delete")
"""What may be needed of a table."""

Needed = Mapping[str, Collection[str]]
_FEW = 5


def rights(session: Session, catalog: Catalog, needed: Needed, file: Path | None) -> Iterator[Proof]:
    """
    Yield what is missing, with the GRANT for it, and what is there and not needed.

    Args:
        session: A transaction that reads.
        catalog: The live schema.
        needed: Table to what the mapping does with it.
        file: Of a SQLite database.
    """
    names = {table.name: set(uses) for name, uses in needed.items() if (table := catalog.table(name)) is not None}
    if session.dialect == "sqlite":
        assert file is not None
        yield _of_file(file, any(uses - {"select"} for uses in names.values()))
    elif session.dialect == "postgresql":
        yield from _postgresql(session, names)
    else:
        yield from _mysql(session, names)


def _of_file(file: Path, writes: bool) -> Proof:  # noqa: FBT001 - an answer to one question
    if not writes:
        return Proof("rights", "well", "SQLite knows none, and the mapping only reads")
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        return Proof("rights", "well", "SQLite knows none; its file and its folder can be written")
    return Proof(
        "rights", "not well", "the mapping writes; expected that this user can write SQLite's file and its folder"
    )


def _said(grants: list[str], more: list[str]) -> Iterator[Proof]:
    if grants:
        yield Proof("rights", "not well", f"missing; have an administrator run:\n{chr(10).join(grants)}")
    else:
        yield Proof("rights", "well", "the user may do all that the mapping does")
    if more:
        yield Proof("rights", "look", f"more than the mapping needs: {'; '.join(more)}")


def _some(names: Collection[str]) -> str:
    first = sorted(names)[:_FEW]
    return ", ".join(first) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")


# --- PostgreSQL ------------------------------------------------------------------------------------------------------

_TABLES = """
select c.oid::regclass::text as name, pg_has_role(c.relowner, 'usage') as owned,
    has_table_privilege(c.oid, 'delete') as delete, has_any_column_privilege(c.oid, 'select') as select,
    has_any_column_privilege(c.oid, 'insert') as insert, has_any_column_privilege(c.oid, 'update') as update
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"""
_SEQUENCES = """
select d.refobjid::regclass::text as table, s.oid::regclass::text as name
from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
where d.refclassid = 'pg_class'::regclass and d.deptype = 'a'
    and case when s.relkind = 'S' then not has_sequence_privilege(s.oid, 'usage') end"""


def _postgresql(session: Session, needed: Mapping[str, set[str]]) -> Iterator[Proof]:
    who = "select quote_ident(current_user), rolsuper from pg_roles where rolname = current_user"
    user, is_super = asked(session, who, "rights")[0]
    tables: dict[str, Any] = {row["name"]: row for row in session.run(sa.text(_TABLES), {}, "rights").mappings()}
    quote = session.connection.dialect.identifier_preparer.format_table
    grants, written, inserted = [], set(), set()
    for name, uses in sorted(needed.items()):
        schema, _, short = name.rpartition(".")
        known = str(quote(sa.table(short, schema=schema or None)))
        missing = [right.upper() for right in RIGHTS if right in uses and not tables.get(known, {}).get(right)]
        if missing:
            grants.append(f"GRANT {', '.join(missing)} ON {known} TO {user};")
        if uses - {"select"}:
            written.add(known)
        if "insert" in uses:
            inserted.add(known)
    for table, sequence in asked(session, _SEQUENCES, "rights"):
        if table in inserted:
            grants.append(f"GRANT USAGE ON SEQUENCE {sequence} TO {user};")
    if is_super:
        yield from _said(grants, [f"{user} is a superuser; make a user of its own for op-core"])
        return
    owned = {name for name, row in tables.items() if row["owned"] and name != "op_references"}
    may = {name for name, row in tables.items() if any(row[right] for right in RIGHTS[1:])} - owned - written
    more = [f"{user} owns {_some(owned)}, and may drop it"] if owned else []
    if may:
        more.append(f"{user} may write {_some(may - {'op_references'})}, which no step does")
    yield from _said(grants, more)


# --- MariaDB and MySQL -----------------------------------------------------------------------------------------------

_GRANTED = """
select '*', '*', lower(privilege_type) from information_schema.user_privileges where grantee in :who
union all select table_schema, '*', lower(privilege_type) from information_schema.schema_privileges
    where grantee in :who
union all select table_schema, table_name, lower(privilege_type) from information_schema.table_privileges
    where grantee in :who
union all select table_schema, table_name, lower(privilege_type) from information_schema.column_privileges
    where grantee in :who"""


def _mysql(session: Session, needed: Mapping[str, set[str]]) -> Iterator[Proof]:
    user, database = asked(session, "select current_user(), database()", "rights")[0]
    name, _, host = str(user).rpartition("@")
    grantees = [f"'{name}'@'{host}'", *_roles(session)]
    granted = sa.text(_GRANTED).bindparams(sa.bindparam("who", expanding=True))
    have: dict[tuple[str, str], set[str]] = {}
    rows: Any = session.run(granted, {"who": grantees}, "rights")
    for schema, table, right in rows:
        have.setdefault((schema.replace("\\", ""), table), set()).add(right)
    grants, written = [], set()
    for full, uses in sorted(needed.items()):
        schema, _, short = full.rpartition(".")
        at = schema or str(database)
        given = have.get(("*", "*"), set()) | have.get((at, "*"), set()) | have.get((at, short), set())
        missing = [right.upper() for right in RIGHTS if right in uses and right not in given]
        if missing:
            grants.append(f"GRANT {', '.join(missing)} ON `{at}`.`{short}` TO {grantees[0]};")
        if uses - {"select"}:
            written.add((at, short))
    more = []
    everywhere = have.get(("*", "*"), set()) - {"usage"}
    if everywhere:
        more.append(f"{grantees[0]} may {_some(everywhere)} in every database; make a user of its own for op-core")
    else:
        whole = have.get((str(database), "*"), set())
        if whole - {"select", "usage", "show view"}:
            more.append(f"{grantees[0]} may {_some(whole - {'select', 'show view'})} on every table of {database}")
        wide = {
            table
            for at, table in have
            if table != "*" and have[at, table] & set(RIGHTS[1:]) and (at, table) not in written
        }
        wide -= {"op_references"}
        if wide:
            more.append(f"{grantees[0]} may write {_some(wide)}, which no step does")
    yield from _said(grants, more)


def _roles(session: Session) -> list[str]:
    """Return the roles that are on, as MariaDB and MySQL write them."""
    is_mariadb = getattr(session.connection.dialect, "is_mariadb", False)
    if is_mariadb:
        rows = session.run(sa.text("select role_name from information_schema.enabled_roles"), {}, "rights")
        return [f"'{row[0]}'@''" for row in rows if row[0]]
    said = session.run(sa.text("select current_role()"), {}, "rights").scalar()
    return [] if not said or said == "NONE" else [role.strip().replace("`", "'") for role in str(said).split(",")]

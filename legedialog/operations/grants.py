"""What the role that serves pages may do, by table and column, as each context says it. docs/adr/0040."""

from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from legedialog.core import contexts, fence

HEAD = """# What the web role may do

Made from what each context says of its tables in its `about.py`; `legedialog migrate` grants it, and a test tries every
verb on every table. The role that serves pages reads and adds rows of all of them, within the fence
(adr/0038-the-scope-is-said-once.md). It changes the columns below, and no others: what says whose a row is stays. It
has rows removed where it says so, by the function `fence.remove`, and no other way; it locks no whole table. See
adr/0040-what-the-web-role-may-do.md.

| table | changes | removes |
| --- | --- | --- |
"""


def declared() -> dict[str, dict[str, list[str]]]:
    """By table and view: {verb: columns}, none for the whole of it."""
    found: dict[str, dict[str, list[str]]] = {}
    for label, table in contexts.tables().items():
        model = apps.get_model(label)
        found[model._meta.db_table] = {"SELECT": [], "INSERT": []}
        if table.changeable:
            columns = [str(model._meta.get_field(name).column) for name in table.changeable]
            found[model._meta.db_table]["UPDATE"] = columns
    for relation in contexts.every(lambda about: about.relations):
        is_queue = relation.startswith("procrastinate_")  # its own functions do all of it
        verbs = ("SELECT", "INSERT", "UPDATE", "DELETE") if is_queue else ("SELECT",)
        found[relation] = {verb: [] for verb in verbs}
    return found


def give(owner: psycopg.Connection[Any], role: str) -> None:
    """As the owner, inside a transaction: what is declared, and no more."""
    whom = sql.Identifier(role)
    for words in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
        # For what a migration adds while the old code still runs.
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        owner.execute(sql.SQL(words).format(whom))
    owner.execute(_remove())
    owner.execute(_move())
    owner.execute(_seal())
    for table, verbs in declared().items():
        if owner.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
            continue
        for verb, columns in verbs.items():
            named = sql.SQL(", ").join(map(sql.Identifier, columns)).as_string(owner)
            what = f"{verb} ({named})" if columns else verb
            owner.execute(sql.SQL(f"GRANT {what} ON {{}} TO {{}}").format(sql.Identifier(table), whom))


def removable() -> list[str]:
    """Tables whose rows may be removed by `fence.remove`."""
    return [apps.get_model(label)._meta.db_table for label, table in contexts.tables().items() if table.is_removed]


def _remove() -> str:
    """CREATE FUNCTION: the one way to remove rows. Whoever may delete from a table may lock all of it."""
    names = ", ".join(f"'{name}'" for name in removable())
    return f"""
CREATE OR REPLACE FUNCTION fence.remove(name text, key text, keys text[]) RETURNS bigint LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  kind text := (SELECT format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = to_regclass('public.' || quote_ident(name)) AND attname = key);
  gone bigint;
BEGIN
  IF NOT '{fence.EVERYONE}'::uuid = ANY (fence.scope()) OR name <> ALL (ARRAY[{names}]) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: only the system removes, and not everything';
  END IF;
  EXECUTE format('DELETE FROM public.%I WHERE %I = ANY ($1::%s[])', name, key, kind) USING keys;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
"""  # noqa: S608  names of ours


def _move() -> str:
    """CREATE FUNCTION: what named one person names another, when two rows are the same person. The one way to do it."""
    from legedialog.journeys import merging  # only now: it needs Django to be set up

    names = ", ".join(f"'{each.table}.{each.name}'" for each in merging.columns())
    return f"""
CREATE OR REPLACE FUNCTION fence.move(name text, col text, key text, one uuid, other uuid, only_ids uuid[])
  RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT '{fence.EVERYONE}'::uuid = ANY (fence.scope()) OR name || '.' || col <> ALL (ARRAY[{names}]) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: only the system moves, and not everything';
  END IF;
  RETURN QUERY EXECUTE format('UPDATE public.%1$I SET %2$I = $1 WHERE %2$I = $2 AND ($3 IS NULL OR %3$I = ANY ($3))'
    ' RETURNING %3$I', name, col, key) USING other, one, only_ids;
END $$;
"""  # noqa: S608  names of ours


def _seal() -> str:
    """CREATE FUNCTION: what is sealed is sealed anew, as its row has become another's."""
    from legedialog.core import rotation  # only now: it needs Django to be set up

    names = ", ".join(f"'{each.table}.{each.name}'" for each in rotation.columns())
    return f"""
CREATE OR REPLACE FUNCTION fence.seal(name text, col text, key text, row_id text, old bytea, new bytea)
  RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT '{fence.EVERYONE}'::uuid = ANY (fence.scope()) OR name || '.' || col <> ALL (ARRAY[{names}]) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: only the system seals anew';
  END IF;
  EXECUTE format('UPDATE public.%1$I SET %2$I = $1 WHERE %3$I::text = $2 AND %2$I = $3', name, col, key)
    USING new, row_id, old;
END $$;
"""  # noqa: S608  names of ours


def page() -> str:
    lines = [HEAD]
    for label, table in contexts.tables().items():
        removed = "rows" if table.is_removed else ""
        lines.append(f"| {label} | {', '.join(table.changeable) or 'nothing'} | {removed} |\n")
    for relation, verbs in declared().items():
        if "." not in relation and relation in contexts.every(lambda about: about.relations):
            queue = "DELETE" in verbs
            lines.append(f"| `{relation}` | {'all' if queue else 'nothing'} | {'rows' if queue else ''} |\n")
    return "".join(lines)

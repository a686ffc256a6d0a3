"""Which rows belong to whom. `legedialog migrate` makes it row-level security. See docs/adr/0009 and 0038.

Each context says it of its tables in its `about.py`:

    "Dialogue": Table(belongs_to("patient", "practice"), …),  # hers, and that office's
    "Message": Table(belongs_to(follows="dialogue"), …),  # whoever sees the dialogue sees its messages

Names are fields of the model. A table that nobody tells of is seen by nobody, and a test names it.
"""

import contextlib
import hashlib
from collections.abc import Callable

import psycopg
from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import Field, ForeignKey, Model
from psycopg import sql

from legedialog.core import contexts, fence
from legedialog.core.contexts import Rows
from legedialog.operations import grants

_EVERYONE = f"'{fence.EVERYONE}'::uuid"


FUNCTIONS = """
CREATE TABLE IF NOT EXISTS fence.keys (key bytea PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now());
REVOKE ALL ON fence.keys FROM PUBLIC;

-- Turns are counted in the memory of each connection, where only these functions change them.
CREATE SEQUENCE IF NOT EXISTS fence.turns CACHE 1000;

CREATE OR REPLACE FUNCTION fence.proof(key bytea, of text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT encode(sha256(key || sha256(key || convert_to(of, 'UTF8'))), 'hex') $$;

-- The turn that the next scope must be signed for. No number comes twice.
CREATE OR REPLACE FUNCTION fence.turn() RETURNS bigint LANGUAGE sql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT nextval('fence.turns') $$;

-- Takes a scope for the rest of this transaction, and tells the turn of the next. What it leaves in the setting is
-- bound to this transaction and to this turn, so that nobody can put it back.
-- The key stands in the plans of this function: nobody who has plans printed reads it there.
CREATE OR REPLACE FUNCTION fence.say(word text) RETURNS bigint LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET debug_print_parse = off SET debug_print_rewritten = off SET debug_print_plan = off AS $$
DECLARE
  ids text := substr(word, 66);
  said text := 'say:' || pg_backend_pid() || ':' || currval('fence.turns') || ':' || ids;
  secret bytea;
  turn bigint;
BEGIN
  SELECT key INTO secret FROM fence.keys WHERE fence.proof(key, said) = substr(word, 1, 64);
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'the scope is not signed';
  END IF;
  turn := nextval('fence.turns');
  PERFORM set_config('legedialog.scope', fence.proof(secret, 'held:' || pg_backend_pid() || ':' || turn || ':'
    || extract(epoch FROM now()) || ':' || ids) || ':' || ids, true);
  RETURN turn;
END $$;

CREATE OR REPLACE FUNCTION fence.scope() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  said text := current_setting('legedialog.scope', true);
  ids text := substr(said, 66);
  held text;
BEGIN
  IF coalesce(said, '') = '' THEN
    RETURN '{}';
  END IF;
  held := 'held:' || pg_backend_pid() || ':' || currval('fence.turns') || ':' || extract(epoch FROM now())
    || ':' || ids;
  PERFORM FROM fence.keys WHERE fence.proof(key, held) = substr(said, 1, 64);
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'the scope is not signed';
  END IF;
  RETURN string_to_array(ids, ',')::uuid[];
END $$;

-- Of columns that a scope is made from: who may write them could make herself anybody.
CREATE OR REPLACE FUNCTION fence.only_the_system() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
     AND NOT ('00000000-0000-0000-0000-000000000000'::uuid = ANY (fence.scope())) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: only the system says whose it is';
  END IF;
  RETURN NEW;
END $$;
"""
# Whose scope somebody gets is read from these.
OF_THE_SYSTEM = {
    "a_login_is_made_by_the_system": "BEFORE INSERT ON access_login FOR EACH ROW",
    "a_login_stays_whose_it_is": (
        "BEFORE UPDATE OF id, kind, person_id, employee_id, operator_id, token_hash, assurance ON access_login"
        " FOR EACH ROW WHEN ((OLD.id, OLD.kind, OLD.person_id, OLD.employee_id, OLD.operator_id, OLD.token_hash,"
        " OLD.assurance)"
        " IS DISTINCT FROM (NEW.id, NEW.kind, NEW.person_id, NEW.employee_id, NEW.operator_id, NEW.token_hash,"
        " NEW.assurance))"
    ),
    "who_was_one_is_said_by_the_system": (
        "BEFORE UPDATE OF former_ids ON patients_person FOR EACH ROW"
        " WHEN (OLD.former_ids IS DISTINCT FROM NEW.former_ids)"
    ),
}


ROLE = """
SELECT rolsuper, rolbypassrls, has_schema_privilege('public', 'CREATE')
  OR has_database_privilege(current_database(), 'CREATE') OR has_database_privilege(current_database(), 'TEMPORARY'),
  has_schema_privilege('fence', 'CREATE') OR has_table_privilege('fence.keys', 'SELECT, INSERT, UPDATE, DELETE')
FROM pg_roles WHERE rolname = current_user
"""
# Whatever the role reaches, in whichever schema. Its partitions are reached through their parent alone.
REACHED = """
SELECT relname, relkind, pg_has_role(relowner, 'USAGE'), relrowsecurity,
  EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid), has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE'),
  has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
  AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
    OR has_any_column_privilege(c.oid, 'SELECT, UPDATE'))
ORDER BY 1
"""
# Statements and their values belong in no list and no log of the server.
UNSEEN = {"track_activities": "off", "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0"}
RECIPE = "Say in `tables` of its context's about.py whom its rows belong to, and run `legedialog migrate`."


def fenced() -> dict[str, Rows]:
    """By the model's label: whom the rows belong to."""
    return {label: table.rows for label, table in contexts.tables().items() if not table.rows.why_open}


def unfenced() -> dict[str, str]:
    """Tables and views without a policy, by their name in the database, each with its reason."""
    tables = contexts.tables().items()
    ours = {apps.get_model(label)._meta.db_table: each.rows.why_open for label, each in tables if each.rows.why_open}
    return ours | contexts.every(lambda about: about.relations)


def put_up(owner: psycopg.Connection, role: str, stands: Callable[[str], bool] = lambda name: False) -> None:
    """As the owner, inside a transaction: policies as they stand here. What is right already is not even locked: what
    `stands` as the last migration left it, by its name in standing.py.
    """
    owner.execute("SET LOCAL search_path = public, pg_temp")
    owner.execute("CREATE SCHEMA IF NOT EXISTS fence")
    owner.execute(FUNCTIONS)
    # The key of yesterday counts until the processes that have it are started anew.
    owner.execute("INSERT INTO fence.keys (key) VALUES (%s) ON CONFLICT DO NOTHING", [fence.key()])
    owner.execute("DELETE FROM fence.keys WHERE key NOT IN (SELECT key FROM fence.keys ORDER BY made_at DESC LIMIT 2)")
    owner.execute(office_knows())
    owner.execute(BECOME)
    owner.execute(sees().encode())
    said = owner.execute(
        "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = %s::regrole AND setdatabase = 0", [role]
    ).fetchall()
    for name, value in UNSEEN.items():
        if (f"{name}={value}",) in said:  # the role belongs to the whole server: others say it too
            continue
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), owner.transaction():
            owner.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), sql.SQL(value))
            )
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege), owner.transaction():
        # A table of her own in the session would stand before one of ours of the same name.
        database = sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("REVOKE TEMPORARY, CREATE ON DATABASE {} FROM PUBLIC").format(database))
        owner.execute(sql.SQL("REVOKE TEMPORARY, CREATE ON DATABASE {} FROM {}").format(database, sql.Identifier(role)))
    words = sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA fence FROM {0}; GRANT USAGE ON SCHEMA fence TO {0}")
    owner.execute(words.format(sql.Identifier(role)))
    for name, when in OF_THE_SYSTEM.items():
        table = when.partition(" ON ")[2].split()[0]
        if not stands(f"trigger {name} on public.{table}"):
            owner.execute(f"CREATE OR REPLACE TRIGGER {name} {when} EXECUTE FUNCTION fence.only_the_system()".encode())
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}".encode())
    there = {
        table: (is_on, set(names))
        for table, is_on, names in owner.execute(
            "SELECT relname, relrowsecurity, array(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid)"
            " FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
    }
    models = {apps.get_model(label)._meta.db_table: (apps.get_model(label), rows) for label, rows in fenced().items()}
    for table, (is_on, names) in there.items():
        model, rows = models.get(table, (None, None))
        wanted = policies(model, rows) if model and rows else {}
        right = {name for name in names & set(wanted) if stands(f"policy {name} on public.{table}")}
        for name in names - right:
            owner.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(name), sql.Identifier(table)))
        for name, text in wanted.items():
            if name not in right:
                owner.execute(text)
        if is_on or not wanted:
            continue
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))


def faults() -> list[str]:
    """Why the fence does not hold for the role that serves pages, one line each. Raises DatabaseError."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        is_super, bypasses, creates, reads_keys = cursor.fetchone()
        if is_super or bypasses:
            found.append("The web role is a superuser or has BYPASSRLS: no policy binds it.")
        if creates:
            found.append(
                "The web role may create tables and functions, if only for its own session. Run `legedialog migrate`."
            )
        if reads_keys:
            found.append("The web role may read the key that scopes are signed with.")
        open_ones = unfenced()
        cursor.execute(REACHED)
        granted = grants.declared()
        for name, kind, owns, is_on, policies_there, writes, locks in cursor.fetchall():
            if owns:
                found.append(f"The web role owns {name}: no policy binds it there.")
            if locks and "DELETE" not in granted.get(name, ()):
                found.append(f"The web role may remove rows of {name}, or lock all of it. Run `legedialog migrate`.")
            if name in open_ones:
                if kind == "v" and writes:
                    found.append(f"The web role may write through the view {name}.")
            elif not is_on or not policies_there:
                found.append(f"{name} has no row-level security. {RECIPE}")
    with fence.system("whether a scope is taken"), connection.cursor() as cursor:
        try:
            cursor.execute("SELECT fence.scope()")
            is_taken = cursor.fetchone()[0] == [fence.EVERYONE]
        except DatabaseError:
            is_taken = False
    if not is_taken:
        found.append("The database does not know the key of this process. Run `legedialog migrate`.")
    return found


def advice() -> list[str]:
    """What the server should be told and its owner may not say, one line each. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) name", [list(UNSEEN)])
        found = dict(cursor.fetchall())
    role = connection.settings_dict["USER"]
    return [
        f"Whoever watches the server sees what pages ask for. As its superuser: ALTER ROLE {role} SET {name} = {value}"
        for name, value in UNSEEN.items()
        if found[name] != value
    ]


def policies(model: type[Model], rows: Rows) -> dict[str, str]:
    """CREATE POLICY by name. The name tells the text, so that a changed one is another."""
    reads = "true" if rows.is_public else _belongs(model, rows.of, rows.follows, rows.also)
    if rows.written_by is None:
        each = {"all": f"FOR ALL USING ({reads})"}
    else:
        writes = _belongs(model, rows.written_by)
        each = {
            "select": f"FOR SELECT USING ({reads})",
            "insert": f"FOR INSERT WITH CHECK ({_belongs(model, ()) if rows.is_made_by_system else writes})",
            # Whoever sees a row may lock it, to decide on it.
            "update": f"FOR UPDATE USING ({writes if rows.is_public else reads}) WITH CHECK ({writes})",
            "delete": f"FOR DELETE USING ({writes})",
        }
    if known := _known(model, rows):
        each["known"] = f"AS RESTRICTIVE FOR INSERT WITH CHECK ({known})"
    table = model._meta.db_table
    return {
        (
            name := f"fence_{what}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        ): f"CREATE POLICY {name} ON {table} {text}"
        for what, text in each.items()
    }


def _known(model: type[Model], rows: Rows) -> str:
    """SQL: a new row names nobody whom its writer does not reach already, follows no row that she does
    not see, and is in nobody else's name."""
    checks = [
        f"({column} IS NULL OR {column} = ANY ((SELECT fence.scope())::uuid[]) OR fence.office_knows({column}))"
        for column in _opening(model, rows)
    ]
    checks += [
        f"({column} IS NULL OR {column} = ANY ((SELECT fence.scope())::uuid[]))"
        for column in (_column(model, name) for name in rows.in_the_name_of)
    ]
    checks += [f"fence.sees_{_parent(model, name)._meta.db_table}({_column(model, name)})" for name in rows.takes]
    if rows.follows:
        link, parent = _column(model, rows.follows), _parent(model, rows.follows)._meta.db_table
        checks.append(f"EXISTS (SELECT FROM {parent} p WHERE p.id = {model._meta.db_table}.{link})")
    return f"{_EVERYONE} = ANY ((SELECT fence.scope())::uuid[]) OR ({' AND '.join(checks)})" if checks else ""


def _opening(model: type[Model], rows: Rows) -> list[str]:
    """Columns that open a person to the office whose row it is. Those that may change open nothing."""
    table = contexts.tables()[model._meta.label]
    if not _owners(model, rows) or rows.opens_nobody:
        return []
    return [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.name not in table.changeable
        and (
            (isinstance(field, ForeignKey) and field.related_model is apps.get_model("patients.Person"))
            or field.name == "patient_id"
        )
    ]


def _owners(model: type[Model], rows: Rows) -> list[str]:
    return [_column(model, name) for name in rows.of if name in ("practice", "practice_id")]


# The ids alone: of which rows something shows, the policies say. By an index, which no policy lets an overlap use.
BECOME = b"""
CREATE OR REPLACE FUNCTION fence.become(ids uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT p.id FROM patients_person p WHERE p.former_ids && ids;
END $$;
"""


def office_knows() -> str:
    """CREATE FUNCTION: whether an office in the scope has this person on a list, now or before, has registered her
    itself, or has her in a row of its own.

    Asked last, as it takes longer than to look into the scope.
    """
    asked = [
        "EXISTS (SELECT FROM patients_membership m JOIN practices_contract c ON c.id = m.contract_id"
        " WHERE m.person_id = person AND c.practice_id = ANY (ids))",
        "EXISTS (SELECT FROM patients_person p WHERE p.id = person AND p.local_to_id = ANY (ids))",
    ]
    for label, rows in fenced().items():
        model = apps.get_model(label)
        asked += [
            f"EXISTS (SELECT FROM {model._meta.db_table} t"
            f" WHERE t.{column} = person AND t.{_owners(model, rows)[0]} = ANY (ids))"
            for column in _opening(model, rows)
        ]
    return f"""
CREATE OR REPLACE FUNCTION fence.office_knows(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  ids uuid[] := fence.scope();
BEGIN
  IF NOT EXISTS (SELECT FROM practices_practice WHERE id = ANY (ids)) THEN
    RETURN false;
  END IF;
  RETURN {" OR ".join(asked)};
END $$;
"""


def sees() -> str:
    """CREATE FUNCTION for each table whose rows another takes: whether the writer sees it. Two policies that ask each
    other's tables would go round in a ring; a function does not."""
    taken = {
        _parent(apps.get_model(label), name)._meta.db_table for label, rows in fenced().items() for name in rows.takes
    }
    return "".join(
        f"""
CREATE OR REPLACE FUNCTION fence.sees_{table}(row_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN row_id IS NULL OR EXISTS (SELECT FROM public.{table} WHERE id = row_id);
END $$;
"""
        for table in sorted(taken)
    )


def _belongs(model: type[Model], of: tuple[str, ...], follows: str = "", also: str = "") -> str:
    """SQL: one of the row's owners is in the scope. The scope is read once for each statement."""
    of_person = bool(follows) and _parent(model, follows)._meta.db_table == "patients_person"  # who sees her own row
    columns = dict.fromkeys(_column(model, name) for name in (*of, *[follows] * of_person) if "." not in name)
    arms = [f"ARRAY[{', '.join([_EVERYONE, *columns])}] && (SELECT fence.scope())"]
    arms += [_through(model, name) for name in of if "." in name]
    if follows:
        link, parent = _column(model, follows), _parent(model, follows)._meta.db_table
        if of_person:  # policies within policies take long to plan; a function does not
            arms.append(f"fence.office_knows({link})")
        else:
            arms.append(f"EXISTS (SELECT FROM {parent} p WHERE p.id = {model._meta.db_table}.{link})")
    if also:
        arms.append(also)
    return " OR ".join(arms)


def _through(model: type[Model], path: str) -> str:
    first, _, rest = path.partition(".")
    if not rest:
        return f"{_column(model, first)} = ANY ((SELECT fence.scope())::uuid[])"
    inner = _through(_parent(model, first), rest)
    parent = _parent(model, first)._meta.db_table
    return f"{_column(model, first)} = ANY (ARRAY(SELECT id FROM {parent} WHERE {inner}))"  # noqa: S608  model names


def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101  names in about.py are of columns
    return str(field.column)


def _parent(model: type[Model], name: str) -> type[Model]:
    parent = model._meta.get_field(name).related_model
    assert isinstance(parent, type)  # noqa: S101  names in about.py are of foreign keys
    return parent

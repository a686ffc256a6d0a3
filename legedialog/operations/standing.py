"""What `legedialog migrate` left in the database, and whether it stands so still: docs/adr/0066-as-it-was-left.md.

Whoever owns the tables can put a view in a table's place, drop a trigger, or give a policy another text under the same
name. So `migrate` ends by writing down the definition of everything that guards a row, signed with a key that the
database's owner does not have. `doctor` and `audit verify` compare, and `migrate` refuses to go on from what it cannot
make good itself.
"""

import hashlib
import hmac
import json
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections, transaction

from legedialog.core import fence
from legedialog.operations.fence import OF_THE_SYSTEM

# (what it is and its name, its definition): names are whole, as nothing is on the search path while it is asked.
STANDING = """
WITH ours AS (
  SELECT c.* FROM pg_class c WHERE relnamespace IN ('public'::regnamespace, to_regnamespace('fence'))
    AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
)
SELECT 'relation ' || oid::regclass, relkind::text || CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END
FROM ours
UNION ALL
SELECT 'security ' || oid::regclass, relrowsecurity::text FROM ours
UNION ALL
SELECT format('policy %%s on %%s', polname, polrelid::regclass), concat_ws(' ', polpermissive, polcmd, polroles,
  pg_get_expr(polqual, polrelid), '|', pg_get_expr(polwithcheck, polrelid))
FROM pg_policy
UNION ALL
SELECT format('trigger %%s on %%s', tgname, tgrelid::regclass), concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid))
FROM pg_trigger t JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT format('trigger %%s on %%s', tgname, tgrelid::regclass), 'is off'
FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE tgenabled <> 'O' AND (tgisinternal OR relispartition) AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT format('rule %%s on %%s', rulename, ev_class::regclass), pg_get_ruledef(r.oid)
FROM pg_rewrite r JOIN ours ON ours.oid = ev_class WHERE rulename <> '_RETURN'
UNION ALL
SELECT format('constraint %%s on %%s', conname, conrelid::regclass), pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN ours ON ours.oid = conrelid WHERE contype IN ('c', 'f', 'u', 'p', 'x')
UNION ALL
SELECT 'function ' || oid::regprocedure, concat_ws(' ', prosecdef, provolatile, proconfig, prolang, prosrc)
FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('fence'))
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT 'stranger ' || c.oid::regclass, relkind::text
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname NOT IN ('public', 'fence', 'information_schema', 'pg_catalog', 'pg_toast') AND nspname NOT LIKE 'pg\\_%%'
  AND relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'stranger ' || p.oid::regprocedure, prosrc
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE nspname NOT IN ('public', 'fence', 'information_schema', 'pg_catalog', 'pg_toast') AND nspname NOT LIKE 'pg\\_%%'
UNION ALL
SELECT format('grant of %%s to %%s', oid::regclass, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END),
  string_agg(privilege_type, ' ' ORDER BY privilege_type)
FROM ours, aclexplode(relacl) WHERE grantee <> relowner GROUP BY oid, grantee
UNION ALL
SELECT format('grant of %%s.%%s to %%s', attrelid::regclass, attname,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END),
  string_agg(privilege_type, ' ' ORDER BY privilege_type)
FROM pg_attribute JOIN ours ON ours.oid = attrelid, aclexplode(attacl)
WHERE grantee <> relowner GROUP BY attrelid, attname, grantee
UNION ALL
SELECT format('setting %%s of %%s', split_part(said, '=', 1),
    CASE setrole WHEN 0 THEN 'the database' ELSE setrole::regrole::text END), said
FROM pg_db_role_setting, unnest(setconfig) said
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND (setrole = 0 OR setrole = to_regrole(quote_ident(%(role)s)) OR setrole = current_user::regrole)
  AND split_part(said, '=', 1) IN ('search_path', 'role', 'row_security', 'session_replication_role')
UNION ALL
SELECT 'columns of ' || oid::regclass, coalesce((
  SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
    pg_get_expr(adbin, adrelid)), ', ' ORDER BY attname)
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = ours.oid AND attnum > 0 AND NOT attisdropped), '')
FROM ours
UNION ALL
SELECT 'index ' || indexrelid::regclass, concat_ws(' ', indisvalid, indisready, pg_get_indexdef(indexrelid))
FROM pg_index JOIN ours ON ours.oid = indrelid WHERE indisunique
UNION ALL
SELECT 'nature of ' || oid::regclass, concat_ws(' ', relowner::regrole, relforcerowsecurity,
  CASE relkind WHEN 'v' THEN reloptions::text END)
FROM ours
UNION ALL
SELECT 'nature of ' || oid::regprocedure,
  concat_ws(' ', proowner::regrole, proisstrict, proleakproof, prorettype::regtype)
FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('fence'))
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT 'access to ' || what, coalesce((
  SELECT string_agg(concat_ws(' ', grantee, privilege_type, is_grantable), ', ' ORDER BY grantee, privilege_type)
  FROM aclexplode(acl) WHERE grantee <> owner), '')
FROM (
  SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner
  FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('fence'))
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
  UNION ALL SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)), nspowner
  FROM pg_namespace WHERE nspname IN ('public', 'fence')
  UNION ALL SELECT 'the database', coalesce(datacl, acldefault('d', datdba)), datdba
  FROM pg_database WHERE datname = current_database()
) AS each (what, acl, owner)
UNION ALL
SELECT format('access to what %%s makes in %%s', defaclrole::regrole, defaclnamespace::regnamespace),
  string_agg(concat_ws(' ', defaclobjtype, defaclacl::text), ', ' ORDER BY defaclobjtype)
FROM pg_default_acl GROUP BY defaclrole, defaclnamespace
UNION ALL
SELECT format('access of %%s as %%s', member::regrole, roleid::regrole), admin_option::text
FROM pg_auth_members
WHERE current_user::regrole IN (roleid, member) OR to_regrole(quote_ident(%(role)s)) IN (roleid, member)
UNION ALL
SELECT 'stranger ' || said || ' on ' || c.oid::regclass, ''
FROM pg_class c, LATERAL (
  SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgparentid = 0
  UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class = c.oid
  UNION ALL SELECT 'grant' FROM aclexplode(relacl) WHERE grantee <> relowner
  UNION ALL SELECT 'grant of a column' FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
  UNION ALL SELECT 'owner' WHERE relowner <> (SELECT relowner FROM pg_inherits JOIN pg_class p ON p.oid = inhparent
    WHERE inhrelid = c.oid)
  UNION ALL SELECT 'kind' WHERE relkind NOT IN ('r', 'p')
) AS found (said)
WHERE relispartition AND relkind IN ('r', 'p', 'f') AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'stranger operator ' || oid::regoperator, oprcode::text FROM pg_operator
WHERE oprnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_operator.oid AND deptype = 'e')
"""
# What an earlier version did not look at: its record says nothing of them, until the next migration has written one.
LATER = ("columns ", "index ", "nature ", "access ")
TABLE = """
CREATE TABLE IF NOT EXISTS fence.standing (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), server integer NOT NULL, said text NOT NULL,
  proof bytea NOT NULL
)
"""
OWNER = "owner"
OF_NO_RECORD = "There is no record of what guards the database that this installation has signed: `legedialog migrate`."
# What `migrate` puts up anew whenever it is another than it left.
REBUILT = (
    "policy ",
    "security ",
    "function fence.",
    "grant ",
    "setting ",
    *(f"trigger {each} " for each in OF_THE_SYSTEM),
)


def now(cursor: Any, role: str) -> dict[str, str]:
    """By what it is: its definition. Inside a transaction."""
    cursor.execute("SET LOCAL search_path = pg_catalog")
    cursor.execute(STANDING, {"role": role})
    found = {name: hashlib.sha256(text.encode()).hexdigest()[:32] for name, text in cursor.fetchall()}
    cursor.execute("SET LOCAL search_path = DEFAULT")
    return found


def record(owner: psycopg.Connection[Any]) -> None:
    """As the owner, at the end of a migration, in its transaction."""
    owner.execute(TABLE)
    server, said = _server(owner), json.dumps(now(owner.cursor(), web_role()), sort_keys=True)
    owner.execute(
        "INSERT INTO fence.standing (server, said, proof) VALUES (%s, %s, %s) ON CONFLICT (only_one)"
        " DO UPDATE SET server = excluded.server, said = excluded.said, proof = excluded.proof",
        [server, said, _proof(fence.key(), server, said)],
    )


def left(owner: psycopg.Connection[Any]) -> dict[str, str] | None:
    """What the last migration left, as the owner; None when nothing is known of it, or of another PostgreSQL."""
    if owner.execute("SELECT to_regclass('fence.standing')").fetchone() == (None,):
        return None
    row = owner.execute("SELECT server, said, proof FROM fence.standing").fetchone()
    return _checked(row) if row and row[0] == _server(owner) else None


def changed(there: dict[str, str], known: dict[str, str]) -> list[str]:
    """One line for each thing that stands otherwise."""
    unasked = tuple(kind for kind in LATER if not any(name.startswith(kind) for name in known))
    there = {name: said for name, said in there.items() if not name.startswith(unasked)}
    return sorted(
        f"{name} is {'not known' if name not in known else 'gone' if name not in there else 'another'}"
        for name in there.keys() | known.keys()
        if there.get(name) != known.get(name)
    )


def faults() -> list[str]:
    """What stands otherwise than the last migration left it, one line each. As the owner. Raises DatabaseError."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        owner: psycopg.Connection[Any] = connections[OWNER].connection
        known = left(owner)
        return [OF_NO_RECORD] if known is None else changed(now(cursor, web_role()), known)


def odd(owner: psycopg.Connection[Any], known: dict[str, str]) -> list[str]:
    """What of it `migrate` cannot make good itself."""
    with owner.transaction():
        lines = changed(now(owner.cursor(), web_role()), known)
    return [line for line in lines if not line.startswith(REBUILT)]


def web_role() -> str:
    return str(connections["default"].settings_dict["USER"])


def _checked(row: tuple[int, str, bytes]) -> dict[str, str] | None:
    server, said, proof = row
    for key in filter(None, (settings.MASTER_KEY, settings.PREVIOUS_MASTER_KEY)):
        if hmac.compare_digest(_proof(fence.key_of(key), server, said), bytes(proof)):
            known: dict[str, str] = json.loads(said)
            return known
    return None


def _proof(key: bytes, server: int, said: str) -> bytes:
    return hmac.digest(key, f"standing:{server}:{said}".encode(), hashlib.sha256)


def _server(owner: psycopg.Connection[Any]) -> int:
    return owner.info.server_version // 10000

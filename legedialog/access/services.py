"""Logins begin and end here, attempts are used once, and typed text is kept. `now` is aware UTC everywhere."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from legedialog.access import limits, queries, rules
from legedialog.access.actor import Actor, Assurance, Kind
from legedialog.access.models import Ended, KeptForm, Lock, Login, LoginAttempt, Operator, UsedToken
from legedialog.access.seals import Drawn
from legedialog.core import events, fence, writing
from legedialog.core.crypto import blind_index
from legedialog.core.errors import LegedialogError, NotFound


class AttemptGone(LegedialogError):
    """The attempt is unknown, used, too old, or was begun in another browser."""

    code = "attempt-gone"


class Locked(LegedialogError):
    """She has locked all digital use; her office can lift it."""

    code = "locked"


@dataclass(frozen=True, slots=True, repr=False)
class Started:
    """What goes out with a new attempt. The browser's token is its cookie."""

    state: str
    nonce: str
    code_verifier: str
    browser: str


@fence.system("an operator is nobody's row")
def add_operator(*, name: str, national_number: str) -> bool:
    """Somebody who runs the platform, by a command alone. False when she was one already."""
    index = blind_index(national_number, purpose="national-number")
    return Operator.objects.get_or_create(national_number_index=index, defaults={"name": name})[1]


@transaction.atomic
def start_login(
    *,
    kind: Kind,
    holder_id: UUID,
    assurance: Assurance,
    issuer: str,
    sid: str,
    sub: str,
    user_agent: str,
    replaces: str,
    now: datetime,
) -> tuple[str, UUID]:
    """A new login of the person, employee or operator `holder_id`: its token, for the cookie only, and its id.

    The login whose token is `replaces`, if any, ends: nobody keeps a token from before she logged in. Raises Locked.
    """
    if kind is Kind.CITIZEN:
        _lock_or_log_in(holder_id)
        if queries.locked_since(holder_id):
            raise Locked
    if replaces:
        _end(Q(token_hash=queries.hashed(replaces)), Ended.REPLACED, now)
    token = secrets.token_urlsafe(32)
    holder = {Kind.CITIZEN: "person_id", Kind.STAFF: "employee_id", Kind.OPERATOR: "operator_id"}[kind]
    login = Login(
        token_hash=queries.hashed(token),
        kind=kind.value,
        assurance=assurance.value,
        **{holder: holder_id},
        issuer=issuer,
        provider_sid=sid,
        provider_sub=sub,
        device=rules.device(user_agent),
        created_at=now,
        seen_at=now,
    )
    login.proof = queries.proof_of(login, token)
    login.save(force_insert=True)
    return token, login.pk


def seen(login_id: UUID, now: datetime) -> None:
    Login.objects.filter(pk=login_id, seen_at__lt=now).update(seen_at=now)


def choose(*, actor: Actor, acting_for_id: UUID | None) -> None:
    """Whose affairs this login handles from now on, None for her own. Whether she may is decided above."""
    if actor.login_id and actor.person_id:
        Login.objects.filter(pk=actor.login_id, person=actor.person_id, ended_at=None).update(acting_for=acting_for_id)


def end_all(now: datetime) -> None:
    """Everybody's logins, and those that have begun: the database is a copy of another."""
    _end(Q(), Ended.TIME, now)
    writing.remove(LoginAttempt.objects.all())


@transaction.atomic
def end_of(*, person_id: UUID, why: Ended, now: datetime) -> int:
    """All of hers: not her own choice. What was typed and not sent, by her and for her, ends with her life, and waits
    for her under a new number. Answers how many."""
    _lock_or_log_in(person_id)
    if why == Ended.DECEASED:
        writing.remove(KeptForm.objects.filter(Q(login__person=person_id) | Q(acting_for=person_id)))
    _tell_pages(person_id)
    return _end(Q(person=person_id), why, now)


def end(login_id: UUID, why: str, now: datetime) -> None:
    _end(Q(pk=login_id), why, now)


@transaction.atomic
def end_everywhere(*, actor: Actor, now: datetime) -> int:
    """All logins of the actor's own, this one too. Answers how many."""
    _tell_pages(actor.person_id)
    return _end(queries.same_person(actor), Ended.EVERYWHERE, now)


@transaction.atomic
def end_one(*, actor: Actor, login_id: UUID, now: datetime) -> bool:
    """One of the actor's own logins. False when it is over already. Raises NotFound for somebody else's."""
    if not Login.objects.filter(queries.same_person(actor), pk=login_id).exists():
        raise NotFound
    _tell_pages(actor.person_id)
    return _end(Q(pk=login_id), Ended.DEVICE, now) == 1


@transaction.atomic
def lock(*, person_id: UUID, now: datetime) -> bool:
    """End all her logins and let nobody log in as her. False when it is so already."""
    _lock_or_log_in(person_id)
    if queries.locked_since(person_id):
        return False
    Lock.objects.create(person_id=person_id, locked_at=now)
    _end(Q(person=person_id), Ended.LOCKED, now)
    _tell_pages(person_id)
    return True


@transaction.atomic
def lift_lock(*, person_id: UUID, employee_id: UUID, now: datetime) -> bool:
    """False when there is nothing to lift."""
    running = Lock.objects.filter(person=person_id, lifted_at=None)
    return running.update(lifted_at=now, lifted_by=employee_id) == 1


def _lock_or_log_in(person_id: UUID) -> None:
    """One of the two at a time, so that no login slips in while the lock is put on. Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"login:{person_id}"])


def _tell_pages(person_id: UUID | None) -> None:
    """Her open pages ask again, and are sent to log in."""
    if person_id:
        events.publish(f"person:{person_id}")


def end_at_provider(*, issuer: str, sid: str, sub: str = "", now: datetime) -> int:
    """Those of the provider's session, or of its subject when the provider names no session. Answers how many."""
    if not sid and not sub:
        return 0
    which = Q(provider_sid=sid) if sid else Q(provider_sub=sub)
    return _end(which & Q(issuer=issuer), Ended.PROVIDER, now)


@transaction.atomic
@fence.system("she goes to another of her own offices, and has been found there")
def change_employee(*, login_id: UUID, employee_id: UUID) -> str:
    """The same person goes to another of her offices or roles. The old token stops working; answers the new one."""
    token = secrets.token_urlsafe(32)
    login = Login.objects.select_for_update().get(pk=login_id, kind=Kind.STAFF.value)
    login.employee_id, login.token_hash = employee_id, queries.hashed(token)
    login.proof = queries.proof_of(login, token)
    login.save(update_fields=["employee", "token_hash", "proof"])
    return token


@fence.system("who logs in is not known yet")
def start_attempt(
    *, provider: str, redirect_uri: str, next_path: str, browser: str, address: str, now: datetime
) -> Started:
    """Raises TooMany when this address has begun too many lately. `browser` is its cookie from an earlier attempt."""
    limits.count(limits.LOGIN, address, now)
    started = Started(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        code_verifier=secrets.token_urlsafe(48),  # 64 characters. Source: RFC 7636 section 4.1 (43-128)
        browser=browser or secrets.token_urlsafe(32),
    )
    LoginAttempt.objects.create(
        state_hash=queries.hashed(started.state),
        browser_hash=queries.hashed(started.browser),
        provider=provider,
        nonce=started.nonce,
        code_verifier=started.code_verifier,
        redirect_uri=redirect_uri,
        next_path=rules.local_path(next_path),
        created_at=now,
    )
    return started


@fence.system("who logs in is not known yet")
def use_attempt(*, provider: str, state: str, browser: str, now: datetime) -> LoginAttempt:
    """The attempt that `state` names, now used up. Of two at the same time one gets it. Raises AttemptGone."""
    mine = LoginAttempt.objects.filter(
        state_hash=queries.hashed(state), browser_hash=queries.hashed(browser), provider=provider
    )
    if not mine.filter(used_at=None, created_at__gt=now - rules.ATTEMPT_LASTS).update(used_at=now):
        raise AttemptGone
    return mine.get()


@fence.system("a provider's message names nobody yet")
def first_use(*, issuer: str, token: str, now: datetime) -> bool:
    """False when this token of the issuer's was used before. Of two at the same time one gets True."""
    try:
        with transaction.atomic():
            UsedToken.objects.create(issuer=issuer, token=token, used_at=now)
    except IntegrityError:
        return False
    return True


@fence.system("whose login it was drawn for has ended, or she is logged in for another now")
def keep_form(*, drawn: Drawn, browser: str, path: str, fields: list[tuple[str, str]], now: datetime) -> str:
    """Keep what was sent to `path` and not done. Answers the browser's token, or "" when it is too much or nobody's.

    For the person whose login it was drawn for, in this browser, for half an hour; to be sent for `drawn.whom` alone.
    """
    whom, text = drawn.whom, json.dumps(fields, ensure_ascii=False)
    whose = queries.row_now(whom.whose) if whom.kind is Kind.CITIZEN else None  # hers may have become another's row
    if whom.kind is Kind.CITIZEN and whose is None:
        return ""
    holder = {Kind.CITIZEN: {"acting_for_id": whose}, Kind.STAFF: {"employee_id": whom.who}}.get(whom.kind)
    if holder is None or drawn.login_id is None or len(text.encode()) > rules.KEPT_BYTES or not rules.local_path(path):
        return ""
    earlier = list(KeptForm.objects.filter(login=drawn.login_id, created_at__gt=now - rules.KEPT_LASTS))
    browser = browser or secrets.token_urlsafe(32)
    here = queries.hashed(browser)
    if any((bytes(each.browser_hash), each.path, each.fields) == (here, path, text) for each in earlier):
        return browser  # the button was pressed again
    if len(earlier) >= rules.KEPT_FORMS or not Login.objects.filter(pk=drawn.login_id).exists():
        return ""
    KeptForm.objects.create(
        browser_hash=here, login_id=drawn.login_id, **holder, path=path, fields=text, created_at=now
    )
    return browser


def take_form(*, actor: Actor, browser: str, form_id: UUID, now: datetime) -> str:
    """She sends it again: answers where to, and forgets it. "" when it is not kept for her, or is for another than the
    one she handles things for now."""
    form = next((form for form in queries.kept_forms(actor, browser, now) if form.id == form_id), None)
    return form.path if form and form.is_here and writing.remove(KeptForm.objects.filter(pk=form_id)) else ""


def forget_forms(*, actor: Actor, browser: str, now: datetime) -> None:
    """She does not want them."""
    writing.remove(KeptForm.objects.filter(pk__in=[form.id for form in queries.kept_forms(actor, browser, now)]))


def forget_forms_of(*, actor: Actor) -> None:
    """Those in every browser of hers."""
    if actor.person_id:
        writing.remove(KeptForm.objects.filter(login__person=actor.person_id))


def tidy(now: datetime) -> None:
    """Remove what no longer serves: run by a job every hour (operations/tasks.py)."""
    limits.tidy(now)
    writing.remove(KeptForm.objects.filter(created_at__lte=now - rules.KEPT_LASTS))
    writing.remove(LoginAttempt.objects.filter(created_at__lte=now - rules.ONCE_KEPT))
    writing.remove(UsedToken.objects.filter(used_at__lte=now - rules.ONCE_KEPT))
    for kind, limit in rules.LIMITS.items():
        over = Q(seen_at__lte=now - limit.idle) | Q(created_at__lte=now - limit.absolute)
        _end(over & Q(kind=kind.value), Ended.TIME, now)
    writing.remove(Login.objects.filter(ended_at__lte=now - rules.ENDED_KEPT))


def _end(which: Q, why: str, now: datetime) -> int:
    return Login.objects.filter(which, ended_at=None).update(ended_at=now, ended_why=why)

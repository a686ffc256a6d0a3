"""Logins in the table, in the services and on requests. Operators need no other context, so they stand for all."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from legedialog.access import cookies, middleware, queries, services
from legedialog.access.actor import Actor, Kind
from legedialog.access.models import Login, LoginAttempt, Operator, Tally, UsedToken
from legedialog.access.tests import logins
from legedialog.access.web.ending import ending
from legedialog.core.errors import TooMany

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Operator:
    return Operator.objects.create(name="Drift Operatør", national_number_index=b"1" * 32)


def log_in(operator: Operator, now: datetime = NOW, *, replaces: str = "", sid: str = "sid") -> tuple[str, UUID]:
    told = {"issuer": "https://idporten.example", "sid": sid, "sub": "sub", "user_agent": "Firefox/128 (Windows)"}
    return logins.begin(Kind.OPERATOR, operator.pk, replaces=replaces, now=now, **told)


def actor_of(token: str, now: datetime) -> Actor:
    session = queries.session(token, now)
    assert session
    return session.actor


# --- the table


def row(of: Operator, **changes: Any) -> Login:
    values: dict[str, Any] = {
        "token_hash": uuid4().bytes * 2,
        "kind": "operator",
        "assurance": "high",
        "operator": of,
        "issuer": "a",
        "created_at": NOW,
        "seen_at": NOW,
    }
    return Login.objects.create(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"operator": None}, "a_login_belongs_to_one_of_its_kind"),
        ({"kind": "citizen"}, "a_login_belongs_to_one_of_its_kind"),
        ({"kind": "staff"}, "a_login_belongs_to_one_of_its_kind"),
        ({"ended_at": NOW}, "an_ended_login_says_why_and_an_open_one_does_not"),
        ({"ended_why": "time"}, "an_ended_login_says_why_and_an_open_one_does_not"),
        ({"seen_at": NOW - timedelta(seconds=1)}, "a_login_is_seen_after_it_began"),
    ],
)
def test_the_database_refuses_a_login_that_makes_no_sense(
    operator: Operator, changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(operator, **changes)


def test_the_database_refuses_two_logins_with_one_token_and_an_attempt_used_before_it_began(operator: Operator) -> None:
    row(operator, token_hash=b"a" * 32)
    with pytest.raises(IntegrityError, match="token_hash"), transaction.atomic():
        row(operator, token_hash=b"a" * 32)
    begin()
    with pytest.raises(IntegrityError, match="an_attempt_is_used_after_it_began"), transaction.atomic():
        LoginAttempt.objects.update(used_at=NOW - timedelta(seconds=1))


# --- sessions


def test_the_token_is_stored_as_a_hash_only(operator: Operator) -> None:
    token, login_id = log_in(operator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_login::text FROM access_login")
        (text,) = cursor.fetchone()
    assert token not in text
    assert token.encode().hex() not in text
    assert actor_of(token, NOW).login_id == login_id


@pytest.mark.parametrize(
    "of_another",
    [
        {"operator": True},
        {"created_at": NOW + timedelta(hours=1), "seen_at": NOW + timedelta(hours=1)},
        {"assurance": "substantial"},
        {"proof": None},
        {"proof": True},
    ],
    ids=lambda each: " ".join(each),
)
def test_a_row_that_somebody_made_or_changed_behind_the_product_is_no_login(
    of_another: dict[str, Any], operator: Operator
) -> None:
    """Whoever owns the tables has a cookie of her own, and every column."""
    another = Operator.objects.create(name="En annen", national_number_index=b"2" * 32)
    token, login_id = log_in(operator)
    _other_token, other = log_in(another)
    theirs = Login.objects.get(pk=other)
    Login.objects.filter(pk=login_id).update(
        **{name: getattr(theirs, name) if value is True else value for name, value in of_another.items()}
    )
    assert queries.session(token, NOW) is None
    Login.objects.all().delete()
    row(operator, token_hash=queries.hashed("hers"))
    assert queries.session("hers", NOW) is None


def test_a_login_goes_on_while_the_master_key_is_replaced(operator: Operator, settings: Settings) -> None:
    token, _id = log_in(operator)
    settings.PREVIOUS_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, "another" * 8
    assert actor_of(token, NOW).is_authenticated
    settings.PREVIOUS_MASTER_KEY = ""
    assert queries.session(token, NOW) is None


def test_a_login_ends_by_being_idle_and_by_age(operator: Operator) -> None:
    token, login_id = log_in(operator)
    assert actor_of(token, NOW + timedelta(minutes=29)).is_authenticated
    assert not actor_of(token, NOW + timedelta(minutes=30)).is_authenticated
    for minutes in range(20, 8 * 60, 20):
        services.seen(login_id, NOW + timedelta(minutes=minutes))
    assert actor_of(token, NOW + timedelta(hours=7, minutes=59)).is_authenticated
    assert not actor_of(token, NOW + timedelta(hours=8)).is_authenticated


def test_a_new_login_in_the_same_browser_ends_the_one_before(operator: Operator) -> None:
    first, _ = log_in(operator)
    second, _ = log_in(operator, replaces=first)
    assert first != second
    assert not actor_of(first, NOW).is_authenticated
    assert actor_of(second, NOW).is_authenticated


def test_logging_out_everywhere_ends_hers_and_nobody_elses(operator: Operator) -> None:
    other = Operator.objects.create(name="En annen", national_number_index=b"2" * 32)
    mine, login_id = log_in(operator)
    hers, _ = log_in(other)
    services.end_everywhere(actor=actor_of(mine, NOW), now=NOW)
    assert not actor_of(mine, NOW).is_authenticated
    assert actor_of(hers, NOW).is_authenticated
    assert Login.objects.get(pk=login_id).ended_why == "everywhere"


def test_the_provider_ends_only_the_session_it_names(operator: Operator) -> None:
    first, _ = log_in(operator, sid="one")
    second, _ = log_in(operator, sid="two")
    issuer = "https://idporten.example"
    assert services.end_at_provider(issuer=issuer, sid="", now=NOW) == 0
    assert services.end_at_provider(issuer="https://another.example", sid="one", now=NOW) == 0
    assert services.end_at_provider(issuer=issuer, sid="one", now=NOW) == 1
    assert not actor_of(first, NOW).is_authenticated
    assert actor_of(second, NOW).is_authenticated


def test_an_ended_login_stays_ended_as_it_ended(operator: Operator) -> None:
    _, login_id = log_in(operator)
    services.end(login_id, "logged-out", NOW)
    services.end(login_id, "time", NOW + timedelta(hours=1))
    login = Login.objects.get(pk=login_id)
    assert (login.ended_why, login.ended_at) == ("logged-out", NOW)


# --- requests


def identified(token: str | None, **headers: str) -> Any:
    request = RequestFactory().get("/", headers=headers)
    if token:
        request.COOKIES[cookies.name("session")] = token
    middleware.identify(request)
    return request


def test_a_request_costs_one_query_with_a_cookie_and_none_without(
    operator: Operator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, login_id = log_in(operator, timezone.now())
    with django_assert_num_queries(0):
        assert not identified(None).actor.is_authenticated
    with django_assert_num_queries(1):
        assert identified(token).actor.login_id == login_id
    with django_assert_num_queries(1):
        assert not identified("unknown").actor.is_authenticated


def test_being_here_is_written_down_once_a_minute_and_not_by_pages_that_renew_themselves(
    operator: Operator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    started = timezone.now() - timedelta(minutes=5)
    token, _ = log_in(operator, started)
    identified(token, **{"X-Live": "1"})
    assert Login.objects.get().seen_at == started
    with django_assert_num_queries(2):
        identified(token)
    assert Login.objects.get().seen_at > started
    with django_assert_num_queries(1):
        identified(token)


def test_a_login_that_ran_out_is_marked(operator: Operator) -> None:
    token, _ = log_in(operator, timezone.now() - timedelta(hours=9))
    request = identified(token)
    assert not request.actor.is_authenticated
    assert Login.objects.get().ended_why == "time"


@pytest.mark.parametrize(("prefix", "name"), [("", "session"), ("__Host-", "__Host-session")])
def test_the_cookie_has_the_host_prefix_under_https(settings: Settings, prefix: str, name: str) -> None:
    settings.COOKIE_PREFIX = prefix
    assert cookies.name("session") == name


# --- attempts


def begin(now: datetime = NOW, address: str = "192.0.2.1", browser: str = "") -> services.Started:
    return services.start_attempt(
        provider="idporten",
        redirect_uri="http://testserver/",
        next_path="//evil.example/",
        browser=browser,
        address=address,
        now=now,
    )


def use(started: services.Started, **changes: Any) -> LoginAttempt:
    values: dict[str, Any] = {"provider": "idporten", "state": started.state, "browser": started.browser, "now": NOW}
    return services.use_attempt(**(values | changes))


def test_an_attempt_works_once() -> None:
    started = begin()
    attempt = use(started)
    assert (attempt.nonce, attempt.code_verifier, attempt.next_path) == (started.nonce, started.code_verifier, "")
    with pytest.raises(services.AttemptGone):
        use(started)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": ""},
        {"browser": "another"},
        {"browser": ""},
        {"provider": "helseid"},
        {"now": NOW + timedelta(minutes=10)},
    ],
)
def test_an_attempt_works_only_as_it_began(changes: dict[str, Any]) -> None:
    started = begin()
    with pytest.raises(services.AttemptGone):
        use(started, **changes)
    use(started)  # and nobody else can spoil it


def test_two_attempts_in_one_browser_do_not_disturb_each_other() -> None:
    first = begin()
    second = begin(browser=first.browser)
    use(first)
    use(second)


def test_attempts_from_one_address_are_counted_and_the_address_is_not_stored(settings: Settings) -> None:
    settings.LOGIN_ATTEMPTS = 2
    begin()
    begin()
    with pytest.raises(TooMany):
        begin()
    begin(address="192.0.2.2")
    begin(NOW + timedelta(minutes=11))
    assert all(b"192.0.2" not in bytes(each) for each in Tally.objects.values_list("who_hash", flat=True))


@pytest.mark.django_db(transaction=True)
def test_of_many_that_use_an_attempt_at_the_same_time_one_gets_it() -> None:
    started = begin()
    assert sorted(_at_the_same_time(lambda: bool(use(started)), services.AttemptGone)) == [False] * 7 + [True]


@pytest.mark.django_db(transaction=True)
def test_of_many_that_bring_the_same_token_one_is_first() -> None:
    def first() -> bool:
        return services.first_use(issuer="a", token="b", now=NOW)

    assert sorted(_at_the_same_time(first)) == [False] * 7 + [True]
    assert UsedToken.objects.count() == 1


def _at_the_same_time(act: Any, refusal: type[Exception] = ZeroDivisionError) -> list[bool]:
    barrier = Barrier(8)

    def run(_: int) -> bool:
        barrier.wait()
        try:
            return bool(act())
        except refusal:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, range(8)))


# --- tidying


def test_tidying_ends_what_ran_out_and_removes_what_no_longer_serves(operator: Operator) -> None:
    _, idle = log_in(operator, NOW - timedelta(minutes=31))
    _, running = log_in(operator, NOW - timedelta(minutes=29))
    _, old = log_in(operator, NOW - timedelta(days=91))
    services.end(old, "logged-out", NOW - timedelta(days=90))
    begin(NOW - timedelta(days=1))
    fresh = begin(NOW)
    services.first_use(issuer="a", token="old", now=NOW - timedelta(days=1))
    services.tidy(NOW)
    assert set(Login.objects.values_list("pk", "ended_why")) == {(idle, "time"), (running, "")}
    assert LoginAttempt.objects.get().state_hash == queries.hashed(fresh.state)
    assert not UsedToken.objects.exists()


def asked(token: str, **headers: str) -> dict[str, object]:
    request = identified(token, **headers)
    return json.loads(ending(request).content)  # type: ignore[no-any-return]


def test_a_page_that_asks_when_the_login_ends_keeps_it_alive_only_for_who_asks_herself(operator: Operator) -> None:
    started = timezone.now() - timedelta(minutes=28, seconds=30)
    token, _ = log_in(operator, started)
    by_itself = asked(token, **{"X-Live": "1"})
    assert by_itself["goes_on"]
    assert 60 <= int(str(by_itself["left"])) <= 90
    assert Login.objects.get().seen_at == started
    assert int(str(asked(token)["left"])) > 29 * 60
    assert Login.objects.get().seen_at > started


def test_a_login_whose_whole_time_is_nearly_up_does_not_go_on(operator: Operator) -> None:
    token, _ = log_in(operator, timezone.now() - timedelta(hours=7, minutes=59))
    Login.objects.update(seen_at=timezone.now())
    told = asked(token)
    assert not told["goes_on"]
    assert 0 < int(str(told["left"])) <= 60


def test_who_is_not_logged_in_has_no_time_left(db: None) -> None:
    assert asked("unknown") == {"left": 0, "goes_on": False}

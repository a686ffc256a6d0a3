"""Who sends or uploads without end is asked to wait, and nothing of what she sent is done."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone

from legedialog.access import limits
from legedialog.access.actor import Role
from legedialog.access.models import Tally
from legedialog.access.services import tidy
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.core.errors import TooMany
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
LANGUAGE = "/profil/sprak/"


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return office()


@pytest.fixture
def kari(clinic: Office) -> Person:
    return clinic.patient()


def test_one_person_sends_so_many_a_minute_in_all_her_browsers(kari: Person, clinic: Office, settings: Any) -> None:
    settings.SENDS_PER_MINUTE = 2
    one, other = logged_in(citizen(kari)), logged_in(citizen(kari))
    assert one.post(LANGUAGE, {"language": "en"}).status_code == 302
    assert other.post(LANGUAGE, {"language": "en"}).status_code == 302
    refused = one.post(LANGUAGE, {"language": "nn"})
    assert refused.status_code == 429
    assert "a few minutes" not in refused.content.decode()  # the limit says a minute
    assert refused["Retry-After"] == "60"
    assert "You have sent a lot in a short time" in refused.content.decode()
    kari.refresh_from_db()
    assert kari.language == "en"  # what was refused did nothing
    assert one.get("/profil/").status_code == 200  # reading goes on
    assert logged_in(clinic.staff(Role.SECRETARY)).post("/ui/sprak/", {}).status_code != 429


def test_the_next_minute_is_a_new_one(kari: Person, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SENDS_PER_MINUTE = 1
    client = logged_in(citizen(kari))
    assert [client.post(LANGUAGE, {"language": "en"}).status_code for _ in range(2)] == [302, 429]
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=1))
    assert client.post(LANGUAGE, {"language": "en"}).status_code == 302


def test_uploads_are_counted_by_themselves(kari: Person, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    client = logged_in(citizen(kari))

    def upload() -> int:
        return client.post(LANGUAGE, {"language": "en", "file": SimpleUploadedFile("a.pdf", b"%PDF")}).status_code

    assert [upload(), upload()] == [302, 429]
    assert client.post(LANGUAGE, {"language": "en"}).status_code == 302


def test_who_is_not_logged_in_sends_nothing_that_counts() -> None:
    assert Client().post(LANGUAGE).status_code == 302
    assert not Tally.objects.exists()


def test_the_address_is_the_one_the_proxy_wrote(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "192.0.2.66, 198.51.100.7"}, REMOTE_ADDR="10.0.0.1")
    assert limits.address(request) == "10.0.0.1"  # nobody in front: anybody may have written the header
    settings.BEHIND_PROXY = True
    assert limits.address(request) == "198.51.100.7"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.8", False),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::9", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("no address", "another", False),
    ],
)
def test_an_address_counts_as_the_network_that_one_subscriber_has(one: str, other: str, is_same: bool) -> None:
    assert (limits.network(one) == limits.network(other)) is is_same


def test_a_subscriber_cannot_log_in_from_one_address_after_the_other(settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 2
    tries = [Client(REMOTE_ADDR=f"2001:db8:1:2::{number}").get("/logg-inn/").status_code for number in range(3)]
    assert tries[:2] != [429, 429]
    assert tries[2] == 429


def test_windows_that_are_over_are_removed(settings: Any) -> None:
    settings.SENDS_PER_MINUTE = 1
    limits.count(limits.SEND, "kari", NOW)
    with pytest.raises(TooMany):
        limits.count(limits.SEND, "kari", NOW)
    tidy(NOW + timedelta(minutes=30))
    assert Tally.objects.count() == 1
    tidy(NOW + timedelta(hours=3))
    assert Tally.objects.count() == 0

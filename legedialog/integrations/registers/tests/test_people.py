"""The population and contact registers through client and fake, and what they write in their own words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import import_key

from legedialog.core import keys
from legedialog.core.identifiers import synthetic_number
from legedialog.integrations.registers import contact, people, population
from legedialog.integrations.registers.fake_people import FakePeople, document
from legedialog.integrations.registers.mapping import RegisterError
from legedialog.integrations.registers.people import People
from legedialog.patients.registers import Contact, Registered

KARI, OLA, PER, OLD = (synthetic_number(date(1984, 3, day), 7) for day in (12, 13, 14, 15))
AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
PERSON = Registered(
    number=KARI,
    former=frozenset({OLD}),
    given_name="Kari",
    family_name="Testdal",
    birth_date=date(1984, 3, 12),
    death_date=None,
    address="Lia 2, 5599 Fjordbyen",
    grading="open",
    parents={},
    children={OLA: date(2018, 3, 12), PER: None},
    guardians={},
)
CHILD = Registered(
    number=OLA,
    former=frozenset(),
    given_name="Ola",
    family_name="Testdal",
    birth_date=date(2018, 3, 12),
    death_date=date(2026, 11, 1),
    address="",
    grading="strictly-confidential",
    parents={KARI: date(2018, 3, 12)},
    children={},
    guardians={PER: date(2020, 1, 1)},
)
CONTACT = Contact(is_reserved=True, phone="55555555", phone_confirmed_at=AT)


@pytest.fixture(autouse=True)
def _no_tokens() -> Iterator[None]:
    people.forget_tokens()
    yield
    people.forget_tokens()


def fake(tmp_path: Path) -> FakePeople:
    known = {KARI: PERSON, OLD: PERSON, OLA: CHILD}
    key = keys.ensure(str(tmp_path / "key.json"))
    return FakePeople(known.get, {KARI: CONTACT}.get, import_key(key.as_dict(private=False)))


def client(tmp_path: Path, transport: httpx.BaseTransport) -> People:
    keys.ensure(str(tmp_path / "key.json"))
    return People(
        population_url="https://registers.example/population",
        contact_url="https://registers.example/contact",
        token_url="https://registers.example/token",
        issuer="https://registers.example/",
        client_id="us",
        key_file=str(tmp_path / "key.json"),
        transport=transport,
    )


def test_persons_come_through_client_and_fake_unchanged(tmp_path: Path) -> None:
    app = fake(tmp_path)
    asked = client(tmp_path, httpx.WSGITransport(app=app))
    assert asked.registered([OLD, OLA, PER]) == {OLD: PERSON, OLA: CHILD}
    assert asked.contacts([KARI, PER]) == {KARI: CONTACT, PER: Contact(is_reserved=False)}
    assert app.asked == [("population", 3), ("contact", 2)]


@pytest.mark.parametrize(
    ("status", "code", "is_permanent"),
    [(401, "not-allowed", True), (403, "not-allowed", True), (429, "too-many", False), (500, "register-fault", False)],
)
def test_each_fault_has_a_code_and_says_whether_to_ask_again(
    tmp_path: Path, status: int, code: str, is_permanent: bool
) -> None:
    app = fake(tmp_path)
    app.status = status
    with pytest.raises(RegisterError) as fault:
        client(tmp_path, httpx.WSGITransport(app=app)).registered([KARI])
    assert (fault.value.code, fault.value.permanent) == (code, is_permanent)
    assert KARI not in str(fault.value)


def test_somebody_else_gets_no_token(tmp_path: Path) -> None:
    app = fake(tmp_path)
    (tmp_path / "other").mkdir()
    with pytest.raises(RegisterError) as fault:
        client(tmp_path / "other", httpx.WSGITransport(app=app)).registered([KARI])
    assert fault.value.code == "not-allowed"


def test_a_register_that_does_not_answer_is_told_apart_from_one_that_is_not_set_up(tmp_path: Path) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    with pytest.raises(RegisterError) as fault:
        client(tmp_path, httpx.MockTransport(slow)).registered([KARI])
    assert (fault.value.code, fault.value.permanent) == ("unreachable", False)
    nowhere = People(population_url="", contact_url="", token_url="", issuer="", client_id="", key_file="")
    with pytest.raises(RegisterError) as fault:
        nowhere.contacts([KARI])
    assert fault.value.code == "not-set-up"


def written(**other: Any) -> dict[str, Any]:
    return document(PERSON) | other


def test_what_held_before_is_not_taken_for_what_holds() -> None:
    row = written(
        navn=[
            {"erGjeldende": False, "fornavn": "KARI", "etternavn": "FØR"},
            {"erGjeldende": True, "fornavn": "KARI", "mellomnavn": "MARIE", "etternavn": "NÅ"},
        ],
        doedsfall=[{"erGjeldende": False, "doedsdato": "2026-11-01"}],
        foreldreansvar=[
            {"erGjeldende": True, "ansvar": "felles", "ansvarssubjekt": OLA},
            {"erGjeldende": True, "opphoerstidspunkt": "2026-01-01T00:00:00+01:00", "ansvarssubjekt": PER},
        ],
    )
    found = population.person(row)
    assert (found.given_name, found.family_name, found.death_date) == ("KARI MARIE", "NÅ", None)
    assert found.children == {OLA: None}


@pytest.mark.parametrize(
    ("guardian", "is_one"),
    [
        ({"omfang": "personligeInteresser"}, True),
        ({"omfang": "personligeOgOekonomiskeInteresser"}, True),
        ({"omfang": "annet", "omfangetErInnenPersonligOmraade": True}, True),
        ({"omfang": "oekonomiskeInteresser", "omfangetErInnenPersonligOmraade": False}, False),
    ],
)
def test_only_a_guardian_for_personal_affairs_is_one(guardian: dict[str, Any], is_one: bool) -> None:
    verge = {"foedselsEllerDNummer": PER, **guardian}
    for kind, expected in (("voksen", is_one), ("stadfestetFremtidsfullmakt", False)):
        row = written(vergemaalEllerFremtidsfullmakt=[{"erGjeldende": True, "vergemaaltype": kind, "verge": verge}])
        assert (PER in population.person(row).guardians) is expected


@pytest.mark.parametrize(
    ("of_person", "of_address", "grading"),
    [
        ([], "ugradert", "open"),
        ([], "klientadresse", "open"),
        (["ugradert"], "UGRADERT", "open"),
        (["fortrolig"], "ugradert", "confidential"),
        ([], "strengtFortrolig", "strictly-confidential"),
        (["strengtFortrolig"], "fortrolig", "strictly-confidential"),
        (["noe nytt"], "ugradert", "confidential"),
    ],
)
def test_the_strictest_protection_counts_and_an_unknown_one_protects(
    of_person: list[str], of_address: str, grading: str
) -> None:
    address = {"erGjeldende": True, "adressegradering": of_address, "vegadresse": {"adressenavn": "Lia"}}
    row = written(
        bostedsadresse=[address],
        adressebeskyttelse=[{"erGjeldende": True, "graderingsnivaa": word} for word in of_person],
    )
    found = population.person(row)
    assert found.grading == grading
    assert bool(found.address) is (grading == "open")


def test_addresses_differ_by_house_letter_flat_and_farm() -> None:
    def street(**more: Any) -> str:
        place = {"postnummer": "5599", "poststedsnavn": "FJORDBYEN"}
        found = {"adressenavn": "Storgata", "poststed": place, **more}
        return population.person(written(bostedsadresse=[{"erGjeldende": True, "vegadresse": found}])).address

    whole = street(adressenummer={"husnummer": "7", "husbokstav": "B"}, bruksenhetsnummer="H0201")
    assert whole == "Storgata 7B H0201, 5599 FJORDBYEN"
    assert street(adressenummer={"husnummer": "7"}) == "Storgata 7, 5599 FJORDBYEN"
    farm = {
        "matrikkelnummer": {"kommunenummer": "0301", "gaardsnummer": 0, "bruksnummer": 27, "festenummer": 0},
        "poststed": {"poststedsnavn": "OSLO", "postnummer": "1163"},
    }
    row = written(bostedsadresse=[{"erGjeldende": True, "adressegradering": "ugradert", "matrikkeladresse": farm}])
    assert population.person(row).address == "0301/0/27/0, 1163 OSLO"


@pytest.mark.parametrize("answer", [[], {}, {"oppslag": [{}]}, {"oppslag": 3}])
def test_an_answer_that_cannot_be_read_is_refused_whole(answer: object) -> None:
    with pytest.raises(RegisterError, match="could not be read"):
        population.registered(answer)


def test_a_person_who_cannot_be_read_keeps_no_other_out() -> None:
    rows = [
        {"foedselsEllerDNummer": OLA, "folkeregisterperson": {"navn": []}},
        {"foedselsEllerDNummer": PER},
        {"foedselsEllerDNummer": KARI, "folkeregisterperson": document(PERSON)},
    ]
    assert population.registered({"oppslag": rows}) == {KARI: PERSON}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"reservasjon": "NEI", "status": "IKKE_REGISTRERT"}, Contact(is_reserved=False)),
        (
            {"reservasjon": "JA", "status": "SLETTET", "kontaktinformasjon": {"epostadresse": "a@b.example"}},
            Contact(True),
        ),
        (
            {
                "reservasjon": "NEI",
                "status": "AKTIV",
                "kontaktinformasjon": {
                    "epostadresse": "a@b.example",
                    "epostadresse_oppdatert": "2020-06-29T10:14:52+02",
                    "epostadresse_sist_verifisert": "2026-10-01T12:00:00Z",
                },
            },
            Contact(is_reserved=False, email="a@b.example", email_confirmed_at=AT),
        ),
    ],
)
def test_the_contact_registers_words(row: dict[str, Any], expected: Contact) -> None:
    assert contact.contact(row) == expected


@pytest.mark.parametrize("answer", [None, {"personer": [{"personidentifikator": KARI, "reservasjon": "KANSKJE"}]}])
def test_a_reservation_that_is_not_understood_is_not_taken_for_none(answer: object) -> None:
    with pytest.raises(RegisterError, match="could not be read"):
        contact.contacts(answer)

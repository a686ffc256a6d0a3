"""The public renewal answer with its two M1 documents, read element by element."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from legedialog.prescriptions import m1
from legedialog.prescriptions.models import Prescription
from legedialog.prescriptions.rules import Pickup
from legedialog.prescriptions.tests.factories import office, prescription

SAMPLE = Path(__file__).parents[4] / "shared" / "vectors" / "kith" / "dialog" / "helsenorge-reseptfornyelse.xml"
M1 = "{http://www.kith.no/xmlstds/eresept/m1/2010-05-01}"


@pytest.fixture
def message() -> ET.Element:
    if not SAMPLE.is_file():
        pytest.skip("the test vectors are not here: ../shared/vectors")
    return ET.parse(SAMPLE).getroot()


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def test_every_element_of_the_public_m1_has_a_field_or_a_reason(message: ET.Element) -> None:
    seen = {local(each) for resept in message.iter(f"{M1}Resept") for each in resept.iter()}
    assert {"Forskrivningsdato", "Varenr", "DosVeiledEnkel"} <= seen
    assert seen - m1.FIELDS.keys() - m1.ELSEWHERE.keys() == set()
    names = {field.name for field in Prescription._meta.get_fields()}
    assert set(m1.FIELDS.values()) <= names


def test_the_systems_and_the_pick_up_code_are_those_of_the_message(message: ET.Element) -> None:
    systems = {each.get("S") for each in message.iter() if each.get("S")}
    assert {m1.ATC, m1.FORMS} <= systems
    codes = {each.get("V") for each in message.iter() if local(each) == "KodetOpplysning"}
    assert codes == {Pickup.PHARMACY.value}
    assert {each.get("V") for each in message.iter(f"{M1}Varegruppekode")} == {m1.MEDICINE}


@pytest.mark.django_db
def test_what_a_message_needs_is_kept_and_read_back() -> None:
    at = office()
    row = prescription(at.patient(), at, form_code="53", product_number="550962", amount=2)
    row = Prescription.objects.get(pk=row.pk)
    found = m1.content(row)
    assert found.keys() == m1.FIELDS.keys()
    assert found["Atc"] == ("C07AB02", m1.ATC, "Metoprolol")
    assert (found["Antall"], found["Reiterasjon"], found["Varenr"]) == (2, 3, "550962")
    assert found["NavnFormStyrke"] == "Metoprolol Sandoz depottablett 50 mg"
    assert m1.content(prescription(at.patient(), at, kind="equipment", group="", atc=""))["Varegruppekode"] is None

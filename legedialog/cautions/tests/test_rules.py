import pytest

from legedialog.cautions.rules import meets

METOPROLOL = ("Metoprolol Sandoz", "Metoprolol", "C07AB02")
APOCILLIN = ("Apocillin", "Fenoksymetylpenicillin", "J01CE02")
AMOXICILLIN = ("Amoxicillin Mylan", "Amoksicillin", "J01CA04")
IBUX = ("Ibux", "Ibuprofen", "M01AE01")
LIPITOR = ("Lipitor", "Atorvastatin", "C10AA05")
PARACET = ("Paracet", "Paracetamol", "N02BE01")
BACTRIM = ("Bactrim", "Sulfametoksazol og trimetoprim", "J01EE01")
STRIPS = ("Teststrimler", "", "")


@pytest.mark.parametrize(
    ("cautioned", "code", "medicine"),
    [
        ("Penicillin", "", APOCILLIN),  # a part of the substance's name
        ("penicilliner", "", AMOXICILLIN),  # by its family
        ("Apocillin", "", AMOXICILLIN),  # a brand, by its family
        ("Alle typer antibiotika", "J01C", AMOXICILLIN),  # the beginning of the code
        ("Noe hun fikk som barn", "J01CE02", AMOXICILLIN),  # the code's family
        ("IBUPROFEN", "", IBUX),
        ("NSAID (betennelsesdempende)", "", IBUX),
        ("Aspirin", "", IBUX),  # crosses
        ("Statiner", "", LIPITOR),
        ("Sulfa", "", BACTRIM),
        ("Betablokker", "", METOPROLOL),
        ("beta-blokkere", "", METOPROLOL),
        ("Teststrimler fra Roche", "", STRIPS),  # words alone where there is no code
        ("Enalapril", "C09AA02", ("Renitec Comp", "", "C09AA")),  # a code that says less than the caution's
    ],
)
def test_a_caution_meets_the_medicine(cautioned: str, code: str, medicine: tuple[str, str, str]) -> None:
    name, substance, atc = medicine
    assert meets(cautioned, code, name=name, substance=substance, atc=atc)


@pytest.mark.parametrize(
    ("cautioned", "code", "medicine"),
    [
        ("Penicillin", "J01CE", METOPROLOL),
        ("Penicillin", "", PARACET),
        ("Ibuprofen", "M01AE01", PARACET),
        ("Nøtter", "", LIPITOR),
        ("Plaster", "", STRIPS),
        ("Tabletter med laktose", "", ("Paracet tabletter", "Paracetamol", "N02BE01")),  # a word that says nothing
        ("ASA", "", METOPROLOL),  # too short to tell by
        ("", "", STRIPS),
    ],
)
def test_it_does_not_meet_another(cautioned: str, code: str, medicine: tuple[str, str, str]) -> None:
    name, substance, atc = medicine
    assert not meets(cautioned, code, name=name, substance=substance, atc=atc)

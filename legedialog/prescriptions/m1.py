"""Where an e-prescription message (M1) finds its content: each of its elements, and the field here that holds it.

The message itself is not built: its schema (v2.5) is not public, and Legedialog has no line to the national store. What
must hold already now is that nothing of its meaning is missing from the table, so that building it moves no data. Read
from the public renewal answer with two M1 documents. Source: docs/facts.md#messages and #codes.
"""

from typing import Any

from legedialog.prescriptions.models import Prescription
from legedialog.prescriptions.rules import Group

# Element → what fills it: a field of Prescription, or why there is none. Paths as in the sample, without namespaces.
FIELDS: dict[str, str] = {
    "Forskrivningsdato": "written_date",
    "Utloper": "valid_until_date",
    "Varegruppekode": "kind",  # V="L" for medicines; the other values are not public
    "Antall": "amount",
    "Reiterasjon": "dispensings",  # less one: dispensings after the first
    "DosVeiledEnkel": "use",
    "Atc": "atc",  # with DN the substance
    "NavnFormStyrke": "name",  # with form and strength
    "Reseptgruppe": "group",
    "LegemiddelformKort": "form_code",  # with DN the form
    "LegemiddelformLang": "form",
    "Varenavn": "name",
    "Varenr": "product_number",
}
# What the sample carries that is not a prescription's own meaning.
ELSEWHERE: dict[str, str] = {
    "Resept": "the message's root; its identity is the prescription's id",
    "ReseptDokLegemiddel": "a frame, chosen by kind",
    "Forskrivning": "a frame",
    "LegemiddelMerkevare": "a frame, for a brand; chosen when there is no product number",
    "Legemiddelpakning": "a frame, for a package; chosen when there is a product number",
    "OppdatertFest": "when the prescriber's copy of FEST was updated: of the system that sends",
    "IngenKombinasjon": "of the sender: no combined prescriptions here",
    "Preparattype": "in FEST, found by the product number or id",
    "TypeSoknadSlv": "in FEST",
    "Opioidsoknad": "in FEST",
    "Id": "FEST's own id of the product",
    "Dosering": "a structured dose; here the dose is words, which M1 takes in DosVeiledEnkel",
    "Starttidspunkt": "part of Dosering",
    "Sluttidspunkt": "part of Dosering",
    "Doseringsregel": "part of Dosering",
    "DoseresEtter": "part of Dosering",
    "DoseFastTidspunkt": "part of Dosering",
    "Mengde": "part of Dosering",
    "Intervall": "part of Dosering",
    "GisEksakt": "part of Dosering",
}
GROUPS = "2.16.578.1.12.4.1.1.7421"
ATC = "2.16.578.1.12.4.1.1.7180"
FORMS = "2.16.578.1.12.4.1.1.7448"
MEDICINE = "L"  # Varegruppekode, the only value seen


def content(row: Prescription) -> dict[str, Any]:
    """The values of a message about this prescription, by element; codes as (value, system, words)."""
    return {
        "Forskrivningsdato": row.written_date.isoformat(),
        "Utloper": row.valid_until_date.isoformat(),
        "Varegruppekode": MEDICINE if row.kind == "medicine" else None,
        "Antall": row.amount,
        "Reiterasjon": row.dispensings - 1,
        "DosVeiledEnkel": row.use,
        "Atc": (row.atc, ATC, row.substance) if row.atc else None,
        "NavnFormStyrke": " ".join(part for part in (row.name, row.form, row.strength) if part),
        "Reseptgruppe": (row.group, GROUPS, "") if row.group not in (Group.NONE, Group.UNKNOWN) else None,
        "LegemiddelformKort": (row.form_code, FORMS, row.form) if row.form_code else None,
        "LegemiddelformLang": row.form,
        "Varenavn": row.name,
        "Varenr": row.product_number or None,
    }

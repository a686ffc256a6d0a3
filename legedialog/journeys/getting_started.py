"""What an office still lacks before its patients can use it, in the order that one sets it up."""

from dataclasses import dataclass
from uuid import UUID

from legedialog.core.sql import Statement, ask


@dataclass(frozen=True, slots=True)
class Done:
    """What is there. Whoever is not ready lacks at least one; the order is that of the page."""

    contact: bool  # an address and a telephone
    hours: bool
    doctor: bool  # somebody who can sign
    visit_types: bool  # that citizens may book, or the office
    plan: bool  # of a calendar in use
    services: bool  # at least one that is open
    patients: bool  # on a list that somebody serves

    @property
    def is_ready(self) -> bool:
        return all(getattr(self, name) for name in STEPS)


STEPS = ("contact", "hours", "doctor", "visit_types", "plan", "services", "patients")
DONE = Statement(
    "getting started",
    """
    SELECT p.phone <> '' AND p.street <> '' AND p.city <> '' AS contact,
           EXISTS (SELECT FROM practices_openinghours WHERE practice_id = p.id) AS hours,
           EXISTS (SELECT FROM practices_employee WHERE practice_id = p.id AND role IN ('doctor', 'substitute')
                   AND (ends_date IS NULL OR ends_date > %(today)s)) AS doctor,
           EXISTS (SELECT FROM appointments_visittype WHERE practice_id = p.id AND is_active) AS visit_types,
           EXISTS (SELECT FROM appointments_calendar c JOIN appointments_block b ON b.calendar_id = c.id
                    WHERE c.practice_id = p.id AND c.is_active
                      AND (b.last_date IS NULL OR b.last_date >= %(today)s)) AS plan,
           EXISTS (SELECT FROM practices_offer WHERE practice_id = p.id AND is_open) AS services,
           EXISTS (SELECT FROM practices_contract c JOIN practices_contractdoctor d ON d.contract_id = c.id
                    WHERE c.practice_id = p.id AND (d.ends_date IS NULL OR d.ends_date > %(today)s)) AS patients
      FROM practices_practice p WHERE p.id = %(practice)s
    """,
    Done,
)


def done(practice_id: UUID, today: object) -> Done:
    """Of an office that is there. One query."""
    [found] = ask(DONE, practice=practice_id, today=today)
    return found

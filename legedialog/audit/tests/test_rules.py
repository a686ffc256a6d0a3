import pytest

from legedialog.access.actor import Kind
from legedialog.audit.rules import Purpose, purpose


@pytest.mark.parametrize(
    ("kind", "action", "is_own", "stated", "found"),
    [
        (Kind.STAFF, "charge.read", False, None, Purpose.ADMINISTRATION),
        (Kind.STAFF, "charges.listed", False, Purpose.FOLLOW_UP, Purpose.ADMINISTRATION),
        (Kind.STAFF, "payment.undone", False, None, Purpose.ADMINISTRATION),
        (Kind.STAFF, "record.read", False, None, Purpose.CARE),
        (Kind.STAFF, "record.read", False, Purpose.FOLLOW_UP, Purpose.FOLLOW_UP),
        (Kind.SYSTEM, "charge.exempted", False, None, Purpose.OPERATION),
        (Kind.CITIZEN, "payments.listed", False, None, Purpose.BEHALF),
        (Kind.CITIZEN, "payments.listed", True, None, Purpose.OWN),
    ],
)
def test_money_is_administration_whatever_else_is_done_for_the_patient(
    kind: Kind, action: str, is_own: bool, stated: Purpose | None, found: Purpose
) -> None:
    assert purpose(kind, action, is_own=is_own, stated=stated) == found

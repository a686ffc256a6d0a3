"""Calendars for every doctor who works at an office, and what a service needs besides being switched on."""

from typing import Any

from django.db import migrations

# Booking and video need times that citizens may take: a running or coming part of the plan, with a kind of visit that
# they may book. Asked by practices and patients, answered from the plan: docs/adr/0080-what-an-office-needs.md.
READY = """
CREATE FUNCTION service_is_ready(practice uuid, clinician uuid, wanted text, today date) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT wanted NOT IN ('book', 'video') OR EXISTS (
    SELECT FROM appointments_calendar c
      JOIN appointments_block b ON b.calendar_id = c.id
      JOIN appointments_block_visit_types t ON t.block_id = b.id
      JOIN appointments_visittype v ON v.id = t.visittype_id
     WHERE c.practice_id = practice AND c.clinician_id = clinician AND c.is_active
       AND b.is_online AND (b.last_date IS NULL OR b.last_date >= today)
       AND v.is_active AND v.is_bookable_by_citizens
       AND (wanted = 'book' OR ('video' = ANY (b.channels) AND 'video' = ANY (v.channels))))
$$
"""


def calendars(apps: Any, editor: Any) -> None:
    """For those who were there before calendars came by themselves."""
    from legedialog.core.ids import new_id

    Calendar = apps.get_model("appointments", "Calendar")
    pairs = {
        *apps.get_model("practices", "Employee")
        .objects.filter(ends_date=None, clinician__isnull=False)
        .values_list("practice", "clinician"),
        *apps.get_model("practices", "ContractDoctor")
        .objects.filter(ends_date=None)
        .values_list("contract__practice", "clinician"),
    }
    Calendar.objects.bulk_create(
        [Calendar(id=new_id(), practice_id=practice, clinician_id=clinician) for practice, clinician in pairs],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0002_death"),
        ("practices", "0003_successor"),
        ("appointments", "0010_free_time"),
    ]

    operations = [
        migrations.RunSQL(READY, "DROP FUNCTION service_is_ready(uuid, uuid, text, date)"),
        migrations.RunPython(calendars, migrations.RunPython.noop),
    ]

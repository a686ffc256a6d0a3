"""Ten files of 11 MB in, sealed, and out again: the server's own memory must not follow."""

import subprocess
import sys
from datetime import datetime

import pytest
from django.db import connection

from legedialog.appointments.tests.factories import Office, citizen

SCRIPT = """
import os, resource, sys
from uuid import UUID
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from django.utils import timezone
from legedialog.access.actor import Actor, Kind
from legedialog.attachments import queries, services
from legedialog.attachments.tests import files
from legedialog.core.spool import Spool

practice, patient = UUID(sys.argv[2]), UUID(sys.argv[3])
actor = Actor(kind=Kind.CITIZEN, person_id=patient, acting_for_id=patient, patients=frozenset({patient}))
photo = files.large_photo()

def resident():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024

def once():
    spool = Spool()
    for place in range(0, len(photo), 65536):
        spool.write(photo[place:place + 65536])
    made = services.receive(actor=actor, practice_id=practice, patient_id=patient, name="a.jpg", file=spool,
                            now=timezone.now())
    spool.close()
    assert sum(map(len, queries.open_chunks(made))) == made.size
    return made.size

once()
before = resident()
peak = 0
for _ in range(10):
    size = once()
    peak = max(peak, resident())
print(len(photo), size, before, peak)
"""


@pytest.mark.django_db(transaction=True)
def test_memory_stays_flat(office: Office, now: datetime) -> None:
    kari = office.patient()
    assert citizen(kari)
    name = connection.settings_dict["NAME"]
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, name, str(office.practice.pk), str(kari.pk)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    sent, kept, before, peak = map(int, ran.stdout.split())
    assert sent > 9_000_000
    assert kept > 3_000_000
    assert peak - before < 8, f"{before} MB grew to {peak} MB"

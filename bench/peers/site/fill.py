"""Fills the site's database, in the site's own environment; tells by JSON who the clients and their doctors are."""

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import django


def main() -> None:
    django.setup()
    from appointment import models  # type: ignore[import-not-found]  # only there
    from django.contrib.auth import get_user_model

    given = json.loads(sys.argv[1])
    user: Any = get_user_model()
    service = models.Service.objects.create(name="Time hos lege", duration=timedelta(minutes=20), price=0)
    models.Config.objects.create(slot_duration=20, lead_time=time(8), finish_time=time(15, 20))
    doctors = [_doctor(models, user, service, number) for number in range(given["doctors"])]
    people = user.objects.bulk_create(
        user(username=f"p{n}", email=f"p{n}@example.org", first_name="Kari", last_name=f"Testdal {n}", password="!")
        for n in range(given["persons"])
    )
    clients, others = people[: given["clients"]], people[given["clients"] :]
    wanted = []
    for client, doctor in zip(clients, doctors, strict=False):
        wanted += [(client, doctor, datetime.fromisoformat(at)) for at in given["coming"]]
        wanted += [(others[0], doctor, datetime.fromisoformat(at)) for at in given["taken"]]
    first = datetime.fromisoformat(given["others_from"])
    wanted += [(each, doctors[0], first + timedelta(minutes=20 * number)) for number, each in enumerate(others)]
    _booked(models, service, wanted)
    told = [
        {"session": _session(client), "doctor": doctor.pk, "name": client.get_full_name(), "email": client.email}
        for client, doctor in zip(clients, doctors, strict=False)
    ]
    print(json.dumps({"service": service.pk, "clients": told}))


def _doctor(models: Any, user: Any, service: Any, number: int) -> Any:
    name = {"first_name": "Lege", "last_name": f"Test {number}", "is_staff": True}
    account = user.objects.create_user(f"lege{number}", f"lege{number}@example.org", **name)
    working: dict[str, Any] = {"lead_time": time(8), "finish_time": time(15, 20)}
    made = models.StaffMember.objects.create(user=account, slot_duration=20, **working)
    made.services_offered.add(service)
    for day in range(1, 6):
        hours = {"start_time": time(8), "end_time": time(15, 20)}
        models.WorkingHours.objects.create(staff_member=made, day_of_week=day, **hours)
    return made


def _booked(models: Any, service: Any, wanted: list[tuple[Any, Any, datetime]]) -> None:
    asked = models.AppointmentRequest.objects.bulk_create(
        models.AppointmentRequest(
            date=date(at.year, at.month, at.day),
            start_time=at.time(),
            end_time=(at + timedelta(minutes=20)).time(),
            service=service,
            staff_member=doctor,
            id_request=f"bench{number}",
        )
        for number, (_, doctor, at) in enumerate(wanted)
    )
    models.Appointment.objects.bulk_create(
        models.Appointment(client=client, appointment_request=each, phone="+4740000000", id_request=each.id_request)
        for each, (client, _, _) in zip(asked, wanted, strict=True)
    )


def _session(client: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(client.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = client.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    main()

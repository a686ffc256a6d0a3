"""Our side: the site and the worker of the bench's world, with the data that every side has."""

from bench import booking, load, outbox, rows
from bench.peers.sides import A_DAY, COMING, OTHERS_FROM, Job, Side, Task
from bench.world import CLIENTS, CORES, PORT, World, starts
from legedialog.operations import environment

FREE = "/timeavtaler/bestill/"
COMING_IN, FREE_IN = range(2, 6), range(6, 18)  # weeks


def fill(world: World) -> Task:
    """The clients have booked what they have coming, somebody else on each list every other time of the day."""
    from django.utils import timezone

    from legedialog.appointments.models import Appointment, Calendar
    from legedialog.core.times import local_day

    today = local_day(timezone.now())
    days = [at.date() for at in starts(range(2)) if at.date() > today]
    task = Task(
        persons=world.persons,
        doctors=Calendar.objects.count(),
        clients=CLIENTS,
        processes=CORES,
        day=[at for at in starts(range(2)) if at.date() == days[0]],
        coming=starts(COMING_IN)[:: A_DAY + 1][:COMING],
        free=starts(FREE_IN),
        server=world.url,
        postgres=world.meter.postgres,
        folder=environment.folder(),
    )
    clients = world.one_of_each_list
    calendars = {each["calendar"] for each in clients}
    others = [each for each in world.patients if each["calendar"] in calendars and each not in clients]
    for people, times in ((clients, task.coming), (others, task.taken)):
        for act in booking.use_cases(people, times):
            for _ in times:
                act()
    mine = ", ".join(f"'{each['person']}'" for each in clients)
    everybody_else = f"SELECT person_id AS id FROM patients_membership WHERE person_id NOT IN ({mine})"
    rows.visits(everybody_else, 1, f"'{OTHERS_FROM}'::timestamptz")
    outbox.wait_until_sent()
    for each in clients:
        if Appointment.objects.filter(patient=each["person"], starts_at__gt=timezone.now()).count() != COMING:
            raise load.WrongAnswer("a client has other appointments than she should")
    return task


def side(world: World, task: Task) -> Side:
    clients = [load.Client(PORT, patient["session"], number) for number, patient in enumerate(world.one_of_each_list)]
    _shows_what_is_free(clients[0], task)
    jobs = {
        "free times": Job(
            "a page (HTML): a week's free times at her own doctor", [load.get(each, FREE) for each in clients]
        ),
        "own list": Job(
            f"a page (HTML): her {COMING} coming appointments", [load.get(each, "/timeavtaler/") for each in clients]
        ),
        "book": Job(
            "three requests (HTML): hold, see over, book; with the log, the journal and the notice, until the worker"
            " has sent it",
            booking.by_pages(world.one_of_each_list, task.free),
        ),
    }
    return Side("Legedialog", jobs, world.meter, lambda: _gives_twice(world, task), outbox.wait_until_sent)


def _shows_what_is_free(client: load.Client, task: Task) -> None:
    from legedialog.appointments.picker import time_value

    page = load.must_be(client.ask("GET", FREE), 200, FREE)
    shown = [time_value(None, at) in page for at in task.day]
    if shown != [at not in task.taken for at in task.day]:
        raise load.WrongAnswer("the page does not show what is free that day")


def _gives_twice(world: World, task: Task) -> bool:
    from legedialog.appointments.picker import time_value

    client = load.Client(PORT, world.one_of_each_list[0]["session"], 0)
    csrf = load.token(client.ask("GET", FREE)[1])
    wanted = time_value(world.one_of_each_list[0]["calendar"], task.free[-1])
    return [booking.book(client, csrf, wanted) for _ in range(2)] == [302, 302]

"""Pages by HTTP as browsers ask for them: the citizen's, the office's, and files that come in."""

from collections.abc import Callable, Iterator
from typing import Any

from bench import dialogues, load, rows
from bench.results import Row
from bench.world import CLIENTS, PORT, World

CITIZEN = {
    "Hjem": "/hjem/",
    "Min fastlege": "/min-fastlege/",
    "Timeavtaler": "/timeavtaler/",
    "Bestill time": "/timeavtaler/bestill/",
    "Meldinger": "/meldinger/",
    "Legemidler": "/legemidler/",
    "Profil": "/profil/",
}


def citizen(world: World) -> Iterator[Row]:
    """Eight people, each on her own list."""
    people = world.one_of_each_list
    dialogues.first_of_their_kind(people[0])
    rows.dialogues(_all_of(people), 5, 4)
    clients = [load.Client(PORT, patient["session"], number) for number, patient in enumerate(people)]
    found = CITIZEN | {"one dialogue": ""}
    floors = {"Timeavtaler": "floor: own appointments (pgbench)", "Bestill time": "floor: free times (pgbench)"}
    for name, path in found.items():
        paths = [path or f"/meldinger/{dialogues.latest(patient)}/" for patient in people]
        row = page(world, name, [load.get(client, path) for client, path in zip(clients, paths, strict=True)])
        row = Row(row.name, row.figures, floors.get(name, ""), row.cpu)
        yield row.but("≥ 200 a second, p95 < 50 ms", lambda each: each["rate"] >= 200 and each["p95"] < 50)


def _all_of(people: list[dict[str, Any]]) -> str:
    ids = ", ".join(f"'{patient['person']}'" for patient in people)
    return f"SELECT id FROM patients_person WHERE id IN ({ids})"


def office(world: World) -> Iterator[Row]:
    """A secretary's windows, with an inbox of an office that has fallen behind."""
    assert world.employee
    mine = [each for each in world.patients if each["visit_type"].practice_id == world.employee[1]]
    waiting = dialogues.fill(mine, 500 if world.is_quick else 5000)
    windows = [load.Client(PORT, world.employee[2], number) for number in range(CLIENTS)]
    deep = dialogues.deep(waiting)
    share = len(waiting) // CLIENTS
    jobs: list[tuple[str, list[Callable[[], str]], int]] = [
        (f"Innboks with {len(waiting):,} that wait", [load.get(each, "/kontor/innboks/") for each in windows], 150),
        ("Innboks, deep in the list", [load.get(each, deep) for each in windows], 150),
        (
            "Innboks with one open",
            [load.get(each, f"/kontor/innboks/{waiting[at].pk}/") for at, each in enumerate(windows)],
            80,
        ),
        (
            "Innboks: open, begin and answer (four requests)",
            [
                dialogues.answer(each, waiting[CLIENTS + at * (share - 1) : CLIENTS + (at + 1) * (share - 1)])
                for at, each in enumerate(windows)
            ],
            60,
        ),
        ("Kalender, a day", [load.get(each, "/kontor/kalender/") for each in windows], 120),
        ("Kalender, a week", [load.get(each, "/kontor/kalender/?visning=uke") for each in windows], 60),
    ]
    for name, actions, least in jobs:
        yield page(world, name, actions).but(f"≥ {least} a second", lambda each, least=least: each["rate"] >= least)  # type: ignore[misc]


def page(world: World, name: str, actions: list[Callable[[], str]]) -> Row:
    for action in actions:
        action()  # the first time some things are remembered
    before = world.meter.now()
    found = load.measure(actions, seconds=world.seconds)
    done = max(1, sum(found["outcomes"].values()))
    spent = [(now - then) * 1000 / done for now, then in zip(world.meter.now(), before, strict=True)]
    figures = {"rate": found["rate"], "p50": found["p50"], "p95": found["p95"]}
    return Row(f"page: {name}", figures, cpu=(spent[0], spent[1], spent[2]))


def files(world: World) -> Iterator[Row]:
    """Photos of 10 MB from two citizens, and the most that a process held meanwhile."""
    figures, size, most = dialogues.uploads(world)
    name = f"attachment: a photo of {size / 1e6:.0f} MB is received, cleaned and sealed (2 clients)"
    yield Row(name, {"rate": figures["rate"], "p50": figures["p50"], "p95": figures["p95"], "MB held": most})

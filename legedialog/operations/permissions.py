"""Which kinds of person may open which address: read from the guards on the views. docs/permissions.md is made here.

tests/test_permissions.py opens every address as everybody and compares. What a guard cannot say, its context says in
its `about.py`; the test names the line that is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.urls import URLPattern, URLResolver, get_resolver

from legedialog.access.actor import Kind, Role
from legedialog.access.web.guards import Gate
from legedialog.consent.rules import Level, is_enough
from legedialog.core import contexts
from legedialog.patients.representation import Area, Case, decide


def for_everybody() -> dict[str, str]:
    """Addresses without a guard, and why. Each is tried as everybody: nobody may be refused there."""
    return contexts.every(lambda about: about.for_everybody)


def for_systems() -> dict[str, str]:
    """Addresses that only a system with a token of its own opens. Everybody else gets 401."""
    return contexts.every(lambda about: about.for_systems)


def finer() -> dict[str, tuple[str, ...]]:
    """Those of VISITORS who may, with their own ids, where the guard lets in more than the policy does."""
    return contexts.every(lambda about: about.finer)


class Outcome(StrEnum):
    OPEN = "yes"
    LOG_IN = "log in"
    DENIED = "no"
    TOKEN = "token"  # noqa: S105  no password
    CONSENT = "consent"
    TOO_YOUNG = "too young"
    CLOSED = "closed"
    SWITCH_BACK = "switch"


MEANING = {
    Outcome.OPEN: "may open it",
    Outcome.LOG_IN: "is sent to log in",
    Outcome.DENIED: "is refused (403)",
    Outcome.TOKEN: "gets 401: a system's token is asked for",
    Outcome.CONSENT: "meets the page that says which level is missing and mends it",
    Outcome.TOO_YOUNG: "meets the kind page for those who are under 16",
    Outcome.CLOSED: "meets the page that says why this is closed for her who acts",
    Outcome.SWITCH_BACK: "must switch back to herself first",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A kind of person. `areas` is None for one who acts for herself alone; `level` is that of whose affairs it is."""

    title: str
    kind: Kind
    role: Role | None = None
    level: Level = Level.FULL
    acts_for_another: bool = False
    is_under_16: bool = False
    areas: frozenset[str] | None = field(default=None, repr=False)


def _areas(**facts: object) -> frozenset[str]:
    case = {"actor_age": 42, "lives_with": True, "consent": "full"} | facts
    return frozenset(area.value for area in decide(Case(**case)).areas)  # type: ignore[arg-type]


def _staff(title: str, role: Role) -> Visitor:
    return Visitor(title, Kind.STAFF, role)


VISITORS: dict[str, Visitor] = {
    "anonymous": Visitor("anonymous", Kind.ANONYMOUS),
    "full": Visitor("Full", Kind.CITIZEN),
    "basis": Visitor("Basis", Kind.CITIZEN, level=Level.BASIS),
    "none": Visitor("no consent", Kind.CITIZEN, level=Level.NONE),
    "parent": Visitor(
        "parent for child", Kind.CITIZEN, acts_for_another=True, areas=_areas(person_age=8, is_parent=True)
    ),
    "parent-12": Visitor(
        "parent for youth", Kind.CITIZEN, acts_for_another=True, areas=_areas(person_age=14, is_parent=True)
    ),
    "attorney": Visitor(
        "by power of attorney",
        Kind.CITIZEN,
        acts_for_another=True,
        areas=_areas(person_age=80, attorney_areas=frozenset({1, 3})),
    ),
    "youth": Visitor(
        "youth with access",
        Kind.CITIZEN,
        is_under_16=True,
        areas=_areas(actor_age=14, person_age=14, is_self=True, has_youth_access=True),
    ),
    "child": Visitor("under 16", Kind.CITIZEN, is_under_16=True, areas=frozenset()),
    "protected": Visitor("protected address", Kind.CITIZEN),
    "secretary": _staff("secretary", Role.SECRETARY),
    "doctor": _staff("doctor", Role.DOCTOR),
    "substitute": _staff("substitute", Role.SUBSTITUTE),
    "manager": _staff("manager", Role.MANAGER),
    "elsewhere": _staff("doctor elsewhere", Role.DOCTOR),
    "operator": Visitor("operator", Kind.OPERATOR),
}


@dataclass(frozen=True, slots=True)
class Route:
    name: str  # "appointments:show"
    address: str  # "timeavtaler/<uuid:appointment_id>/"
    parameters: tuple[str, ...]
    gate: Gate | None


def routes() -> list[Route]:
    """Every address of the URL conf, in its order."""
    return list(_routes(get_resolver(), "", "", ()))


def _routes(resolver: URLResolver, before: str, namespace: str, outer: tuple[str, ...]) -> Iterator[Route]:
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        inner = (*outer, *each.pattern.converters)
        if isinstance(each, URLResolver):
            yield from _routes(each, address, f"{namespace}{each.namespace}:" if each.namespace else namespace, inner)
        elif isinstance(each, URLPattern):
            yield Route(f"{namespace}{each.name}", address, inner, getattr(each.callback, "gate", None))


def faults(found: list[Route]) -> list[str]:
    """What is missing, with the line to add and where."""
    names, told = {route.name for route in found}, for_everybody() | for_systems()
    lines = [
        f"{route.name} has no guard. Put one on its view (access/web/guards.py, consent/web/guards.py); or, when it is "
        f'for everybody, add to `for_everybody` in its about.py:\n    "{route.name}": "why it needs no guard",'
        for route in found
        if route.gate is None and route.name not in told
    ]
    lines += [
        f'{route.name} has a guard now: remove "{route.name}" from `for_everybody` or `for_systems` in its about.py.'
        for route in found
        if route.gate is not None and route.name in told
    ]
    lines += [
        f'No address is called {name}: remove "{name}" from its about.py.'
        for name in sorted(told.keys() | finer().keys() | contexts.every(lambda about: about.silent).keys())
        if name.removeprefix("POST ") not in names
    ]
    return lines


def outcome(route: Route, key: str, method: str = "GET") -> Outcome:
    """What the address lets a kind of person do with what is hers: its guards, in the order in which they ask."""
    visitor = VISITORS[key]
    gate = route.gate
    if gate is None:
        return Outcome.TOKEN if route.name in for_systems() else Outcome.OPEN
    if visitor.kind is Kind.ANONYMOUS:
        return Outcome.LOG_IN
    if visitor.kind is not gate.kind or (gate.roles and visitor.role not in gate.roles):
        return Outcome.DENIED
    if gate.own and visitor.acts_for_another:
        return Outcome.SWITCH_BACK
    met = _consented(gate, visitor) if gate.is_consented else Outcome.OPEN
    told = finer()
    may = told.get(f"{method} {route.name}") or told.get(route.name) or VISITORS
    return Outcome.DENIED if met is Outcome.OPEN and key not in may else met


def _consented(gate: Gate, visitor: Visitor) -> Outcome:
    areas = visitor.areas
    is_open = areas is None or (gate.area in areas if gate.area else bool(areas))
    if visitor.is_under_16 and not is_open:
        return Outcome.TOO_YOUNG
    may_choose = areas is None or Area.CONSENT in areas
    if not is_enough(visitor.level, Level(gate.level)) and (is_open or may_choose):
        return Outcome.CONSENT
    return Outcome.OPEN if is_open else Outcome.CLOSED


# ---- docs/permissions.md

HEAD = """# Who may open what

Made from the guards on the views by `legedialog docs` (`legedialog/operations/permissions.py`). A test opens every
address as each of these, with ids of their own and of others: somebody else's id is *not found* (404), never shown and
never told of.

{meanings}"""


def page() -> str:
    meanings = "".join(f"- **{each}**: {meaning}\n" for each, meaning in MEANING.items())
    parts = [HEAD.format(meanings=meanings)]
    found = routes()
    spaces = list(dict.fromkeys(route.name.partition(":")[0] for route in found))
    for space in spaces:
        mine = [route for route in found if route.name.partition(":")[0] == space]
        parts.append(f"\n## {space}\n")
        guarded = [route for route in mine if route.gate]
        kinds = {route.gate.kind for route in guarded if route.gate}
        shown = {key: each for key, each in VISITORS.items() if each.kind in kinds | {Kind.ANONYMOUS}}
        if guarded:
            parts.append(f"\n| address | {' | '.join(each.title for each in shown.values())} |\n")
            parts.append(f"| --- |{' --- |' * len(shown)}\n")
            for route in guarded:
                cells = " | ".join(_cell(route, key) for key in shown)
                parts.append(f"| `/{route.address}` | {cells} |\n")
            parts.append("\nEverybody else is refused.\n" if len(shown) < len(VISITORS) else "")
        parts += _use_cases(space)
        parts += _others("For everybody:", mine, for_everybody())
        parts += _others("For systems with a token:", mine, for_systems())
    return "".join(parts)


def _use_cases(space: str) -> list[str]:
    """What each role at an office may do, as the context's policy says."""
    told = {what: may for about in contexts.contexts().get(space, []) for what, may in about.use_cases.items()}
    if not told:
        return []
    head = f"\n| at her office | {' | '.join(Role)} |\n| --- |{' --- |' * len(Role)}\n"
    rows = [
        f"| {what} | {' | '.join('yes' if role in may else 'no' for role in Role)} |\n" for what, may in told.items()
    ]
    return [head, *rows]


def _cell(route: Route, key: str) -> str:
    reads, sends = outcome(route, key), outcome(route, key, "POST")
    return reads.value if reads is sends else f"{reads}, sending: {sends}"


def _others(title: str, mine: list[Route], table: dict[str, str]) -> list[str]:
    rows = [f"- `/{route.address}`: {table[route.name]}\n" for route in mine if route.name in table]
    return [f"\n{title}\n\n", *rows] if rows else []

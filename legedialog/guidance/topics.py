"""The pages of help, what of them holds for her who reads, and the search."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language

from legedialog.access.actor import Actor
from legedialog.consent import queries as consent
from legedialog.consent.rules import Level
from legedialog.core import contexts
from legedialog.core.contexts import HelpGroup, Told, Topic
from legedialog.core.times import local_day
from legedialog.guidance.texts import ANSWERS, PARTS
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.patients.representation import Area
from legedialog.practices.rules import Offered, Service

STEM, SHORTEST = 2, 4  # the end of a word that may differ, and what must be left of it
SENT = {Service.REQUEST, Service.ECONSULTATION, Service.CONTACT, Service.RENEW}  # to somebody who answers


def grouped() -> list[tuple[HelpGroup, list[Topic]]]:
    """For the first page, in their order."""
    rows: dict[HelpGroup, list[Topic]] = defaultdict(list)
    for topic in contexts.topics().values():
        rows[topic.group].append(topic)
    return [(group, rows[group]) for group in HelpGroup]


def asked_at(route: str) -> Topic | None:
    """The topic that a page links to."""
    return next((topic for topic in contexts.topics().values() if route in topic.asked_at), None)


# ---- what holds for her


@dataclass(frozen=True, slots=True)
class Mine:
    """Her own office, as far as she may see it. `closed` are those of the topic's services that her doctor does not
    offer now; `rows` is what the topic's context tells of it."""

    gp: Gp
    closed: Sequence[Offered]
    is_open: bool  # to her who asks
    needs_full: bool
    rows: Sequence[tuple[Told, Told]]


def mine(actor: Actor, topic: Topic, now: datetime) -> Mine | None:
    """None for who is not logged in as a citizen, has no GP, or may not see who it is."""
    person_id = actor.acting_for_id
    if not actor.is_citizen or person_id is None or not actor.opens(Area.GP):
        return None
    level = consent.level(person_id)
    gp = patients.gp_of(person_id, local_day(now)) if level is not Level.NONE else None
    if gp is None:
        return None
    offers = [each for each in gp.offers if each.service in topic.services]
    opens = _opens(actor, topic)
    tells = topic.mine and opens and gp.doctors and level is Level.FULL
    return Mine(
        gp,
        closed=[each for each in offers if not each.is_open],
        is_open=opens and all(each.is_open for each in offers),
        needs_full=level is not Level.FULL and bool(offers),
        rows=topic.mine(actor, person_id, gp, now) if topic.mine and tells else [],
    )


def _opens(actor: Actor, topic: Topic) -> bool:
    """Whether she who acts may use it for the other."""
    doors = contexts.every(lambda about: about.doors)
    return all(actor.opens(doors[each].area if each in doors else Area.BOOKING) for each in topic.services)


# ---- the search


def found(words: str) -> list[Topic]:
    """Those that hold every word, the best first: a word in the title counts most, then what people call it."""
    wanted = _words(words)
    if not wanted:
        return []
    language = get_language() or "nb"
    scored = [(_score(wanted, _weighed(language, *_texts(topic))), topic) for topic in contexts.topics().values()]
    return [topic for score, topic in sorted(scored, key=lambda each: (-each[0], each[1].order)) if score]


def _score(wanted: Sequence[str], weighed: Mapping[str, int]) -> int:
    """0 when a word is nowhere. The end of a word may differ: avbestille, avbestiller."""
    total = 0
    for word in wanted:
        stem = word[: max(SHORTEST, len(word) - STEM)]
        best = max((weight for other, weight in weighed.items() if other.startswith(stem)), default=0)
        if not best:
            return 0
        total += best
    return total


def _texts(topic: Topic) -> tuple[str, str, str, str]:
    return " ".join(sentences(topic)), str(topic.about), str(topic.words), str(topic.title)


@lru_cache(maxsize=256)
def _weighed(language: str, *texts: str) -> Mapping[str, int]:
    weights: dict[str, int] = {}
    for weight, text in zip((1, 4, 6, 9), texts, strict=True):
        weights |= dict.fromkeys(_words(text), weight)
    return weights


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


# ---- what a page says


def sentences(topic: Topic) -> list[str]:
    """All that is written on it, in the reader's language."""
    parts: list[Told] = [text for name in PARTS for text in getattr(topic, name)]
    more: list[Told] = [text for heading, texts in topic.more for text in (heading, *texts)]
    return [str(each) for each in (topic.title, topic.about, *parts, *more)]


@dataclass(frozen=True, slots=True)
class Section:
    heading: Told
    texts: Sequence[Told]
    is_steps: bool = False


def sections(topic: Topic) -> list[Section]:
    """What is said more stands before what to do when it fails."""
    headings = PARTS | (ANSWERS if SENT & set(topic.services) else {})
    shown = [Section(heading, getattr(topic, name), name == "steps") for name, heading in headings.items()]
    shown[-1:-1] = [Section(heading, texts) for heading, texts in topic.more]
    return [each for each in shown if each.texts]

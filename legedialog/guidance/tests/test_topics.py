"""What the pages of help say: whole, true to the rules, dated, easy to read. No database."""

import ast
import hashlib
import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.utils.translation import override

import legedialog
from legedialog.core import contexts
from legedialog.core.contexts import Topic
from legedialog.guidance import topics
from legedialog.guidance.help import CONTENTS
from legedialog.guidance.texts import GROUPS, PARTS
from legedialog.operations.permissions import routes
from legedialog.practices.rules import Service
from legedialog.ui.tests import lix
from legedialog.visibility.rules import Content

TOPICS = list(contexts.topics().values())
PHONES = {"113", "116 117", "116 123", "116 111"}
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=[topic.slug for topic in TOPICS])


def of_service(service: str) -> Topic | None:
    return next((topic for topic in TOPICS if service in topic.services), None)


def mark(topic: Topic) -> str:
    """Of the words on the page, in bokmål: when they change, so must its date."""
    with override("nb"):
        return hashlib.sha256("\n".join(topics.sentences(topic)).encode()).hexdigest()[:8]


def test_each_service_has_its_topic() -> None:
    missing = [service.value for service in Service if of_service(service) is None]
    assert not missing, "say it in `topics` of the about.py whose doors open it"


def test_each_group_has_its_heading_and_its_topics() -> None:
    assert [group for group, rows in topics.grouped() if not rows or group not in GROUPS] == []


@pytest.mark.parametrize("service", list(Service))
def test_what_is_told_of_a_service_is_whole(service: Service) -> None:
    topic = of_service(service)
    assert topic is not None
    assert [name for name in PARTS if not getattr(topic, name)] == []
    assert topic.mine is not None
    assert topic.words


@each_topic
def test_all_that_a_topic_names_is_there(topic: Topic) -> None:
    slugs = {each.slug for each in TOPICS}
    assert set(topic.related) <= slugs - {topic.slug}
    named = {*topic.asked_at, *([topic.begin] if topic.begin else [])}
    assert named - {route.name for route in routes()} == set()
    if topic.template:
        get_template(topic.template)


def test_no_page_is_claimed_by_two_topics() -> None:
    routes = [route for topic in TOPICS for route in topic.asked_at]
    assert len(routes) == len(set(routes))


@each_topic
def test_a_page_has_a_new_date_when_its_words_have_changed(topic: Topic) -> None:
    now = mark(topic)
    assert topic.dated.mark == now, f'the words of {topic.slug} have changed: dated=Dated("today", "{now}")'


def test_no_number_is_written_in_the_help_but_asked_of_a_rule() -> None:
    found = []
    for file in Path(legedialog.__path__[0]).glob("*/help.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                text = ast.literal_eval(node.args[0])
                if re.search(r"\d", re.sub("|".join(PHONES), "", text)):
                    found.append(text)
    assert found == []


@each_topic
def test_a_page_is_easy_to_read(topic: Topic) -> None:
    with override("nb"):
        text = ". ".join(topics.sentences(topic))
    assert lix.lix(text) <= lix.HARDEST, f"{topic.slug}: LIX {lix.lix(text):.0f}"


def test_the_statement_tells_of_all_content_that_somebody_may_see() -> None:
    assert set(CONTENTS) == set(Content)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("bestille time", "bestille-time"),
        ("avbestiller", "flytte-og-avbestille"),
        ("Resept", "fornye-resept"),
        ("frikort", "betaling"),
        ("BankID", "logge-inn"),
        ("hvem har lest", "loggen"),
        ("fullmakt", "fullmakt"),
        ("personvern", "sikkerhet-og-personvern"),
    ],
)
def test_a_search_finds_what_people_call_it(words: str, slug: str) -> None:
    assert topics.found(words)[0].slug == slug


@pytest.mark.parametrize(("language", "words"), [("nn", "fornye resept"), ("en", "renew prescriptions")])
def test_a_search_is_in_the_readers_language(language: str, words: str) -> None:
    with override(language):
        assert topics.found(words)[0].slug == "fornye-resept"


@pytest.mark.parametrize("words", ["", "  ", "romferge", "bestille romferge", ".*"])
def test_what_is_nowhere_is_not_found(words: str) -> None:
    assert topics.found(words) == []

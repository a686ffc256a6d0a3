import json
from typing import Any

import pytest

from legedialog.core.errors import Refused
from legedialog.dialogues import defaults, intake
from legedialog.dialogues.intake import Option, Question
from legedialog.dialogues.rules import Kind

RASH = next(topic for topic in defaults.TOPICS[Kind.ECONSULTATION] if topic.code == "rash")
CALM = {"urgent": "none", "rash-fever": "no", "since": "days", "rash-where": "Armen"}


@pytest.mark.parametrize("topic", defaults.TOPICS[Kind.ECONSULTATION], ids=lambda topic: topic.code)
def test_the_default_questions_can_be_asked_and_survive_fhir(topic: defaults.DefaultTopic) -> None:
    intake.check(topic.questions)
    if topic.questions:
        made = intake.to_fhir(topic.questions, url="urn:x", version=1, title=topic.names["nb"])
        assert intake.from_fhir(json.loads(json.dumps(made))) == list(topic.questions)


def test_what_is_kept_as_json_is_read_again() -> None:
    assert intake.from_json(json.loads(json.dumps(intake.to_json(RASH.questions)))) == list(RASH.questions)


def test_all_default_texts_are_in_three_languages() -> None:
    for topics in defaults.TOPICS.values():
        for topic in topics:
            texts = [topic.names, *(q.text for q in topic.questions), *(q.help for q in topic.questions if q.help)]
            texts += [o.text for q in topic.questions for o in q.options if q.kind == "choice"]
            assert all(each[code] for each in texts for code in ("nb", "nn", "en"))


@pytest.mark.parametrize(
    ("answers", "number"),
    [
        ({"urgent": "none"}, None),
        ({"urgent": "worse"}, "116117"),
        ({"urgent": "life"}, "113"),
        ({"urgent": "worse", "rash-fever": "yes"}, "113"),  # the gravest first
        ({"rash-fever": "no"}, None),
        ({}, None),
    ],
)
def test_a_red_flag_stops_with_the_number_to_call(answers: dict[str, str], number: str | None) -> None:
    stop = intake.stop_of(RASH.questions, answers, "nb")
    assert (stop.number if stop else None) == number


def test_required_questions_without_an_answer_and_unknown_answers_are_missing() -> None:
    assert intake.missing(RASH.questions, CALM) == []
    assert intake.missing(RASH.questions, CALM | {"since": ""}) == ["since"]
    assert intake.missing(RASH.questions, CALM | {"since": "years"}) == ["since"]


def test_answers_are_kept_as_fhir_and_read_in_another_language() -> None:
    kept = intake.response(RASH.questions, CALM, canonical="urn:x|0", authored="2026-11-23T09:00:00Z", language="en")
    assert kept["resourceType"] == "QuestionnaireResponse"
    assert ("How long has it lasted?", "A few days") in intake.pairs(kept)
    assert ("Hvor lenge har det vart?", "Noen dager") in intake.pairs(kept, RASH.questions, "nb")
    assert ("Hvor på kroppen er det?", "Armen") in intake.pairs(kept, RASH.questions, "nb")


@pytest.mark.parametrize(
    "resource",
    [
        None,
        [],
        {"resourceType": "Patient"},
        {"resourceType": "Questionnaire"},
        {"resourceType": "Questionnaire", "item": []},
        {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "attachment", "text": "Bilde"}]},
        {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "choice", "text": "Hva?"}]},
        {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "string", "text": ""}]},
        {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "string", "text": "x" * 301}]},
        {"resourceType": "Questionnaire", "item": [{"linkId": "1", "type": "string", "text": "a"}] * 2},
    ],
)
def test_what_cannot_be_asked_is_refused_whole(resource: Any) -> None:
    with pytest.raises(Refused) as refused:
        intake.from_fhir(resource)
    assert refused.value.code == "questionnaire-not-understood"


def test_an_ordinary_questionnaire_from_elsewhere_is_read() -> None:
    group = {
        "linkId": "g",
        "type": "group",
        "text": "Om deg",
        "item": [{"linkId": "1", "type": "text", "text": "Hva?"}],
    }
    boolean = {"linkId": "2", "type": "boolean", "text": "Feber?", "required": True}
    read = intake.from_fhir({"resourceType": "Questionnaire", "item": [group, boolean]})
    assert read == [
        Question("1", "text", {"nb": "Hva?"}, is_required=False),
        Question("2", "yes-no", {"nb": "Feber?"}),
    ]


def test_an_option_calls_only_numbers_that_are_known() -> None:
    with pytest.raises(Refused):
        intake.check([Question("1", "choice", {"nb": "Hva?"}, (Option("a", {"nb": "A"}, calls="55555555"),))])

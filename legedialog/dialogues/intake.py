"""Questions that are asked before the text, and the answers to them. No database: rows of QuestionSet hold the JSON.

Kept in the office's own words in three languages; read and written as FHIR R4 Questionnaire, and the answers kept as a
QuestionnaireResponse, so that a record system can take them as they are. Source: hl7.org/fhir/R4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused

Texts = dict[str, str]  # "nb", "nn", "en"; bokmål is always there
Resource = dict[str, Any]

KINDS = {"choice": "choice", "yes-no": "boolean", "text": "string", "number": "integer", "date": "date"}
TYPES = {fhir: kind for kind, fhir in KINDS.items()} | {"text": "text", "open-choice": "choice"}
YES, NO = "yes", "no"
NUMBERS = {"113": _("Ring 113"), "116117": _("Ring legevakten på 116 117")}
MOST_QUESTIONS, MOST_OPTIONS, MOST_SIGNS = 20, 20, 300

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
# Ours: an answer that stops, and the number to call. A reader that does not know it shows an ordinary question.
STOPS = "urn:legedialog:answer-stops"
CODES = "urn:legedialog:answer"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer. `calls`: she is to call this number instead of writing ("113", "116117")."""

    code: str
    text: Texts
    calls: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is one of KINDS. A yes-no question has the options "yes" and "no" without texts of their own."""

    link_id: str
    kind: str
    text: Texts
    options: tuple[Option, ...] = ()
    is_required: bool = True
    help: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """A red flag: which number, the answer that raised it, and its code in the set of questions."""

    number: str
    question: str
    answer: str
    code: str = ""


NOT_UNDERSTOOD = Refusal(
    code="questionnaire-not-understood",
    to_patient=_("Spørsmålene kan ikke leses."),
    to_practice=_(
        "Filen er ikke et spørreskjema vi kan bruke. Den må være FHIR R4 Questionnaire med høyst 20 spørsmål av typene "
        "choice, boolean, string, text, integer eller date."
    ),
)


def said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("nb", "")


def to_json(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [asdict(question) for question in questions]


def from_json(rows: Sequence[Mapping[str, Any]]) -> list[Question]:
    """What `to_json` made."""
    return [
        Question(**{**row, "options": tuple(Option(**option) for option in row.get("options", ()))}) for row in rows
    ]


def check(questions: Sequence[Question]) -> None:
    """Raises Refused unless the set can be asked: known kinds, different ids, texts in bokmål, options where chosen."""
    ids = [question.link_id for question in questions]
    fine = len(questions) <= MOST_QUESTIONS and len(set(ids)) == len(ids) and all(_fine(each) for each in questions)
    if not fine:
        raise Refused(NOT_UNDERSTOOD)


def _fine(question: Question) -> bool:
    codes = [option.code for option in question.options]
    texts = [
        question.text.get("nb", ""),
        *(o.text.get("nb", "") for o in question.options if question.kind == "choice"),
    ]
    return (
        question.kind in KINDS
        and bool(question.link_id)
        and len(question.link_id) <= 40
        and all(0 < len(text) <= MOST_SIGNS for text in texts)
        and len(codes) <= MOST_OPTIONS
        and len(set(codes)) == len(codes)
        and all(option.calls in NUMBERS or not option.calls for option in question.options)
        and (
            bool(codes)
            if question.kind == "choice"
            else (set(codes) <= {YES, NO} and question.kind == "yes-no") or not codes
        )
    )


def stop_of(questions: Sequence[Question], answers: Mapping[str, str], language: str) -> Stop | None:
    """The first red flag among the answers, those to 113 before those to the out-of-hours service."""
    found = [
        Stop(option.calls, said(question.text, language), said(option.text, language), option.code)
        for question in questions
        for option in question.options
        if option.calls and answers.get(question.link_id) == option.code
    ]
    return min(found, key=lambda stop: stop.number != "113", default=None)


def missing(questions: Sequence[Question], answers: Mapping[str, str]) -> list[str]:
    """Ids of required questions without an answer, or with one that is none of the options."""
    return [
        question.link_id
        for question in questions
        if (question.is_required and not answers.get(question.link_id))
        or (
            question.kind == "choice"
            and answers.get(question.link_id, "") not in {"", *(o.code for o in question.options)}
        )
    ]


# ---- answers: FHIR R4 QuestionnaireResponse


def response(
    questions: Sequence[Question], answers: Mapping[str, str], *, canonical: str, authored: str, language: str
) -> Resource:
    """The answers with the words they were asked in. `authored` is ISO 8601; unanswered ones are left out."""
    items = []
    for question in questions:
        given = answers.get(question.link_id, "")
        if given:
            item = {"linkId": question.link_id, "text": said(question.text, language)}
            items.append(item | {"answer": [_value(question, given, language)]})
    return {
        "resourceType": "QuestionnaireResponse",
        "language": language,
        "questionnaire": canonical,
        "status": "completed",
        "authored": authored,
        "item": items,
    }


def _value(question: Question, given: str, language: str) -> Resource:
    if question.kind == "choice":
        option = next((each for each in question.options if each.code == given), Option(given, {"nb": given}))
        return {"valueCoding": {"system": CODES, "code": given, "display": said(option.text, language)}}
    if question.kind == "yes-no":
        return {"valueBoolean": given == YES}
    if question.kind == "number":
        return {"valueInteger": int(given)}
    return {"valueDate" if question.kind == "date" else "valueString": given}


def pairs(kept: Resource, questions: Sequence[Question] = (), language: str = "nb") -> list[tuple[str, str]]:
    """Question and answer as text, in the reader's language where the set it was asked from is given."""
    known = {question.link_id: question for question in questions}
    rows = []
    for item in kept.get("item", []):
        question, value = known.get(item["linkId"]), item["answer"][0]
        text = said(question.text, language) if question else item["text"]
        rows.append((text, _shown(question, value, language)))
    return rows


def _shown(question: Question | None, value: Resource, language: str) -> str:
    if "valueBoolean" in value:
        yes, no = {"en": ("Yes", "No")}.get(language, ("Ja", "Nei"))
        return yes if value["valueBoolean"] else no
    coding = value.get("valueCoding")
    if coding:
        option = next((o for o in question.options if o.code == coding["code"]), None) if question else None
        return said(option.text, language) if option else str(coding["display"])
    return str(next(iter(value.values())))


# ---- the set itself: FHIR R4 Questionnaire


def to_fhir(questions: Sequence[Question], *, url: str, version: int, title: str) -> Resource:
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "version": str(version),
        "status": "active",
        "title": title,
        "language": "nb",
        "subjectType": ["Patient"],
        "item": [_item(question) for question in questions],
    }


def _item(question: Question) -> Resource:
    item: Resource = {
        "linkId": question.link_id,
        **_translated("text", question.text),
        "type": KINDS[question.kind],
        "required": question.is_required,
    }
    stops = [option for option in question.options if option.calls]
    if question.kind == "yes-no" and stops:
        item["extension"] = [
            {
                "url": STOPS,
                "extension": [
                    {"url": "answer", "valueBoolean": option.code == YES},
                    {"url": "call", "valueString": option.calls},
                ],
            }
            for option in stops
        ]
    if question.kind == "choice":
        item["answerOption"] = [_option(option) for option in question.options]
    if question.help.get("nb"):
        help_item = {"linkId": f"{question.link_id}-help", **_translated("text", question.help), "type": "display"}
        item["item"] = [help_item]
    return item


def _option(option: Option) -> Resource:
    made: Resource = {"valueCoding": {"system": CODES, "code": option.code, **_translated("display", option.text)}}
    if option.calls:
        made["extension"] = [{"url": STOPS, "valueString": option.calls}]
    return made


def _translated(name: str, texts: Texts) -> Resource:
    others = [
        {"url": TRANSLATION, "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": text}]}
        for code, text in texts.items()
        if code != "nb" and text
    ]
    return {name: texts.get("nb", "")} | ({f"_{name}": {"extension": others}} if others else {})


def from_fhir(resource: Any) -> list[Question]:
    """What a Questionnaire asks, groups laid flat. Raises Refused for what we cannot ask: nothing is lost unseen."""
    try:
        if resource["resourceType"] != "Questionnaire":
            raise Refused(NOT_UNDERSTOOD)
        questions = list(_questions(resource["item"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(NOT_UNDERSTOOD) from error
    if not questions:
        raise Refused(NOT_UNDERSTOOD)
    check(questions)
    return questions


def _questions(items: Any) -> Sequence[Question]:
    found: list[Question] = []
    for item in items:
        if item["type"] == "group":
            found += _questions(item.get("item", []))
        elif item["type"] != "display":
            found.append(_question(item))
    return found


def _question(item: Resource) -> Question:
    kind = TYPES[item["type"]]
    helps: Resource = next((each for each in item.get("item", []) if each["type"] == "display"), {})
    options: tuple[Option, ...] = ()
    if kind == "choice":
        options = tuple(_read_option(option) for option in item["answerOption"])
    elif kind == "yes-no":
        options = tuple(
            Option(YES if _part(each, "answer", "valueBoolean") else NO, {}, _part(each, "call", "valueString"))
            for each in item.get("extension", [])
            if each["url"] == STOPS
        )
    return Question(
        link_id=str(item["linkId"]),
        kind=kind,
        text=_texts(item, "text"),
        options=options,
        is_required=bool(item.get("required", False)),
        help=_texts(helps, "text") if helps else {},
    )


def _read_option(option: Resource) -> Option:
    calls = next((each["valueString"] for each in option.get("extension", []) if each["url"] == STOPS), "")
    if "valueString" in option:
        return Option(option["valueString"], {"nb": option["valueString"]}, calls)
    coding = option["valueCoding"]
    return Option(str(coding["code"]), _texts(coding, "display"), calls)


def _part(extension: Resource, url: str, value: str) -> Any:
    return next(each[value] for each in extension["extension"] if each["url"] == url)


def _texts(holder: Resource, name: str) -> Texts:
    texts = {"nb": str(holder.get(name, ""))}
    for extension in holder.get(f"_{name}", {}).get("extension", []):
        if extension["url"] == TRANSLATION:
            texts[_part(extension, "lang", "valueCode")] = _part(extension, "content", "valueString")
    return texts

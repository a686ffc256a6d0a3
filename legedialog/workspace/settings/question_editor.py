"""A set of questions while it is being edited: all of it stands in the form, so nothing is kept between requests and it
works without script. A button's value says what to do with which row: "up:2", "option:0", "drop:0:1", "add:choice"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.dialogues.intake import MOST_OPTIONS, MOST_QUESTIONS, MOST_SIGNS, NO, YES, Option, Question, Texts

LANGUAGES = ("nb", "nn", "en")
KINDS: dict[str, str | Promise] = {
    "yes-no": _("Ja eller nei"),
    "choice": _("Velg ett svar"),
    "text": _("Tekst"),
    "number": _("Tall"),
    "date": _("Dato"),
}


@dataclass
class OptionRow:
    code: str
    text: Texts
    calls: str = ""


@dataclass
class Row:
    """`problems` are what must be mended before it can be saved."""

    link_id: str
    kind: str
    text: Texts
    help: Texts
    is_required: bool
    options: list[OptionRow] = field(default_factory=list)
    calls_on_yes: str = ""
    calls_on_no: str = ""
    problems: list[str | Promise] = field(default_factory=list)

    @property
    def kind_name(self) -> str | Promise:
        return KINDS[self.kind]


def rows_of(questions: Sequence[Question]) -> list[Row]:
    return [_row(question) for question in questions]


def _row(question: Question) -> Row:
    calls = {option.code: option.calls for option in question.options}
    is_yes_no = question.kind == "yes-no"
    return Row(
        link_id=question.link_id,
        kind=question.kind,
        text=dict(question.text),
        help=dict(question.help),
        is_required=question.is_required,
        options=[] if is_yes_no else [OptionRow(each.code, dict(each.text), each.calls) for each in question.options],
        calls_on_yes=calls.get(YES, "") if is_yes_no else "",
        calls_on_no=calls.get(NO, "") if is_yes_no else "",
    )


def read(data: Mapping[str, str]) -> list[Row]:
    """What the form holds. A row that does not say what kind it is, is none of ours and left out."""
    rows = []
    for at in range(_count(data.get("questions", ""), MOST_QUESTIONS)):
        kind = data.get(f"q{at}-kind", "")
        if kind not in KINDS:
            continue
        options = [
            OptionRow(
                data.get(f"q{at}-o{number}-code", "") or _new(),
                _texts(data, f"q{at}-o{number}"),
                data.get(f"q{at}-o{number}-calls", ""),
            )
            for number in range(_count(data.get(f"q{at}-options", ""), MOST_OPTIONS))
        ]
        rows.append(
            Row(
                link_id=data.get(f"q{at}-id", "") or _new(),
                kind=kind,
                text=_texts(data, f"q{at}"),
                help=_texts(data, f"q{at}-help"),
                is_required=f"q{at}-required" in data,
                options=options,
                calls_on_yes=data.get(f"q{at}-yes", ""),
                calls_on_no=data.get(f"q{at}-no", ""),
            )
        )
    return rows


def apply(rows: list[Row], do: str) -> list[Row]:
    """The rows after a button was pressed; one that means nothing changes nothing."""
    verb, _colon, rest = do.partition(":")
    first, _colon, second = rest.partition(":")
    if verb == "add" and first in KINDS and len(rows) < MOST_QUESTIONS:
        blank = [OptionRow(_new(), {}), OptionRow(_new(), {})] if first == "choice" else []
        return [*rows, Row(_new(), first, {}, {}, is_required=True, options=blank)]
    if not first.isdecimal() or int(first) >= len(rows):
        return rows
    at = int(first)
    if verb == "remove":
        return rows[:at] + rows[at + 1 :]
    if verb in ("up", "down"):
        to = at + (-1 if verb == "up" else 1)
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    if verb == "option" and len(rows[at].options) < MOST_OPTIONS:
        rows[at].options.append(OptionRow(_new(), {}))
    if verb == "drop" and second.isdecimal() and int(second) < len(rows[at].options):
        del rows[at].options[int(second)]
    return rows


def check(rows: list[Row]) -> bool:
    """Whether it can be saved; each row is told what is wrong with it."""
    for row in rows:
        row.problems = list(_problems(row))
    return not any(row.problems for row in rows)


def _problems(row: Row) -> list[str | Promise]:
    found: list[str | Promise] = []
    if not row.text.get("nb"):
        found.append(_("Skriv spørsmålet på bokmål."))
    written = [option for option in row.options if option.text.get("nb")]
    if row.kind == "choice" and len(written) < 2:
        found.append(_("Skriv minst to svar på bokmål."))
    texts = [*row.text.values(), *row.help.values(), *(text for each in row.options for text in each.text.values())]
    if any(len(text) > MOST_SIGNS for text in texts):
        found.append(_("Hver tekst kan ha høyst 300 tegn."))
    return found


def questions_of(rows: Sequence[Row]) -> list[Question]:
    """As they are asked. Answers without a text are left out."""
    return [
        Question(
            link_id=row.link_id,
            kind=row.kind,
            text=row.text,
            options=_options(row),
            is_required=row.is_required,
            help=row.help,
        )
        for row in rows
    ]


def _options(row: Row) -> tuple[Option, ...]:
    if row.kind == "choice":
        return tuple(Option(each.code, each.text, each.calls) for each in row.options if each.text.get("nb"))
    if row.kind == "yes-no":
        pairs = ((YES, row.calls_on_yes), (NO, row.calls_on_no))
        return tuple(Option(code, {}, calls) for code, calls in pairs if calls)
    return ()


def _texts(data: Mapping[str, str], prefix: str) -> Texts:
    found = {language: data.get(f"{prefix}-{language}", "").strip() for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}


def _count(text: str, most: int) -> int:
    return min(int(text), most) if text.isdecimal() else 0


def _new() -> str:
    return f"q{uuid4().hex[:8]}"

import pytest

from legedialog.dialogues import defaults, intake
from legedialog.dialogues.intake import Question
from legedialog.workspace.settings import question_editor as editor
from legedialog.workspace.settings.question_editor import Row


def as_form(rows: list[Row]) -> dict[str, str]:
    """What the page sends back, untouched."""
    data = {"questions": str(len(rows))}
    for at, row in enumerate(rows):
        data |= {f"q{at}-id": row.link_id, f"q{at}-kind": row.kind, f"q{at}-options": str(len(row.options))}
        data |= {f"q{at}-{code}": text for code, text in row.text.items()}
        data |= {f"q{at}-help-{code}": text for code, text in row.help.items()}
        data |= {f"q{at}-yes": row.calls_on_yes, f"q{at}-no": row.calls_on_no}
        if row.is_required:
            data[f"q{at}-required"] = "on"
        for number, option in enumerate(row.options):
            data |= {f"q{at}-o{number}-code": option.code, f"q{at}-o{number}-calls": option.calls}
            data |= {f"q{at}-o{number}-{code}": text for code, text in option.text.items()}
    return data


ALL = [question for topic in defaults.TOPICS["econsultation"] for question in topic.questions]


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.link_id)
def test_a_question_is_the_same_after_a_turn_in_the_form(question: Question) -> None:
    rows = editor.read(as_form(editor.rows_of([question])))
    assert editor.questions_of(rows) == [question]
    assert editor.check(rows)


def test_rows_are_added_moved_and_removed() -> None:
    rows = editor.apply(editor.apply([], "add:choice"), "add:date")
    assert [row.kind for row in rows] == ["choice", "date"]
    assert len(rows[0].options) == 2
    assert [row.kind for row in editor.apply(rows, "up:1")] == ["date", "choice"]
    assert [row.kind for row in editor.apply(rows, "down:0")] == ["choice", "date"]
    assert len(editor.apply(rows, "option:0")[0].options) == 3
    assert len(editor.apply(rows, "drop:0:2")[0].options) == 2
    assert [row.kind for row in editor.apply(rows, "remove:0")] == ["date"]


@pytest.mark.parametrize("do", ["", "up", "up:9", "up:0", "down:1", "drop:0:9", "drop:0", "add:file", "remove:x"])
def test_a_button_that_means_nothing_changes_nothing(do: str) -> None:
    rows = editor.apply(editor.apply([], "add:choice"), "add:date")
    before = editor.questions_of(rows)
    assert editor.questions_of(editor.apply(rows, do)) == before


def test_what_is_missing_is_told_at_the_question() -> None:
    rows = editor.apply(editor.apply([], "add:choice"), "add:text")
    rows[1].text = {"nb": "Hvor?"}
    assert not editor.check(rows)
    assert [len(row.problems) for row in rows] == [2, 0]
    rows[1].text["nn"] = "x" * 301
    editor.check(rows)
    assert len(rows[1].problems) == 1


def test_a_form_from_elsewhere_makes_no_more_than_may_be_asked() -> None:
    data = {"questions": "5000"} | {f"q{at}-kind": "text" for at in range(5000)}
    assert len(editor.read(data)) == intake.MOST_QUESTIONS
    assert editor.read({"questions": "-1", "q0-kind": "text"}) == []
    assert editor.read({"questions": "1", "q0-kind": "video"}) == []

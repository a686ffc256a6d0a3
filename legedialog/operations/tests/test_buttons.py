"""No button drops what its form holds: the kind of fault that lost times which were ticked for a patient.

Each form with several buttons and something to fill in stands here, with why none of them ignores any of it. A new one
is written so that all of it is used or complained about whichever button is pressed, and comes here with its test.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r"<form\b.*?</form>", re.S)
COMMENT = re.compile(r"\{#.*?#\}")
BUTTON = re.compile(r"<button\b[^>]*>")
FILLED_IN = re.compile(r'<textarea|<select|<input(?![^>]*type="hidden")|\{\{ *form|field|include')
SEVERAL = {
    "appointments/templates/appointments/citizen/review.html": "one is shown: which, is decided by what she answered",
    "dialogues/templates/dialogues/citizen/show.html": "sends or keeps all of it, or deletes it: test_reply_drafts.py",
    "dialogues/templates/dialogues/citizen/write.html": "both keep the whole draft",
    "workspace/absences/index.html": "all read every row and its choice: workspace/absences/tests",
    "workspace/calendar/book.html": "the other shows free times, with all that was typed",
    "workspace/charges/totals.html": "each fetches a file of the month that is chosen",
    "workspace/inbox/answer.html": "each sends what is ticked: workspace/inbox/tests/test_dialogues.py",
    "workspace/inbox/several.html": "to whom is asked of one button, and its words say so",
    "workspace/prescriptions/index.html": "one is shown, by role",
    "workspace/prescriptions/order.html": "a message and ticked times: workspace/prescriptions/tests",
    "workspace/prescriptions/summary.html": "all carry all rows and ticks",
    "workspace/recalls/new.html": "all carry all ticks, what is asked for and what is typed: workspace/recalls/tests",
    "workspace/settings/block.html": "the other removes it",
    "workspace/settings/intake_questions.html": "all show all that was typed again, or save it",
    "workspace/settings/intake_take_in.html": "the other shows what was typed again",
    "workspace/settings/intake_template.html": "the others show what was typed again, or remove it",
    "workspace/settings/leave.html": "both carry the date; the other shows what it leaves behind",
    "workspace/settings/service.html": "the other shows what was typed again",
}


def test_each_form_with_several_buttons_is_known() -> None:
    found = set()
    for path in ROOT.glob("**/*.html"):
        for form in FORM.findall(COMMENT.sub("", path.read_text())):
            buttons = [each for each in BUTTON.findall(form) if 'type="button"' not in each]
            loops = any("{% for" in form[: form.index(each)].rsplit("\n", 1)[-1] for each in buttons)
            if (len(buttons) > 1 or (loops and buttons)) and FILLED_IN.search(form):
                found.add(str(path.relative_to(ROOT)))
    assert found == set(SEVERAL)

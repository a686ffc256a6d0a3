"""docs/notices.md: what people are told of, in which words, as the contexts say it."""

from legedialog.core import contexts
from legedialog.patients.rules import NoticeKind

HEAD = """# What people are told

Made from what each context says in its `about.py`. [The integrator's page](integrator.md) tells when a notice is sent
and by which way. Where … stands, the notice has a day and a time. What is about somebody she acts for begins with
*Gjelder en du handler for:*.

| event | when | chosen in Profil under | text (bokmål) |
| --- | --- | --- | --- |
"""


def page() -> str:
    return HEAD + "".join(
        f"| `{event}` | {when} | {NoticeKind(notice.kind).label if notice.kind else '–'} | {text} |\n"
        for event, notice in contexts.notices().items()
        for when, text in notice.cases.items()
    )


def faults() -> list[str]:
    return [
        f"{event}: tell what it `says`, in `notices` of its context's about.py."
        for event, notice in contexts.notices().items()
        if not notice.says
    ]

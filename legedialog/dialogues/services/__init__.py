"""The use cases of dialogues, one function each, by concept. Others call them as `services.send(...)`.

State, story, record, audit, notices and live events commit together. `now` is aware.
"""

from legedialog.dialogues.services.absences import follow_absences, follow_leavers
from legedialog.dialogues.services.answering import answer, close, reopen, start
from legedialog.dialogues.services.deaths import close_for_death, reopen_after_death
from legedialog.dialogues.services.drafts import Seen, discard_draft, forget_drafts, save_draft, save_reply, tidy
from legedialog.dialogues.services.reading import open_, read
from legedialog.dialogues.services.sending import deliver, reply, send, withdraw
from legedialog.dialogues.services.setting_up import (
    remove_template,
    save_intake,
    save_questions,
    save_template,
    save_topic,
)
from legedialog.dialogues.services.sorting import assign, claim, comment, escalate, forward, move, release, restrict

__all__ = [
    "Seen",
    "answer",
    "assign",
    "claim",
    "close",
    "close_for_death",
    "comment",
    "deliver",
    "discard_draft",
    "escalate",
    "follow_absences",
    "follow_leavers",
    "forget_drafts",
    "forward",
    "move",
    "open_",
    "read",
    "release",
    "remove_template",
    "reopen",
    "reopen_after_death",
    "reply",
    "restrict",
    "save_draft",
    "save_intake",
    "save_questions",
    "save_reply",
    "save_template",
    "save_topic",
    "send",
    "start",
    "tidy",
    "withdraw",
]

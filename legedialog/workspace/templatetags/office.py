"""The office's words for channels and states."""

from django import template
from django.utils.functional import Promise

from legedialog.dialogues import texts as dialogues
from legedialog.journal import icpc2
from legedialog.journal import texts as record
from legedialog.workspace import texts

register = template.Library()


@register.filter
def channel_word(channel: str) -> str | Promise:
    return texts.CHANNELS[channel]


@register.filter
def dialogue_kind(kind: str) -> str | Promise:
    return dialogues.KINDS[kind]


@register.filter
def status_word(status: str) -> str | Promise:
    return texts.STATUSES[status][0]


@register.filter
def status_color(status: str) -> str:
    return texts.STATUSES[status][1]


@register.filter
def entry_word(kind: str) -> str | Promise:
    return record.KINDS[kind]


@register.filter
def contact_word(contact_type: str) -> str | Promise:
    return record.CONTACT_TYPES[contact_type]


@register.filter
def ground_word(ground: str) -> str | Promise:
    return record.GROUNDS.get(ground, "")


@register.filter
def restriction_word(restriction: str) -> str | Promise:
    return record.RESTRICTIONS.get(restriction, "")


@register.simple_tag
def problem_labels() -> list[str]:
    """Every problem code with its words, for a list to pick from."""
    return [icpc2.label(code) for code in icpc2.names()]

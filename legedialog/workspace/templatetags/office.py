"""The office's words for channels and states."""

from django import template
from django.utils.functional import Promise

from legedialog.workspace import texts

register = template.Library()


@register.filter
def channel_word(channel: str) -> str | Promise:
    return texts.CHANNELS[channel]


@register.filter
def status_word(status: str) -> str | Promise:
    return texts.STATUSES[status][0]

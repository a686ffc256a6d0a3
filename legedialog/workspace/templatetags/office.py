"""Words of the calendar's cells."""

from uuid import UUID

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


@register.filter
def slice_id(key: UUID) -> str:
    """The random end of a key, short and stable, for ids of elements."""
    return key.hex[-12:]

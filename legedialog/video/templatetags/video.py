"""`{% load video %}`: `{% words %}` gives the scripts of the room and of the device test their texts."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from legedialog.video.texts import WORDS

register = template.Library()


@register.simple_tag
def words() -> SafeString:
    return json_script({code: str(text) for code, text in WORDS.items()}, "video-words")

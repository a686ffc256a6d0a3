"""`{% csrf_token %}` with the seal of whom the form is drawn for: no template can have the one without the other.

And `{% seal %}`, `{% line %}` and `{% left %}` of the page that they stand in.
"""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from legedialog.access import rules, seals
from legedialog.access.actor import ANONYMOUS
from legedialog.access.web import ending

register = template.Library()


class SealedNode(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        seal = seals.draw(context["request"])
        return format_html('{}<input type="hidden" name="{}" value="{}">', super().render(context), seals.FIELD, seal)


@register.tag
def csrf_token(parser: Parser, token: Token) -> SealedNode:
    return SealedNode()


@register.simple_tag(takes_context=True)
def seal(context: Context) -> str:
    """Whom the page is drawn for: htmx sends it with all it asks for."""
    return seals.draw(context["request"])


@register.simple_tag(takes_context=True)
def left(context: Context) -> int:
    """Seconds until her login ends when she does nothing more; 0 where nobody is logged in."""
    request = context["request"]
    return ending.left(getattr(request, "actor", ANONYMOUS), getattr(request, "session_row", None), timezone.now())


@register.simple_tag
def warned() -> int:
    """Seconds before that end at which she is told."""
    return int(rules.WARNED.total_seconds())


@register.simple_tag(takes_context=True)
def line(context: Context) -> str:
    """The same for all pages of one whom."""
    return seals.mark(getattr(context["request"], "actor", ANONYMOUS))

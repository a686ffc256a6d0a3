"""`{% translate %}`, `{% blocktranslate %}`, `{% url %}`, `{% static %}`: what says the same each time is drawn once.

A page holds some fifty of them, and most of their work is to find again what cannot change while the process lives: a
word of a language, an address without arguments, the name of a built file. See docs/adr/0300-drawn-once.md.
"""

from collections.abc import Callable

from django import template
from django.template.base import FilterExpression, Node, Parser, Token, TokenType, Variable
from django.template.context import Context
from django.template.defaulttags import URLNode, url
from django.templatetags.i18n import BlockTranslateNode, TranslateNode, do_block_translate, do_translate
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

register = template.Library()


class Once(Node):
    """What `node` draws, kept for each language. A template escapes or does not, so no more decides it."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self.node = node
        self.drawn: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if (drawn := self.drawn.get(language)) is None:
            drawn = self.drawn[language] = self.node.render(context)
        return drawn


def _once(tag: str, parse: Callable[[Parser, Token], Node], is_constant: Callable[..., bool]) -> None:
    @register.tag(tag)
    def parsed(parser: Parser, token: Token) -> Node:
        node = parse(parser, token)
        return Once(node) if is_constant(node) else node


def _is_literal(expression: FilterExpression | None) -> bool:
    if expression is None:
        return True
    var = expression.var
    return not expression.filters and not (isinstance(var, Variable) and var.lookups is not None)


def _is_word(node: TranslateNode) -> bool:
    return not node.asvar and _is_literal(node.filter_expression) and _is_literal(node.message_context)


def _is_sentence(node: BlockTranslateNode) -> bool:
    is_text = all(each.token_type == TokenType.TEXT for each in node.singular)
    return is_text and not node.asvar and not node.countervar and _is_literal(node.message_context)


def _is_address(node: URLNode) -> bool:
    given = [node.view_name, *node.args, *node.kwargs.values()]
    return not node.asvar and all(map(_is_literal, given))


def _is_file(node: StaticNode) -> bool:
    return not node.varname and _is_literal(node.path)


_once("translate", do_translate, _is_word)
_once("blocktranslate", do_block_translate, _is_sentence)
_once("url", url, _is_address)
_once("static", StaticNode.handle_token, _is_file)

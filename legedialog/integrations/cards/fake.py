"""The card register in one process, for tests and the demo: a WSGI application."""

from collections.abc import Callable
from datetime import date
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from defusedxml.ElementTree import fromstring

from legedialog.core import reading
from legedialog.integrations.cards.mapping import ASKED, HEAD

TOKEN = "fake-token"  # noqa: S105  a fake's
ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<mh:MsgHead xmlns:mh="http://www.kith.no/xmlstds/msghead/2006-05-24"><mh:MsgInfo><mh:Type V="EgenandelSvar"/>\
<mh:ConversationRef><mh:RefToParent>{}</mh:RefToParent></mh:ConversationRef></mh:MsgInfo><mh:Document><mh:RefDoc>\
<mh:Content><EgenandelSvarV2 xmlns="http://www.kith.no/xmlstds/nav/egenandel/2016-06-10"><Status V="{}"/>\
</EgenandelSvarV2></mh:Content></mh:RefDoc></mh:Document></mh:MsgHead>"""


class FakeCards:
    """`begins` gives the first day of a person's card, by her number, or None. `is_down`: it answers nobody."""

    def __init__(self, begins: Callable[[str], date | None], is_down: Callable[[], bool] = lambda: False) -> None:
        self.begins, self.is_down = begins, is_down
        self.asked: list[tuple[str, date]] = []

    def __call__(self, environment: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        if environment.get("HTTP_AUTHORIZATION") != f"Bearer {TOKEN}":
            start_response("401 Unauthorized", [])
            return [b""]
        question: Any = fromstring(environment["wsgi.input"].read())
        inside = question.find(f".//{{{ASKED}}}HarBorgerFrikort")
        number, day = inside.findtext(f"{{{ASKED}}}BorgerFnr"), reading.day(inside.findtext(f"{{{ASKED}}}Dato"))
        if self.is_down() or day is None:
            start_response("503 Service Unavailable", [])
            return [b""]
        self.asked.append((number, day))
        begins = self.begins(number)
        has = begins is not None and begins <= day and begins.year == day.year
        start_response("200 OK", [("Content-Type", "application/xml; charset=utf-8")])
        return [ANSWER.format(question.findtext(f"{HEAD}MsgInfo/{HEAD}MsgId"), int(has)).encode()]

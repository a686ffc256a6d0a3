"""The question to the card register and its answer, as XML. Pure functions.

Source: docs/facts.md#prices. KITH's message head 1.2, NAV's EgenandelForesporsel, and both forms of its answer.
"""

from datetime import datetime
from uuid import UUID
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from legedialog.fees.cards import Question
from legedialog.integrations.registers.mapping import MOST_TAGS, RegisterError

HEAD = "{http://www.kith.no/xmlstds/msghead/2006-05-24}"
ASKED = "http://www.kith.no/xmlstds/nav/egenandel/2010-02-01"
ANSWERS = (f"{{{ASKED}}}EgenandelSvar", "{http://www.kith.no/xmlstds/nav/egenandel/2016-06-10}EgenandelSvarV2")
NAV = "889640782"
# The answer's code: "Ingen data" is what it says of who has no card. Any other is no answer.
HAS = {"0": False, "1": True}

QUESTION = """<?xml version="1.0" encoding="UTF-8"?>
<mh:MsgHead xmlns:mh="http://www.kith.no/xmlstds/msghead/2006-05-24"><mh:MsgInfo>\
<mh:Type V="EgenandelForesporsel" DN="Forespørsel om egenandel"/><mh:MIGversion>v1.2 2006-05-24</mh:MIGversion>\
<mh:GenDate>{made}</mh:GenDate><mh:MsgId>{message_id}</mh:MsgId>\
<mh:Sender><mh:Organisation><mh:OrganisationName>{office}</mh:OrganisationName>{sender}</mh:Organisation></mh:Sender>\
<mh:Receiver><mh:Organisation><mh:OrganisationName>NAV</mh:OrganisationName>{receiver}</mh:Organisation></mh:Receiver>\
</mh:MsgInfo><mh:Document><mh:DocumentConnection V="H" DN="Hoveddokument"/><mh:RefDoc>\
<mh:MsgType V="XML" DN="XML-instans"/><mh:Content><EgenandelForesporsel xmlns="{namespace}"><HarBorgerFrikort>\
<BorgerFnr>{number}</BorgerFnr><Dato>{day}</Dato></HarBorgerFrikort></EgenandelForesporsel></mh:Content></mh:RefDoc>\
</mh:Document></mh:MsgHead>"""
IDENT = (
    "<mh:Ident><mh:Id>{}</mh:Id>"
    '<mh:TypeId V="ENH" DN="Organisasjonsnummeret i Enhetsregisteret" S="2.16.578.1.12.4.1.1.9051"/></mh:Ident>'
)


def question(asked: Question, message_id: UUID, now: datetime) -> bytes:
    return QUESTION.format(
        made=now.isoformat(timespec="milliseconds"),
        message_id=message_id,
        office=escape(asked.office),
        sender=IDENT.format(escape(asked.organisation_number)),
        receiver=IDENT.format(NAV),
        namespace=ASKED,
        number=escape(asked.national_number),
        day=asked.day.isoformat(),
    ).encode()


def has_card(xml: bytes, message_id: UUID | None) -> bool:
    """Raises RegisterError "unreadable" for what is no answer to our message."""
    if xml.count(b"<") > MOST_TAGS:
        raise RegisterError("unreadable")
    try:
        head = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise RegisterError("unreadable") from error
    of = head.findtext(f"{HEAD}MsgInfo/{HEAD}ConversationRef/{HEAD}RefToParent") or ""
    if head.tag != f"{HEAD}MsgHead" or (message_id and of.lower() != str(message_id)):
        raise RegisterError("unreadable")
    for name in ANSWERS:
        found = head.find(f"{HEAD}Document/{HEAD}RefDoc/{HEAD}Content/{name}")
        if found is not None:
            return HAS[_code(found)]
    raise RegisterError("unreadable")


def _code(found: Element) -> str:
    status = found.find(f"{found.tag.partition('}')[0]}}}Status")
    code = "" if status is None else status.get("V", "")
    if code not in HAS:
        raise RegisterError("unreadable")
    return code

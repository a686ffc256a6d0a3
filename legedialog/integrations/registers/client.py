"""Ask the GP register and the Address register: SOAP 1.2 with WS-Addressing, over HTTPS with a user and password.

Sources: the registers' published service descriptions (`flr` version 2, `AR` version 1); docs/facts.md#registers.
"""

from types import TracebackType
from typing import Self
from uuid import uuid4
from xml.sax.saxutils import escape

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.core import outside
from legedialog.core.identifiers import NationalNumber
from legedialog.integrations.registers import mapping
from legedialog.integrations.registers.mapping import RegisterError as RegisterError

SECONDS = 15.0  # for a whole answer
BRIEF = 2.0  # while somebody waits for a page
LARGEST_ANSWER = 4_000_000  # bytes; a hospital with all its services is a tenth of it
GP_ACTION = "http://schemas.nhn.no/reg/flr/IFlrReadOperations/GetPatientGPDetails"
ADDRESS_ACTION = "http://register.nhn.no/CommunicationParty/ICommunicationPartyService/GetCommunicationPartyDetails"

ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>\
<a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>urn:uuid:{message_id}</a:MessageID>\
<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>\
<a:To s:mustUnderstand="1">{url}</a:To></s:Header><s:Body>{body}</s:Body></s:Envelope>"""
GP_BODY = '<GetPatientGPDetails xmlns="http://schemas.nhn.no/reg/flr"><patientNin>{}</patientNin></GetPatientGPDetails>'
ADDRESS_BODY = (
    '<GetCommunicationPartyDetails xmlns="http://register.nhn.no/CommunicationParty"><herId>{}</herId>'
    "</GetCommunicationPartyDetails>"
)


class Registers:
    """Both registers. Close it, or use it in a `with`."""

    def __init__(
        self,
        *,
        gp_url: str,
        address_url: str,
        user: str,
        password: str,
        seconds: float = SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._gp_url, self._address_url, self._seconds = gp_url, address_url, seconds
        self._http = outside.client(transport=transport, auth=(user, password))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def gp_details(self, number: NationalNumber) -> mapping.GpDetails:
        """Whose list the person is on. Raises RegisterError."""
        return mapping.gp_details(self._ask(self._gp_url, GP_ACTION, GP_BODY.format(escape(number.reveal()))))

    def party(self, her_id: int) -> mapping.Organisation | mapping.Service | mapping.Person:
        """Who has a HER-id. Raises RegisterError."""
        return mapping.party(self._ask(self._address_url, ADDRESS_ACTION, ADDRESS_BODY.format(int(her_id))))

    def _ask(self, url: str, action: str, body: str) -> bytes:
        if not url:
            raise RegisterError("not-set-up")
        envelope = ENVELOPE.format(action=action, message_id=uuid4(), url=escape(url), body=body)
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
        try:
            answer = outside.ask(
                *("POST", url),
                seconds=self._seconds,
                most=LARGEST_ANSWER,
                http=self._http,
                content=envelope.encode(),
                headers=headers,
            )
        except outside.TooMuch:
            raise RegisterError("unreadable") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise RegisterError("unreachable") from None  # its text may hold the address with a user in it
        xml = answer.content
        if answer.status_code in (401, 403):
            raise RegisterError("not-allowed")
        # Source: SOAP 1.2 part 2, section 7.5.2: a fault comes with 400 or 500.
        if answer.status_code not in (200, 400, 500):
            raise RegisterError("unreachable" if answer.status_code >= 429 else "unreadable")
        if answer.status_code == 500 and b"Envelope" not in xml:
            raise RegisterError("register-fault")
        return xml


def connect(transport: httpx.BaseTransport | None = None, *, seconds: float = SECONDS) -> Registers:
    """To the registers of the settings; in the demo to its own, which are in this process."""
    if transport is None and settings.LISTS_IN_PROCESS:
        transport = httpx.WSGITransport(app=import_string(settings.LISTS_IN_PROCESS)())
    return Registers(**settings.REGISTERS, seconds=seconds, transport=transport)

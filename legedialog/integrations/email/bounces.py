"""E-mail that came back: delivery status notifications (RFC 3464) in a mailbox of their own, read over IMAP.

Our e-mail goes out with that mailbox as its envelope's sender, so what servers cannot deliver comes there and nothing
else should. Everything in it is read and removed: what lies there holds people's addresses.
"""

import email
import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage, MIMEPart
from email.policy import default
from typing import Any, Self
from uuid import UUID

import structlog
from django.conf import settings

from legedialog.core import outside

DEADLINE = 60.0  # seconds for the whole talk
AT_ONCE = 100  # messages in one talk; the next is a minute later
LARGEST = 256 * 1024  # bytes of a message that are read; the report stands first, and what it answers to may be large
MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)

log = structlog.get_logger("legedialog.bounces")


def handle(tell: Callable[[UUID], None]) -> int:
    """`tell` of each notice whose e-mail came back for good, then remove what was read. How many messages there were.

    In this order a process that is killed between the two tells twice, and that is as once. A mailbox that does not
    answer is asked again in a minute.
    """
    try:
        mails = outside.within(DEADLINE, _fetch)
        found = [notice for content in mails.values() if (notice := _heard(content))]
        for notice in found:
            tell(notice)
        if mails:
            outside.within(DEADLINE, lambda talk: _remove(talk, list(mails)))
    except (OSError, imaplib.IMAP4.error) as error:
        log.warning("mailbox not read", why=type(error).__name__)
        return 0
    log.info("mailbox read", number=len(mails), returned=len(found))
    return len(mails)


def _heard(content: bytes) -> UUID | None:
    """Anybody may write to the mailbox: what cannot be read tells of nothing, and keeps no other back."""
    try:
        return returned(content)
    except Exception as error:  # whatever the parser says of a broken message
        log.warning("message not read", why=type(error).__name__)
        return None


def returned(content: bytes) -> UUID | None:
    """Which notice a message says was not delivered, for good. None for anything else, such as "still trying"."""
    mail = email.message_from_bytes(content, policy=default)
    if mail.get_content_type() != "multipart/report" or not isinstance(mail, EmailMessage):
        return None
    parts = list(mail.iter_parts())
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not any(_is_final(block) for part in statuses for block in part.iter_parts()):
        return None
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers"):
            for named in _message_ids(part):
                if found := MESSAGE_ID.match(named):
                    return UUID(found[1])
    return None


def _message_ids(part: MIMEPart) -> list[str]:
    """Of the message that a part holds, or the headers of. Its own letters are not read: they may be of any kind."""
    if part.is_multipart():
        return [str(part.get_payload(0).get("Message-ID", "")).strip()]  # type: ignore[union-attr]
    headers = part.get_payload(decode=True)
    assert isinstance(headers, bytes)  # noqa: S101  it has no parts
    return re.findall(r"(?im)^message-id:\s*(\S+)", headers.decode("latin-1"))


def _is_final(block: MIMEPart) -> bool:
    """A recipient's block: failed, with a status of class 5. Source: RFC 3464 sections 2.3.3 and 2.3.4."""
    action, status = str(block.get("Action", "")).strip().lower(), str(block.get("Status", "")).strip()
    return action == "failed" and status.startswith("5.")


def _fetch(talk: outside.Talk) -> dict[str, bytes]:
    """The oldest messages by their number there."""
    with _Mailbox(talk) as server:
        _, (listed, *_) = server.uid("SEARCH", "ALL")
        numbers = [number.decode("ascii") for number in (listed or b"").split()[:AT_ONCE]]
        return {number: _content(server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")[1]) for number in numbers}


def _remove(talk: outside.Talk, numbers: list[str]) -> None:
    with _Mailbox(talk) as server:
        server.uid("STORE", ",".join(numbers), "+FLAGS.SILENT", r"(\Deleted)")
        server.expunge()


def _content(answer: list[Any]) -> bytes:
    """Empty for a message that is gone meanwhile."""
    return next((each[1] for each in answer if isinstance(each, tuple)), b"")


class _Mailbox(imaplib.IMAP4):
    """On a connection that ends with its talk. Inside a `with` it is logged in, and says goodbye however that ends."""

    def __init__(self, talk: outside.Talk) -> None:
        self._talk = talk
        super().__init__(settings.BOUNCES["host"], settings.BOUNCES["port"], timeout=DEADLINE)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        link = outside.connect(self._talk, self.host, self.port, seconds=DEADLINE)
        sealed = ssl.create_default_context().wrap_socket(link, server_hostname=self.host)
        sealed.settimeout(timeout)
        self._talk.uses(sealed)
        return sealed

    def __enter__(self) -> Self:
        try:
            self.login(settings.BOUNCES["user"], settings.BOUNCES["password"])
            self.select("INBOX")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *fault: object) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self.logout()

"""E-mail through the site's own SMTP server. One connection for each message: there are few of them."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from enum import Enum
from socket import socket

import idna
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from legedialog.core import outside
from legedialog.outbox.rules import DeliveryFailed, Message, Reason

DEADLINE = 20.0  # seconds for the whole talk, however many answers it has
CONNECT = 10.0  # of them at most until the server is reached


class _Step(Enum):
    """How far it came, for when it ends without a word."""

    TALKING = "talking"  # nothing of it is sent, whatever happens
    GIVEN = "given"  # the mail is given and not answered: taken or not, nobody can say
    TAKEN = "taken"


@dataclass(slots=True)
class _Way:
    step: _Step = _Step.TALKING


def send(message: Message) -> None:
    """Raises DeliveryFailed: final when the server refuses the address or the message for good (5xx).

    Whatever else is wrong (our login, our sender's address, the connection) may be mended, so it is tried again. A
    server that was given the mail and does not answer has perhaps sent it: that is told and not tried again.
    """
    try:
        mail = _mail(message)
    except (ValueError, IndexError) as error:  # such an address cannot stand in a header
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=True) from error
    way = _Way()
    try:
        outside.within(DEADLINE, lambda talk: _talk(talk, mail, str(mail["To"]), way))
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=code >= 500) from error
    except smtplib.SMTPDataError as error:
        raise DeliveryFailed(Reason.REFUSED, is_final=error.smtp_code >= 500) from error
    except smtplib.SMTPNotSupportedError as error:  # an address in letters that the server cannot carry
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        if way.step is _Step.GIVEN:
            raise DeliveryFailed(Reason.PERHAPS, is_final=True, is_perhaps=True) from error
        if way.step is _Step.TALKING:
            raise DeliveryFailed(Reason.NO_ANSWER, is_final=False) from error


def _talk(talk: outside.Talk, mail: EmailMessage, to: str, way: _Way) -> None:
    server = _Server(talk)
    try:
        server.log_in()
        server.give(mail, to, way)
    finally:
        # What the server has taken is sent, however it says goodbye.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


class _Server(smtplib.SMTP):
    """On a connection that ends with its talk, and that knows whether the mail was given."""

    def __init__(self, talk: outside.Talk) -> None:
        self._talk = talk
        super().__init__(settings.SMTP_HOST, settings.SMTP_PORT, timeout=DEADLINE)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        link = outside.connect(self._talk, host, port, seconds=CONNECT)
        link.settimeout(timeout)
        if settings.SMTP_SECURITY == "tls":
            link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
            self._talk.uses(link)
        return link

    def log_in(self) -> None:
        if settings.SMTP_SECURITY == "starttls":
            self.starttls(context=ssl.create_default_context())
            self._talk.uses(self.sock)
        if settings.SMTP_USER:
            self.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
        self.ehlo_or_helo_if_needed()

    def give(self, mail: EmailMessage, to: str, way: _Way) -> None:
        options = ["BODY=8BITMIME"] if self.has_extn("8bitmime") else []
        if not to.isascii():
            if not self.has_extn("smtputf8"):
                raise smtplib.SMTPNotSupportedError
            options.append("SMTPUTF8")
        content = mail.as_bytes(policy=SMTP if to.isascii() else SMTPUTF8)
        sender = settings.MAIL_BOUNCES or parseaddr(settings.MAIL_FROM)[1]
        code, answer = self.mail(sender, options)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        code, answer = self.rcpt(to)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({to: (code, answer)})
        code, answer = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, answer)
        way.step = _Step.GIVEN
        self.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")  # Source: RFC 5321 section 4.5.2
        code, answer = self.getreply()
        way.step = _Step.TAKEN if code == 250 else _Step.TALKING
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)


def _mail(message: Message) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings.MAIL_FROM
    name, _at, domain = message.to.rpartition("@")
    to = f"{name}@{idna.encode(domain, uts46=True).decode()}"  # servers know domains by their ASCII name alone
    mail["To"] = to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(timezone.now())
    # The same at every try: a server that sees it twice can tell.
    mail["Message-ID"] = f"<{message.id}@{settings.MAIL_FROM.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers. Source: RFC 3834
    with translation.override(message.language):
        ending = _("Du kan ikke svare på denne e-posten. Vi sender aldri lenker i slike beskjeder.")
    mail.set_content(f"{message.text}\n\n{ending}\n")
    mail["Content-Language"] = message.language  # set_content takes away what was said of the content before
    if [address.addr_spec for address in mail["To"].addresses if address.domain] != [to]:
        raise ValueError("not one plain address")
    return mail

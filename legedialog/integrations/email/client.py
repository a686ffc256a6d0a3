"""E-mail through the site's own SMTP server. One connection for each message: there are few of them."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from legedialog.outbox.rules import DeliveryFailed, Message, Reason

TIMEOUT = 10  # seconds for the connection and for each answer


def send(message: Message) -> None:
    """Raises DeliveryFailed: final when the server refuses the address or the message for good (5xx).

    Whatever else is wrong (our login, our sender's address, the connection) may be mended, so it is tried again.
    """
    try:
        mail = _mail(message)
    except (ValueError, IndexError) as error:  # such an address cannot stand in a header
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=True) from error
    try:
        server = _connect()
        try:
            server.send_message(mail)
        finally:
            # What the server has taken is sent, however it says goodbye.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=code >= 500) from error
    except smtplib.SMTPDataError as error:
        raise DeliveryFailed(Reason.REFUSED, is_final=error.smtp_code >= 500) from error
    except smtplib.SMTPNotSupportedError as error:  # an address in letters that the server cannot carry
        raise DeliveryFailed(Reason.BAD_ADDRESS, is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryFailed(Reason.NO_ANSWER, is_final=False) from error


def _connect() -> smtplib.SMTP:
    host, port = settings.SMTP_HOST, settings.SMTP_PORT
    if settings.SMTP_SECURITY == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    try:
        if settings.SMTP_SECURITY == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.SMTP_USER:
            server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    except BaseException:
        server.close()
        raise
    return server


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
    mail["Content-Language"] = message.language
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers. Source: RFC 3834
    with translation.override(message.language):
        ending = _("Du kan ikke svare på denne e-posten. Vi sender aldri lenker i slike beskjeder.")
    mail.set_content(f"{message.text}\n\n{ending}\n")
    if [address.addr_spec for address in mail["To"].addresses if address.domain] != [to]:
        raise ValueError("not one plain address")
    return mail

"""E-mail that came back, read from a real mailbox on this machine, small enough to read."""

import re
import ssl
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from legedialog.core.sql import ask_for
from legedialog.integrations import tasks
from legedialog.integrations.email import bounces
from legedialog.integrations.email.tests.test_client import self_signed
from legedialog.outbox import queries
from legedialog.outbox.rules import Contact, Status
from legedialog.outbox.tests.test_services import NOW, Counterpart, deliver, kari, practice, put, say, staff
from legedialog.patients.models import Person
from legedialog.practices.models import Practice

__all__ = ["kari", "practice"]  # fixtures

NOTICE = UUID("019a0000-0000-7000-8000-000000000001")
BY_EMAIL = Contact("", "kari@example.org", True, True, False, True)


def report(
    notice: UUID = NOTICE, *, action: str = "failed", status: str = "5.1.1", whole: bool = True, of: str = "lege"
) -> bytes:
    """As a mail server writes it: in words, for programs, and what it is about. Source: RFC 3464, RFC 6522."""
    mail = MIMEMultipart("report")
    mail.set_param("report-type", "delivery-status")
    mail["From"], mail["Subject"] = "MAILER-DAEMON@mail.example.org", "Undelivered Mail Returned to Sender"
    mail.attach(MIMEText("I could not deliver your message."))
    told = MIMEBase("message", "delivery-status")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = "dns; mail.example.org"
    recipient["Final-Recipient"], recipient["Action"], recipient["Status"] = "rfc822; kari@example.org", action, status
    told.set_payload([server, recipient])
    mail.attach(told)
    original = EmailMessage()
    original["Message-ID"], original["To"] = f"<{notice}@{of}.example.no>", "kari@example.org"
    original.set_content("Du har fått time.")
    if whole:
        about = MIMEBase("message", "rfc822")
        about.set_payload([original])
        mail.attach(about)
    else:
        headers = MIMEText(original.as_string().partition("\n\n")[0], "rfc822-headers")
        mail.attach(headers)
    return mail.as_bytes()


@pytest.mark.parametrize("whole", [True, False])
def test_a_report_names_the_notice_by_the_message_it_is_about(whole: bool) -> None:
    assert bounces.returned(report(whole=whole)) == NOTICE


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: Hei\r\n\r\nHei",
        b"Content-Type: multipart/report\r\n\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n",
        report(action="delayed", status="4.4.1"),
        report(action="failed", status="4.4.1"),
        report(action="delivered", status="2.0.0"),
        report(action="relayed", status="5.0.0"),
        report()[:400],
        report().replace(b"Message-ID: <", b"Message-ID: <x"),
    ],
)
def test_anything_else_names_none(mail: bytes) -> None:
    assert bounces.returned(mail) is None


@pytest.mark.parametrize("letters", ["nope", "us-ascii"])
def test_a_report_is_read_whatever_letters_its_mail_claims_to_be_in(letters: str) -> None:
    mail = report().replace(b'charset="utf-8"', f'charset="{letters}"'.encode()).replace(b"time.", b"\xc3\xa5.")
    assert bounces.returned(mail) == NOTICE
    headers = report(whole=False).replace(
        b'rfc822-headers; charset="us-ascii"', f"rfc822-headers; charset={letters}".encode()
    )
    assert bounces.returned(headers) == NOTICE


def test_a_mail_that_no_parser_reads_keeps_no_other_back() -> None:
    deep = b"".join(
        b"Content-Type: multipart/report; boundary=%d\r\n\r\n--%d\r\n" % (each, each) for each in range(3000)
    )
    assert bounces._heard(deep) is None


class Mailbox(ThreadingTCPServer):
    """As much of IMAP4rev1 as a mailbox needs that is read and emptied. Source: RFC 3501."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        self.mails: dict[int, bytes] = {}
        self.deleted: set[int] = set()
        self.sizes: list[str] = []
        self.password = '"secret"'
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        super().__init__(("127.0.0.1", 0), Session)

    def handle_error(self, *arguments: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Session(StreamRequestHandler):
    server: Mailbox

    def setup(self) -> None:
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self.say("* OK here")
        while line := self.rfile.readline().decode().strip():
            tag, word, *given = line.split(" ")
            word = f"{word} {given.pop(0)}".upper() if word.upper() == "UID" else word.upper()
            match word:
                case "CAPABILITY":
                    self.say("* CAPABILITY IMAP4rev1")
                case "LOGIN" if given[1] != self.server.password:
                    self.say(f"{tag} NO wrong")
                    continue
                case "SELECT":
                    self.say(f"* {len(self.server.mails)} EXISTS")
                case "UID SEARCH":
                    self.say(" ".join(["* SEARCH", *map(str, self.server.mails)]))
                case "UID FETCH":
                    number, size = int(given[0]), re.search(r"<0\.(\d+)>", line)
                    assert size
                    part = self.server.mails[number][: int(size[1])]
                    self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(part)}}}")
                    self.wfile.write(part + b")\r\n")
                case "UID STORE":
                    self.server.deleted |= {int(number) for number in given[0].split(",")}
                case "EXPUNGE":
                    for number in self.server.deleted:
                        self.server.mails.pop(number, None)
                case "LOGOUT":
                    self.say("* BYE")
            self.say(f"{tag} OK done")
            if word == "LOGOUT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Mailbox(certificate)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.BOUNCES = {"host": "127.0.0.1", "port": server.server_address[1], "user": "retur", "password": "secret"}
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_that_lies_there_is_read_and_removed(mailbox: Mailbox) -> None:
    other = UUID("019a0000-0000-7000-8000-000000000002")
    mailbox.mails = {3: report(), 5: b"Subject: Jeg er borte\r\n\r\nTil mandag", 9: report(other, whole=False)}
    told: list[UUID] = []
    assert bounces.handle(told.append) == 3
    assert told == [NOTICE, other]
    assert mailbox.mails == {}
    assert bounces.handle(told.append) == 0


def test_what_could_not_be_told_stays_in_the_mailbox(mailbox: Mailbox) -> None:
    mailbox.mails = {1: report()}

    def fails(notice: UUID) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bounces.handle(fails)
    assert set(mailbox.mails) == {1}


def test_a_message_is_read_as_far_as_a_report_goes_and_many_are_left_for_the_next_time(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounces, "AT_ONCE", 2)
    monkeypatch.setattr(bounces, "LARGEST", 2000)
    mailbox.mails = dict.fromkeys(range(1, 4), report() + b"x" * 100_000)
    told: list[UUID] = []
    assert bounces.handle(told.append) == 2
    assert told == [NOTICE, NOTICE]
    assert set(mailbox.mails) == {3}


def test_a_mailbox_that_does_not_answer_or_lets_us_in_is_asked_again_later(mailbox: Mailbox, settings: Any) -> None:
    mailbox.mails, mailbox.password = {1: report()}, '"another"'
    assert bounces.handle(lambda notice: None) == 0
    settings.BOUNCES = {**settings.BOUNCES, "port": 9}
    assert bounces.handle(lambda notice: None) == 0
    assert set(mailbox.mails) == {1}


@pytest.mark.django_db
def test_the_office_sees_that_it_was_sent_and_did_not_arrive(
    mailbox: Mailbox, kari: Person, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    notice = put(kari, practice)
    deliver(decide=say(BY_EMAIL))
    mailbox.mails = {1: report(notice.pk), 2: report(notice.pk)}
    tasks.read_bounces()
    email = Counterpart()
    deliver(email=email, decide=say(BY_EMAIL))
    notice.refresh_from_db()
    assert (notice.status, email.got) == (Status.DEAD, [])
    [row] = queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))
    assert (str(row.state), str(row.why)) == ("Sendt, ikke levert", "E-posten ble sendt, men kom i retur.")


@pytest.mark.django_db
def test_without_a_mailbox_the_job_asks_nobody(settings: Any) -> None:
    settings.BOUNCES = {**settings.BOUNCES, "host": ""}
    tasks.read_bounces()

"""Against a real SMTP server on this machine, small enough to read."""

import email
import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from legedialog.integrations.email import client
from legedialog.outbox.rules import DeliveryFailed, Message, Reason

MESSAGE = Message(
    UUID("019a0000-0000-7000-8000-000000000001"),
    "kari@example.org",
    "Beskjed fra Legedialog",
    "Du har fått time tirsdag 24. november kl. 08.00.",
    "nb",
)


@dataclass
class Script:
    """Answers that differ from the ordinary ones, by command."""

    answers: dict[str, str] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)  # seconds before an answer; "end" is the mail's
    certificate: ssl.SSLContext | None = None
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Server(ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self) -> None:
        self.script = Script()
        super().__init__(("127.0.0.1", 0), Session)

    def handle_error(self, *arguments: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Session(StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        script = self.server.script
        self.say(script.answers.get("connect", "220 mail.example.org"))
        while line := self.rfile.readline():
            command = line.decode().strip()
            word = command.split(":")[0].split(" ")[0].upper()
            script.commands.append(word)
            script.lines.append(command.replace("mail FROM", "MAIL FROM"))
            sleep(script.pauses.get(word, 0))
            if word == "EHLO":
                ways = "250-mail.example.org\r\n250-AUTH PLAIN\r\n"
                self.say(ways + ("250-STARTTLS\r\n" if script.certificate else "") + "250 8BITMIME")
            elif word == "STARTTLS" and script.certificate:
                self.say("220 go on")
                self.connection = script.certificate.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
            elif word == "AUTH":
                self.say(script.answers.get("AUTH", "235 welcome"))
            elif word == "DATA":
                self.say("354 go on")
                lines = []
                while (each := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(each)
                answer = script.answers.get("DATA", "250 taken")
                if answer.startswith("250"):
                    script.mails.append(b"".join(lines))
                sleep(script.pauses.get("end", 0))
                self.say(answer)
            else:
                self.say(script.answers.get(word, "221 bye" if word == "QUIT" else "250 ok"))
                if word == "QUIT":
                    return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.server_address[1]
    settings.SMTP_SECURITY, settings.SMTP_USER = "none", ""
    settings.MAIL_FROM = "Legedialog <beskjed@lege.example.no>"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def refused() -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failure:
        client.send(MESSAGE)
    return failure.value


def test_the_mail_is_whole_and_always_has_the_same_id(server: Server) -> None:
    client.send(MESSAGE)
    client.send(MESSAGE)
    first, second = (email.message_from_bytes(each, policy=default) for each in server.script.mails)
    assert first["Message-ID"] == second["Message-ID"] == f"<{MESSAGE.id}@lege.example.no>"
    assert (first["To"], first["From"]) == ("kari@example.org", "Legedialog <beskjed@lege.example.no>")
    assert first["Subject"] == "Beskjed fra Legedialog"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Content-Language"] == "nb"
    text = first.get_content()
    assert text.splitlines()[0] == "Du har fått time tirsdag 24. november kl. 08.00."
    assert "http" not in text


@pytest.mark.parametrize(
    ("answers", "reason", "is_final"),
    [
        ({"RCPT": "550 no such user"}, Reason.BAD_ADDRESS, True),
        ({"RCPT": "450 mailbox busy"}, Reason.BAD_ADDRESS, False),
        ({"DATA": "554 not wanted"}, Reason.REFUSED, True),
        ({"DATA": "451 try later"}, Reason.REFUSED, False),
        ({"MAIL": "550 not you"}, Reason.NO_ANSWER, False),
        ({"connect": "421 too busy"}, Reason.NO_ANSWER, False),
    ],
)
def test_temporary_and_final_faults_differ(
    server: Server, answers: dict[str, str], reason: Reason, is_final: bool
) -> None:
    server.script.answers = answers
    failure = refused()
    assert (failure.reason, failure.is_final) == (reason, is_final)
    assert server.script.mails == []


def test_what_is_taken_is_sent_however_the_server_says_goodbye(server: Server) -> None:
    server.script.answers = {"QUIT": "500 what"}
    client.send(MESSAGE)
    assert len(server.script.mails) == 1


def test_a_server_that_takes_its_time_for_each_answer_is_left_at_the_deadline_of_the_whole_talk(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer comes well within the deadline; together they do not. Nothing was given, so it is tried again."""
    monkeypatch.setattr(client, "DEADLINE", 0.5)
    server.script.pauses = dict.fromkeys(("EHLO", "MAIL", "RCPT", "DATA"), 0.2)
    begun = monotonic()
    failure = refused()
    assert monotonic() - begun < 5
    assert (failure.reason, failure.is_final, failure.is_perhaps) == (Reason.NO_ANSWER, False, False)
    assert server.script.mails == []


def test_a_mail_that_was_given_and_not_answered_is_perhaps_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DEADLINE", 0.5)
    server.script.pauses = {"end": 2}
    failure = refused()
    assert (failure.is_final, failure.is_perhaps) == (True, True)
    assert len(server.script.mails) == 1


def test_a_slow_goodbye_takes_nothing_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEADLINE", 1.0)
    server.script.pauses = {"QUIT": 3}
    client.send(MESSAGE)
    assert len(server.script.mails) == 1


def test_a_line_that_begins_with_a_dot_comes_through(server: Server) -> None:
    client.send(replace(MESSAGE, text="Hei\n.\nHa det"))
    mail = email.message_from_bytes(server.script.mails[0], policy=default)
    assert "..\r\n" in server.script.mails[0].decode()  # as it goes over the wire
    assert mail["To"] == "kari@example.org"


def test_what_cannot_be_delivered_returns_to_its_own_address(server: Server, settings: Any) -> None:
    settings.MAIL_BOUNCES = "retur@lege.example.no"
    client.send(MESSAGE)
    assert "MAIL FROM:<retur@lege.example.no>" in " ".join(server.script.lines)


def test_a_wrong_password_is_ours_to_mend(server: Server, settings: Any) -> None:
    settings.SMTP_USER, settings.SMTP_PASSWORD = "legedialog", "wrong"
    server.script.answers = {"AUTH": "535 no"}
    assert not refused().is_final
    server.script.answers = {}
    client.send(MESSAGE)
    assert len(server.script.mails) == 1


def test_a_server_without_the_asked_for_encryption_gets_nothing(server: Server, settings: Any) -> None:
    settings.SMTP_SECURITY = "starttls"
    refused()
    assert "MAIL" not in server.script.commands


def test_starttls_needs_a_certificate_we_trust(
    server: Server, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SMTP_SECURITY = "starttls"
    certificate = self_signed(tmp_path)
    server.script.certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.script.certificate.load_cert_chain(certificate)
    assert not refused().is_final
    assert server.script.mails == []

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client.send(MESSAGE)
    assert len(server.script.mails) == 1


def test_a_server_that_is_down_is_tried_again(settings: Any) -> None:
    settings.SMTP_HOST, settings.SMTP_PORT, settings.MAIL_FROM = "127.0.0.1", 9, "beskjed@lege.example.no"
    failure = refused()
    assert (failure.reason, failure.is_final) == (Reason.NO_ANSWER, False)


@pytest.mark.parametrize(
    "address",
    ["kari@example.org\r\nBcc: all@example.org", "kari@example.org, per@example.org", "kari", "Kari <k@e.no>"],
)
def test_an_address_that_is_more_or_less_than_one_is_refused(server: Server, address: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        client.send(Message(MESSAGE.id, address, "Beskjed", "Tekst", "nb"))
    assert (failure.value.reason, failure.value.is_final) == (Reason.BAD_ADDRESS, True)
    assert server.script.mails == []


def test_a_domain_in_norwegian_letters_is_reached_by_its_ascii_name(server: Server) -> None:
    client.send(Message(MESSAGE.id, "kari@blåbær.no", "Beskjed", "Tekst", "nb"))
    [mail] = server.script.mails
    assert "kari@xn--blbr-roah.no" in str(mail)


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path

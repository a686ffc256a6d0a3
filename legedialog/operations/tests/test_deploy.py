"""deploy/, tried with the programs that read it. CI installs them; without them a test says that it was skipped."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections, transaction

from legedialog.access.actor import Kind
from legedialog.access.tests.logins import begin
from legedialog.appointments.tests import factories
from legedialog.core import crypto, events
from legedialog.operations import pytest_plugin

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        pytest.skip(f"{name} is not installed here; CI installs it")
    return found


def test_every_alert_goes_off_when_it_should_and_not_before() -> None:
    command = [program("promtool"), "test", "rules", "legedialog.tests.yml"]
    done = subprocess.run(command, cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", sorted(file.name for file in (DEPLOY / "systemd").iterdir()))
def test_systemd_takes_the_units(unit: str, tmp_path: Path) -> None:
    for file in (DEPLOY / "systemd").iterdir():
        here = file.read_text(encoding="utf-8").replace("/opt/legedialog/.venv", sys.prefix)
        (tmp_path / file.name).write_text(here, encoding="utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", str(tmp_path / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if "legedialog" in line]
    assert (done.returncode, own) == (0, []), done.stderr


@dataclass
class Behind:
    """What stands behind the proxy: keeps what it is asked, and the end of an open line until it is told."""

    asked: list[tuple[str, dict[str, str], int]] = field(default_factory=list)
    may_end: threading.Event = field(default_factory=threading.Event)


@dataclass
class Site:
    port: int
    certificate: Path
    behind: Behind

    def connect(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def nginx(folder: Path, behind: int, secured: int) -> Iterator[Path]:
    """Our configuration with ports, name and certificate of the test, in front of a port. Yields the certificate."""
    nginx = program("nginx")
    certificate, key = folder / "fullchain.pem", folder / "key.pem"
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    place = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program("openssl"), "req", *kind, *place], check=True, capture_output=True)
    ours = (DEPLOY / "nginx" / "legedialog.conf").read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secured} ssl http2;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{behind};",
        "lege.example.no": "localhost",
        "/etc/ssl/legedialog": str(folder),
        "/var/log/nginx/legedialog.log": str(folder / "error.log"),
    }.items():
        assert old in ours
        ours = ours.replace(old, new)
    (folder / "legedialog.conf").write_text(ours, encoding="utf-8")
    temporary = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{ worker_connections 256; }}\n"
        f"http {{\n{temporary}  include {folder}/legedialog.conf;\n}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        until_it_listens(secured, process, folder / "error.log")
        yield certificate
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def web(folder: Path, port: int, secured: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`legedialog web` as behind a proxy, on the database of this test."""
    address, _, query = pytest_plugin.SERVER_URL.partition("?")
    given = {
        "DATABASE_URL": f"{address.rpartition('/')[0]}/{connections['owner'].settings_dict['NAME']}?{query}",
        "LEGEDIALOG_BASE_URL": f"https://localhost:{secured}",
        "LEGEDIALOG_BEHIND_PROXY": "yes",
        "PORT": str(port),
        "LEGEDIALOG_SECRET_KEY": settings.SECRET_KEY,  # one for all its processes
    }
    log = folder / "web.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "legedialog", "web"], env=os.environ | given, stdout=said, stderr=said
        )
    try:
        until_it_listens(port, process, log)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    pytest.fail(log.read_text(encoding="utf-8"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server that is no page of ours behind nginx: it sees what comes through."""
    behind, secured = Behind(), free_port()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            behind.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, len(body)))
            self.send_response(200)
            if self.path.startswith("/live/"):
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(b"data: first\n\n")
                self.wfile.flush()
                behind.may_end.wait(20)
                self.wfile.write(b"data: last\n\n")
                self.close_connection = True
                return
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with nginx(tmp_path, server.server_port, secured) as certificate:
            yield Site(secured, certificate, behind)
    finally:
        behind.may_end.set()
        server.shutdown()
        server.server_close()


def test_what_nginx_passes_on(site: Site) -> None:
    context = ssl.create_default_context(cafile=str(site.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", site.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
        assert secured.version() in ("TLSv1.2", "TLSv1.3")

    # What somebody claims of herself is replaced.
    line = site.connect()
    line.request("GET", "/min-fastlege/", headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"})
    answer = line.getresponse()
    assert (answer.status, answer.read(), "nginx/" in (answer.getheader("Server") or "")) == (200, b"ok", False)
    _, headers, _ = site.behind.asked[-1]
    assert (headers["x-forwarded-proto"], headers["x-forwarded-for"]) == ("https", "127.0.0.1")
    assert len(headers["x-request-id"]) == 32
    assert headers["host"] == "localhost"

    # A form with files comes through; more than we take is refused by the proxy.
    line.request("POST", "/vedlegg/", body=bytes(10 * 2**20))
    answer = line.getresponse()
    assert (answer.status, answer.read(), site.behind.asked[-1][2]) == (200, b"ok", 10 * 2**20)
    line.close()
    large = site.connect()
    large.putrequest("POST", "/vedlegg/")
    large.putheader("Content-Length", str(65 * 2**20))
    large.endheaders()
    assert large.getresponse().status == 413
    large.close()

    # The first event of an open line is there before the line ends.
    live = site.connect()
    live.request("GET", "/live/pages/")
    answer = live.getresponse()
    assert answer.readline() == b"data: first\n"
    assert not site.behind.may_end.is_set()
    site.behind.may_end.set()
    assert b"data: last" in answer.read()
    live.close()


@pytest.mark.django_db(transaction=True)
def test_a_journey_through_nginx_to_the_product(tmp_path: Path) -> None:
    """The first page, a login's cookie, a change that is told while the line is open, and bodies that are too large."""
    port, secured = free_port(), free_port()
    crypto.forget_keys()  # other tests have emptied the database, and another process is to read what is sealed
    kari = factories.office().patient()
    session = {"Cookie": f"__Host-session={login_of(kari.pk)}"}
    with web(tmp_path, port, secured), nginx(tmp_path, port, secured) as certificate:
        site = Site(secured, certificate, Behind())
        line = site.connect()
        line.request("GET", "/")
        answer = line.getresponse()
        page = answer.read().decode()
        assert (answer.status, "Logg inn" in page, answer.getheader("Server")) == (200, True, "nginx")
        assert "max-age=31536000" in (answer.getheader("Strict-Transport-Security") or "")
        line.request("GET", "/hjem/", headers=session)
        answer = line.getresponse()
        page = answer.read().decode()
        assert (answer.status, "Kari" in page) == (200, True)

        # Of a form that is too large for its address nothing comes through; of one that is too large for all, neither.
        for size, path in ((2**20, "/hjem/"), (13 * 2**20, "/vedlegg/"), (65 * 2**20, "/vedlegg/")):
            large = site.connect()
            large.putrequest("POST", path)
            for name, value in (session | {"Content-Length": str(size)}).items():
                large.putheader(name, value)
            large.endheaders()
            assert large.getresponse().status == 413, (size, path)
            large.close()

        live = site.connect()
        live.request("GET", f"/live/me/{line_of(page)}/?seen=9999999999", headers=session)
        stream = live.getresponse()
        assert (stream.status, stream.readline()) == (200, b"retry: 3000\n")
        publish(f"person:{kari.pk}")
        assert [stream.readline(), stream.readline()[:13]] == [b"\n", b"data: person "]
        live.close()
        line.close()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_told_to_end_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Its open pages are ended at once. What still goes on after ten seconds would be ended by force, and told of."""
    port = free_port()
    crypto.forget_keys()  # other tests have emptied the database, and another process is to read what is sealed
    kari = factories.office().patient()
    with (
        web(tmp_path, port, port) as process,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as live,
    ):
        headers = {"Cookie": f"__Host-session={login_of(kari.pk)}", "Host": "localhost"}
        live.request("GET", "/hjem/", headers=headers)
        page = live.getresponse().read().decode()
        live.request("GET", f"/live/me/{line_of(page)}/", headers=headers)
        stream = live.getresponse()
        assert stream.readline() == b"retry: 3000\n"
        process.terminate()
        stream.read()
        process.wait(60)
    assert "refused to gracefully stop" not in (tmp_path / "web.log").read_text(encoding="utf-8")


def line_of(page: str) -> str:
    """That which the page's stream goes by."""
    [found] = re.findall(r'data-line="(\w+)"', page)
    return str(found)


def login_of(person_id: UUID) -> str:
    return begin(Kind.CITIZEN, person_id, sid="sid")[0]


def publish(topic: str) -> None:
    with transaction.atomic():
        events.publish(topic)

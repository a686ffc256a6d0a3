"""deploy/, tried with the programs that read it. CI installs them; without them a test says that it was skipped."""

import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

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


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Our nginx.conf with ports, name and certificate of the test, in front of a server that is no page of ours."""
    behind, (plain, secured) = Behind(), (free_port(), free_port())

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

    nginx = program("nginx")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    certificate, key = tmp_path / "fullchain.pem", tmp_path / "key.pem"
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    place = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program("openssl"), "req", *kind, *place], check=True, capture_output=True)
    ours = (DEPLOY / "nginx" / "legedialog.conf").read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secured} ssl http2;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{server.server_port};",
        "lege.example.no": "localhost",
        "/etc/ssl/legedialog": str(tmp_path),
        "/var/log/nginx/legedialog.log": str(tmp_path / "error.log"),
    }.items():
        assert old in ours
        ours = ours.replace(old, new)
    (tmp_path / "legedialog.conf").write_text(ours, encoding="utf-8")
    temporary = "".join(
        f"  {kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{ worker_connections 256; }}\n"
        f"http {{\n{temporary}  include {tmp_path}/legedialog.conf;\n}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", secured)) == 0:
                    break
            assert process.poll() is None, (tmp_path / "error.log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield Site(secured, certificate, behind)
    finally:
        behind.may_end.set()
        process.terminate()
        process.wait(20)
        server.shutdown()
        server.server_close()


def test_a_journey_through_nginx(site: Site) -> None:
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

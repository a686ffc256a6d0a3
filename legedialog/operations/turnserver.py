"""The demo's own TURN server: coturn, where it is installed. An operator's stands in the settings instead."""

import os
import secrets
import shutil
import socket
from pathlib import Path

from django.conf import settings

PORTS = range(3478, 3578)  # Source: RFC 8656 section 2 for 3478
RELAYED, EACH = 49160, 140  # UDP ports that coturn gives out: the first, and how many for each of PORTS

CONF = """# Written anew at each start.
listening-ip={address}
relay-ip={address}
listening-port={port}
min-port={first}
max-port={last}
fingerprint
use-auth-secret
static-auth-secret={secret}
realm=legedialog
no-tls
no-dtls
no-cli
no-multicast-peers
allow-loopback-peers
stale-nonce
userdb={folder}/turndb
pidfile={folder}/turnserver.pid
log-file={folder}/turnserver.log
simple-log
"""
# Loopback peers are for the demo: both browsers are on this machine. An operator's refuses them (docs/operator.md).


def prepare(var: Path) -> list[str] | None:
    """What starts it, and the settings of the programs that use it put in the environment; None without coturn."""
    program = shutil.which("turnserver") or shutil.which("turnserver", path="/usr/sbin:/usr/local/bin")
    port = next((port for port in _in_turn(settings.PORT) if _is_free(port)), None)
    if program is None or port is None:
        return None
    folder = var / "turn"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="utf-8")
    conf = folder / "turnserver.conf"
    conf.touch(mode=0o600)
    first = RELAYED + EACH * (port - PORTS.start)
    last = first + EACH - 1
    values = {"address": "127.0.0.1", "port": port, "first": first, "last": last, "folder": folder.resolve()}
    conf.write_text(CONF.format(**values, secret=secret.read_text(encoding="utf-8")), encoding="utf-8")
    where = f"127.0.0.1:{port}"
    os.environ["LEGEDIALOG_STUN_URLS"] = f"stun:{where}"
    os.environ["LEGEDIALOG_TURN_URLS"] = f"turn:{where}?transport=udp,turn:{where}?transport=tcp"
    os.environ["LEGEDIALOG_TURN_SECRET_FILE"] = str(secret.resolve())
    return [program, "-c", str(conf.resolve())]


def _in_turn(site: int) -> list[int]:
    """A place of its own for each site's port, the usual one for the usual site: coturn shares a port that another has
    taken, so two that begin at once would answer for each other."""
    begin = (site - 8000) % len(PORTS)
    return [*PORTS[begin:], *PORTS[:begin]]


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True

"""Clients that send slowly, or read slowly, against the real server: others are served meanwhile."""

import http.client
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

CROWD = 60  # more than the server has threads, in all its processes


def opened(stack: ExitStack, site: str, text: bytes) -> socket.socket:
    at = urlsplit(site)
    line = stack.enter_context(socket.create_connection((at.hostname, at.port), timeout=10))
    line.sendall(text)
    return line


def served(site: str) -> float:
    """Seconds until the front page is here."""
    at, began = urlsplit(site), time.monotonic()
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"Legedialog" in answer.read()
    connection.close()
    return time.monotonic() - began


def test_who_never_finishes_a_head_or_a_body_or_reads_nothing_stops_nobody_else(site: str) -> None:
    served(site)  # warm
    host = urlsplit(site).netloc.encode()
    form = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname="
    with ExitStack() as stack:
        for _ in range(CROWD):
            head = opened(stack, site, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX-Slow: ")  # it never ends
            opened(stack, site, b"POST /logg-inn/ HTTP/1.1\r\nHost: " + host + b"\r\n" + form)  # the body neither
            unread = opened(stack, site, (b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") * 20)
            unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # and here nobody reads the answers
        # The hundred and eighty wait; whoever asks now does not. A thread held by each would make this a timeout.
        assert served(site) < 15
        head.settimeout(20)
        while head.recv(4096):  # it may be told why
            pass  # and then the server has hung up, after its ten seconds

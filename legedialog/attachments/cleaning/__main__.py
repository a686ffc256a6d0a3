"""`python -m legedialog.attachments.cleaning HOW`: a file on stdin; on stdout a line of JSON, then the harmless copy.

The line is {"type": …, "size": …, "left_out": …}, or {"refused": code}. Ends in silence at one of its limits.
HOW is `confined`, `open` (the demo's: shut in where the machine can) or `try` (reads nothing; {"confined": why not}).
"""

import io
import json
import sys

from legedialog.attachments.cleaning import confine, documents, images
from legedialog.attachments.cleaning.sniff import ENOUGH, Stop, kind_of

MOST = 12 * 1024 * 1024  # bytes, in and out


def main(how: str) -> None:
    confine.limit()
    documents.prepare()
    why_not = ""
    try:
        confine.enter()
    except confine.NoSandbox as fault:
        why_not = str(fault)
    if how == "try":
        answer({"confined": why_not})
    elif why_not and how != "open":
        answer({"refused": "file-not-taken"})
    else:
        clean()


def clean() -> None:
    data = sys.stdin.buffer.read(MOST + 1)
    try:
        media_type, copy, left_out = rewrite(data)
    except Stop as stop:
        answer({"refused": stop.code})
    except MemoryError:
        answer({"refused": "file-too-heavy"})
    else:
        missing = {"codes": sorted(left_out.codes), "names": left_out.names}
        answer({"type": media_type, "size": len(copy), "left_out": missing})
        sys.stdout.buffer.write(copy)
        sys.stdout.buffer.flush()


def rewrite(data: bytes) -> tuple[str, bytes, documents.LeftOut]:
    """Media type and bytes of the harmless copy, and what a reader would miss in it. Raises Stop."""
    if len(data) > MOST:
        raise Stop("file-too-large")
    kind = kind_of(data[:ENOUGH])
    file = io.BytesIO(data)
    left_out = documents.LeftOut()
    if kind == "pdf":
        media_type, copy, left_out = documents.rewrite(file)
    else:
        media_type, copy = images.rewrite(kind, file)
    if len(copy) > MOST:
        raise Stop("file-too-heavy")
    return media_type, copy, left_out


def answer(words: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])

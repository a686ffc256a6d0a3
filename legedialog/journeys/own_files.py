"""The photos and documents of a citizen's own data, in a ZIP that is written while it is fetched.

Nothing is stored a second time, and a part of one file at a time is in memory. The other two files of her own data name
them as they are called here.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from legedialog.attachments import queries as attachments
from legedialog.attachments.queries import Attachment
from legedialog.core.errors import Refused
from legedialog.core.times import CLINIC


def names(files: Iterable[Attachment]) -> list[tuple[str, Attachment]]:
    """Numbered in the order they were received, so that two of the same name are both there: "001 arm.jpg"."""
    rows = sorted(files, key=lambda each: (each.received_at, each.pk))
    return [(f"{number:03} {each.name}", each) for number, each in enumerate(rows, start=1)]


def stream(files: Iterable[Attachment]) -> Iterator[bytes]:
    """The ZIP, in parts. What is kept is packed already, so it is not packed again.

    A file that is damaged or gone does not keep the others: a last one says which they are.
    """
    written, gone = _Written(), []
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, each in names(files):
            about = zipfile.ZipInfo(name, each.received_at.astimezone(CLINIC).timetuple()[:6])
            with archive.open(about, "w") as part:
                try:
                    for data in attachments.opened(each):
                        part.write(data)
                        yield written.taken()
                except (Refused, *attachments.FAULTS):
                    gone.append(name)
        if gone:
            archive.writestr(
                f"{_('Kan ikke vises')}.txt", "\n".join([_("Disse er skadet eller borte hos oss:"), *gone])
            )
    yield written.taken()


class _Written(io.RawIOBase):
    """What has been written and not yet sent. It cannot be sought in, so the archive never goes back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)

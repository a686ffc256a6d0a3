"""Bytes on their way in. Few stay in memory; many go to a nameless file, encrypted by a key that only we know.

So memory stays flat whatever is sent, and what a patient uploads never lies on a disk for others to read.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

IN_MEMORY = 512 * 1024  # bytes
BLOCK = 16  # bytes of AES
NAMELESS = "vedlegg"


if TYPE_CHECKING:
    from django.http import QueryDict


class SpoolFailed(OSError):
    """There is no room for it, or no folder of temporary files that can be written to. Attachments' intake tells."""


@contextmanager
def _or_failed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolFailed(error.errno, error.strerror) from error


class Spool(io.RawIOBase):
    """Written once from the start, then read anywhere. Writing raises SpoolFailed."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed with this object
        self._key = os.urandom(32)
        self._start = int.from_bytes(os.urandom(BLOCK))
        self._place = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _or_failed():  # what is still on its way to the disk is written first
            self._place = self._file.seek(offset, whence)
        return self._place

    def write(self, data: Any) -> int:
        clear = bytes(data)
        with _or_failed():
            self._file.write(self._turned(clear))
        self._place += len(clear)
        return len(clear)

    def readinto(self, buffer: Any) -> int:
        hidden = self._file.read(len(buffer))
        buffer[: len(hidden)] = self._turned(hidden)
        self._place += len(hidden)
        return len(hidden)

    def close(self) -> None:
        if not self.closed:
            with suppress(OSError):  # the rest of what found no room is tried once more
                self._file.close()
        super().close()

    def _turned(self, data: bytes) -> bytes:
        """Encrypted or opened again, which is the same, from the place where the file stands."""
        block, skip = divmod(self._place, BLOCK)
        counter = (self._start + block) % (1 << 8 * BLOCK)
        stream = Cipher(AES(self._key), CTR(counter.to_bytes(BLOCK))).encryptor()
        stream.update(bytes(skip))
        return stream.update(data)


class _Parser(MultiPartParser):
    """Keeps a file whose name has no sign that can be seen: Django's own would say that none was sent."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or NAMELESS


class SpooledUpload(FileUploadHandler):
    """Django's way to take a file out of a form. In FILE_UPLOAD_HANDLERS, so no upload is written to disk in clear."""

    is_ours = False  # the parser below is at work

    def handle_raw_input(  # type: ignore[override]  # the boundary comes in bytes, whatever the stubs say
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[bytes]]] | None":
        if self.is_ours:
            return None
        self.is_ours = True
        return _Parser(META, input_data, [self], encoding).parse()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.spool = Spool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.spool.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.spool.seek(0)
        return UploadedFile(
            file=io.BufferedRandom(self.spool),
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "spool"):
            self.spool.close()

"""Keys that sort by the time they were made (UUID version 7, RFC 9562 section 5.7), so that indexes grow at one end."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Also within a millisecond those that one process makes sort as they were made: 12 bits say how far into it.

    Source: RFC 9562 section 6.2, method 3. The other 62 bits are random.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds << 80) | ((rest * 4096 // 1_000_000) << 64) | int.from_bytes(os.urandom(8))
    value = (value & ~(0xF << 76)) | (7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))

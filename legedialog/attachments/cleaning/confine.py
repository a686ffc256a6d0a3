"""Shut this process in, for good, before it reads a hostile byte. See docs/adr/0046-the-sandbox.md.

What is left is memory, the processor, a few threads, and the three pipes it was started with. It opens no file (not
even one of Python's own: everything is imported before), no connection and no other program, and reaches no process.
Linux alone; the second wall, Landlock, needs 5.13 or newer, as Debian 12 has.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

MEMORY = 1024**3  # bytes of addresses, libraries included
SECONDS = 30  # of the processor
NICE = 10  # pages go first
THREADS = 32  # more than its user has already; the decoder of HEIC starts some
USER = 65_520  # where root starts it. Nobody's: between systemd's dynamic users and those that Debian reserves

LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, SECONDS),
    (resource.RLIMIT_FSIZE, 0),  # it writes no file
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    (resource.RLIMIT_MEMLOCK, 0),
)

# Source of the numbers: the kernel's include/uapi/linux/{prctl,seccomp,landlock,audit,filter}.h.
PDEATHSIG, DUMPABLE, NO_NEW_PRIVILEGES = 1, 4, 38
SECCOMP = {"x86_64": 317, "aarch64": 277}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LANDLOCK_CREATE, LANDLOCK_RESTRICT = 444, 446
ALL_THREADS = 1
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, KILL, NOT_PERMITTED, NOT_KNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
EXECUTABLE = 4
A_THREAD = 0x003D0F00  # the flags of glibc's pthread_create, and of nothing that is a process of its own

# What a decoder still may ask of the kernel. Everything else is not permitted, what is new in a later kernel too.
CALLS = {
    "x86_64": {
        **{"read": 0, "write": 1, "close": 3, "lseek": 8, "munmap": 11, "brk": 12, "rt_sigaction": 13},
        **{"rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "exit": 60},
        **{"futex": 202, "clock_gettime": 228, "exit_group": 231, "set_robust_list": 273, "getrandom": 318},
        "rseq": 334,
    },
    "aarch64": {
        **{"read": 63, "write": 64, "close": 57, "lseek": 62, "munmap": 215, "brk": 214, "rt_sigaction": 134},
        **{"rt_sigprocmask": 135, "rt_sigreturn": 139, "sched_yield": 124, "mremap": 216, "madvise": 233, "exit": 93},
        **{"futex": 98, "clock_gettime": 113, "exit_group": 94, "set_robust_list": 99, "getrandom": 278},
        "rseq": 293,
    },
}
MAPPING = {"x86_64": (9, 10), "aarch64": (222, 226)}  # mmap and mprotect: memory that holds no program
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435  # its flags cannot be seen; told that it is not known, glibc uses clone

_libc = ctypes.CDLL(None, use_errno=True)


class NoSandbox(Exception):
    """This machine does not shut a process in. The text says what was missing."""


def limit() -> None:
    """What holds everywhere: memory, processor, size of files, and nothing inherited."""
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for what, most in LIMITS:
        resource.setrlimit(what, (most, most))
    os.nice(NICE)


def enter() -> None:
    """From here on nothing but memory and the pipes. Raises NoSandbox, and then some of it may hold already."""
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in CALLS:
        raise NoSandbox(f"no filter is written for {platform.system()} on {machine}")
    _prctl("no new privileges", NO_NEW_PRIVILEGES, 1)
    if os.geteuid() == 0:
        _become_nobodys_user()
    _few_threads()
    _prctl("not dumpable", DUMPABLE, 0)
    _prctl("ends with its parent", PDEATHSIG, signal.SIGKILL)
    with suppress(NoSandbox):
        _landlock()  # a second wall where the kernel has it: the list below opens no file either
    _seccomp(machine)
    _try_it()


def _become_nobodys_user() -> None:
    try:
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)  # gives every capability away
    except OSError as error:
        raise NoSandbox(f"a user of its own: {error.strerror}") from error


def _few_threads() -> None:
    """The kernel counts those of all processes of one user, so what stands is counted first."""
    mine = 0
    try:
        for each in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended, or is another's
                if os.stat(f"/proc/{each}").st_uid == os.geteuid():
                    mine += len(os.listdir(f"/proc/{each}/task"))
    except OSError as error:
        raise NoSandbox(f"/proc: {error.strerror}") from error
    most = min(mine + THREADS, *(each for each in resource.getrlimit(resource.RLIMIT_NPROC) if each >= 0), 2**31)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _landlock() -> None:
    """No file, no TCP, no signal and no abstract socket, as far as this kernel knows the words."""
    version = _call("Landlock", LANDLOCK_CREATE, None, 0, 1)
    files = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    words = [files, *([3] if version >= 4 else []), *([3] if version >= 6 else [])]
    rules = ctypes.create_string_buffer(struct.pack(f"{len(words)}Q", *words), 8 * len(words))
    ruleset = _call("Landlock", LANDLOCK_CREATE, rules, len(rules), 0)
    _call("Landlock", LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)


def _seccomp(machine: str) -> None:
    """A list of what is let through, for every thread there is."""
    steps = program(machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    _call("seccomp", SECCOMP[machine], 1, ALL_THREADS, header)


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter as steps of BPF: code, how far to go when true and when false, value."""
    architecture, number, flags, protection = 4, 0, 16, 16 + 2 * 8  # where they stand in what the kernel shows
    steps = [
        (LOAD, 0, 0, architecture),
        (EQUAL, 1, 0, ARCHITECTURE[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, number),
    ]
    for call in CALLS[machine].values():
        steps += [(EQUAL, 0, 1, call), (RETURN, 0, 0, ALLOW)]
    steps += [
        *((EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, NOT_KNOWN)),
        *((EQUAL, 0, 4, CLONE[machine]), (LOAD, 0, 0, flags), (EQUAL, 1, 0, A_THREAD)),
        *((RETURN, 0, 0, NOT_PERMITTED), (RETURN, 0, 0, ALLOW)),
    ]
    for call in MAPPING[machine]:
        steps += [
            (EQUAL, 0, 4, call),
            (LOAD, 0, 0, protection),
            (ANY_BIT, 0, 1, EXECUTABLE),
            (RETURN, 0, 0, NOT_PERMITTED),
            (RETURN, 0, 0, ALLOW),
        ]
    return [*steps, (RETURN, 0, 0, NOT_PERMITTED)]


def _try_it() -> None:
    """What was asked for is believed when it is seen."""
    tries: dict[str, Callable[[], object]] = {
        "open": lambda: os.open("/", os.O_RDONLY),
        "pipe": os.pipe,
        "kill": lambda: os.kill(os.getppid(), 0),
    }
    for name, attempt in tries.items():
        try:
            attempt()
        except PermissionError:
            continue
        raise NoSandbox(f"{name} still works")


def _prctl(what: str, option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise NoSandbox(f"{what}: {os.strerror(ctypes.get_errno())}")


def _call(what: str, number: int, *arguments: object) -> int:
    given: Sequence[object] = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *given)
    if result < 0:
        raise NoSandbox(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result

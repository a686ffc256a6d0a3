"""Structured logs: JSON lines in production, readable ones elsewhere. No personal data in either.

Bodies, query strings and paths are never logged; a page is named by its route. Exceptions lose their message in
production, because the message of a database error quotes rows.
"""

import logging.config
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TypedDict

import psycopg
import structlog

# Source: PostgreSQL, Appendix A: connection exceptions, a full disk and too many connections, shut down, starting up.
GONE = ("08", "53", "57P")
Event = MutableMapping[str, Any]


class Choices(TypedDict):
    level: str
    readable: bool
    is_kept: bool  # what a logger was first used with: not in tests, which listen in and configure anew


def configure(choices: Choices) -> None:
    """Django calls this with settings.LOGGING."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if choices["readable"]:
        last: list[structlog.typing.Processor] = [
            _calm,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    else:
        last = [_calm, _only_where_it_failed, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=choices["is_kept"],
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, _without_values],
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                }
            },
            "handlers": {"standard": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["standard"], "level": choices["level"]},
            "loggers": {
                "django.request": {"level": "ERROR"},  # what people do wrong is in our own line for each request
                "django.server": {"level": "ERROR"},
                "httpx": {"level": "WARNING"},  # logs whole addresses
                "procrastinate": {"level": "WARNING"},  # logs the arguments of jobs
                "psycopg.pool": {"level": "ERROR"},  # warns of each try while the database is away, in three lines
            },
        }
    )


def _without_values(logger: Any, method: str, event: Event) -> Event:
    """Django's own lines quote paths and headers: keep the sentence, drop what was put into it."""
    record: logging.LogRecord = event["_record"]
    if record.name.startswith("django.security"):
        event["event"] = record.name.rpartition(".")[2]  # its sentences come with the value already in them
    elif record.name.startswith("django"):
        event["event"] = str(record.msg)
    return event


def _calm(logger: Any, method: str, event: Event) -> Event:
    """While the database cannot be used every page meets that: one line each, as where it met it says nothing."""
    info = event.get("exc_info")
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else sys.exception()
    if info and error and (gone := _gone(error)):
        del event["exc_info"]
        event.update(event="the database cannot be used", error=gone)
    return event


def _gone(error: BaseException) -> str:
    """The name of what made it so; empty for a statement that was only refused."""
    met: BaseException | None = error
    while met:
        if isinstance(met, (psycopg.OperationalError, psycopg.InterfaceError)):
            return type(met).__name__ if not met.sqlstate or met.sqlstate.startswith(GONE) else ""
        met = met.__cause__ or met.__context__
    return ""


def _only_where_it_failed(logger: Any, method: str, event: Event) -> Event:
    info = event.pop("exc_info", None)
    if info is True or info is None:
        record = event.get("_record")
        info = record.exc_info if record else None
    if not isinstance(info, tuple) or info[0] is None:
        return event
    event["exception"] = info[0].__qualname__
    constraint = getattr(getattr(info[1].__cause__ or info[1], "diag", None), "constraint_name", None)
    if constraint:
        event["constraint"] = constraint
    event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(info[2])][-12:]
    return event

"""How the log looks: one plain line for each event, on the standard error.

A room of its own because it is set up before anything else, and decides what may never stand there.
"""

import logging
import re
import sys

import structlog

#: Long enough to be a one-time link's token or a key, and none of our own words.
_TOKEN = re.compile(r"[A-Za-z0-9_=-]{40,}")
_NEEDS_QUOTES = re.compile(r"[\s=\"']")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure() -> None:
    before = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.format_exc_info,
        _guard,
    ]
    # Our own lines, one for each request of the API, do not take the long way through logging.
    structlog.configure(
        processors=[*before, _line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _line],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("webpanel").setLevel(logging.INFO)
    # Its warnings name whole addresses, with the numbers, texts and secrets in them.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)
    # It warns of each request that waits for a thread, when the panel has the least time for it.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _guard(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """No token and no key in any line, and no line that a request wrote."""
    for name, value in event.items():
        if isinstance(value, str) and not name.startswith("_"):
            masked = _TOKEN.sub("…", value)
            event[name] = masked if name == "exception" else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", masked)
    return event


def _line(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    """The event as one line, and below it what was raised, without the locals of any frame."""
    raised = event.pop("exception", "")
    words = [event.pop("timestamp"), f"[{event.pop('level'):<9}]", str(event.pop("event"))]
    words += [f"{name}={_shown(event[name])}" for name in sorted(event)]
    return " ".join(words) + (f"\n{raised}" if raised else "")


def _shown(value: object) -> str:
    return value if isinstance(value, str) and not _NEEDS_QUOTES.search(value) else repr(value)

"""How the log looks: one plain line for each event, on the standard error.

A room of its own because it is set up before anything else, and decides what may never stand there.
"""

import logging
import re
import sys

import structlog

#: Long enough to be a one-time link's token or a key, and none of our own words.
_TOKEN = re.compile(r"[A-Za-z0-9_=-]{40,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure() -> None:
    before = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.format_exc_info,
        _guard,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Not the one that shows the locals of every frame, and with them secrets.
                structlog.dev.ConsoleRenderer(
                    colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("webpanel").setLevel(logging.INFO)
    # Its warnings name whole addresses, with the numbers, texts and secrets in them.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


def _guard(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """No token and no key in any line, and no line that a request wrote."""
    for name, value in event.items():
        if isinstance(value, str) and not name.startswith("_"):
            masked = _TOKEN.sub("…", value)
            event[name] = masked if name == "exception" else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", masked)
    return event

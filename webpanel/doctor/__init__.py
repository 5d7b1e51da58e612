"""Examines a panel from outside, beside its running server, and changes nothing.

A room of its own because it must work where the panel itself does not: without its services, on a
folder whose keys, database or settings may be broken. Each check gives findings, as codes with values.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from sqlalchemy.exc import DBAPIError

from webpanel.config import Config
from webpanel.database import DatabaseError
from webpanel.doctor import folder, hosts, tables
from webpanel.doctor.finding import Check, Finding
from webpanel.instance import InstanceError
from webpanel.sending.transport import Transport

__all__ = ["Finding", "examine"]

Examination = Callable[[], Iterable[Finding]]


def examine(config: Config, transport: Transport) -> Iterator[Finding]:
    """Every check of a panel whose settings could be read, one finding at least for each."""
    yield from _findings("modes", partial(folder.modes, config))
    yield from _findings("disk", partial(folder.disk, config))
    yield from _findings("keys", partial(folder.keys, config))
    before = list(_findings("database", partial(tables.database, config)))
    yield from before
    if any(finding.level == "wrong" for finding in before):
        return
    examinations: dict[Check, Examination] = {
        "clock": partial(tables.clock, config),
        "sender": partial(tables.sender, config),
        "secrets": partial(tables.secrets, config),
        "gateways": partial(tables.gateways, config),
        "messages": partial(tables.messages, config),
        "hosts": partial(hosts.hosts, config, transport),
    }
    for check, examination in examinations.items():
        yield from _findings(check, examination)


def _findings(check: Check, examination: Examination) -> Iterator[Finding]:
    """Whatever happens becomes a finding: who is asked what is wrong does not break of it."""
    try:
        yield from examination()
    except (InstanceError, DatabaseError) as error:
        yield Finding(check, "wrong", "doctor_said", {"said": str(error)})
    except DBAPIError as error:
        yield Finding(check, "wrong", "doctor_database", {"reason": str(error.orig)})
    except OSError as error:
        values = {"file": str(error.filename or ""), "reason": error.strerror or type(error).__name__}
        yield Finding(check, "wrong", "doctor_file", values)
    except Exception as error:  # noqa: BLE001 - a row may hold anything
        yield Finding(check, "wrong", "doctor_broke", {"error": type(error).__name__})

"""One commit: several groups of statements in it, and what each of them gets to hear.

A room of its own beside ``store``, which makes one commit after the other.
"""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import InternalError, OperationalError


class StoreUnavailable(Exception):  # noqa: N818 - a state of the store, for the edges a 503
    """It could not be stored: the disk is full, the database is locked or the store is closed."""


class Job:
    """A group that waits to be committed, and the place where its result will lie.

    ``together`` is given in place of ``group`` where several may run as one, each with its ``asked``.
    """

    __slots__ = ("_bell", "_leads", "_outcome", "asked", "group", "together")

    def __init__(
        self,
        group: Callable[[Connection], Any] | None = None,
        together: Callable[[Connection, list[Any]], list[Any]] | None = None,
        asked: Any = None,
    ) -> None:
        self.group, self.together, self.asked = group, together, asked
        # A bare lock: a Future costs more than the statements of a message.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._leads = False
        self._outcome: Any = None

    def wait(self) -> bool:
        """Until it is finished, or (True) until it is its turn to be committed by its own thread."""
        self._bell.acquire()
        return self._leads

    def lead(self) -> None:
        self._leads = True
        self._bell.release()

    def finish(self, outcome: Any) -> None:
        self._outcome = outcome
        self._bell.release()

    def result(self) -> Any:
        """Of a finished one; an exception is raised."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def commit(connection: Connection, jobs: list[Job]) -> list[Any]:
    """Each job's result or exception, once all is on disk; raises when nothing of it is."""
    groups = _together(jobs)
    if len(groups) == 1:
        # Alone in its commit, a group needs no savepoint.
        transaction = connection.begin()
        try:
            results = _executed(connection, jobs)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever handed the job in
            transaction.rollback()
            if len(jobs) == 1:
                return [_refusal(error)]
            groups = [[job] for job in jobs]
        else:
            transaction.commit()
            return results
    outcomes: dict[Job, Any] = {}
    with connection.begin():
        for several in groups:
            outcomes.update(zip(several, _outcomes(connection, several), strict=True))
    return [outcomes[job] for job in jobs]


def _together(jobs: list[Job]) -> list[list[Job]]:
    """The jobs in order, those that run as one at the place of their first."""
    found: dict[Any, list[Job]] = {}
    for job in jobs:
        found.setdefault(job if job.together is None else job.together, []).append(job)
    return list(found.values())


def _outcomes(connection: Connection, jobs: list[Job]) -> list[Any]:
    # As SQLAlchemy's own spell them, which compile these words anew for each.
    connection.exec_driver_sql("SAVEPOINT several")
    try:
        results = _executed(connection, jobs)
        connection.exec_driver_sql("RELEASE SAVEPOINT several")
    except Exception as error:  # noqa: BLE001 - it belongs to whoever handed the job in
        # Raises when SQLite gave up the whole transaction (full disk, I/O error) and the
        # savepoint with it: what came before in this commit is lost then, and refused too.
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT several")
        connection.exec_driver_sql("RELEASE SAVEPOINT several")
        if len(jobs) > 1:
            return [_outcomes(connection, [job])[0] for job in jobs]
        return [_refusal(error)]
    return results


def _executed(connection: Connection, jobs: list[Job]) -> list[Any]:
    if (together := jobs[0].together) is not None:
        results = together(connection, [job.asked for job in jobs])
        return [result for result, _job in zip(results, jobs, strict=True)]
    group = jobs[0].group
    return [] if group is None else [group(connection)]


def _refusal(error: Exception) -> Exception:
    return unavailable(error) if isinstance(error, OperationalError | InternalError) else error


def unavailable(cause: BaseException) -> StoreUnavailable:
    """A new one for each waiting thread, which adds its own traceback to it."""
    found = StoreUnavailable(str(getattr(cause, "orig", type(cause).__name__)))
    found.__cause__ = cause
    return found

"""The one commit in which messages come into being.

What was decided before it is decided again here where others may write meanwhile.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from webpanel import models, usage
from webpanel.intake.asking import Caller, Place, Repeat, Result, Submitted
from webpanel.intake.clerk import Draft
from webpanel.store import from_now, insert_once, now
from webpanel.wire.problem import Problem, Refused

#: So long a request with an Idempotency-Key is remembered.
REMEMBERED = timedelta(days=7)

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_event = models.Event.__table__
_application = models.Application.__table__
_key = models.ApplicationKey.__table__
_answered = models.Answered.__table__

# What each request executes is made once: SQLAlchemy takes longer to make a statement than SQLite to
# execute it.
_HOLD = select(_application.c.id).where(_application.c.id == bindparam("application")).with_for_update()
_GATEWAYS = select(_gateway.c.id, _gateway.c.enabled)
_INSERT, _STEP = insert(_message), insert(_event)
_USE = (
    update(_key)
    .where(_key.c.id == bindparam("of"))
    .values(last_used_at=bindparam("at"), accepted=_key.c.accepted + bindparam("more"))
)


def commit(  # noqa: PLR0913 - one group, with all that it needs
    connection: Connection,
    *,
    caller: Caller,
    place: Place,
    drafts: Sequence[Draft],
    results: list[Result],
    repeat: Repeat | None,
) -> tuple[Submitted, set[int]]:
    """Store the drafts that still can be sent; ``results`` holds what was refused before.

    Returns the answer, and the gateways to ring for.
    """
    grant = caller.grant
    present = now(connection)
    if grant is not None:
        # Holds the application's row: nobody counts or repeats beside this.
        held = connection.execute(_HOLD, {"application": grant.application_id})
        if held.first() is None:
            raise Refused(Problem("application_gone"))
        if repeat is not None and (before := known(connection, grant.application_id, repeat)) is not None:
            return before, set()
    stored = []
    for draft, problem in _judged(connection, caller, place, drafts, present):
        if problem is None:
            stored.append(draft)
        else:
            results[draft.place] = Result(None, (problem,))
    rows = [_row_now(caller, draft, present) for draft in stored]
    rung = set()
    for draft, row, message_id in zip(stored, rows, _inserted(connection, caller, stored, rows), strict=True):
        fresh = message_id == row["id"]
        results[draft.place] = Result(message_id, row=row if fresh else None)
        if fresh and not row["test"]:
            rung.add(row["gateway_id"])
    if grant is not None and stored:
        connection.execute(_USE, {"of": grant.key_id, "at": present, "more": len(stored)})
        if repeat is not None:
            _remember(connection, grant.application_id, repeat, results, present)
    return Submitted(tuple(results)), rung


def _judged(
    connection: Connection, caller: Caller, place: Place, drafts: Sequence[Draft], present: datetime
) -> Iterator[tuple[Draft, Problem | None]]:
    """Each draft, with what keeps it from being stored: its gateway was switched off, or a limit."""
    found = connection.execute(_GATEWAYS)
    enabled = {row.id: row.enabled for row in found}
    ready = []
    for draft in drafts:
        if enabled.get(draft.row["gateway_id"]):
            ready.append(draft)
        else:
            gone = draft.row["gateway_id"] not in enabled
            yield draft, Problem("gateway_gone" if gone else "gateway_disabled", "gateway")
    if caller.grant is None:
        yield from ((draft, None) for draft in ready)
        return
    full = usage.take(
        connection,
        caller.grant.application_id,
        caller.grant.terms.limits,
        [(draft.row["recipient"], draft.row["parts"]) for draft in ready],
        at=present,
        time_zone=place.time_zone,
    )
    yield from zip(ready, full, strict=True)


def _inserted(
    connection: Connection, caller: Caller, drafts: Sequence[Draft], rows: Sequence[dict[str, Any]]
) -> list[str]:
    """The rows with their first step; returns the ids, which for a used ``once`` is that of the first."""
    if not rows:
        return []
    if len(rows) == 1 and rows[0]["once"] is not None:
        if not insert_once(connection, _message, **rows[0]):
            used = select(_message.c.id).where(_message.c.once == rows[0]["once"])
            return [connection.execute(used).scalar_one()]
    else:
        connection.execute(_INSERT, rows)
    connection.execute(
        _STEP, [_first_step(caller, draft, row) for draft, row in zip(drafts, rows, strict=True)]
    )
    for row in rows:
        if (before := row["resent_from"]) is not None:
            note(connection, before, "event_resent", {"message_id": row["id"]}, caller.actor)
    return [row["id"] for row in rows]


def _row_now(caller: Caller, draft: Draft, present: datetime) -> dict[str, Any]:
    """The times are those of the commit, by the database's clock."""
    row = draft.row
    lifetime = row["expires_at"] - row["due_at"]
    due = row["due_at"] if draft.delay else present
    row = {**row, "created_at": present, "due_at": due, "expires_at": due + lifetime, "final_at": None}
    row["reason"] = None
    if caller.grant is not None and (state := caller.grant.terms.test_state):
        row |= {"state": state, "due_at": None, "final_at": present}
        row["reason"] = {"code": "event_test_mode", "values": {}}
    return row


def _first_step(caller: Caller, draft: Draft, row: dict[str, Any]) -> dict[str, Any]:
    code, values = "event_accepted", {"gateway": draft.row["gateway_name"]}
    if draft.row["resent_from"] is not None:
        code, values = "event_accepted_resend", {**values, "message_id": draft.row["resent_from"]}
    elif caller.grant is not None:
        values = {**values, "reason": {"code": draft.why.code, "values": draft.why.values}}
    return {
        "message_id": row["id"],
        "at": row["created_at"],
        "code": code,
        "values": values,
        "actor": caller.actor,
    }


def known(connection: Connection, application_id: int, repeat: Repeat) -> Submitted | None:
    """What the same request was answered; None when it is new. Raises Refused for another one."""
    row = connection.execute(
        select(_answered.c.request_hash, _answered.c.results).where(
            _answered.c.application_id == application_id,
            _answered.c.key == repeat.key,
            _answered.c.created_at > from_now(-REMEMBERED.total_seconds()),
        )
    ).first()
    if row is None:
        return None
    if row.request_hash != repeat.request_hash:
        raise Refused(Problem("idempotency_mismatch", "repeat"))
    return Submitted(tuple(_result(each) for each in row.results), repeated=True)


def _remember(
    connection: Connection,
    application_id: int,
    repeat: Repeat,
    results: Sequence[Result],
    present: datetime,
) -> None:
    connection.execute(delete(_answered).where(_answered.c.created_at <= present - REMEMBERED))
    connection.execute(
        insert(_answered).values(
            application_id=application_id,
            key=repeat.key,
            request_hash=repeat.request_hash,
            created_at=present,
            results=[_result_kept(result) for result in results],
        )
    )


def _result_kept(result: Result) -> str | list[dict[str, Any]]:
    if result.message_id is not None:
        return result.message_id
    return [{"code": each.code, "field": each.field, "values": each.values} for each in result.problems]


def _result(kept: Any) -> Result:
    if isinstance(kept, str):
        return Result(kept)
    problems = (Problem(each["code"], each["field"], values=each["values"]) for each in kept)
    return Result(None, tuple(problems))


def note(connection: Connection, message_id: str, code: str, values: dict[str, Any], actor: str) -> None:
    connection.execute(
        insert(_event).values(message_id=message_id, at=from_now(), code=code, values=values, actor=actor)
    )

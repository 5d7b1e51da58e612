"""The one commit in which messages come into being.

What was decided before it is decided again here where others may write meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from webpanel import callbacks, models, usage
from webpanel.applications import Grant
from webpanel.intake import resending
from webpanel.intake.asking import Caller, Place, Repeat, Result, Submitted
from webpanel.intake.clerk import Draft
from webpanel.prepared import Prepared
from webpanel.store import from_now, insert_once, now
from webpanel.usage import Limits
from webpanel.wire.problem import Problem, Refused

#: So long a request with an Idempotency-Key is remembered.
REMEMBERED = timedelta(days=7)

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_event = models.Event.__table__
_application = models.Application.__table__
_key = models.ApplicationKey.__table__
_answered = models.Answered.__table__

_HOLD = Prepared(
    select(_application.c.id).where(_application.c.id == bindparam("application")).with_for_update()
)
_GATEWAYS = Prepared(select(_gateway.c.id, _gateway.c.enabled, _gateway.c.stopped_at))
_INSERT = Prepared(insert(_message), _message.c.keys())
_STEP = Prepared(insert(_event), ("message_id", "at", "code", "values", "actor"))
_USE = Prepared(
    update(_key)
    .where(_key.c.id == bindparam("of"))
    .values(last_used_at=bindparam("at"), accepted=_key.c.accepted + bindparam("more"))
)
_KNOWN = Prepared(
    select(_answered.c.request_hash, _answered.c.results).where(
        _answered.c.application_id == bindparam("application"),
        _answered.c.key == bindparam("word"),
        _answered.c.created_at > from_now(-REMEMBERED.total_seconds()),
    )
)
_FORGET = Prepared(delete(_answered).where(_answered.c.created_at <= bindparam("before")))
_REMEMBER = Prepared(insert(_answered), _answered.c.keys())


@dataclass(frozen=True)
class Ask:
    """A request whose messages were checked; ``results`` holds what was refused of it before."""

    caller: Caller
    place: Place
    drafts: Sequence[Draft]
    results: Sequence[Result]
    repeat: Repeat | None


#: What is answered, and the gateways to ring for.
Answer = tuple[Submitted, set[int]]


def commit(connection: Connection, asks: list[Ask]) -> list[Answer | Exception]:
    """Store of each request what still can be sent; the requests of several callers as one group."""
    present = now(connection)
    held = _hold(connection, asks)
    answers: dict[int, Answer | Exception] = {}
    new: list[int] = []
    again: list[int] = []
    seen: set[tuple[int, str]] = set()
    for number, ask in enumerate(asks):
        try:
            before, name = _before(connection, ask, held)
        except Refused as refused:
            answers[number] = refused
            continue
        if before is not None:
            answers[number] = before, set()
        elif name is not None and name in seen:
            again.append(number)
        else:
            new.append(number)
            if name is not None:
                seen.add(name)
    answers.update(zip(new, _store(connection, [asks[number] for number in new], present), strict=True))
    if again:
        # The same request twice at the same moment: by now the first of them is known.
        answers.update(zip(again, commit(connection, [asks[number] for number in again]), strict=True))
    return [answers[number] for number in range(len(asks))]


def _hold(connection: Connection, asks: Sequence[Ask]) -> set[int]:
    """The applications that are there; held, so that nobody counts or repeats beside this."""
    wanted = {ask.caller.grant.application_id for ask in asks if ask.caller.grant is not None}
    # In one order everywhere: two that hold several never wait for each other.
    return {each for each in sorted(wanted) if _HOLD.first(connection, {"application": each})}


def _before(
    connection: Connection, ask: Ask, held: set[int]
) -> tuple[Submitted | None, tuple[int, str] | None]:
    """What the request was answered when it came before, and the name by which it is known."""
    if ask.caller.grant is None:
        return None, None
    application_id = ask.caller.grant.application_id
    if application_id not in held:
        raise Refused(Problem("application_gone"))
    if ask.repeat is None:
        return None, None
    return known(connection, application_id, ask.repeat), (application_id, ask.repeat.key)


def _store(connection: Connection, asks: Sequence[Ask], present: datetime) -> list[Answer]:
    gateways = {row.id: row for row in _GATEWAYS.all(connection)}
    results = [list(ask.results) for ask in asks]
    ready: list[tuple[int, Draft]] = []
    not_again = resending.refused(connection, [draft for ask in asks for draft in ask.drafts])
    for number, ask in enumerate(asks):
        for draft in ask.drafts:
            gateway = gateways.get(draft.row["gateway_id"])
            if (problem := not_again.get(draft.row["id"])) is not None:
                results[number][draft.place] = Result(None, (problem,))
            elif gateway is not None and gateway.enabled:
                ready.append((number, draft))
            else:
                problem = Problem("gateway_gone" if gateway is None else "gateway_disabled", "gateway")
                results[number][draft.place] = Result(None, (problem,))
    kept = []
    for (number, draft), problem in zip(ready, _within_limits(connection, asks, ready, present), strict=True):
        if problem is None:
            kept.append((number, draft, _row_now(asks[number].caller, draft, present)))
        else:
            results[number][draft.place] = Result(None, (problem,))
    ids = _inserted(connection, [(draft, row) for _number, draft, row in kept])
    rung: list[set[int]] = [set() for _ask in asks]
    steps: list[dict[str, Any]] = []
    again: list[Draft] = []
    for (number, draft, row), message_id in zip(kept, ids, strict=True):
        fresh = message_id == row["id"]
        results[number][draft.place] = Result(message_id, row=row if fresh else None)
        if fresh:
            steps += _first_steps(asks[number].caller, draft, row)
            again.append(draft)
            # Whoever starts a stopped gateway again rings for what waits.
            if not row["test"] and gateways[row["gateway_id"]].stopped_at is None:
                rung[number].add(row["gateway_id"])
    if steps:
        _STEP.run(connection, steps)
    resending.conclude(connection, again, present)
    _tell(
        connection,
        [(draft, row) for (_, draft, row), made in zip(kept, ids, strict=True) if made == row["id"]],
    )
    _note_uses(connection, [asks[number].caller.grant for number, _draft, _row in kept], present)
    _remember(connection, zip(asks, results, strict=True), present)
    return [(Submitted(tuple(each)), rings) for each, rings in zip(results, rung, strict=True)]


def _tell(connection: Connection, stored: Sequence[tuple[Draft, Mapping[str, Any]]]) -> None:
    """Keep whom to tell of these messages; tell what is final already, or is asked for from the start."""
    if targets := [draft.target for draft, _row in stored if draft.target is not None]:
        callbacks.TARGETS.run(connection, targets)
    if told := [row["id"] for draft, row in stored if draft.target is not None or row["test"]]:
        callbacks.queue_several(connection, told)


def _within_limits(
    connection: Connection, asks: Sequence[Ask], ready: Sequence[tuple[int, Draft]], present: datetime
) -> list[Problem | None]:
    """For each draft the limit that it does not fit in; those of one application are counted in order."""
    of_ask: list[list[int]] = [[] for _ask in asks]
    for place, (number, _draft) in enumerate(ready):
        of_ask[number].append(place)
    counted: dict[tuple[int, Limits, str], list[int]] = defaultdict(list)
    for ask, places in zip(asks, of_ask, strict=True):
        if (grant := ask.caller.grant) is not None:
            counted[grant.application_id, grant.terms.limits, ask.place.time_zone] += places
    found: list[Problem | None] = [None] * len(ready)
    for (application_id, limits, time_zone), places in counted.items():
        wanted = [(ready[place][1].row["recipient"], ready[place][1].row["parts"]) for place in places]
        full = usage.take(connection, application_id, limits, wanted, at=present, time_zone=time_zone)
        for place, problem in zip(places, full, strict=True):
            found[place] = problem
    return found


def _inserted(connection: Connection, rows: Sequence[tuple[Draft, dict[str, Any]]]) -> list[str]:
    """The ids of the rows; for a ``once`` that was used before, that of its first message."""
    ids = [row["id"] for _draft, row in rows]
    # One that is sent once more with others is known to be the first: see resending.
    alone = [row["once"] is not None and draft.resent_state is None for draft, row in rows]
    if several := [row for (_draft, row), one in zip(rows, alone, strict=True) if not one]:
        _INSERT.run(connection, several)
    for place, (_draft, row) in enumerate(rows):
        if alone[place] and not insert_once(connection, _message, **row):
            used = select(_message.c.id).where(_message.c.once == row["once"])
            ids[place] = connection.execute(used).scalar_one()
    return ids


def _note_uses(connection: Connection, grants: Iterable[Grant | None], present: datetime) -> None:
    """Count the messages that were accepted by each key."""
    used = Counter(grant.key_id for grant in grants if grant is not None)
    if used:
        rows = [{"of": key_id, "at": present, "more": count} for key_id, count in used.items()]
        _USE.run(connection, rows)


def _row_now(caller: Caller, draft: Draft, present: datetime) -> dict[str, Any]:
    """The times are those of the commit, by the database's clock."""
    due = draft.due or present
    row = {
        **draft.row,
        "state": "queued" if draft.due is None else "scheduled",
        "created_at": present,
        "due_at": due,
        "expires_at": due + draft.lifetime,
        "final_at": None,
        "reason": None,
    }
    if caller.grant is not None and (state := caller.grant.terms.test_state):
        row |= {"state": state, "due_at": None, "final_at": present}
        row["reason"] = {"code": "event_test_mode", "values": {}}
    return row


def _first_steps(caller: Caller, draft: Draft, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The first step of a message, and that of the one which it sends again."""
    step = {"message_id": row["id"], "at": row["created_at"], "actor": caller.actor}
    if (before := row["resent_from"]) is not None:
        return [
            {**step, "code": "event_accepted_resend", "values": {**draft.choice, "message_id": before}},
            {**step, "message_id": before, "code": "event_resent", "values": {"message_id": row["id"]}},
        ]
    return [{**step, "code": "event_accepted", "values": draft.choice}]


def known(connection: Connection, application_id: int, repeat: Repeat) -> Submitted | None:
    """What the same request was answered; None when it is new. Raises Refused for another one."""
    row = _KNOWN.first(connection, {"application": application_id, "word": repeat.key})
    if row is None:
        return None
    if row.request_hash != repeat.request_hash:
        raise Refused(Problem("idempotency_mismatch", "repeat"))
    return Submitted(tuple(_result(each) for each in row.results), repeated=True)


def _remember(
    connection: Connection, answered: Iterable[tuple[Ask, Sequence[Result]]], present: datetime
) -> None:
    """Keep what requests with a key were answered, but for those of which nothing was stored."""
    rows = [
        {
            "application_id": ask.caller.grant.application_id,
            "key": ask.repeat.key,
            "request_hash": ask.repeat.request_hash,
            "created_at": present,
            "results": [_result_kept(result) for result in results],
        }
        for ask, results in answered
        if ask.caller.grant is not None
        and ask.repeat is not None
        and any(result.message_id is not None for result in results)
    ]
    if rows:
        _FORGET.run(connection, [{"before": present - REMEMBERED}])
        _REMEMBER.run(connection, rows)


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

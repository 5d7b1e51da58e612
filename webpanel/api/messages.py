"""Messages in the API: one, many, what became of them, and cancelling."""

import re
from typing import Any

from flask import Blueprint, Response, request, url_for

from webpanel import intake
from webpanel.api import bodies, calls, finding, keys, problems, shapes
from webpanel.api.problems import Failed
from webpanel.application_terms import PRIORITIES
from webpanel.callbacks import Tell
from webpanel.intake import Wanted
from webpanel.models import Message
from webpanel.services import services
from webpanel.wire.problem import Problem, Refused

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.ASCII | re.IGNORECASE)
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)

_OPTIONS = set(shapes.Options.model_fields)

PAGE_LENGTH = 50

_message = Message.__table__


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/messages", view_func=create, methods=["POST"])
    bp.add_url_rule("/messages", view_func=index, methods=["GET"])
    bp.add_url_rule("/messages/batch", view_func=batch, methods=["POST"])
    bp.add_url_rule("/messages/<message_id>", view_func=show, methods=["GET"])
    bp.add_url_rule("/messages/<message_id>/cancel", view_func=cancel, methods=["POST"])


def create() -> Response:
    keys.must_send()
    asked = bodies.read(shapes.NewMessage)
    return submitted(asked, "api")


def submitted(asked: shapes.NewMessage, source: str) -> Response:
    """Store one message, wait for its outcome where that is asked for, and say what is known."""
    wait = _wait(asked)
    done = _submit([wanted(asked, asked.to, asked.message)], source, bodies.repeat(asked, "message"))
    result = done.results[0]
    if result.message_id is None:
        raise problems.refused(result.problems)
    waited = wait > 0 and services().waiting.until_final(result.message_id, wait)
    row = None if waited else calls.just_stored(result)
    row = row or calls.find(result.message_id, _message.c.id.is_not(None))
    if row is None:
        raise Failed("not_found")
    response = calls.answer({**calls.described(row), "repeated": done.repeated}, 200 if waited else 202)
    response.headers["Location"] = url_for("api.show", message_id=result.message_id)
    if done.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def batch() -> Response:
    """Each message is accepted or refused by itself; the accepted ones are stored in one commit."""
    keys.must_send()
    request.max_content_length = request.max_form_memory_size = keys.LARGEST_BATCH
    asked = bodies.read(shapes.NewBatch)
    done = _submit(_each(asked), "api", bodies.repeat(asked, "batch"))
    results = [
        {"index": index, "id": result.message_id}
        if result.message_id is not None
        else {
            "index": index,
            "errors": [problems.field_error(each) for each in problems.named(result.problems)],
        }
        for index, result in enumerate(done.results)
    ]
    accepted = sum(result.message_id is not None for result in done.results)
    if all(result.problems and problems.is_limit(result.problems[0]) for result in done.results):
        raise problems.refused(done.results[0].problems)
    response = calls.answer(
        {
            "accepted": accepted,
            "refused": len(results) - accepted,
            "repeated": done.repeated,
            "results": results,
        },
        202 if accepted else 422,
    )
    if done.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def show(message_id: str) -> Response:
    row = _found(message_id, keys.must_read())
    return calls.answer(calls.described(row), 200)


def index() -> Response:
    """A page, newest first; ``before`` is the id after which the next page begins."""
    visible = calls.visible(keys.must_read())
    asked = bodies.query(shapes.MessageFilters)
    rows, following = calls.page([visible, *finding.conditions(asked)], asked.limit or PAGE_LENGTH)
    return calls.answer({"messages": [calls.described(row) for row in rows], "next": following}, 200)


def cancel(message_id: str) -> Response:
    holder = keys.must_send()
    keys.note_use()
    row = _found(message_id, holder)
    if not intake.cancel(services().store, row, actor=holder.terms.name):
        raise Failed("not_cancellable")
    return calls.answer(calls.described(_found(message_id, holder)), 200)


def wanted(asked: shapes.Options, to: str, text: str) -> Wanted:
    """What a request says, as intake takes it."""
    return Wanted(
        to,
        text,
        gateway=asked.gateway,
        sender=asked.sender,
        reference=asked.reference,
        sensitive=asked.sensitive,
        send_at=asked.send_at,
        valid_for=asked.valid_for,
        on_ambiguous=asked.on_ambiguous,
        priority=None if asked.priority is None else PRIORITIES.index(asked.priority),
        tell=None if asked.callback_url is None else Tell(asked.callback_url),
    )


def _each(asked: shapes.NewBatch) -> list[Wanted]:
    """The messages of a batch, with what it says for all of them."""
    if (asked.to is None) == (asked.messages is None):
        raise Failed("invalid_request", [Problem("batch_one_of", "messages")])
    if asked.to is not None:
        if asked.message is None:
            raise Failed("invalid_request", [Problem("missing", "message")])
        return [wanted(asked, to, asked.message) for to in asked.to]
    usual = asked.model_dump(include=_OPTIONS, exclude_none=True)
    several = []
    for number, each in enumerate(asked.messages or ()):
        text = asked.message if each.message is None else each.message
        if text is None:
            raise Failed("invalid_request", [Problem("missing", f"messages.{number}.message")])
        options: shapes.Options = asked
        if not _OPTIONS.isdisjoint(each.model_fields_set):
            own = each.model_dump(include=_OPTIONS, exclude_none=True)
            options = shapes.Options.model_construct(**{**usual, **own})
        several.append(wanted(options, each.to, text))
    return several


def _submit(several: list[Wanted], source: str, repeat: intake.Repeat | None) -> intake.Submitted:
    try:
        return calls.submit(several, source, repeat)
    except Refused as refused:
        raise problems.refused(refused.problems) from None


def _wait(asked: shapes.NewMessage) -> int:
    """Seconds to wait; the field goes before the header, which asks for too much without harm."""
    if asked.wait is not None:
        return asked.wait
    preferred = _PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return min(int(preferred[1]), shapes.LONGEST_WAIT) if preferred else 0


def _found(message_id: str, holder: keys.Grant) -> Any:
    row = calls.find(message_id, calls.visible(holder)) if _ID.fullmatch(message_id) else None
    if row is None:
        raise Failed("not_found")
    return row

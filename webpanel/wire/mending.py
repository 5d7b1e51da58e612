"""One click that mends what ``lint`` or ``advice`` found, where that is possible.

A mend is offered only when it helps: afterwards its problem is gone, and no error stands where none
stood before.
"""

import dataclasses
import re
from collections.abc import Collection, Iterable
from urllib.parse import unquote

from webpanel.wire import advice, json_mending, lint, text_mending
from webpanel.wire import url as urls
from webpanel.wire.advice import Known
from webpanel.wire.gateway import BODY_FIELDS, NUMBER_FORMATS, Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import SECRET, names
from webpanel.wire.text_mending import OfText

#: Errors of a document of which only the first can be told: mending one may bring the next to light.
_ONE_AT_A_TIME = ("json_", "xml_", "placeholder_", "secret_unknown")
#: The menders of one field's text, by the code of the problem: how it is called, and what does it.
_OF_TEXT = {**text_mending.MENDERS, **json_mending.MENDERS}
_HTTP = re.compile(r"^(\s*)http(://[^/?#]*?)(?::0*80)?(?=[/?#]|$)", re.IGNORECASE)
#: The authentication's secrets, by the part of an address that they were written in.
_BASIC = {"auth_username": "user", "auth_password": "password"}
#: Rounds in which the number's format draws the quotes around it after itself.
_MOST_ROUNDS = 50


@dataclasses.dataclass(frozen=True)
class Mended:
    """The settings mended, the secrets taken out of them, and ``how``: the code of the button's words."""

    gateway: Gateway
    how: str
    secrets: dict[str, str] = dataclasses.field(default_factory=dict, repr=False)
    #: Fills the button's words.
    values: dict[str, str] = dataclasses.field(default_factory=dict)


def mend(
    gateway: Gateway,
    problem: Problem,
    secret_names: Collection[str] = (),
    known: Known | None = None,
    *,
    errors: Iterable[Problem] | None = None,
) -> Mended | None:
    """``gateway`` without ``problem``, which is one that was told of it; None where no click can do that.

    ``secret_names`` and ``known`` as they were when the problem was told; ``errors``: those that ``lint``
    told with it, where they are at hand.
    """
    try:
        mended = _mended(gateway, problem, secret_names, known or Known())
    except IndexError:
        # The problem points past the end of a text that has changed since.
        return None
    if mended is None or mended.gateway == gateway:
        return None
    if errors is None:
        errors = lint.check(gateway, secret_names) or lint.unplaced(gateway)
    kept = {*secret_names, *mended.secrets}
    if advice.is_still_told(mended.gateway, kept, known, problem):
        return None
    return mended if _helps(mended, problem, kept, errors) else None


def _mended(gateway: Gateway, problem: Problem, secret_names: Collection[str], known: Known) -> Mended | None:
    match problem.code:
        case "literal_in_clear" | "literal_becomes_secret" | "key_by_shape":
            return _kept_secret(gateway, problem, secret_names)
        case "url_user":
            return _basic(gateway)
        case "http_public":
            return _https(gateway)
        case "number_format_forbidden":
            return _allowed_format(gateway, known)
        case _:
            how, of_text = _OF_TEXT.get(problem.code, ("", None))
            return _field(gateway, problem, of_text, how) if of_text else None


def _field(gateway: Gateway, problem: Problem, of_text: OfText, how: str) -> Mended | None:
    text = getattr(gateway, problem.field)
    mended = of_text(text, text_mending.offset(text, problem.line or 1, problem.column or 1), problem)
    if mended is None:
        return None
    values = {"placeholder": f"{{{{{text_mending.meant(problem)}}}}}"}
    return Mended(dataclasses.replace(gateway, **{problem.field: mended}), how, values=values)


def _kept_secret(gateway: Gateway, problem: Problem, secret_names: Collection[str]) -> Mended | None:
    """The credential at the problem's place as a secret, here and wherever else it stands."""
    found = advice.credentials(gateway, secret_names)
    at = text_mending.offset(getattr(gateway, problem.field), problem.line or 1, problem.column or 1)
    meant = [
        (literal, name) for literal, name in found if (literal.field, literal.start) == (problem.field, at)
    ]
    if not meant:
        return None
    value, name = meant[0][0].value, meant[0][1]
    texts: dict[str, str] = {}
    # From the end, so that the offsets of those before stay right.
    for literal, _ in sorted(found, key=lambda each: each[0].start, reverse=True):
        if literal.value == value:
            text = texts.get(literal.field, getattr(gateway, literal.field))
            texts[literal.field] = text[: literal.start] + f"{{{{{SECRET}{name}}}}}" + text[literal.end :]
    mended = dataclasses.replace(gateway, **texts)
    return Mended(mended, "mend_secret", {name: value}, {"placeholder": f"{{{{{SECRET}{name}}}}}"})


def _basic(gateway: Gateway) -> Mended | None:
    """User name and password out of the address, into the authentication made for them."""
    found = re.search(r"://(?P<user>[^:@/?#]+):(?P<password>[^@/?#]+)@", gateway.url)
    if not found or gateway.auth_kind != "none" or "{{" in found[0]:
        return None
    url = gateway.url[: found.start() + 3] + gateway.url[found.end() :]
    secrets = {name: unquote(found[part]) for name, part in _BASIC.items()}
    return Mended(dataclasses.replace(gateway, url=url, auth_kind="basic"), "mend_basic", secrets)


def _https(gateway: Gateway) -> Mended | None:
    try:
        address = urls.read(gateway.url)
    except Refused:
        return None
    if address.port != urls.DEFAULT_PORTS["http"]:
        # Which port speaks https cannot be guessed.
        return None
    url = _HTTP.sub(r"\1https\2", gateway.url)
    return Mended(dataclasses.replace(gateway, url=url), "mend_https")


def _allowed_format(gateway: Gateway, known: Known) -> Mended | None:
    """The first number format that the provider allows, with quotes where it asks for them."""
    allowed = known.number_formats[0] if known.number_formats else ""
    if allowed not in NUMBER_FORMATS:
        return None
    mended = dataclasses.replace(gateway, number_format=allowed)
    for _ in range(_MOST_ROUNDS):
        errors = lint.check(mended, _every_secret(mended))
        unquoted = next((each for each in errors if each.code == "json_quotes_missing"), None)
        if unquoted is None:
            break
        quoted = _field(mended, unquoted, json_mending.quoted, "mend_quotes")
        if quoted is None:
            break
        mended = quoted.gateway
    return Mended(mended, "mend_number_format", values={"format": allowed})


def _helps(mended: Mended, problem: Problem, kept: Collection[str], errors: Iterable[Problem]) -> bool:
    """Whether the problem is no error any more, and no other error came."""
    after = lint.check(mended.gateway, kept) or lint.unplaced(mended.gateway)
    if problem in after:
        return False
    old = {_kind(error) for error in errors}
    return all(_comes_to_light(problem, error) for error in after if _kind(error) not in old)


def _kind(error: Problem) -> tuple[str, str]:
    return error.code, error.field


def _comes_to_light(problem: Problem, error: Problem) -> bool:
    """Whether ``error`` stood there before, and could not be told because of ``problem``."""
    if error.code in ("recipient_unplaced", "message_unplaced", "placeholder_lookalike"):
        # They are told of what has no other error.
        return True
    in_document = error.field in BODY_FIELDS.values() and problem.field == error.field
    after = (error.line or 1, error.column or 1) >= (problem.line or 1, problem.column or 1)
    hides = problem.code.startswith(_ONE_AT_A_TIME) and problem.code != "placeholder_lookalike"
    return in_document and hides and (after or problem.code.startswith(("placeholder_", "secret_")))


def _every_secret(gateway: Gateway) -> set[str]:
    fields = ("url", "headers", "query", *BODY_FIELDS.values())
    used = (name for field in fields for name in names(getattr(gateway, field)))
    return {name.removeprefix(SECRET) for name in used if name.startswith(SECRET)}

"""From a gateway's settings and one message's values to the exact bytes of one request."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from webpanel.wire import (
    authentication,
    escaping,
    header,
    json_text,
    mac,
    multipart,
    pairs,
    phone,
    template,
    xml_text,
)
from webpanel.wire import url as urls
from webpanel.wire.gateway import METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import SECRET, Filled, fill, join

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"
XML_TYPE = "application/xml; charset=utf-8"
RAW_TYPE = "text/plain; charset=utf-8"

Header = tuple[str, Filled]

#: Where these stand, whoever wrote them: a request is told from another by what it says, not by the
#: order in which its author typed it. All others stand between the two rows.
_FIRST = ("host", "user-agent", "accept", "accept-encoding", "authorization")
_LAST = ("content-type", "content-length")


@dataclass(frozen=True)
class Fresh:
    """What must be new with each request, as values: the clock in seconds since 1970, and two random words.

    ``nonce``: at most 32 letters and digits, in a signature (:mod:`~webpanel.wire.mac`). ``boundary``: at
    most 70 letters and digits, between the parts of a multipart body.
    """

    timestamp: int
    nonce: str
    boundary: str


#: For what is composed and never sent.
UNSENT = Fresh(0, "0" * 32, "0" * 32)


@dataclass(frozen=True)
class Values:
    """What fills a gateway's templates for one message; secrets are by name."""

    recipient: phone.Number
    message: str
    message_id: str
    fresh: Fresh
    sender: str = ""
    report_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True)
class OutgoingRequest:
    """One request as it leaves: complete, in order, and not to be changed on the way.

    ``target`` is in origin form; ``host`` has no brackets; ``secret_spans`` are the (start, end)
    offsets in ``raw`` of what came from secrets. Only ``repr`` is free of secrets.
    """

    method: str
    scheme: str
    host: str
    port: int
    target: bytes = field(repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes | None = field(repr=False)
    secret_spans: tuple[tuple[int, int], ...] = ()

    @functools.cached_property
    def raw(self) -> bytes:
        """Request line, headers, blank line and body."""
        lines = [b"%s %s HTTP/1.1" % (self.method.encode(), self.target)]
        lines += [b"%s: %s" % named for named in self.headers]
        return b"\r\n".join([*lines, b"", self.body or b""])

    @property
    def url(self) -> str:
        """Holds secrets where the target does."""
        address = urls.Url(self.scheme, self.host, self.port, "", "")
        return f"{self.scheme}://{address.authority}{self.target.decode('ascii')}"


def compose(gateway: Gateway, values: Values, *, user_agent: str) -> OutgoingRequest:
    """The request that asks ``gateway``'s provider to send one message.

    Raises Refused: with problems of the gateway's fields where they cannot be used, with problems of
    ``recipient``, ``message``, ``sender``, ``message_id`` or ``secrets`` where a value cannot arrive as
    the same text (their line and column are the value's).
    """
    address = urls.read(gateway.url)
    texts = _texts(gateway, values)
    target = _target(gateway, address, texts)
    body = None if gateway.method in METHODS_WITHOUT_BODY else _body(gateway, texts, values.fresh)
    own = _own_headers(gateway, texts)
    given = [
        ("Host", Filled(address.authority)),
        *_defaults(own, user_agent),
        *authentication.headers(gateway, texts, _asked(gateway, address, target, values.fresh)),
        *own,
        *_of_body(gateway, own, body, values.fresh),
    ]
    headers = sorted(given, key=_rank)
    whole = join(
        [
            Filled(f"{gateway.method} "),
            target,
            Filled(" HTTP/1.1\r\n"),
            *(piece for name, value in headers for piece in (Filled(f"{name}: "), value, Filled("\r\n"))),
            Filled("\r\n"),
            body or Filled(""),
        ]
    )
    return OutgoingRequest(
        method=gateway.method,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        target=target.text.encode(),
        headers=tuple((name.encode(), value.text.encode()) for name, value in headers),
        body=None if body is None else body.text.encode(),
        secret_spans=_byte_spans(whole),
    )


def arrives_anywhere(text: str) -> bool:
    """Whether ``text`` has nothing in it that any place of a request could refuse.

    What can be composed with one such text can be composed with every other: all that escapes and
    destinations refuse are control characters, halves of surrogate pairs, blanks at the ends of a header,
    and dots that make a segment of a path.
    """
    return text.isprintable() and text == text.strip(" ") and text.strip(".") != ""


def default_content_type(gateway: Gateway) -> str:
    """The Content-Type of the body that is sent, unless the gateway's headers name one.

    That of a multipart body is followed by its boundary.
    """
    match gateway.body_format:
        case "form":
            return FORM_TYPE
        case "multipart":
            return multipart.TYPE
        case "json":
            return JSON_TYPE
        case "xml":
            return XML_TYPE
        case _:
            return gateway.content_type.strip() or RAW_TYPE


def _rank(named: Header) -> int:
    name = named[0].lower()
    if name in _FIRST:
        return _FIRST.index(name)
    return len(_FIRST) + (1 + _LAST.index(name) if name in _LAST else 0)


def _byte_spans(filled: Filled) -> tuple[tuple[int, int], ...]:
    def at(offset: int) -> int:
        return len(filled.text[:offset].encode())

    return tuple((at(start), at(end)) for start, end in filled.secret_spans)


def _texts(gateway: Gateway, values: Values) -> dict[str, str]:
    """The value of every placeholder, by name."""
    return {
        "recipient": phone.write(values.recipient, gateway.number_format, gateway.number_suffix),
        "recipient_digits": phone.digits(values.recipient),
        "recipient_e164": phone.e164(values.recipient),
        "recipient_national": phone.national(values.recipient),
        "message": values.message,
        "message_id": values.message_id,
        "sender": values.sender or gateway.sender,
        "report_url": values.report_url,
        **{SECRET + name: value for name, value in values.secrets.items()},
    }


def _target(gateway: Gateway, address: urls.Url, texts: Mapping[str, str]) -> Filled:
    """Path and query: the URL's own query, then the parameters, then the helper's token."""
    queries = [urls.query(address, texts)]
    queries += [_parameter(pair, texts, escaping.url) for pair in pairs.read(gateway.query, "query", "=")]
    if gateway.auth_kind == "query":
        token = fill(authentication.TOKEN, texts, escaping.url)
        queries.append(join([Filled(escaping.url(gateway.auth_name) + "="), token]))
    queries = [query for query in queries if query.text]
    path = urls.path(address, texts)
    return join([path, Filled("?"), join(queries, "&")]) if queries else path


def _parameter(pair: pairs.Pair, texts: Mapping[str, str], escape: template.Escape) -> Filled:
    """One pair, encoded as a whole: the author's own text is plain text too."""
    key = fill(pair.key, texts, escape, literal=escape)
    return join([key, Filled("="), fill(pair.value, texts, escape, literal=escape)])


def _body(gateway: Gateway, texts: Mapping[str, str], fresh: Fresh) -> Filled:
    match gateway.body_format:
        case "form":
            fields = pairs.read(gateway.body_form, "body_form", "=")
            return join((_parameter(pair, texts, escaping.form) for pair in fields), "&")
        case "multipart":
            fields = pairs.read(gateway.body_form, "body_form", "=")
            return multipart.filled(fields, texts, fresh.boundary)
        case "json":
            integers = ("recipient",) if gateway.number_format == "integer" else ()
            return json_text.filled(
                gateway.body_json, texts, numbers=json_numbers(gateway), integers=integers
            )
        case "xml":
            return xml_text.filled(gateway.body_xml, texts)
        case _:
            return fill(gateway.body_raw, texts, escaping.raw, literal=escaping.raw)


def json_numbers(gateway: Gateway) -> tuple[str, ...]:
    """The placeholders that may stand in the gateway's JSON body without quotes."""
    writes_digits = gateway.number_format in ("digits", "integer")
    return json_text.NUMBERS if writes_digits else ("recipient_digits",)


def _asked(gateway: Gateway, address: urls.Url, target: Filled, fresh: Fresh) -> mac.Asked:
    return mac.Asked(
        fresh.timestamp, fresh.nonce, gateway.method, target.text, host=address.host, port=address.port
    )


def _defaults(own: Sequence[Header], user_agent: str) -> list[Header]:
    """What is said where the gateway's own headers do not."""
    said = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    return [(name, Filled(text)) for name, text in said.items() if not _named(own, name)]


def _of_body(gateway: Gateway, own: Sequence[Header], body: Filled | None, fresh: Fresh) -> list[Header]:
    """Its type, unless the gateway's own headers name one, and its length."""
    if body is None:
        return []
    length = ("Content-Length", Filled(str(len(escaping.raw(body.text).encode()))))
    if not _named(own, "Content-Type"):
        written = escaping.header(default_content_type(gateway))
        if gateway.body_format == "multipart":
            written += f"; boundary={fresh.boundary}"
        return [("Content-Type", Filled(written)), length]
    if gateway.body_format == "multipart":
        # Its boundary is new with each request: none that was typed could be right.
        raise Refused(Problem("multipart_content_type", "headers"))
    return [length]


def _named(headers: Sequence[Header], wanted: str) -> bool:
    return any(name.lower() == wanted.lower() for name, _ in headers)


def _own_headers(gateway: Gateway, texts: Mapping[str, str]) -> list[Header]:
    headers = []
    for pair in pairs.read(gateway.headers, "headers", ":"):
        key_end = pair.key_start + len(pair.key)
        if problem := header.problem(gateway.headers, pair.key_start, key_end, "headers"):
            raise Refused(problem)
        headers.append((pair.key, header.value(pair.value, texts, literal=escaping.header)))
    return headers

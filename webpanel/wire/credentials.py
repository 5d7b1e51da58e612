"""Which values of an example are credentials, and which of those the example only hints at.

A room of its own beside ``literals``, whose rules hold for everything that is saved: in an example more
names tell a credential, because somebody confirms what was found, and many of them are no real ones.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from webpanel.wire import leaves, literals
from webpanel.wire.gateway import Gateway
from webpanel.wire.leaves import ESCAPES
from webpanel.wire.problem import Refused
from webpanel.wire.template import SECRET

#: Names of credentials that ``literals`` does not know, and that are nothing else.
_TELLING = frozenset(
    (
        *("pass", "passwd", "passphrase", "passcode", "pwd", "psw", "pw", "pin", "auth", "hash", "signature"),
        *("cookie", "appsid"),
    )
)
#: Names of users: credentials when a password stands beside them.
_USERS = frozenset(
    ("user", "username", "userid", "login", "uname", "usr", "sid", "accountsid", "clientid", "email")
)
_USERS_PASSWORD = re.compile(r"pass|pwd|^pw$|^psw$|secret|token", re.IGNORECASE)
#: What providers' tokens begin with, whatever their name.
_TOKENS = re.compile(
    r"(?:sk|pk|rk)_(?:live|test)_\w{8,}|EAA\w{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]*|SG\.[\w.-]{20,}"
)

_VARIABLE = re.compile(r"\$\{?[A-Za-z_][\w.:-]*\}?|%[A-Za-z_]+%|\$\([^()]*\)")
_BRACKETED = re.compile(r"<[^<>]*>|\{+[^{}]*\}+|\[[^\[\]]*\]|\u2039[^\u203a]*\u203a")
_HINT = re.compile(
    r"\byour|(?-i:\bMy(?=[A-Z]))|\bmy[ _-]|[_ -]here\b|\b(?:insert|enter|replace|put)[ _-]|x{4,}|\*{3,}"
    r"|\u2022{2,}|\.{3}|\u2026",
    re.IGNORECASE,
)
_CONSTANT = re.compile(
    r"(?=[A-Z_\d-]*(?:KEY|TOKEN|ID|NUMBER|PHONE|NAME|SENDER|SECRET|PASS|AUTH|ACCOUNT))"
    r"[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+"
)
_LONGEST_HINT = 120
#: Words that only say which credential is meant: a value of nothing else is none.
_WORDS = frozenset(
    (
        *(
            "api",
            "app",
            "key",
            "keys",
            "token",
            "secret",
            "oauth",
            "oauth2",
            "access",
            "auth",
            "authorization",
        ),
        *(
            "user",
            "username",
            "userid",
            "password",
            "pass",
            "pwd",
            "passwd",
            "client",
            "account",
            "sid",
            "id",
        ),
        *("string", "base64", "encoded", "credentials", "bearer", "jwt", "hash", "value", "name", "the", "a"),
        *(
            "my",
            "your",
            "here",
            "of",
            "apikey",
            "apitoken",
            "accesstoken",
            "authtoken",
            "appkey",
            "login",
            "test",
        ),
    )
)
_WORD = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: What the path of an address shows for something of one's own, as Express and OpenAPI write it.
_PATH_VARIABLE = re.compile(r":[A-Za-z_]\w*")


@dataclass(frozen=True)
class Found:
    """A credential at ``gateway.field[start:end]`` and what it may be called."""

    field: str
    start: int
    end: int
    name: str
    value: str


def is_hint(value: str) -> bool:
    """Whether a value stands for one that the reader has: ``YOUR_API_KEY``, ``$TOKEN``, ``<api-key>``."""
    bare = value[:_LONGEST_HINT].strip().strip("\"'")
    return bool(
        _VARIABLE.fullmatch(bare)
        or _BRACKETED.fullmatch(bare)
        or _PATH_VARIABLE.fullmatch(bare)
        or _CONSTANT.fullmatch(bare)
        or _HINT.search(bare.replace("_", " "))
    )


def is_no_credential(value: str) -> bool:
    """Whether a value at a credential's place is none: a hint, or just the place's own name again."""
    if not value.strip() or is_hint(value) or _VARIABLE.search(value):
        return True
    words = _WORD.findall(_CAMEL.sub(" ", value[:_LONGEST_HINT]).lower())
    return not words or (len(value) < _LONGEST_HINT and _WORDS.issuperset(words))


def taken_out(
    gateway: Gateway, helpers: dict[str, str], helpers_asked: dict[str, str], *, exact: bool
) -> tuple[Gateway, dict[str, str], tuple[str, ...]]:
    """The gateway with ``{{secret.NAME}}`` for each credential, the values known, the names of the others.

    ``helpers``: what the authentication helper has, by name; ``helpers_asked``: what it has not,
    name -> what stands for it in the example. ``exact``: only where the same bytes are composed.
    """
    secrets, asked = dict(helpers), dict(helpers_asked)
    named = {value: name for name, value in helpers.items() if len(value) >= _LONG_ENOUGH}
    named |= {value: name for name, value in asked.items() if _says_what(value)}
    namesakes: Counter[str] = Counter()
    places: list[tuple[Found, str]] = []
    for found in sorted(_find(gateway, named, exact=exact), key=_place):
        name = named.get(found.value)
        if name is None:
            name = literals.free(found.name, namesakes)
            is_unknown = not exact and is_no_credential(found.value)
            (asked if is_unknown else secrets)[name] = found.value
            # Two places marked xxxx are two things; two marked $TOKEN are one.
            if not is_unknown or _says_what(found.value):
                named[found.value] = name
        places.append((found, name))
    texts: dict[str, str] = {}
    for found, name in reversed(places):
        text = texts.get(found.field, getattr(gateway, found.field))
        texts[found.field] = f"{text[: found.start]}{{{{{SECRET}{name}}}}}{text[found.end :]}"
    return replace(gateway, **texts), secrets, tuple(asked)


_LONG_ENOUGH = 8
#: The bodies that ``literals`` does not look into, and the names it would look for.
_UNREAD = ("body_xml", "body_raw")
_LIKE_LITERALS = re.compile(r"authorization|key|token|secret|password", re.IGNORECASE)
_FIELDS = tuple(Gateway.__dataclass_fields__)


def tells_by_name(name: str) -> bool:
    """Whether what is called ``name`` is a credential by its name alone."""
    return _folded(name) in _TELLING or bool(_LIKE_LITERALS.search(name))


def _place(found: Found) -> tuple[int, int]:
    return _FIELDS.index(found.field), found.start


def _says_what(hint: str) -> bool:
    """Whether a hint tells one thing from others, as ``xxxx`` does not."""
    return bool(re.search("[A-WYZa-wyz]{3}", hint)) or len(hint) > 2 * _LONG_ENOUGH


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _find(gateway: Gateway, named: dict[str, str], *, exact: bool) -> Iterator[Found]:
    """Each place once. What could not be kept as a secret is none."""
    everything = [*leaves.read(gateway), *leaves.in_headers(gateway)]
    by_place = {(leaf.field, leaf.start): leaf for leaf in everything}
    seen = set()
    for literal in literals.find(gateway):
        leaf = by_place.get((literal.field, literal.start))
        kind = leaf.kind if leaf else "plain"
        if literal.field != "body_json" or leaf is not None:
            seen.add((literal.field, literal.start))
            written = getattr(gateway, literal.field)[literal.start : literal.end]
            if (not exact and literal.field != "body_raw") or _same(literal.value, written, kind):
                yield Found(literal.field, literal.start, literal.end, literal.suggested_name, literal.value)
    hints = {_folded(value): value for value in named if is_hint(value)}
    has_password = any(_USERS_PASSWORD.search(leaf.name) for leaf in everything)
    for leaf in everything:
        if (leaf.field, leaf.start) in seen or leaf.is_bare:
            continue
        folded = _folded(leaf.name)
        if not leaf.value.strip():
            if not exact and tells_by_name(leaf.name):
                yield Found(leaf.field, leaf.start, leaf.end, _named(leaf.name), "")
            continue
        is_user = folded in _USERS and has_password
        is_telling = folded in _TELLING or (leaf.field in _UNREAD and _LIKE_LITERALS.search(leaf.name))
        # A hint that is a secret elsewhere is the same one here, also spelt otherwise.
        known = hints.get(_folded(leaf.value)) if not exact and is_hint(leaf.value) else None
        if is_telling or is_user or known or _TOKENS.fullmatch(leaf.value):
            written = getattr(gateway, leaf.field)[leaf.start : leaf.end]
            if (not exact and leaf.field != "body_raw") or _same(leaf.value, written, leaf.kind):
                yield Found(leaf.field, leaf.start, leaf.end, _named(leaf.name), known or leaf.value)


def _same(value: str, written: str, kind: str) -> bool:
    """Whether the secret would be written as the example has it."""
    try:
        return ESCAPES["plain" if kind == "form" else kind](value) == written
    except Refused:
        return False


def _named(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_") or "secret"

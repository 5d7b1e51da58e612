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
        "pass",
        "passwd",
        "passphrase",
        "pwd",
        "pin",
        "auth",
        "hash",
        "signature",
        "psw",
        "pw",
        "passcode",
        "cookie",
    )
)
#: Names of users: credentials when a password stands beside them.
_USERS = frozenset(
    (
        "user",
        "username",
        "userid",
        "login",
        "uname",
        "usr",
        "sid",
        "accountsid",
        "account",
        "clientid",
        "email",
    )
)
_USERS_PASSWORD = re.compile(r"pass|pwd|^pw$|^psw$|secret|token", re.IGNORECASE)
#: What providers' tokens begin with, whatever their name.
_TOKENS = re.compile(
    r"(?:sk|pk|rk)_(?:live|test)_\w{8,}|EAA\w{20,}|eyJ[\w-]{10,}\.[\w-]+\.[\w-]*|SG\.[\w.-]{20,}"
)

_VARIABLE = re.compile(r"\$\{?[A-Za-z_][\w.:-]*\}?|%[A-Za-z_]+%|\$\([^()]*\)")
_BRACKETED = re.compile(r"<[^<>]*>|\{+[^{}]*\}+|\[[^\[\]]*\]|\u2039[^\u203a]*\u203a")
_HINT = re.compile(
    r"\byour|\bmy[ _-]|[_ -]here\b|\b(?:insert|enter|replace|put)[ _-]|x{4,}|\*{3,}|\u2022{2,}|\.{3}|\u2026|\bexample\b",
    re.IGNORECASE,
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+")
_GENERIC = re.compile(
    r"(?:api|app|access|auth|account|secret|client|user|http|bearer)?[ _-]*"
    r"(?:key|token|secret|password|username|user|id|sid|pass|name|credentials|string)",
    re.IGNORECASE,
)
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
    bare = value.strip().strip("\"'")
    return bool(
        _VARIABLE.fullmatch(bare)
        or _BRACKETED.fullmatch(bare)
        or _PATH_VARIABLE.fullmatch(bare)
        or _CONSTANT.fullmatch(bare)
        or _HINT.search(bare.replace("_", " "))
    )


def is_no_credential(value: str) -> bool:
    """Whether a value at a credential's place is none: a hint, or just the place's own name again."""
    bare = value.strip()
    return not bare or is_hint(bare) or bool(_GENERIC.fullmatch(bare)) or bool(_VARIABLE.search(bare))


def taken_out(
    gateway: Gateway, helpers: dict[str, str], helpers_asked: dict[str, str], *, exact: bool
) -> tuple[Gateway, dict[str, str], tuple[str, ...]]:
    """The gateway with ``{{secret.NAME}}`` for each credential, the values known, the names of the others.

    ``helpers``: what the authentication helper has, by name; ``helpers_asked``: what it has not,
    name -> what stands for it in the example. ``exact``: only where the same bytes are composed.
    """
    secrets, asked = dict(helpers), dict(helpers_asked)
    named = {value: name for name, value in helpers.items() if len(value) >= _LONG_ENOUGH}
    named |= {value: name for name, value in asked.items() if _SAYS_WHAT.search(value)}
    namesakes = Counter([*helpers, *helpers_asked])
    texts: dict[str, str] = {}
    for found in sorted(_find(gateway, named, exact=exact), key=lambda each: each.start, reverse=True):
        name = named.get(found.value)
        if name is None:
            name = _free(found.name, namesakes)
            is_hint_only = not exact and is_no_credential(found.value)
            if is_hint_only:
                asked[name] = found.value
            else:
                secrets[name] = found.value
            # Two places marked xxxx are two things; two marked $TOKEN are one.
            if not is_hint_only or _SAYS_WHAT.search(found.value):
                named[found.value] = name
        text = texts.get(found.field, getattr(gateway, found.field))
        placeholder = f"{{{{{SECRET}{name}}}}}"
        texts[found.field] = text[: found.start] + placeholder + text[found.end :]
    return replace(gateway, **texts), secrets, tuple(asked)


_LONG_ENOUGH = 8
_SAYS_WHAT = re.compile("[A-WYZa-wyz]{3}")


def _free(name: str, namesakes: Counter[str]) -> str:
    free, number = name, 1
    while namesakes[free]:
        number += 1
        free = f"{name}_{number}"
    namesakes[free] += 1
    return free


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
    has_password = any(_USERS_PASSWORD.search(leaf.name) for leaf in everything)
    for leaf in everything:
        if (leaf.field, leaf.start) in seen or leaf.is_bare or not leaf.value.strip():
            continue
        folded = re.sub(r"[^a-z0-9]", "", leaf.name.lower())
        is_user = folded in _USERS and has_password and (folded != "account" or _TOKENS.match(leaf.value))
        # A hint that is a secret elsewhere is the same one here.
        is_known = leaf.value in named and is_hint(leaf.value) and not exact
        if folded in _TELLING or is_user or is_known or _TOKENS.fullmatch(leaf.value):
            written = getattr(gateway, leaf.field)[leaf.start : leaf.end]
            if (not exact and leaf.field != "body_raw") or _same(leaf.value, written, leaf.kind):
                yield Found(leaf.field, leaf.start, leaf.end, _named(leaf.name), leaf.value)


def _same(value: str, written: str, kind: str) -> bool:
    """Whether the secret would be written as the example has it."""
    try:
        return ESCAPES["plain" if kind == "form" else kind](value) == written
    except Refused:
        return False


def _named(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_") or "secret"

"""A gateway as a TOML file: what can be kept, compared and carried to another panel.

A room of its own because pages and terminal write and read the same file. It holds the settings that
differ from their defaults and the names of secrets, never a value; ``docs/files.md`` tells its format.
"""

import dataclasses
import re
import tomllib
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import tomli_w

from webpanel import models
from webpanel.vault import Unreadable, Vault
from webpanel.wire import described, difference, literals
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import MOST_PROBLEMS, PLACEHOLDER, SECRET, SECRET_NAME

FORMAT = 1
#: Bytes of a file: all of a gateway's templates at their longest fit in.
LONGEST = 1_048_576
#: Characters of a secret that is looked for by its value: what is shorter stands in many a word.
SHORTEST = 6
#: Secrets that a file may name.
MOST_SECRETS = 50

_HEAD = "# A gateway's settings. Secrets are named here; their values are asked for on import.\n"
_TEMPLATES = ("url", "headers", "query", "body_form", "body_json", "body_xml", "body_raw")
#: Strings and comments as wholes, and what nests tables outside of them.
_SIGNS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|(?P<nests>[.\[{])",
    re.DOTALL,
)
#: A gateway's file needs three; a parser of TOML needs time by the square of what is nested.
_MOST_NESTED = 100
#: Of a table; each name that is no setting is compared with all that are.
_MOST_NAMES, _LONGEST_NAME = 100, 64
_QUOTED = re.compile(r'["\\]')
#: What TOML's literal strings can hold: nothing is escaped in them.
_LITERAL_LINE = re.compile(r"[^'\x00-\x08\x0a-\x1f\x7f]*")
_LITERAL = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*(?<!')")
_PLACE = re.compile(r"at line ([0-9]+), column ([0-9]+)")


@dataclasses.dataclass(frozen=True)
class GatewayFile:
    """What a file says: the settings, and the secrets whose values it does not hold."""

    settings: Gateway
    secrets: tuple[str, ...]


def export(vault: Vault, gateway: models.Gateway) -> str:
    """The file of a stored gateway. What one of its secrets spells stands in no template of it either."""
    values = {}
    for secret in gateway.secrets:
        # One that cannot be read any more cannot be typed in clear by chance.
        with suppress(Unreadable):
            values[secret.name] = vault.decrypt(secret.ciphertext)
    settings = _without(gateway.settings(), values)
    return dumps(settings, [secret.name for secret in gateway.secrets])


def _without(settings: Gateway, secrets: Mapping[str, str]) -> Gateway:
    """``settings`` with a placeholder for each secret that was typed into a template as it is."""
    texts = {name: getattr(settings, name) for name in _TEMPLATES}
    for name, value in sorted(secrets.items(), key=lambda secret: -len(secret[1])):
        if len(value) < SHORTEST:
            continue
        # What stands inside a placeholder is a name.
        typed = re.compile(rf"{PLACEHOLDER.pattern}|(?P<secret>{re.escape(value)})")
        put = partial(_put, placeholder=f"{{{{{SECRET}{name}}}}}")
        texts = {field: typed.sub(put, text) for field, text in texts.items()}
    return dataclasses.replace(settings, **texts)


def _put(found: re.Match[str], placeholder: str) -> str:
    return placeholder if found["secret"] else found[0]


def exported(settings: Gateway, secret_names: Collection[str]) -> GatewayFile:
    """What may leave the panel: credentials that stand in the settings become names of secrets too."""
    hidden = dataclasses.replace(settings, hide_literals=True)
    hidden, found = literals.extract(hidden, secret_names)
    kept = dataclasses.replace(hidden, hide_literals=settings.hide_literals)
    return GatewayFile(kept, tuple(sorted({*secret_names, *found})))


def dumps(settings: Gateway, secret_names: Collection[str]) -> str:
    """The file of a gateway that has secrets of these names."""
    leaving = exported(settings, secret_names)
    table: dict[str, Any] = {"format": FORMAT, "name": leaving.settings.name}
    table.update(difference.stated(leaving.settings))
    if leaving.secrets:
        table["secrets"] = list(leaving.secrets)
    return _HEAD + "".join(_written(name, value) for name, value in table.items())


def _written(name: str, value: Any) -> str:
    """One setting; texts in which quotation marks would need escapes stand in quotes that need none."""
    if isinstance(value, str) and _QUOTED.search(value):
        if _LITERAL_LINE.fullmatch(value):
            return f"{name} = '{value}'\n"
        if "'''" not in value and _LITERAL.fullmatch(value):
            return f"{name} = '''\n{value}'''\n"
    return tomli_w.dumps({name: value}, multiline_strings=True)


def loads(text: str) -> GatewayFile:
    """Read a file. Raises Refused with what is wrong with it, by its line where that is known."""
    table = _table(text)
    if "format" not in table:
        raise Refused(Problem("file_not_a_gateway"))
    stated = table.pop("format")
    if stated is True or stated != FORMAT:
        raise Refused(Problem("file_format_unknown", values={"known": FORMAT}))
    problems, secrets = _secrets(table.pop("secrets", []))
    settings = Gateway()
    try:
        settings = described.read(table)
    except Refused as refused:
        problems.extend(refused.problems)
    if problems:
        raise Refused(*problems[:MOST_PROBLEMS])
    return GatewayFile(settings, secrets)


def _table(text: str) -> dict[str, Any]:
    if sum(found["nests"] is not None for found in _SIGNS.finditer(text)) > _MOST_NESTED:
        raise Refused(Problem("file_not_a_gateway"))
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError: beside TOMLDecodeError, which is one, what a number of too many digits raises.
        place = _PLACE.search(str(error))
        end = text.rstrip("\n").count("\n") + 1
        line, column = (int(place[1]), int(place[2])) if place else (end, None)
        raise Refused(Problem("file_toml", line=line, column=column)) from None
    if len(table) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in table):
        raise Refused(Problem("file_not_a_gateway"))
    return table


def _secrets(stated: Any) -> tuple[list[Problem], tuple[str, ...]]:
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        return [Problem("file_secrets")], ()
    if len(stated) > MOST_SECRETS:
        return [Problem("secrets_too_many", values={"most": MOST_SECRETS})], ()
    if bad := [name for name in stated if not SECRET_NAME.fullmatch(name)]:
        return [Problem("file_secret_name", values={"name": bad[0][:64]})], ()
    return [], tuple(dict.fromkeys(stated))

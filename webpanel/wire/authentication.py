"""The header that the authentication helper writes from the gateway's secrets, by its kind.

A room of its own beside ``compose``: each kind has a rule of its own, and more of them will come.
"""

import base64
from collections.abc import Mapping

from webpanel.wire import escaping, header, mac, template
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import SECRET, Filled, about, fill, join


def _secret(name: str) -> str:
    return f"{{{{{SECRET}{name}}}}}"


#: The placeholder of the one secret that most kinds have.
TOKEN = _secret("auth_token")


def headers(gateway: Gateway, texts: Mapping[str, str], asked: mac.Asked) -> list[tuple[str, Filled]]:
    """The header, if the gateway's kind of authentication writes one.

    ``texts`` are the placeholders' values; ``asked`` is what a signature covers. Raises Refused for a
    secret that cannot stand in it, and for a name that is none.
    """
    match gateway.auth_kind:
        case "basic":
            return [("Authorization", join([Filled("Basic "), _basic(texts)]))]
        case "bearer":
            return [("Authorization", header.value(f"Bearer {TOKEN}", texts))]
        case "mac":
            return [("Authorization", _mac(texts, asked))]
        case "header":
            if problem := header.problem(gateway.auth_name, 0, len(gateway.auth_name), "auth_name"):
                raise Refused(problem)
            prefix = escaping.header(gateway.auth_prefix)
            return [(gateway.auth_name, join([Filled(prefix), header.value(TOKEN, texts)]))]
        case _:
            return []


def _basic(texts: Mapping[str, str]) -> Filled:
    """User and password in Base64 (RFC 7617, as UTF-8): all of it is secret."""
    user = fill(_secret("auth_username"), texts, escaping.raw).text
    password = fill(_secret("auth_password"), texts, escaping.raw).text
    if ":" in user:
        line, column = template.position(user, user.index(":"))
        raise Refused(about(Problem("basic_user_colon", "", line, column), SECRET + "auth_username"))
    written = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Filled(written, ((0, len(written)),))


def _mac(texts: Mapping[str, str], asked: mac.Asked) -> Filled:
    """Key and signature; the signature is as good as the secret for as long as it is believed."""
    key = fill(_secret("auth_key"), texts, mac.identifier)
    signed = mac.signature(fill(_secret("auth_secret"), texts, escaping.raw).text, asked)
    return join(
        [
            Filled('MAC id="'),
            key,
            Filled(f'", ts="{asked.timestamp}", nonce="{asked.nonce}", mac="'),
            Filled(signed, ((0, len(signed)),)),
            Filled('"'),
        ]
    )

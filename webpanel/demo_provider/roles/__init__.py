"""The known providers that the demonstration provider can play, each on its own real path.

A room of its own because every family of replies is one file here, and nothing else knows them. Which
provider is played is told by the path alone: there is nothing to set.
"""

from webpanel.demo_provider.roles import (
    smsglobal_http,
    smsglobal_rest,
    twilio,
    waziper,
    whatsapp_cloud,
    zender,
)
from webpanel.demo_provider.roles.role import Asked, Role

__all__ = ["ROLES", "Asked", "Role", "played"]

ROLES: tuple[Role, ...] = (
    twilio.ROLE,
    whatsapp_cloud.ROLE,
    waziper.ROLE,
    zender.SMS,
    zender.WHATSAPP,
    smsglobal_http.ROLE,
    smsglobal_rest.ROLE,
)


def played(path: str) -> Role | None:
    """Whose path that is, None for nobody's."""
    return next((role for role in ROLES if role.path.fullmatch(path)), None)

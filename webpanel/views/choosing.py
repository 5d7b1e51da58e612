"""A gateway as a list offers it: by its name, and how it stands where a message would not leave at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from webpanel.wire import standing
from webpanel.words.events import STANDINGS


def label(gateway: Any, takers: Mapping[int, str]) -> str:
    """``gateway``: its row; ``takers``: who takes over, as :mod:`webpanel.sending.failover` tells."""
    stands = standing.of(gateway, datetime.now(UTC))
    if stands == "off":
        return _("%(name)s (switched off)", name=gateway.name)
    if stands == "on":
        return gateway.name
    said = {"name": gateway.name, "standing": STANDINGS[stands]}
    if gateway.id in takers:
        return _("%(name)s (%(standing)s: %(next)s takes over)", next=takers[gateway.id], **said)
    return _("%(name)s (%(standing)s: messages wait)", **said)

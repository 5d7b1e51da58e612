"""The gateways' pages: the table, the settings, and the trial of what stands in them."""

from webpanel.views.gateways import (
    add,
    files,
    keeping,
    mend,
    newer_file,
    paste,
    pick,
    provider,
    reports,
    settings,
    table,
    trial,
    waiting,
)
from webpanel.views.gateways.blueprint import bp

__all__ = [
    "add",
    "bp",
    "files",
    "keeping",
    "mend",
    "newer_file",
    "paste",
    "pick",
    "provider",
    "reports",
    "settings",
    "table",
    "trial",
    "waiting",
]

"""The gateways' pages: the table, the settings, and the trial of what stands in them."""

from webpanel.views.gateways import settings, table, trial
from webpanel.views.gateways.blueprint import bp

__all__ = ["bp", "settings", "table", "trial"]

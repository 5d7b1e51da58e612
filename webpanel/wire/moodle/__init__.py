"""The configuration of the Moodle plugin "Custom API SMS Gateway", as Moodle stores it, as gateways.

A room of its own because it is the one place that knows another program's words and its faults.
"""

from webpanel.wire.moodle.rows import Configuration, read
from webpanel.wire.moodle.translation import Imported

__all__ = ["Configuration", "Imported", "read"]

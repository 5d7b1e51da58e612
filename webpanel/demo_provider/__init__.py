"""A provider to try the panel with: takes messages on loopback and shows them as on a phone.

A room of its own because it is another program, on the far side of the wire: it knows the panel only
by its requests. Demonstration and tests run the same one.
"""

from webpanel.demo_provider.server import Server, serve

__all__ = ["Server", "serve"]

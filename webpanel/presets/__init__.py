"""Providers that are known: one TOML file each, with what to ask for, templates, rules and examples.

A room of its own because adding a provider is adding a file here, and no code. The format is told in
``docs/presets.md``; an institution's own files lie in its instance folder, in ``presets/``.
"""

from webpanel.presets.catalogue import Catalogue, Fault, catalogue
from webpanel.presets.filling import Answered, answered
from webpanel.presets.preset import ExampleReply, Preset, Question

__all__ = [
    "Answered",
    "Catalogue",
    "ExampleReply",
    "Fault",
    "Preset",
    "Question",
    "answered",
    "catalogue",
]

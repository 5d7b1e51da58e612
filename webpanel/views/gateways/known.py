"""The providers' files as this panel has them: those that ship, and the institution's own."""

from pathlib import Path

from flask_babel import lazy_gettext as _l

from webpanel import presets
from webpanel.presets import Catalogue, Preset
from webpanel.services import services

#: How a file's facts are known -> in words.
EVIDENCE = {
    "W": _l("recorded from the provider's own software"),
    "S": _l("read in its specification or source"),
    "D": _l("read in its documentation"),
    "X": _l("seen in other programs"),
    "M": _l("from memory"),
}


def catalogue() -> Catalogue:
    return presets.catalogue(own_folder())


def own_folder() -> Path:
    """Where the institution's own files lie; it need not be there."""
    return services().config.instance / "presets"


def evidence(preset: Preset) -> list[str]:
    """How the facts of a provider's file are known, best first."""
    return [str(said) for kind, said in EVIDENCE.items() if kind in preset.evidence]

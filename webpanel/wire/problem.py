"""What is wrong with an input, as a code with values: never a sentence."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Problem:
    """One fault of one field.

    ``code`` is a key of the edges' vocabulary (``webpanel.words``), ``values`` fill its sentence.
    ``field`` names an attribute of :class:`~webpanel.wire.gateway.Gateway` or of
    :class:`~webpanel.wire.compose.Values`; ``line`` and ``column`` count from 1, in characters.
    """

    code: str
    field: str = ""
    line: int | None = None
    column: int | None = None
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


class Refused(ValueError):  # noqa: N818 - the word of the domain: the input was refused
    """An input cannot be used; ``problems`` (one at least) say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in problems))
        self.problems = problems

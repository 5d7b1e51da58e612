"""What is read out of an example: the request as it was written, and what becomes of it.

A room of its own because every reader of examples (a command, a raw request, an address) and everything
that makes settings of them share these shapes.
"""

from dataclasses import dataclass, field
from typing import Literal

from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem

#: The field that problems of an example belong to.
FIELD = "example"
#: Characters of an example: as much as one template may have.
LONGEST = 65_536
#: Notes on one example; nobody reads more.
MOST_NOTES = 30

Role = Literal["recipient", "message", ""]


@dataclass(frozen=True)
class Candidate:
    """A value that stands in the settings as it is and could give way to a placeholder.

    ``id`` (``body_json:12-24``) names the setting and the span of it that ``value`` is written in;
    ``path`` is how a person would call the place (``messages[0].to``).
    """

    id: str
    field: str
    path: str
    value: str
    proposed: Role = ""


@dataclass(frozen=True)
class Example:
    """A gateway's settings as an example shows them.

    Credentials are ``{{secret.NAME}}`` in ``settings``; their values are in ``secrets``, and those that
    the example does not tell (``YOUR_API_KEY``) are named in ``asked``. Number and text are still as
    the example has them: see ``candidates``. ``left_out`` says what was not taken over, and what was
    taken for something else than it stands there.
    """

    settings: Gateway
    secrets: dict[str, str] = field(repr=False)
    asked: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    left_out: tuple[Problem, ...] = ()


@dataclass
class Written:
    """The request as the example writes it, before anything is made of it.

    ``exact``: the text is a command that the panel itself wrote, so nothing in it is mended or read
    kindly. ``data``: the pieces of the body, to be joined with ``&``. ``parts``: name and value of the
    parts of a multipart body. ``has_body``: there is one, in a file that nobody reads. ``user``: what
    stands for ``user:password``.
    """

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    data_in_query: bool = False
    is_json: bool = False
    has_body: bool = False
    user: str | None = field(default=None, repr=False)
    timeout: float | None = None
    connect_timeout: float | None = None
    exact: bool = False
    notes: list[Problem] = field(default_factory=list)

    def note(self, code: str, line: int | None = None, column: int | None = None, **values: object) -> None:
        """Keep something to tell, once."""
        problem = Problem(code, FIELD, line, column, values)
        if problem not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(problem)

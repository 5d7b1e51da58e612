"""Where the bars of a plot stand: in percent of its width and height, so that it fits every window."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from webpanel.figures.flow import OUTCOMES, Counts
from webpanel.figures.spans import Span

#: Share of a bar's place that the bar itself takes.
_FILLED = 0.78
#: The highest value of an axis is one of these times a power of ten.
_ROUND = (1, 2, 4, 6, 8, 10)
#: A label this near to an edge (share of the width) begins or ends at its bar, not to be cut.
_EDGE = 0.1


@dataclass(frozen=True)
class Column:
    """One hour or day: a short label for under it, a long one that no other has, and what was counted."""

    span: Span
    short: str
    long: str
    counts: Counts

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Piece:
    outcome: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """``label`` is blank where its neighbours' are too near; ``rare`` ones are left out on a telephone."""

    column: Column
    x: float
    width: float
    pieces: tuple[Piece, ...]
    label: str
    label_x: float
    anchor: str
    rare: bool


@dataclass(frozen=True)
class Plot:
    """``top`` is the value at the upper edge, an even number, or 0 where there is nothing to plot."""

    bars: tuple[Bar, ...]
    top: int


def plot(columns: Sequence[Column], *, every: int, narrow: int) -> Plot:
    """A bar for each column. A label stands under each ``every``-th, on a telephone each ``narrow``-th one,
    both counted from the last, which has one."""
    top = axis(max((column.total for column in columns), default=0))
    place = 100 / len(columns)
    bars = []
    for number, column in enumerate(columns):
        middle = (number + 0.5) / len(columns)
        anchor = "start" if middle < _EDGE else "end" if middle > 1 - _EDGE else "middle"
        from_last = len(columns) - 1 - number
        labelled = from_last % every == 0 or from_last % narrow == 0
        x, width = (number + (1 - _FILLED) / 2) * place, place * _FILLED
        bars.append(
            Bar(
                column=column,
                x=round(x, 2),
                width=round(width, 2),
                pieces=pieces(column.counts, top),
                label=column.short if labelled else "",
                label_x=round({"start": x, "end": x + width, "middle": middle * 100}[anchor], 2),
                anchor=anchor,
                rare=from_last % narrow != 0,
            )
        )
    return Plot(tuple(bars), top)


def pieces(counts: Counts, top: int) -> tuple[Piece, ...]:
    """One on the other, the first of :data:`OUTCOMES` at the bottom."""
    shown = [(outcome, counts[outcome]) for outcome in OUTCOMES if counts[outcome]]
    ends = accumulate(number for _, number in shown)
    return tuple(
        Piece(outcome, round(100 - 100 * end / top, 2), round(100 * number / top, 2))
        for (outcome, number), end in zip(shown, ends, strict=True)
    )


def axis(most: int) -> int:
    """The smallest round number that is even and not less than ``most``; 0 for 0."""
    if most <= 0:
        return 0
    power = 10 ** (len(str(most)) - 1)
    return next(step * power for step in _ROUND if step * power >= most and step * power % 2 == 0)

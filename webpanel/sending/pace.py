"""Pace: how many messages a gateway may begin to send, told from the one time that its row keeps.

Pure, as ``policy``. It is the generic cell rate algorithm (ITU-T I.371, annex A): the row keeps until
when what was begun uses the pace up, so that nothing has to be counted, and a kill changes nothing.
Times are seconds since 1970 by the database's clock.
"""

import math


def burst(pace: float) -> int:
    """Messages that may begin together after a pause: those of one second, and at least one."""
    return max(1, math.floor(pace))


def room(used_until: float | None, present: float, pace: float) -> int:
    """How many may begin now. ``pace`` in messages a second, more than 0."""
    return max(0, math.floor(burst(pace) - _ahead(used_until, present, pace) * pace))


def begun(used_until: float | None, present: float, pace: float) -> float | None:
    """Until when the pace is used up once one more began; None when none may."""
    if not room(used_until, present, pace):
        return None
    return present + _ahead(used_until, present, pace) + 1 / pace


def used_up(present: float, pace: float) -> float:
    """Until when it is used up right after a burst; a row that says later is of another clock or pace."""
    return present + burst(pace) / pace


def opens_at(used_until: float | None, present: float, pace: float) -> float:
    """From when on the next one may begin; not after ``present`` when one may now."""
    return present + _ahead(used_until, present, pace) - (burst(pace) - 1) / pace + _GRAIN


def _ahead(used_until: float | None, present: float, pace: float) -> float:
    """Seconds of pace that are used up already; at most a burst's, also where a clock was set back."""
    ahead = 0.0 if used_until is None else used_until - present
    return min(max(0.0, ahead), burst(pace) / pace)


#: Seconds: the last digits of a float that counts them since 1970 are noise.
_GRAIN = 1e-5

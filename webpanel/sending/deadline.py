"""One moment by which everything must be over, on the monotonic clock."""

import time


class Deadline:
    """``seconds`` from now, for any number of steps together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds that are left, always more than 0. Raises TimeoutError when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def within(self, seconds: float) -> "Deadline":
        """``seconds`` from now, but never later than this one."""
        earlier = Deadline(seconds)
        earlier._end = min(earlier._end, self._end)
        return earlier

"""How much of it: little among all tests, much with ``make chaos`` (which sets ``CHAOS``)."""

import os

FULL = bool(os.environ.get("CHAOS"))

#: Kills at each point, and kills at random.
ROUNDS = 5 if FULL else 1
AT_RANDOM = 100 if FULL else 3

#: Seconds for which another process holds the database, at least.
LOCKED = 60 if FULL else 1

#: Runs of the state machine, and steps of each at most; its ending comes on top.
RUNS = 10_000 if FULL else 500
STEPS = 30 if FULL else 20

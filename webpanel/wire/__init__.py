"""The pure core: strings, bytes and dataclasses in and out.

Nothing here touches a clock, a disk, a network or the rest of the package. What is wrong is told as
a :class:`~webpanel.wire.problem.Problem` (a code with values); the edges put it into words.
"""

"""Killed at every window and at random, the panel loses no message and hides no second one."""

from pathlib import Path

from tests.chaos.extent import AT_RANDOM, ROUNDS
from tests.chaos.points import POINTS
from tests.chaos.world import world


def test_killed_at_every_point(tmp_path: Path) -> None:
    with world(tmp_path) as panel:
        for _ in range(ROUNDS):
            for point in POINTS:
                panel.kill_at(point, panel.chance.randint(1, point.often))
        with panel.serving() as server:
            panel.settle()
            assert server.stop() == 0
        figures = panel.reckon("killed at each point")
    assert figures.kills == ROUNDS * len(POINTS)
    assert figures.uncertain, "kills hit attempts"


def test_killed_at_random_under_load(tmp_path: Path) -> None:
    # So slow that something is on its way at nearly every moment.
    with world(tmp_path, slow=0.05) as panel:
        for _ in range(AT_RANDOM):
            panel.kill_at_random()
        with panel.serving() as server:
            panel.settle()
            assert server.stop() == 0
        figures = panel.reckon("killed at random under load")
    assert figures.kills == AT_RANDOM
    assert figures.uncertain, "kills hit attempts"

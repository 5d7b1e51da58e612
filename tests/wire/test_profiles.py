"""Profiles: what they fill in is what they are known by."""

from dataclasses import replace

import pytest

from webpanel.wire import delivering, profiles
from webpanel.wire.gateway import Gateway


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_a_gateway_has_the_profile_that_was_filled_in(name: str) -> None:
    filled = replace(Gateway(on_ambiguous="schedule", failover_after=7), **profiles.PROFILES[name])
    assert profiles.of(filled) == name
    assert not list(delivering.check(filled))


def test_a_new_gateway_is_for_notices_and_any_change_is_its_own() -> None:
    assert profiles.of(Gateway()) == "notices"
    assert profiles.of(Gateway(failover_after=11)) == ""

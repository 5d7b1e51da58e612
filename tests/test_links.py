"""One-time links under those who try more than once, or all at once."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.people import People
from webpanel import accounts
from webpanel.models import OneTimeLink, User, db
from webpanel.wire.problem import Refused

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that live as long as a test
RIVALS = 6


def at_once(act: Callable[[int], object]) -> list[object]:
    """What ``act`` gave, or refused, for each of several that begin together."""
    gate = threading.Barrier(RIVALS)
    results: list[object] = [None] * RIVALS

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = act(number)
        except Refused as refused:
            results[number] = refused.problems[0].code

    threads = [threading.Thread(target=run, args=(number,)) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(app: Flask, what: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(what))


def test_of_many_first_administrators_there_is_one(app: Flask, people: People) -> None:
    token = people.setup_link()
    results = at_once(lambda number: people.redeem(token, f"{PASSWORD} {number}", f"ada{number}"))
    assert sorted(map(str, results)) == ["1", *["link_unusable"] * (RIVALS - 1)]
    assert count(app, User) == 1
    assert count(app, OneTimeLink) == 0
    [winner] = [number for number, result in enumerate(results) if result == 1]
    assert people.check(people.named(f"ada{winner}"), f"{PASSWORD} {winner}")


def test_a_reset_sets_one_password(people: People) -> None:
    token = people.add_user("sam", accounts.SENDER)
    results = at_once(lambda number: people.redeem(token, f"{PASSWORD} {number}"))
    won = [number for number, result in enumerate(results) if isinstance(result, int)]
    assert len(won) == 1
    held = [number for number in range(RIVALS) if people.check(people.named("sam"), f"{PASSWORD} {number}")]
    assert held == won


def test_one_name_is_given_once(app: Flask, people: People) -> None:
    results = at_once(lambda number: people.add_user("Sam" if number % 2 else "sam", accounts.SENDER))
    assert sorted(map(str, results)).count("user_name_taken") == RIVALS - 1
    assert count(app, User) == 1


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda t: t[:-1], lambda t: t + "=", lambda t: f" {t}"]
)
def test_nothing_but_the_link_itself_opens(people: People, change: Callable[[str], str]) -> None:
    token = people.setup_link()
    assert people.read_link(token)
    assert people.read_link(change(token)) is None
    with pytest.raises(Refused):
        people.redeem(change(token), PASSWORD, "ada")


def test_a_used_link_tells_nothing(client, people: People) -> None:
    token = people.add_user("sam", accounts.SENDER)
    path = client.url_for("accounts.link", token=token)
    people.redeem(token, PASSWORD)
    for response in (client.get(path), client.post(path, data={"password": PASSWORD, "repeated": PASSWORD})):
        assert response.status_code == 404
        assert "sam" not in response.get_data(as_text=True)

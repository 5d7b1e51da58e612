"""Signing in and out, and how often somebody may fail to."""

import re
import threading
import time

import pytest

from tests.conftest import PASSWORD
from tests.pages import Page
from webpanel import accounts
from webpanel.accounts import SENDER
from webpanel.views import limits

WRONG = "Name or password is wrong, or the account is switched off."
NEW = "another good password"


# --- signing in and out


@pytest.mark.parametrize("name", ["ada", "Ada", " ADA ", "\uff21da"])
def test_a_name_is_the_same_in_any_case(sign_in, client, name):
    sign_in("ada")
    assert client.sign_in(name, PASSWORD).location == "/"
    assert client.get("/users/").status_code == 200


def test_what_is_wrong_is_not_told(sign_in, client, people):
    sign_in("ada")
    sign_in("sam", SENDER)
    people.set_active(people.named("sam").id, False, actor_id=0)
    people.add_user("new", SENDER)
    for name, password in (
        ("ada", "wrong password"),
        ("ada", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("sam", PASSWORD),
        ("new", PASSWORD),
        ("new", ""),
    ):
        response = client.sign_in(name, password)
        assert response.status_code == 422, (name, password)
        assert Page(response.get_data(as_text=True)).alert == WRONG, (name, password)
        assert client.get("/messages").status_code == 302


def test_nobody_takes_as_long_to_refuse_as_somebody(people):
    people.redeem(people.add_user("ada", SENDER), PASSWORD)
    people.add_user("new", SENDER)
    known, new = people.named("ada"), people.named("new")

    def seconds(person):
        best = 9.0
        for _ in range(5):
            begun = time.perf_counter()
            people.check(person, "wrong password")
            best = min(best, time.perf_counter() - begun)
        return best

    real = seconds(known)
    assert 0.4 * real < seconds(None) < 2.5 * real
    assert 0.4 * real < seconds(new) < 2.5 * real


def test_few_passwords_are_hashed_at_once(people, monkeypatch):
    busy, most, together = set(), [0], threading.Barrier(8)
    hashed = accounts.hash_password

    def counted(password):
        busy.add(threading.get_ident())
        most[0] = max(most[0], len(busy))
        result = hashed(password)
        busy.discard(threading.get_ident())
        return result

    def guess():
        together.wait()
        people.check(None, "what could it be")

    monkeypatch.setattr(accounts, "hash_password", counted)
    threads = [threading.Thread(target=guess) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == accounts.HASHED_AT_ONCE


def test_signing_out_needs_a_post_and_ends_the_session(administrator):
    assert administrator.get("/logout").status_code == 405
    response = administrator.post("/logout", follow_redirects=True)
    assert Page(response.get_data(as_text=True)).said == ["You are signed out."]
    assert administrator.get("/users/").status_code == 302


def test_passwords_are_hashed_with_argon2(sign_in, people):
    sign_in("ada")
    assert people.named("ada").password.startswith("$argon2id$")


def test_the_token_of_before_signing_in_holds_no_more(sign_in, client):
    sign_in("ada")
    before = client.csrf_token()
    client.sign_in("ada", PASSWORD)
    assert client.post("/users/new", token=False, data={"csrf_token": before}).status_code == 400


# --- how often


def test_an_account_is_guessed_at_ten_times(sign_in, client):
    sign_in("ada")
    for number in range(10):
        assert client.sign_in("ada" if number % 2 else "ADA", f"guess {number}").status_code == 422
    response = client.sign_in("ada", PASSWORD)
    assert response.status_code == 429
    page = Page(response.get_data(as_text=True))
    assert page.heading == "Too many attempts"
    assert re.search(r"Signing in failed too often\. Try again in (one minute|\d+ minutes)\.", page.text)
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert client.sign_in("grace", "x").status_code == 422


def test_an_address_guesses_thirty_times(make_app):
    client = make_app(WEBPANEL_TRUSTED_PROXY="10.0.0.1").test_client()
    token = client.csrf_token()

    def status(name, caller, peer="10.0.0.1"):
        return client.sign_in(
            name,
            "x",
            headers={"X-Forwarded-For": caller, "X-CSRFToken": token},
            environ_overrides={"REMOTE_ADDR": peer},
        ).status_code

    for number in range(30):
        # What the caller wrote itself, before the proxy added its word, makes no other caller of it.
        assert status(f"name {number}", f"198.51.100.{number}, 192.0.2.7") == 422
    assert status("more", "192.0.2.7") == 429
    assert status("more", "192.0.2.8") == 422
    # Not from the proxy: what it says of somebody else is not believed.
    assert status("again", "192.0.2.7", peer="203.0.113.5") == 422


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("", "unknown"),
    ],
)
def test_an_ipv6_network_is_one_address(app, address, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert limits.caller() == counted


def test_signing_in_well_uses_up_nothing(sign_in):
    client = sign_in("ada")
    for _ in range(12):
        client.post("/logout")
        assert client.sign_in("ada", PASSWORD).status_code == 302


def test_a_session_left_open_is_no_way_to_guess_the_password(administrator):
    data = {"password": NEW, "repeated": NEW}
    for number in range(10):
        assert administrator.post("/password", data={**data, "present": f"guess {number}"}).status_code == 422
    assert administrator.post("/password", data={**data, "present": PASSWORD}).status_code == 429

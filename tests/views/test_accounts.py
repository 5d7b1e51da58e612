"""Signing in and out, passwords, links, and who may do what to whom."""

import hashlib
import re
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests.conftest import PASSWORD, signed_in
from tests.pages import Page
from webpanel import accounts
from webpanel.accounts import ADMINISTRATOR, SENDER
from webpanel.models import OneTimeLink, User
from webpanel.store import from_now
from webpanel.views import limits
from webpanel.wire.problem import Refused

WRONG = "Name or password is wrong, or the account is switched off."
NEW = "another good password"


class People:
    """The functions of ``accounts`` as the terminal calls them: each in a context of its own."""

    def __init__(self, app) -> None:
        self.app = app
        self.store = app.extensions["webpanel"].store

    def __getattr__(self, name: str):
        return lambda *args, **kwargs: self.do(getattr(accounts, name), self.store, *args, **kwargs)

    def do(self, function, *args, **kwargs):
        with self.app.test_request_context(base_url="http://127.0.0.1:8000/"):
            return function(*args, **kwargs)

    def named(self, name: str) -> User:
        return self.do(accounts.find, name)

    def check(self, person: User | None, password: str) -> bool:
        return self.do(accounts.check_password, person, password)


@pytest.fixture
def people(app) -> People:
    return People(app)


def log_in(client, name: str, password: str = PASSWORD, **kwargs):
    return client.post("/login", data={"username": name, "password": password}, **kwargs)


def alert(response) -> str:
    page = Page(response.get_data(as_text=True))
    alerts = [each for each in page.all("div") if each.get("role") == "alert" and not each.get("id")]
    return " ".join("".join(alerts[0].itertext()).split())


# --- signing in and out


@pytest.mark.parametrize("name", ["ada", "Ada", " ADA ", "\uff21da"])
def test_a_name_is_the_same_in_any_case(sign_in, client, name):
    sign_in("ada")
    assert log_in(client, name).location == "/"
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
        response = log_in(client, name, password)
        assert (response.status_code, alert(response)) == (422, WRONG), (name, password)
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
    log_in(client, "ada")
    assert client.post("/users/new", token=False, data={"csrf_token": before}).status_code == 400


# --- how often


def test_an_account_is_guessed_at_ten_times(sign_in, client):
    sign_in("ada")
    for number in range(10):
        assert log_in(client, "ada" if number % 2 else "ADA", f"guess {number}").status_code == 422
    response = log_in(client, "ada")
    assert response.status_code == 429
    page = Page(response.get_data(as_text=True))
    assert page.heading == "Too many attempts"
    assert re.search(r"Signing in failed too often\. Try again in (one minute|\d+ minutes)\.", str_of(page))
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert log_in(client, "grace", "x").status_code == 422


def test_an_address_guesses_thirty_times(make_app):
    client = make_app(WEBPANEL_TRUSTED_PROXY="10.0.0.1").test_client()
    token = client.csrf_token()

    def status(name, caller, peer="10.0.0.1"):
        return log_in(
            client,
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
        assert log_in(client, "ada").status_code == 302


def test_a_session_left_open_is_no_way_to_guess_the_password(administrator):
    data = {"password": NEW, "repeated": NEW}
    for number in range(10):
        assert administrator.post("/password", data={**data, "present": f"guess {number}"}).status_code == 422
    assert administrator.post("/password", data={**data, "present": PASSWORD}).status_code == 429


def str_of(page: Page) -> str:
    return " ".join("".join(page.root.itertext()).split())


# --- passwords


def test_a_changed_password_ends_every_other_session(sign_in, client):
    here, there = sign_in("ada"), sign_in("ada")
    response = here.post("/password", data={"present": PASSWORD, "password": NEW, "repeated": NEW})
    assert response.location == "/"
    assert here.get("/users/").status_code == 200
    assert there.get("/users/").status_code == 302
    assert log_in(client, "ada").status_code == 422
    assert log_in(client, "ada", NEW).status_code == 302


@pytest.mark.parametrize(
    ("present", "password", "repeated", "sentence"),
    [
        ("wrong", NEW, NEW, "This is not your present password."),
        (PASSWORD, NEW, NEW + "x", "The two are not the same; type it twice alike."),
        (PASSWORD, "short", "short", "At least 10 characters, please: a longer one is harder to guess."),
        (PASSWORD, "x" * 201, "x" * 201, "200 characters at most, please."),
        (PASSWORD, "ADA.LOVELACE", "ADA.LOVELACE", "Your name is the first thing that somebody tries"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "One character over and over is too easy to guess."),
    ],
)
def test_a_bad_password_is_refused_in_words(sign_in, present, password, repeated, sentence):
    client = sign_in("ada.lovelace")
    response = client.post("/password", data={"present": present, "password": password, "repeated": repeated})
    assert response.status_code == 422
    assert sentence in str_of(Page(response.get_data(as_text=True)))
    assert client.get("/users/").status_code == 200


def test_keyboards_may_compose_a_character_or_not(people):
    people.redeem(people.add_user("zoë", SENDER), "gr\u00fcn und bl\u00e4ulich")
    assert people.check(people.named("zoe\u0308"), "gru\u0308n und bla\u0308ulich")


# --- links


def test_the_first_administrator_comes_by_a_link(client, people):
    token = people.setup_link()
    assert token is not None
    assert len(token) >= 43
    for _ in range(3):
        # Looking uses nothing up.
        assert client.page(f"/link/{token}").heading == "Create the first administrator"
    response = client.post(f"/link/{token}", data={"name": "Ada Lovelace", "password": NEW, "repeated": NEW})
    assert response.location == "/"
    assert client.get("/users/").status_code == 200
    assert [role.name for role in people.named("ada lovelace").roles] == [ADMINISTRATOR]
    assert client.get(f"/link/{token}").status_code == 404
    assert people.setup_link() is None


def test_the_link_is_stored_as_its_hash_only(app, people):
    token = people.setup_link()
    stored = people.store.write(
        lambda connection: connection.scalars(select(OneTimeLink.__table__.c.token_hash)).all()
    )
    assert stored == [hashlib.sha256(token.encode()).hexdigest()]
    folder = app.extensions["webpanel"].config.instance
    assert not any(token.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_a_new_setup_link_ends_the_one_before(people):
    first, second = people.setup_link(), people.setup_link()
    assert people.read_link(first) is None
    assert people.read_link(second) == accounts.Link(None)


def test_the_setup_link_ends_with_the_first_user(client, people):
    token = people.setup_link()
    people.add_user("sam", SENDER)
    assert client.get(f"/link/{token}").status_code == 404
    with pytest.raises(Refused, match="link_unusable"):
        people.redeem(token, NEW, "eve")


def test_a_link_lives_a_day(client, people):
    token = people.setup_link()
    table = OneTimeLink.__table__
    expires_at = people.store.write(lambda connection: connection.scalar(select(table.c.expires_at)))
    left = (expires_at - datetime.now(UTC)).total_seconds()
    assert 86_300 < left <= 86_400
    people.store.write(lambda connection: connection.execute(update(table).values(expires_at=from_now(-1))))
    response = client.get(f"/link/{token}")
    assert response.status_code == 404
    assert Page(response.get_data(as_text=True)).heading == "This link does not work any more"
    assert client.post(f"/link/{token}", data={}).status_code == 404


def test_what_is_wrong_does_not_use_the_link_up(client, people):
    token = people.setup_link()
    for name, password, repeated, sentence in (
        ("ada", NEW, "other", "The two are not the same"),
        ("ada", "short", "short", "At least 10 characters, please"),
        ("", NEW, NEW, "Type a name."),
        ("a<b>", NEW, NEW, "A name is made of letters"),
        ("x" * 65, NEW, NEW, "64 characters at most"),
    ):
        response = client.post(
            f"/link/{token}", data={"name": name, "password": password, "repeated": repeated}
        )
        assert response.status_code == 422
        assert sentence in str_of(Page(response.get_data(as_text=True)))
    data = {"name": "ada", "password": NEW, "repeated": NEW}
    assert client.post(f"/link/{token}", data=data).status_code == 302


def test_a_reset_ends_every_session_once_it_is_used(sign_in, client, people):
    there = sign_in("ada")
    token = people.reset_user("ADA")
    assert there.get("/users/").status_code == 200
    assert client.page(f"/link/{token}").heading == "Set your password"
    assert client.post(f"/link/{token}", data={"password": NEW, "repeated": NEW}).status_code == 302
    assert there.get("/users/").status_code == 302
    assert client.get("/users/").status_code == 200
    assert client.get(f"/link/{token}").status_code == 404


def test_a_later_link_ends_an_earlier_one(sign_in, people):
    sign_in("ada")
    first, second = people.reset_user("ada"), people.reset_user("ada")
    assert people.read_link(first) is None
    assert people.read_link(second) == accounts.Link("ada")


def test_a_link_holds_no_longer_than_its_account(sign_in, people):
    sign_in("ada")
    token = people.reset_user("ada")
    people.set_active(people.named("ada").id, False, actor_id=0)
    people.set_active(people.named("ada").id, True, actor_id=0)
    assert people.read_link(token) is None


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("", SENDER, "user_name_missing"),
        ("ADA", SENDER, "user_name_taken"),
        ("x" * 65, SENDER, "user_name_too_long"),
        ("a\nb", SENDER, "user_name_characters"),
        ("a\u202eb", SENDER, "user_name_characters"),
        ("grace", "owner", "role_unknown"),
    ],
)
def test_a_user_that_cannot_be_is_refused(sign_in, people, name, role, code):
    sign_in("ada")
    with pytest.raises(Refused) as refused:
        people.add_user(name, role)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize(("name", "code"), [("nobody", "user_unknown"), ("sam", "user_inactive")])
def test_a_user_that_is_not_there_is_not_reset(sign_in, people, name, code):
    sign_in("sam", SENDER)
    people.set_active(people.named("sam").id, False, actor_id=0)
    with pytest.raises(Refused, match=code):
        people.reset_user(name)


# --- the Users page


def test_a_user_is_added_by_a_link_that_is_shown_once(administrator, client):
    response = administrator.post("/users/new", data={"name": "Sam", "role": "sender"})
    page = Page(response.get_data(as_text=True))
    address = page.by_id("link").get("value")
    assert address.startswith("http://127.0.0.1:8000/link/")
    assert "Has not used the link yet" in str_of(administrator.page("/users/"))
    assert address not in administrator.get("/users/").get_data(as_text=True)
    path = address.removeprefix("http://127.0.0.1:8000")
    assert client.post(path, data={"password": NEW, "repeated": NEW}).location == "/"
    assert client.get("/send").status_code == 200
    assert client.get("/users/").status_code == 403


def test_the_link_stands_under_the_public_address(make_app):
    client = signed_in(make_app(WEBPANEL_URL="https://www.school.example/sms/"), "ada", ADMINISTRATOR)
    response = client.post("/sms/users/new", data={"name": "Sam", "role": "sender"})
    address = Page(response.get_data(as_text=True)).by_id("link").get("value")
    assert address.startswith("https://www.school.example/sms/link/")


def test_roles_and_accounts_change_at_once(administrator, sender, people):
    path = f"/users/{people.named('sam').id}"
    assert administrator.post(f"{path}/role", data={"role": "administrator"}).location == "/users/"
    assert sender.get("/users/").status_code == 200
    administrator.post(f"{path}/role", data={"role": "sender"})
    assert sender.get("/users/").status_code == 403
    administrator.post(f"{path}/active", data={"active": "0"})
    assert sender.get("/send").status_code == 302
    assert log_in(sender, "sam").status_code == 422
    administrator.post(f"{path}/active", data={"active": "1"})
    assert sender.get("/send").status_code == 302
    assert log_in(sender, "sam").status_code == 302


@pytest.mark.parametrize(("what", "data"), [("role", {"role": "sender"}), ("active", {"active": "0"})])
def test_nobody_locks_themselves_out(administrator, people, what, data):
    own = people.named("ada").id
    response = administrator.post(f"/users/{own}/{what}", data=data, follow_redirects=True)
    said = Page(response.get_data(as_text=True)).said
    assert said == ["This is your own account: another administrator has to do that."]
    assert administrator.get("/users/").status_code == 200


def test_a_reset_from_the_page(administrator, sender, client, people):
    response = administrator.post(f"/users/{people.named('sam').id}/reset")
    path = Page(response.get_data(as_text=True)).by_id("link").get("value").partition(":8000")[2]
    assert client.post(path, data={"password": NEW, "repeated": NEW}).location == "/"
    assert sender.get("/send").status_code == 302
    assert administrator.post("/users/999/reset").status_code == 404

"""Passwords, links, and who may do what to whom."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests.conftest import PASSWORD, signed_in
from tests.pages import Page
from webpanel import accounts
from webpanel.accounts import ADMINISTRATOR, SENDER
from webpanel.models import OneTimeLink
from webpanel.store import from_now
from webpanel.wire.problem import Refused

NEW = "another good password"


# --- passwords


def test_a_changed_password_ends_every_other_session(sign_in, client):
    here, there = sign_in("ada"), sign_in("ada")
    response = here.post("/password", data={"present": PASSWORD, "password": NEW, "repeated": NEW})
    assert response.location == "/"
    assert here.get("/users/").status_code == 200
    assert there.get("/users/").status_code == 302
    assert client.sign_in("ada", PASSWORD).status_code == 422
    assert client.sign_in("ada", NEW).status_code == 302


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
    assert sentence in Page(response.get_data(as_text=True)).text
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
        assert sentence in Page(response.get_data(as_text=True)).text
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
    assert "Has not used the link yet" in administrator.page("/users/").text
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
    assert sender.sign_in("sam", PASSWORD).status_code == 422
    administrator.post(f"{path}/active", data={"active": "1"})
    assert sender.get("/send").status_code == 302
    assert sender.sign_in("sam", PASSWORD).status_code == 302


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

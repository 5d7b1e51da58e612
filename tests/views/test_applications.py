"""The Applications pages: what a program may do, and the keys that let it in."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.calling import Caller, add_gateway
from tests.pages import CheckingClient, Page, words_of
from webpanel import applications, gateways
from webpanel.models import Application, ApplicationKey, db
from webpanel.views import applications as views

FORM = {
    "name": "Moodle",
    "countries": "GB, +4915",
    "per_minute": "30",
    "per_recipient_hour": "10",
    "parts_per_day": "200",
    "parts_per_month": "2000",
    "most_parts": "4",
    "priority": "0",
    "minutes": "10",
    "sensitive": "y",
    "sender": "School",
    "country": "gb",
    "gateway_id": "0",
    "test_state": "",
}


def values(page: Page) -> dict[str, str]:
    found = {each.get("name", ""): each.get("value", "") for each in page.all("input")}
    chosen = {
        select.get("name", ""): option.get("value", "")
        for select in page.all("select")
        for option in select.iter("option")
        if option.get("selected") is not None
    }
    return found | chosen


def ticked(page: Page, name: str) -> list[str]:
    """The values of the boxes, or of the button, that are ticked."""
    boxes = [each for each in page.all("input") if each.get("name") == name]
    return [each.get("value", "") for each in boxes if each.get("checked") is not None]


def error(page: Page, field: str) -> str:
    """What stands beside a field."""
    return words_of(page.by_id(f"{field}-error"))


def accepted(page: Page) -> list[str]:
    """What the column "Messages" counts, row by row."""
    return [words_of(each) for each in page.all("td") if each.get("data-label") == "Messages"]


def remove_gateway(app: Flask, gateway_id: int) -> None:
    gateways.remove(app.extensions["webpanel"].store, gateway_id, "ada")


def add(client: CheckingClient, **form: Any) -> str:
    """The path of a new application's page."""
    response = client.post("/applications/new", data={**FORM, **form})
    assert response.status_code == 303, response.text
    return response.location


def make_key(client: CheckingClient, path: str, **form: str) -> tuple[str, Page]:
    response = client.post(f"{path}/keys", data={"may_send": "y", "may_read": "y", "days": "0", **form})
    assert response.status_code == 200
    page = Page(response.text)
    return page.by_id("key").get("value", ""), page


def test_nothing_yet(administrator: CheckingClient) -> None:
    assert "No application yet" in administrator.page("/applications/").text


def test_a_new_one_starts_low_and_in_the_panels_country(administrator: CheckingClient) -> None:
    shown = values(administrator.page("/applications/new"))
    assert (shown["countries"], shown["per_minute"], shown["most_parts"]) == ("GB", "30", "4")
    assert all(int(shown[name]) > 0 for name in ("parts_per_day", "parts_per_month", "per_recipient_hour"))


def test_what_is_typed_is_kept(administrator: CheckingClient) -> None:
    shown = values(administrator.page(add(administrator)))
    assert {name: shown[name] for name in FORM if name != "sensitive"} == {
        **{name: value for name, value in FORM.items() if name != "sensitive"},
        "countries": "GB +4915",
        "country": "GB",
    }
    make_key(administrator, "/applications/1")
    assert "Moodle" in administrator.page("/applications/").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", " ", "Give the application a name"),
        ("name", "x" * 65, "at most 64 characters"),
        ("countries", "Narnia", "neither a country"),
        ("per_minute", "many", "Give a whole number"),
        ("per_minute", "-1", "from 0 to"),
        ("parts_per_day", "99999999999999999999", "from 0 to"),
        ("minutes", "999999", "30 days at most"),
        ("test_state", "queued", "one of the offered values"),
        ("priority", "7", "one of the offered values"),
        ("country", "ZZ", "is no country"),
        ("sender", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    administrator: CheckingClient, field: str, typed: str, said: str
) -> None:
    response = administrator.post("/applications/new", data={**FORM, field: typed})
    assert response.status_code == 422
    page = Page(response.text)
    assert said in error(page, field)
    if field not in ("test_state", "priority"):
        assert values(page)[field] == typed, "nothing typed is lost"
    assert "No application yet" in administrator.page("/applications/").text


def test_all_that_is_wrong_is_said_at_once(administrator: CheckingClient) -> None:
    path = add(administrator)
    typed = {"name": "", "per_minute": "many", "minutes": "ten", "countries": "Narnia", "sender": "x" * 201}
    for where in ("/applications/new", path):
        response = administrator.post(where, data={**FORM, **typed, "priority": "high", "gateway_id": "7"})
        assert response.status_code == 422
        page = Page(response.text)
        for field in (*typed, "priority", "gateway_id"):
            assert error(page, field)
        shown = values(page)
        assert {field: shown[field] for field in typed} == typed
    assert values(administrator.page(path))["name"] == "Moodle"


def test_two_people_undo_nothing_of_each_other(administrator: CheckingClient) -> None:
    path = add(administrator)
    first, second = values(administrator.page(path)), values(administrator.page(path))
    assert administrator.post(path, data={**FORM, **first, "parts_per_day": "111"}).status_code == 303
    refused = administrator.post(path, data={**FORM, **second, "parts_per_month": "222"})
    assert refused.status_code == 422
    page = Page(refused.text)
    assert "Somebody else saved this application" in page.text
    shown = values(page)
    assert (shown["parts_per_month"], shown["parts_per_day"]) == ("222", second["parts_per_day"])
    assert values(administrator.page(path))["parts_per_day"] == "111", "nothing was stored"
    assert administrator.post(path, data={**FORM, **shown}).status_code == 303, "now it is meant"
    assert values(administrator.page(path))["parts_per_month"] == "222"


def test_a_name_is_given_once(administrator: CheckingClient) -> None:
    add(administrator)
    response = administrator.post("/applications/new", data={**FORM, "gateway_id": "7"})
    assert response.status_code == 422
    page = Page(response.text)
    assert "has this name already" in error(page, "name")
    assert "There is no such gateway" in error(page, "gateway_id")


def test_its_own_gateway_may_be_deleted_while_the_form_is_open(
    app: Flask, administrator: CheckingClient
) -> None:
    gateway = add_gateway(app)
    path = add(administrator, gateway_id=gateway)
    remove_gateway(app, gateway)
    response = administrator.post(path, data={**FORM, "gateway_id": gateway})
    assert response.status_code == 422
    page = Page(response.text)
    assert "There is no such gateway" in error(page, "gateway_id")
    assert not [each for each in page.all("div") if each.get("id") == "name-error"]


def test_a_key_is_shown_once_and_works_until_it_is_revoked(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    path = add(administrator)
    key, page = make_key(administrator, path)
    assert re.fullmatch(r"smsgw_[0-9a-f]{16}_[0-9a-f]{64}", key)
    for part in ("curl", "python", "php"):
        assert key in "".join(page.by_id(part).itertext())
    assert '"outcome":"accepted"' in page.text
    shown = administrator.get(path).text
    assert key.rpartition("_")[0] in shown
    assert key.rpartition("_")[2] not in shown
    caller = Caller(app, key)
    assert caller.send().status_code == 202
    make_key(administrator, path)
    assert accepted(administrator.page(path)) == ["1", "0"]
    assert accepted(administrator.page("/applications/")) == ["1"]
    revoke = re.search(r'href="([^"]+/revoke)"', shown)
    assert revoke
    assert "Revoke the key" in administrator.page(revoke[1]).text
    assert administrator.post(revoke[1]).status_code == 303
    assert caller.send().status_code == 401
    assert administrator.post(revoke[1]).status_code == 404


def test_a_key_may_do_something(administrator: CheckingClient) -> None:
    path = add(administrator)
    response = administrator.post(f"{path}/keys", data={"days": "90"})
    assert response.status_code == 422
    page = Page(response.text)
    assert "at least one of these" in error(page, "may_send")
    assert not ticked(page, "may_send")
    shown = values(page)
    assert (shown["days"], shown["name"]) == ("90", "Moodle")
    assert "_…" not in administrator.page(path).text
    make_key(administrator, path, may_send="")


def test_a_key_may_end_while_another_takes_its_place(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    path = add(administrator)
    old, _page = make_key(administrator, path)
    new, _page = make_key(administrator, path, days="365")
    end = re.search(r'action="([^"]+/end)"', administrator.get(path).text)
    assert end
    assert administrator.post(end[1]).status_code == 303
    assert [Caller(app, key).send().status_code for key in (old, new)] == [202, 202]


def test_switched_off_and_on(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    path = add(administrator)
    key, _page = make_key(administrator, path)
    administrator.post(f"{path}/off")
    assert Caller(app, key).send().status_code == 401
    administrator.post(f"{path}/on")
    assert Caller(app, key).send().status_code == 202


def test_switching_undoes_no_change_of_the_same_moment(
    app: Flask, administrator: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add(administrator)
    look = views._found

    def look_and_be_overtaken(application_id: int) -> Application:
        found = look(application_id)
        wanted = replace(applications.terms(found), per_minute=5)
        applications.change(app.extensions["webpanel"].store, application_id, wanted)
        return found

    monkeypatch.setattr(views, "_found", look_and_be_overtaken)
    administrator.post(f"{path}/off")
    monkeypatch.setattr(views, "_found", look)
    page = administrator.page(path)
    assert "This application is switched off" in page.text
    assert values(page)["per_minute"] == "5"


def test_deleting_keeps_the_messages(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    path = add(administrator, sensitive="")
    key, _page = make_key(administrator, path)
    message_id = Caller(app, key).send().json["id"]
    assert "Delete “Moodle”" in administrator.page(f"{path}/delete").text
    assert administrator.post(f"{path}/delete").status_code == 303
    assert Caller(app, key).send().status_code == 401
    assert "Moodle" in administrator.page(f"/messages/{message_id}").text
    assert administrator.get(path).status_code == 404


def test_the_message_says_why_its_gateway_was_chosen(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    key, _page = make_key(administrator, add(administrator))
    message_id = Caller(app, key).send().json["id"]
    page = administrator.page(f"/messages/{message_id}")
    assert "It is the first gateway that is switched on and sends to this number." in page.text
    assert "sensitive" in page.text
    assert "Hello" not in page.text


def test_a_key_that_is_over_stays_so(app: Flask, administrator: CheckingClient) -> None:
    add_gateway(app)
    path = add(administrator)
    key, _page = make_key(administrator, path, days="45")
    with app.app_context():
        found = db.session.scalars(select(ApplicationKey)).one()
        assert found.expires_at is not None
        found.expires_at = found.created_at
        db.session.commit()
        end = f"{path}/keys/{found.id}/end"
    ends = [each for each in administrator.page(path).all("td") if each.get("data-label") == "Ends"]
    assert words_of(ends[0]).startswith("ended 20")
    assert administrator.post(end).status_code == 303
    assert Caller(app, key).send().status_code == 401


def test_a_limit_that_is_left_out_is_not_gone(administrator: CheckingClient) -> None:
    response = administrator.post("/applications/new", data={"name": "Short"})
    assert response.status_code == 303
    kept = values(administrator.page(response.location))
    assert (kept["per_minute"], kept["priority"]) == ("30", "1")


def test_only_the_ticked_gateways_are_used(app: Flask, administrator: CheckingClient) -> None:
    first, second = add_gateway(app, "First"), add_gateway(app, "Second")
    path = add(administrator, which_gateways="only", gateways=[second])
    key, page = make_key(administrator, path)
    assert Caller(app, key).send().json["gateway"] == "Second"
    page = administrator.page(path)
    assert (ticked(page, "which_gateways"), ticked(page, "gateways")) == (["only"], [str(second)])
    administrator.post(path, data={**FORM, "which_gateways": "all", "gateways": [second]})
    assert Caller(app, key).send().json["gateway"] == "First"
    administrator.post(path, data={**FORM, "gateways": [second]})
    assert Caller(app, key).send(gateway=first).status_code == 422, "a tick without the choice is a limit"


def test_its_own_gateway_is_one_that_it_may_use(app: Flask, administrator: CheckingClient) -> None:
    first, second = add_gateway(app, "First"), add_gateway(app, "Second")
    path = add(administrator)
    chosen = {**FORM, "which_gateways": "only", "gateways": [second]}
    refused = administrator.post(path, data={**chosen, "gateway_id": first})
    assert refused.status_code == 422
    assert error(Page(refused.text), "gateway_id") == "This application may not use that gateway."
    assert administrator.post(path, data={**chosen, "gateway_id": second}).status_code == 303


def test_a_gateway_that_is_deleted_opens_no_other(app: Flask, administrator: CheckingClient) -> None:
    first, _second = add_gateway(app, "First"), add_gateway(app, "Second")
    path = add(administrator, which_gateways="only", gateways=[first])
    key, _page = make_key(administrator, path)
    remove_gateway(app, first)
    page = administrator.page(path)
    assert page.alert.startswith("Every gateway that this application may use was deleted")
    assert "A deleted gateway (number 1)" in page.text
    assert (ticked(page, "which_gateways"), ticked(page, "gateways")) == (["only"], [str(first)])
    for kept in (
        {"which_gateways": "only", "gateways": [first]},
        {},
    ):
        assert administrator.post(path, data={**FORM, **kept}).status_code == 303
        refused = Caller(app, key).send()
        assert [each["code"] for each in refused.json["errors"]] == ["no_gateway_left"]
        assert Caller(app, key).get("/gateways").json == {"gateways": []}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [([], "Tick at least one gateway"), ([1, 7], "There is no such gateway"), ([10**30], "no such gateway")],
)
def test_gateways_that_cannot_be_chosen(
    app: Flask, administrator: CheckingClient, chosen: list[int], said: str
) -> None:
    add_gateway(app)
    path = add(administrator)
    for where in (path, "/applications/new"):
        response = administrator.post(
            where, data={**FORM, "name": "Other", "which_gateways": "only", "gateways": chosen}
        )
        assert response.status_code == 422
        page = Page(response.text)
        assert said in error(page, "gateways")
        assert ticked(page, "which_gateways") == ["only"]
        assert ticked(page, "gateways") == [str(each) for each in chosen if each == 1]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("", "deleted meanwhile"),
        ("/off", "deleted meanwhile"),
        ("/delete", "deleted meanwhile"),
        ("/keys", "deleted meanwhile"),
        ("/keys/1/revoke", "the key revoked"),
        ("/keys/1/end", "or has ended"),
    ],
)
def test_it_is_deleted_while_somebody_works_on_it(
    app: Flask, administrator: CheckingClient, monkeypatch: pytest.MonkeyPatch, step: str, said: str
) -> None:
    path = add(administrator)
    make_key(administrator, path)
    look = views._found

    def look_and_lose(application_id: int) -> Application:
        found = look(application_id)
        monkeypatch.setattr(views, "_found", look)
        applications.remove(app.extensions["webpanel"].store, application_id)
        return found

    monkeypatch.setattr(views, "_found", look_and_lose)
    response = administrator.post(f"{path}{step}", data={**FORM, "may_send": "y"})
    assert response.status_code == 303
    assert said in " ".join(administrator.page("/applications/").said)


def test_a_key_is_revoked_by_two_at_once(
    app: Flask, administrator: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add(administrator)
    make_key(administrator, path)
    look = views._key

    def look_and_lose(found: Application, key_id: int) -> ApplicationKey:
        key = look(found, key_id)
        applications.revoke(app.extensions["webpanel"].store, found.id, key_id)
        return key

    monkeypatch.setattr(views, "_key", look_and_lose)
    assert administrator.post(f"{path}/keys/1/revoke").status_code == 303
    assert "the key revoked" in " ".join(administrator.page("/applications/").said)

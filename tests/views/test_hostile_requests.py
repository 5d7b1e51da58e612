"""What somebody may send to make the panel stumble: numbers beyond reason, forms beyond reason."""

import json

import pytest

from tests.pages import Page
from tests.views.test_gateway_settings import FRAGMENT, filled, hidden_value
from webpanel.views import access, limits, numbers

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
HUGE = ["2147483648", "9" * 25, "9" * 5000]


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize(
    "path",
    [
        "/gateways/{}",
        "/gateways/{}/delete",
        "/messages/x/attempts/{}/reply",
        "/users/{}/reset",
        "/users/{}/role",
    ],
)
def test_an_id_that_no_database_holds_is_not_there(administrator, path, number):
    method = "POST" if path.startswith("/users") else "GET"
    response = administrator.open(path.format(number), method=method)
    assert response.status_code == 404


@pytest.mark.parametrize("number", [*HUGE, "-1", "1.0", "", "one", "\N{FULLWIDTH DIGIT ONE}"])
def test_a_gateway_that_no_database_holds_is_none(sender, number):
    form = {"gateway": number, "recipient": "07911 123456", "text": "Hello"}
    assert sender.post("/send", data=form).status_code == 422
    assert sender.get("/messages", query_string={"gateway": number}).status_code == (422 if number else 200)


@pytest.mark.parametrize("text", ["0", "12", "2147483647"])
def test_an_id_is_read(text):
    assert numbers.read(text) == int(text)


@pytest.mark.parametrize(
    "number", ["1" * 18, "1" * 5000, "+" + "1" * 5000, "1 ," * 20_000, "²³¹", "+" * 9000]
)
def test_what_is_no_number_is_no_fault_of_the_panel(sender, number):
    assert sender.get("/messages", query_string={"number": number}).status_code == 422


@pytest.mark.parametrize("path", ["/login", "/link/none", "/users/new", "/gateways/new", "/send"])
def test_who_is_not_signed_in_sends_little(client, path):
    length = access.LARGEST_SIGNED_OUT + 1
    response = client.post(path, data={"text": "x" * length}, headers=SAME_SITE)
    assert response.status_code in (401, 413)
    assert len(response.data) < 10_000


@pytest.mark.parametrize("token", [True, False])
def test_a_form_of_very_many_fields_is_not_written_out_again(client, administrator, token):
    for someone, status in ((client, 401), (administrator, 400)):
        response = someone.post(
            "/users/new",
            data="a=1&" * 10_000,
            content_type="application/x-www-form-urlencoded",
            headers=SAME_SITE,
            token=token and someone is client,
        )
        assert response.status_code == status
        assert len(response.data) < 10_000


def test_no_name_is_kept_that_is_longer_than_names_are(app):
    name = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 500
    with app.test_request_context("/login", method="POST", data={"username": name}):
        assert len(limits.account()) < 100


def test_a_gateway_has_so_many_secrets_and_none_too_long(administrator):
    many = filled(headers="", **{f"secret-s{number}": "x" for number in range(20_000)})
    response = administrator.post("/gateways/new", data=many)
    assert response.status_code == 422
    assert "at most 50 secrets" in response.text
    assert len(response.text) < 200_000
    long = filled(headers="", new_secret_name="long", new_secret_value="x" * 8193)  # noqa: S106 - no secret
    response = administrator.post("/gateways/new", data=long)
    assert response.status_code == 422
    assert "long is too long" in response.text
    blank = filled(headers="", url="nonsense", **{f"secret-s{number}": "" for number in range(20_000)})
    assert len(administrator.post("/gateways/new", data=blank).text) < 200_000
    typed = filled(headers="", query="\n".join(f"key={number}" for number in range(51)))
    assert "at most 50 secrets" in administrator.post("/gateways/new", data=typed).text


def test_what_is_pasted_or_imported_brings_so_many_secrets_and_none_too_long(administrator):
    members = ",".join(f'"key{number}":"abcdefgh{number}"' for number in range(2400))
    example = f"curl https://a.example/ --json '{{{members}}}'"
    understood = Page(administrator.post("/gateways/add/paste", data={"secret_example": example}).text)
    carried = {"carried_secret_example": hidden_value(understood, "carried_secret_example")}
    headers = "\n".join(f"X-Key-{number}: abcdefgh{number}" for number in range(2000))
    for text in (headers, f"X-Key: {'x' * 8193}"):
        moodle = json.dumps({"api_url": "https://a.example/send", "headers": text})
        read = Page(administrator.post("/gateways/import", data={"secret_text": moodle}).text)
        opened = administrator.post("/gateways/import/open", data={"sealed": hidden_value(read, "sealed")})
        assert len(opened.text) < 400_000
        assert "at most 50 secrets" in opened.text or "is too long" in opened.text
    confirmed = administrator.post("/gateways/add/paste", data={**carried, "recipient": "", "message": ""})
    assert "at most 50 secrets" in confirmed.text
    assert len(confirmed.text) < 400_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200 + "]" * 200,
        "[" * 100_000 + "]" * 100_000,
        "[" * 100 + "1," * 1000 + "1" + "]" * 100,
        "[" + "1," * 900_000 + "1]",
    ],
    ids=["deep", "very deep", "wide when indented", "very wide"],
)
def test_brackets_without_end_are_said_and_not_drawn(administrator, text):
    typed = filled(headers="", body_format="json", body_json=text)
    page = Page(administrator.post("/gateways/new/beautify", data=typed, headers=FRAGMENT).text)
    assert len("".join(page.by_id("body_json").itertext())) == len(text)
    assert "too deeply" in page.text or "too long" in page.text
    badge = administrator.post("/gateways/json", data={"body_json": text}, headers=FRAGMENT)
    assert len(badge.text) < 500

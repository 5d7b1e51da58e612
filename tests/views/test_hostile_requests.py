"""What somebody may send to make the panel stumble: numbers beyond reason, forms beyond reason."""

import pytest

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

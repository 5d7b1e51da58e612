"""The frame around every page: headers, cookies, addresses, errors, and the panel's own settings."""

import re
from urllib.parse import unquote

import pytest
from wtforms import PasswordField

from tests.conftest import signed_in
from tests.pages import Page, words_of
from webpanel.account_forms import LinkForm, LoginForm, PasswordForm, UserForm
from webpanel.models import Panel, db
from webpanel.store import StoreUnavailable

SCHOOL = "https://www.school.example/sms/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def csp(response) -> dict[str, str]:
    policy = response.headers["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def test_the_policy_lets_nothing_in_that_is_not_ours(client):
    assert csp(client.get("/login")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_framing_is_for_the_origins_that_the_settings_name(make_app):
    framed = make_app(WEBPANEL_FRAME_ANCESTORS="https://moodle.school.example").test_client().get("/login")
    assert csp(framed)["frame-ancestors"] == "https://moodle.school.example"
    assert "X-Frame-Options" not in framed.headers
    assert make_app().test_client().get("/login").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("url", "name", "path"),
    [
        ("", "webpanel-8000", "/"),
        ("http://panel.school.example/", "webpanel-8000", "/"),
        ("https://panel.school.example/", "__Host-webpanel", "/"),
        (SCHOOL, "__Secure-webpanel", "/sms"),
    ],
)
def test_the_cookie_goes_only_where_it_belongs(make_app, url, name, path):
    response = make_app(WEBPANEL_URL=url).test_client().get("/login")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    attributes = [part.strip() for part in cookie.split(";")[1:]]
    assert {"HttpOnly", "SameSite=Lax", f"Path={path}"} <= set(attributes)
    assert ("Secure" in attributes) == url.startswith("https")
    assert ("Strict-Transport-Security" in response.headers) == url.startswith("https")


def test_every_link_form_and_file_stands_under_the_prefix(make_app):
    client = signed_in(make_app(WEBPANEL_URL=SCHOOL), "ada", "administrator")
    for path in ("/sms/users/", "/sms/settings", "/sms/send", "/sms/gateways/new", "/sms/messages"):
        page = client.page(path)
        for element in page.root.iter():
            for attribute in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                url = element.get(attribute)
                assert url is None or url.startswith(("/sms/", "#")), (path, attribute, url)
    assert client.get("/sms/").location.startswith("/sms/")


@pytest.mark.parametrize(
    ("url", "host", "status"),
    [
        ("", "127.0.0.1:8000", 302),
        ("", "localhost:8000", 302),
        ("", "evil.example", 400),
        (SCHOOL, "www.school.example", 302),
        (SCHOOL, "www.school.example:443", 302),
        (SCHOOL, "127.0.0.1:8000", 400),
        (SCHOOL, "evil.example", 400),
    ],
)
def test_only_the_panel_s_own_names_are_answered(make_app, url, host, status):
    response = make_app(WEBPANEL_URL=url).test_client().get("/", base_url=f"http://{host}/")
    assert response.status_code == status
    if status == 400:
        assert (url or "http://127.0.0.1:8000/") in response.get_data(as_text=True)


def test_pages_are_kept_by_nobody_and_files_for_good(client):
    page = client.get("/login")
    assert page.headers["Cache-Control"] == "no-store"
    assert "HX-Request-Type" in page.vary
    sheets = [link.get("href") for link in Page(page.get_data(as_text=True)).all("link")]
    assert len(sheets) >= 3
    for sheet in sheets:
        file = client.get(sheet)
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable", sheet
        assert "Set-Cookie" not in file.headers
    bare = re.sub(r"\?.*", "", sheets[0])
    assert client.get(bare).headers["Cache-Control"] == "no-cache"
    assert client.get(f"{bare}?v=0123456789ab").headers["Cache-Control"] == "no-cache"


def test_the_frame_says_where_one_is(administrator, sender):
    def nav(page):
        found = next(each for each in page.all("nav") if each.get("aria-label") == "Main")
        return [(words_of(link), link.get("aria-current")) for link in found]

    assert nav(administrator.page("/users/new")) == [
        ("Dashboard", None),
        ("Send", None),
        ("Messages", None),
        ("Gateways", None),
        ("Applications", None),
        ("Users", "true"),
        ("Settings", None),
    ]
    assert nav(sender.page("/send")) == [("Send", "page"), ("Messages", None)]
    page = sender.page("/send")
    assert words_of(page.all("footer")[0]).startswith("Custom API SMS Gateway ")
    assert page.all("a")[0].get("href") == "#content"
    page.by_id("content")


@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("GET", "/nothing", 404, "Not here"),
        ("DELETE", "/login", 405, "Not that way"),
    ],
)
def test_errors_are_pages_of_ours(administrator, method, path, status, heading):
    response = administrator.open(path, method=method)
    assert response.status_code == status
    assert Page(response.get_data(as_text=True)).heading == heading


def test_a_refused_role_is_told_in_words(sender):
    response = sender.get("/users/")
    assert response.status_code == 403
    assert "Ask an administrator" in response.get_data(as_text=True)


def test_too_long_a_form_is_told_in_words(administrator):
    response = administrator.post("/users/new", data={"name": "x" * 3_000_000})
    assert response.status_code == 413
    assert Page(response.get_data(as_text=True)).heading == "Too much at once"


def test_a_fault_of_the_panel_is_a_page_and_tells_nothing_of_it(app):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken():
        raise RuntimeError("canary")

    def full():
        raise StoreUnavailable("canary")

    app.add_url_rule("/broken", "broken", broken)
    app.add_url_rule("/full", "full", full)
    client = signed_in(app, "ada", "administrator")
    for path, status, heading in (
        ("/broken", 500, "Something went wrong in the panel"),
        ("/full", 503, "It could not be stored"),
    ):
        response = client.get(path)
        assert response.status_code == status
        assert Page(response.get_data(as_text=True)).heading == heading
        assert "canary" not in response.get_data(as_text=True)
        # For htmx: a sentence for the live region, nothing to swap in.
        part = client.get(path, headers=HTMX)
        assert part.status_code == status
        assert part.get_data() == b""
        assert unquote(part.headers["X-Webpanel-Says"])


def test_an_error_page_needs_no_database(app):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = signed_in(app, "ada", "administrator")
    with app.app_context():
        db.drop_all()
    response = client.get("/users/")
    assert response.status_code == 500
    assert response.get_data(as_text=True).startswith("Something went wrong in the panel.")


def test_a_redirect_is_for_the_browser_and_not_for_a_fragment(administrator):
    response = administrator.post("/logout", headers=HTMX)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/login"
    assert "Location" not in response.headers
    assert response.get_data() == b""


TYPED = {"name": "Grace", "role": "sender", "password": "a secret of mine", "csrf_token": "stale"}


def test_a_stale_token_keeps_what_was_typed(administrator):
    response = administrator.post(
        "/users/new?x=1", data=TYPED, token=False, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert response.status_code == 400
    page = Page(response.get_data(as_text=True))
    form = next(form for form in page.all("form") if form.get("action") == "/users/new?x=1")
    fields = {each.get("name"): each.get("value") for each in form.iter("input")}
    assert fields.keys() == {"csrf_token", "name", "role"}
    assert "a secret of mine" not in response.get_data(as_text=True)
    again = administrator.post("/users/new", data=fields, token=False)
    assert again.status_code == 200
    assert Page(again.get_data(as_text=True)).heading == "A link for Grace"


def test_no_password_is_ever_written_into_a_page(app, administrator):
    with app.test_request_context():
        forms = [kind() for kind in (LoginForm, PasswordForm, LinkForm, UserForm)]
    names = {field.name for form in forms for field in form if isinstance(field, PasswordField)}
    assert names == {"password", "present", "repeated"}
    for name in (*names, "secret-auth_token", "new_secret_value", "carried_secrets"):
        headers = {"Sec-Fetch-Site": "same-origin"}
        response = administrator.post("/password", data={name: "hunter-2"}, token=False, headers=headers)
        assert response.status_code == 400
        assert "hunter-2" not in response.get_data(as_text=True), name


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_another_site_puts_words_into_nobody_s_mouth(administrator, headers):
    response = administrator.post("/users/new", data=TYPED, token=False, headers=headers)
    assert response.status_code == 400
    assert "Grace" not in response.get_data(as_text=True)


def test_a_form_sent_after_the_login_ended_keeps_what_was_typed(client):
    response = client.post("/users/new", data=TYPED, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 401
    assert 'value="Grace"' in response.get_data(as_text=True)


def test_a_stale_token_in_a_fragment_is_a_sentence(administrator):
    response = administrator.post("/users/new", data=TYPED, token=False, headers=HTMX)
    assert response.status_code == 400
    assert response.get_data() == b""
    assert "nothing was done" in unquote(response.headers["X-Webpanel-Says"])


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("GB", "GB"),
        ("44", "GB"),
        ("+44", "GB"),
        ("United Kingdom", "GB"),
        ("germany", "DE"),
        ("Germany (DE, +49)", "DE"),
        ("+1", "US"),
    ],
)
def test_the_default_country_is_asked_first(make_app, typed, region):
    app = make_app(country="")
    client = signed_in(app, "ada", "administrator")
    assert client.get("/").location == "/welcome"
    wrong = client.post("/welcome", data={"default_country": "Atlantis"})
    assert wrong.status_code == 422
    assert 'value="Atlantis"' in wrong.get_data(as_text=True)
    assert client.post("/welcome", data={"default_country": typed}).location == "/"
    with app.app_context():
        assert db.session.get(Panel, 1).default_country == region
    assert client.get("/").location == "/gateways/"


def test_the_default_country_can_be_changed(app, administrator):
    assert 'value="United Kingdom (GB, +44)"' in administrator.get("/settings").get_data(as_text=True)
    response = administrator.post("/settings", data={"default_country": "+1"}, follow_redirects=True)
    page = Page(response.get_data(as_text=True))
    assert page.said == [
        "+1 is shared by several countries; United States (US, +1) is meant now. To change that, type "
        "another one's name."
    ]
    with app.app_context():
        assert db.session.get(Panel, 1).default_country == "US"


def test_the_panels_time_zone(administrator):
    path = "/settings/time-zone"
    assert administrator.page("/settings").by_id("time_zone").get("value") == "UTC"
    refused = administrator.post(path, data={"time_zone": "Springfield"})
    assert refused.status_code == 422
    page = Page(refused.get_data(as_text=True))
    assert page.by_id("time_zone").get("value") == "Springfield"
    assert "is no time zone" in words_of(page.by_id("time_zone-error"))
    assert administrator.post(path, data={"time_zone": "Europe/Berlin"}).status_code == 302
    assert administrator.page("/settings").by_id("time_zone").get("value") == "Europe/Berlin"

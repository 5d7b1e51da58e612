"""What programs that watch the panel are told, and who is told the figures."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import MakeApp
from tests.figures.rows import ago, alter_gateway, attempt, message, put
from tests.pages import CheckingClient
from tests.views.messages.forms import add_gateway
from webpanel.config import Config, SettingError
from webpanel.heartbeat import Heartbeat
from webpanel.words.events import STANDINGS

SCHOOL = "https://www.school.example/sms/"
TOKEN = "a-word-that-nobody-guesses"  # noqa: S105 - of a panel that lives for one test
HERE = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def parts(app):
    return app.extensions["webpanel"]


def figures(client: CheckingClient, **kwargs) -> dict[tuple[str, ...], float]:
    """Name and labels' values -> value."""
    answer = client.get("/metrics", **kwargs)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_process_answers_whatever_else_is_broken(client, parts) -> None:
    parts.store.engine.dispose()
    parts.config.database.rename(parts.config.database.with_suffix(".gone"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers


def test_it_is_ready_when_it_stores_and_sends(client, parts) -> None:
    gateway = add_gateway(parts)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "failing", "failing": ["sender"]})
    Heartbeat(parts.config.instance).beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers
    put(parts.store, [message("queued", ago(minutes=10), gateway_id=gateway)])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "failing", "failing": ["queue"]})
    # What waits because a person wants it so is no failure of the panel.
    alter_gateway(parts.store, gateway, held_at=-10)
    assert client.get("/readyz").status_code == 200
    parts.store.engine.dispose()
    parts.config.database.write_bytes(b"no database at all" * 1000)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "failing", "failing": ["database"]})


def test_errors_at_these_addresses_are_no_pages(client) -> None:
    answer = client.post("/readyz", token=False)
    assert (answer.status_code, answer.mimetype) == (405, "application/json")


@pytest.mark.parametrize("host", ["www.school.example", "127.0.0.1:8000", "10.0.0.7"])
def test_watchers_behind_a_public_name_reach_the_machine_by_any(make_app: MakeApp, host: str) -> None:
    client = make_app(WEBPANEL_URL=SCHOOL).test_client()
    assert client.get("/healthz", base_url=f"http://{host}/").status_code == 200
    assert client.get("/readyz", base_url=f"http://{host}/").status_code == 503
    pages = 302 if host == "www.school.example" else 400
    assert client.get("/messages", base_url=f"http://{host}/").status_code == pages


def test_so_they_do_where_the_panel_has_no_public_name(make_app: MakeApp) -> None:
    client = make_app().test_client()
    assert client.get("/healthz", base_url="http://sms.internal:8000/").status_code == 200
    assert client.get("/messages", base_url="http://sms.internal:8000/").status_code == 400


@pytest.mark.parametrize(
    ("url", "host", "peer", "headers", "shown"),
    [
        ("", "127.0.0.1:8000", "127.0.0.1", {}, True),
        ("", "localhost:8000", "::1", {}, True),
        ("", "localhost:8000", "::ffff:127.0.0.1", {}, True),
        (SCHOOL, "127.0.0.1:8000", "127.0.0.1", {}, True),
        # Not on this machine.
        ("", "127.0.0.1:8000", "192.0.2.7", {}, False),
        # Through a proxy that stands on it.
        ("", "127.0.0.1:8000", "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, False),
        ("", "127.0.0.1:8000", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("", "127.0.0.1:8000", "127.0.0.1", {"Via": "1.1 proxy"}, False),
        ("", "127.0.0.1:8000", "127.0.0.1", {"Forwarded": "for=192.0.2.7"}, False),
        (SCHOOL, "www.school.example", "127.0.0.1", {}, False),
    ],
)
def test_without_a_token_figures_stay_on_the_machine(  # noqa: PLR0913, PLR0917 - a table
    make_app: MakeApp, url, host, peer, headers, shown
) -> None:
    client = make_app(WEBPANEL_URL=url).test_client()
    answer = client.get(
        "/metrics", base_url=f"http://{host}/", headers=headers, environ_overrides={"REMOTE_ADDR": peer}
    )
    assert answer.status_code == (200 if shown else 404)
    assert ("webpanel_" in answer.text) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (f"Bearer {TOKEN}", True),
        (f"Bearer {TOKEN}x", False),
        ("Bearer ", False),
        (TOKEN, False),
        ("Bearer \xe9", False),
        (None, False),
    ],
)
def test_with_a_token_it_is_asked_for_also_on_the_machine(make_app: MakeApp, given, shown) -> None:
    client = make_app(WEBPANEL_METRICS_TOKEN=TOKEN).test_client()
    headers = {} if given is None else {"Authorization": given}
    for peer in ("127.0.0.1", "192.0.2.7"):
        answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
        assert answer.status_code == (200 if shown else 404), peer


@pytest.mark.parametrize("token", ["short", "with a blank in between", "ümlaute-are-not-taken"])
def test_a_token_that_could_be_guessed_is_refused(tmp_path, token) -> None:
    with pytest.raises(SettingError, match="WEBPANEL_METRICS_TOKEN in the environment must have 16"):
        Config.load({"WEBPANEL_METRICS_TOKEN": token}, tmp_path)


def test_the_figures_are_those_of_the_tables(client: CheckingClient, parts) -> None:
    one, two = add_gateway(parts, name='A "name"\n\\'), add_gateway(parts, name="Two")
    alter_gateway(parts.store, two, stopped_at=-10)
    sent = [message("sent", ago(seconds=n), gateway_id=one) for n in range(5)]
    waits = [
        message("queued", ago(minutes=7), gateway_id=one),
        message("unknown", ago(days=2), gateway_id=two),
    ]
    outcomes = ["accepted", "accepted", "rejected", "accepted", None]
    tries = [
        attempt(row["id"], one, row["created_at"], outcome=outcome, duration_ms=outcome and 400)
        for row, outcome in zip(sent, outcomes, strict=True)
    ]
    put(parts.store, [*sent, *waits], tries)
    found = figures(client, environ_overrides=HERE)
    first, second = str(one), str(two)
    assert found["webpanel_messages", "sent"] == 5
    assert found["webpanel_messages", "failed"] == 0
    assert found["webpanel_gateway_messages", first, "queued"] == 1
    assert found["webpanel_gateway_messages", second, "unknown"] == 1
    assert found["webpanel_queue_messages",] == 1
    assert 420 <= found["webpanel_queue_oldest_seconds",] < 480
    assert found["webpanel_gateway_info", first, 'A "name"\n\\'] == 1
    assert found["webpanel_gateway_standing", first, "on"] == 1
    assert found["webpanel_gateway_standing", second, "stopped"] == 1
    assert found["webpanel_gateway_standing", second, "on"] == 0
    assert found["webpanel_attempts_total", first, "accepted"] == 3
    assert found["webpanel_attempts_total", first, "rejected"] == 1
    assert found["webpanel_attempt_duration_seconds_bucket", first, "0.25"] == 0
    assert found["webpanel_attempt_duration_seconds_bucket", first, "0.5"] == 4
    assert found["webpanel_attempt_duration_seconds_count", first] == 4
    assert found["webpanel_attempt_duration_seconds_sum", first] == pytest.approx(1.6)
    assert found["webpanel_sender_alive",] == 0
    Heartbeat(parts.config.instance).beat()
    assert figures(client, environ_overrides=HERE)["webpanel_sender_alive",] == 1


def test_every_figure_stands_in_the_documentation(client: CheckingClient, parts) -> None:
    gateway = add_gateway(parts)
    row = message("sent", ago(hours=1), gateway_id=gateway)
    put(parts.store, [row], [attempt(row["id"], gateway, row["created_at"])])
    page = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")
    for family in text_string_to_metric_families(client.get("/metrics", environ_overrides=HERE).text):
        total = "_total" if family.type == "counter" else ""
        assert f"| `{family.name}{total}` |" in page
    for word in STANDINGS:
        assert f"`{word}`" in page


def test_no_label_holds_what_is_a_person_s(client: CheckingClient, parts) -> None:
    gateway = add_gateway(parts)
    row = message(
        "unknown", ago(hours=1), gateway_id=gateway, created_by="ada", text="Hello", reference="R-1"
    )
    put(parts.store, [row], [attempt(row["id"], gateway, row["created_at"])])
    text = client.get("/metrics", environ_overrides=HERE).text
    assert not [word for word in ("447911123456", "Hello", "ada", "R-1", row["id"], "canary") if word in text]


def test_the_figures_of_nothing(client: CheckingClient) -> None:
    found = figures(client, environ_overrides=HERE)
    assert found["webpanel_messages", "sent"] == 0
    assert found["webpanel_queue_oldest_seconds",] == 0
    assert not [name for name in found if name[0].startswith("webpanel_attempt")]

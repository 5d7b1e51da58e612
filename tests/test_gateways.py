"""Gateways are kept by what their form says, and by nobody's older copy of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, insert, select, update
from sqlalchemy.orm import Session

from webpanel import gateway_secrets, gateways, models
from webpanel.gateway_secrets import SecretChanges
from webpanel.store import Store, configure
from webpanel.vault import Vault
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

URL = "https://api.someprovider.com/v1/send"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    engine = configure(create_engine(f"sqlite:///{tmp_path / 'panel.db'}"))
    models.db.metadata.create_all(engine)
    store = Store(engine)
    yield store
    store.close()
    engine.dispose()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key()])


def settings(name: str = "One", url: str = URL, **more) -> Gateway:
    return Gateway(name=name, url=url, **more)


def loaded(store: Store, gateway_id: int) -> models.Gateway:
    with Session(store.engine) as session:
        gateway = session.get_one(models.Gateway, gateway_id)
        assert gateway.secrets is not None
        session.expunge_all()
        return gateway


def secrets_of(store: Store, vault: Vault, gateway_id: int) -> dict[str, str]:
    return {s.name: vault.decrypt(s.ciphertext) for s in loaded(store, gateway_id).secrets}


def names_in_order(store: Store) -> list[str]:
    with Session(store.engine) as session:
        rows = select(models.Gateway.name).order_by(models.Gateway.position, models.Gateway.id)
        return list(session.scalars(rows))


def message(store: Store, gateway_id: int, state: str, number: int = 0) -> str:
    message_id = f"{number:026d}"
    values = {
        "id": message_id,
        "created_at": NOW,
        "gateway_id": gateway_id,
        "gateway_name": "One",
        "created_by": "ada",
        "source": "page",
        "encoding": "gsm7",
        "parts": 1,
        "state": state,
        "due_at": NOW,
        "expires_at": NOW,
    }
    store.write(lambda connection: connection.execute(insert(models.Message.__table__).values(values)))
    return message_id


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_a_new_gateway_is_on_and_last(store, vault):
    first = gateways.create(store, vault, settings("One"), {}, "ada")
    second = gateways.create(
        store, vault, settings("Two", headers="X-API-Key: {{secret.key}}"), {"key": "k"}, "ada"
    )
    assert names_in_order(store) == ["One", "Two"]
    assert loaded(store, first).enabled
    row = loaded(store, second)
    assert row.settings() == settings("Two", headers="X-API-Key: {{secret.key}}")
    assert (row.updated_by, row.version) == ("ada", 1)
    assert secrets_of(store, vault, second) == {"key": "k"}


def test_what_lies_in_the_database_does_not_tell_the_secret(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {"key": "canary-4711"}, "ada")
    assert b"canary-4711" not in loaded(store, gateway_id).secrets[0].ciphertext


def test_a_name_is_taken_once(store, vault):
    gateways.create(store, vault, settings("One"), {}, "ada")
    second = gateways.create(store, vault, settings("Two"), {}, "ada")
    with pytest.raises(Refused) as refused:
        gateways.create(store, vault, settings("One"), {}, "ada")
    assert codes(refused) == [("gateway_name_taken", "name")]
    with pytest.raises(Refused) as refused:
        gateways.save(store, vault, second, 1, settings=settings("One"), changes=SecretChanges(), actor="ada")
    assert codes(refused) == [("gateway_name_taken", "name")]


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        (SecretChanges(), {"one": "1", "two": "2"}),
        (SecretChanges({"one": "new"}), {"one": "new", "two": "2"}),
        (SecretChanges({"three": "3"}), {"one": "1", "two": "2", "three": "3"}),
        (SecretChanges({}, {"one"}), {"two": "2"}),
        (SecretChanges({"one": "new"}, {"two"}), {"one": "new"}),
    ],
)
def test_secrets_are_kept_set_and_removed(store, vault, changes, after):
    gateway_id = gateways.create(store, vault, settings(), {"one": "1", "two": "2"}, "ada")
    gateways.save(store, vault, gateway_id, 1, settings=settings(), changes=changes, actor="ada")
    assert secrets_of(store, vault, gateway_id) == after


def test_the_second_of_two_saves_is_told_and_changes_nothing(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {"key": "1"}, "ada")
    gateways.save(
        store, vault, gateway_id, 1, settings=settings("Theirs"), changes=SecretChanges(), actor="bob"
    )
    mine = {"settings": settings("Mine"), "changes": SecretChanges({"key": "2"}), "actor": "ada"}
    with pytest.raises(gateways.SavedMeanwhile) as meanwhile:
        gateways.save(store, vault, gateway_id, 1, **mine)
    assert (meanwhile.value.by, meanwhile.value.version) == ("bob", 2)
    assert meanwhile.value.at == loaded(store, gateway_id).updated_at
    assert loaded(store, gateway_id).name == "Theirs"
    assert secrets_of(store, vault, gateway_id) == {"key": "1"}

    gateways.save(store, vault, gateway_id, meanwhile.value.version, **mine)
    assert loaded(store, gateway_id).name == "Mine"
    assert secrets_of(store, vault, gateway_id) == {"key": "2"}


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://api.someprovider.com/v2/send?x=1", True),
        ("https://API.someprovider.com:443/", True),
        ("https://api.someprovider.com/{{recipient}}", True),
        ("http://api.someprovider.com/v1/send", False),
        ("https://api.someprovider.com:8443/v1/send", False),
        ("https://api.someprovider.com.example.org/v1/send", False),
        ("https://example.org/https://api.someprovider.com/v1/send", False),
        ("https://api.someprovider.com@example.org/v1/send", False),
        ("https://example.org\\@api.someprovider.com/v1/send", False),
        ("HTTPS://api.someprovider.com:0443", True),
        ("https://api.someprovider.com?@example.org/", True),
        ("https://api.someprovider.com./v1/send", False),
        ("https://user@api.someprovider.com/v1/send", False),
        ("https://api.someprovider.com#@example.org/", False),
        ("https://api.someprovider.com;example.org/", False),
        ("https://api.someprovider.com\t.example.org/", False),
        ("https://api.someprovider.com%2eexample.org/", False),
        ("https://api.someprovider.com:443:80/", False),
        ("https://api.someprovider.com:{{recipient}}/", False),
        ("https://{{recipient}}.someprovider.com/", False),
        ("//api.someprovider.com/v1/send", False),
        # Letters that look alike, dots that are none, and what is not seen.
        ("https://api.\N{CYRILLIC SMALL LETTER DZE}omeprovider.com/", False),
        ("https://api\N{IDEOGRAPHIC FULL STOP}someprovider.com/", False),
        ("https://\N{FULLWIDTH LATIN SMALL LETTER A}pi.someprovider.com/", False),
        ("https://api.some\N{ZERO WIDTH SPACE}provider.com/", False),
        ("https://api.some\N{SOFT HYPHEN}provider.com/", False),
        ("", False),
    ],
)
def test_secrets_belong_to_scheme_host_and_port(store, vault, url, same):
    gateway_id = gateways.create(store, vault, settings(), {"key": "1"}, "ada")
    row = loaded(store, gateway_id)
    assert gateway_secrets.known_secrets(vault, row, url) == ({"key": "1"} if same else {})
    assert gateway_secrets.asked_again(URL, ["key"], settings(url=url), SecretChanges()) == (
        () if same else ("key",)
    )


def test_a_save_at_another_address_asks_for_each_secret(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {"one": "1", "two": "2", "auth_token": "t"}, "ada")
    elsewhere = settings(url="https://other.example/send")
    with pytest.raises(Refused) as refused:
        gateways.save(
            store, vault, gateway_id, 1, settings=elsewhere, changes=SecretChanges({"one": "new"}), actor="a"
        )
    assert codes(refused) == [("secret_asked_again", "secret.two")]
    assert loaded(store, gateway_id).url == URL

    changes = SecretChanges({"one": "new"}, {"two"})
    gateways.save(store, vault, gateway_id, 1, settings=elsewhere, changes=changes, actor="a")
    # The token of an authentication that is not chosen was not shown, so it was not asked for: it goes.
    assert secrets_of(store, vault, gateway_id) == {"one": "new"}


def test_a_chosen_authentication_is_asked_for_too():
    elsewhere = settings(url="https://other.example/", auth_kind="bearer")
    assert gateway_secrets.asked_again(URL, ["auth_token", "auth_username"], elsewhere, SecretChanges()) == (
        "auth_token",
    )


def test_secrets_of_a_lost_key_are_told(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {"key": "1"}, "ada")
    with pytest.raises(Refused) as refused:
        gateway_secrets.known_secrets(Vault([Fernet.generate_key()]), loaded(store, gateway_id), URL)
    assert codes(refused) == [("secret_unreadable", "secret.key")]


@pytest.mark.parametrize("how", ["save", "resume"])
def test_a_person_lets_a_stopped_gateway_go_on(store, vault, how):
    gateway_id = gateways.create(store, vault, settings(), {}, "ada")
    stopped = {"stopped_at": NOW, "stopped_reason": {"code": "x", "values": {}}, "paused_until": NOW}
    store.write(lambda connection: connection.execute(update(models.Gateway.__table__).values(stopped)))
    if how == "save":
        gateways.save(store, vault, gateway_id, 1, settings=settings(), changes=SecretChanges(), actor="a")
    else:
        gateways.resume(store, gateway_id)
    row = loaded(store, gateway_id)
    assert (row.stopped_at, row.stopped_reason, row.paused_until) == (None, None, None)
    assert row.resumed_at is not None


def test_switching_is_no_new_version(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {}, "ada")
    gateways.set_enabled(store, gateway_id, False)
    assert not loaded(store, gateway_id).enabled
    gateways.save(store, vault, gateway_id, 1, settings=settings(), changes=SecretChanges(), actor="ada")
    assert not loaded(store, gateway_id).enabled


@pytest.mark.parametrize(
    ("name", "steps", "after"),
    [
        ("Two", -1, ["Two", "One", "Three"]),
        ("Two", 1, ["One", "Three", "Two"]),
        ("One", -1, ["One", "Two", "Three"]),
        ("Three", 1, ["One", "Two", "Three"]),
    ],
)
def test_the_order_changes_by_one_place(store, vault, name, steps, after):
    ids = {each: gateways.create(store, vault, settings(each), {}, "ada") for each in ("One", "Two", "Three")}
    gateways.move(store, ids[name], steps)
    assert names_in_order(store) == after


def test_deleting_keeps_messages_and_cancels_what_waits(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {"key": "1"}, "ada")
    for number, state in enumerate(["sent", "queued", "held", "scheduled"]):
        message(store, gateway_id, state, number)
    assert gateways.remove(store, gateway_id, "bob") == 3
    with Session(store.engine) as session:
        rows = list(session.scalars(select(models.Message).order_by(models.Message.id)))
        assert [row.state for row in rows] == ["sent", "cancelled", "cancelled", "cancelled"]
        assert {(row.gateway_id, row.gateway_name) for row in rows} == {(None, "One")}
        assert all(row.final_at and row.due_at is None for row in rows[1:])
        steps = list(session.scalars(select(models.Event)))
        assert [(step.code, step.actor, step.values) for step in steps] == [
            ("event_gateway_deleted", "bob", {})
        ] * 3
        assert not list(session.scalars(select(models.Secret)))


def test_what_may_have_been_sent_is_unclear_once_its_gateway_is_deleted(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {}, "ada")
    message(store, gateway_id, "queued")
    store.write(lambda connection: connection.execute(update(models.Message).values(possible_duplicate=True)))
    assert gateways.remove(store, gateway_id, "bob") == 1
    with Session(store.engine) as session:
        row = session.scalars(select(models.Message)).one()
        assert (row.state, row.due_at, row.reason["code"]) == ("unknown", None, "event_gateway_deleted")


def test_an_id_is_never_given_twice(store, vault):
    first = gateways.create(store, vault, settings(), {}, "ada")
    gateways.remove(store, first, "ada")
    assert gateways.create(store, vault, settings(), {}, "ada") > first


def test_a_gateway_is_not_deleted_under_a_message_on_its_way(store, vault):
    gateway_id = gateways.create(store, vault, settings(), {}, "ada")
    message(store, gateway_id, "sending")
    with pytest.raises(Refused) as refused:
        gateways.remove(store, gateway_id, "ada")
    assert codes(refused) == [("gateway_is_sending", "")]
    assert names_in_order(store) == ["One"]


@pytest.mark.parametrize(
    "change",
    [
        lambda store, _vault: gateways.resume(store, 7),
        lambda store, _vault: gateways.set_enabled(store, 7, True),
        lambda store, _vault: gateways.move(store, 7, 1),
        lambda store, _vault: gateways.remove(store, 7, "ada"),
        lambda store, vault: gateways.save(
            store, vault, 7, 1, settings=settings(), changes=SecretChanges(), actor="ada"
        ),
    ],
)
def test_what_is_gone_is_said(store, vault, change):
    with pytest.raises(gateways.Gone):
        change(store, vault)

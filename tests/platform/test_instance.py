"""The instance folder: private from the first moment on, and one server's at a time."""

import os
import shlex
import stat
import subprocess
import sys
import threading
from pathlib import Path

import platformdirs
import pytest
from cryptography.fernet import Fernet

from webpanel import instance
from webpanel.config import Config

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "some where" / "instance"
    instance.prepare(folder)
    return folder


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_created_is_nobody_elses(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        instance.prepare(tmp_path / "instance")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700
    assert modes(tmp_path / "instance") == {"secret.key": 0o600, "session.key": 0o600, "settings.env": 0o600}


def test_two_panels_have_nothing_in_common(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        instance.prepare(tmp_path / name)
        found.append(instance.keys(Config(instance=tmp_path / name)))
    assert found[0].session != found[1].session
    assert found[0].secrets != found[1].secrets


def test_preparing_again_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    instance.prepare(folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_settings_file_that_it_writes_sets_nothing(folder: Path) -> None:
    assert Config.load({}, folder) == Config(instance=folder)
    said = (folder / "settings.env").read_text()
    assert "#WEBPANEL_PORT=8000\n" in said


@pytest.mark.parametrize("name", ["", "secret.key", "session.key", "settings.env", "webpanel.sqlite"])
@pytest.mark.parametrize("wider", [0o040, 0o004, 0o020, 0o002])
def test_a_wider_mode_is_refused_with_the_command_that_mends_it(folder: Path, name: str, wider: int) -> None:
    path = folder / name
    path.touch(0o600, exist_ok=True)
    path.chmod(stat.S_IMODE(path.stat().st_mode) | wider)
    with pytest.raises(instance.InstanceError) as error:
        instance.prepare(folder)
    sentence, _, command = str(error.value).partition("; run: ")
    assert str(path) in sentence
    subprocess.run(shlex.split(command), check=True)
    instance.prepare(folder)


@pytest.mark.parametrize("content", ["", "not a key", "x" * 44])
def test_a_spoilt_key_is_one_sentence_without_the_key(folder: Path, content: str) -> None:
    (folder / "secret.key").write_text(content)
    with pytest.raises(instance.InstanceError) as error:
        instance.keys(Config(instance=folder))
    assert str(folder / "secret.key") in str(error.value)
    assert not content or content not in str(error.value)


def test_keys_of_the_settings_take_the_place_of_the_folders(folder: Path) -> None:
    keys = tuple(Fernet.generate_key().decode() for _ in range(2))
    config = Config.load({"WEBPANEL_SECRET_KEYS": ",".join(keys)}, folder)
    assert instance.keys(config).secrets == tuple(key.encode() for key in keys)


def test_a_checkout_keeps_its_data_beside_the_code() -> None:
    assert instance.chosen({}) == CHECKOUT / "instance"


def test_an_installed_package_keeps_its_data_with_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "__file__", str(tmp_path / "site-packages" / "webpanel" / "instance.py"))
    assert instance.chosen({}) == platformdirs.user_data_path("webpanel", appauthor=False)


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert instance.chosen({"WEBPANEL_INSTANCE": "data"}) == tmp_path / "data"


def test_never_inside_the_virtual_environment() -> None:
    inside = Path(sys.prefix) / "share" / "instance"
    with pytest.raises(instance.InstanceError, match="virtual environment"):
        instance.prepare(inside)
    assert not inside.exists()


def test_a_file_in_the_folders_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "instance").touch()
    with pytest.raises(instance.InstanceError, match="cannot be used: File exists"):
        instance.prepare(tmp_path / "instance")


def test_one_server_at_a_time(folder: Path) -> None:
    with instance.served(folder):
        with pytest.raises(instance.InstanceError) as error, instance.served(folder):
            pass
        assert f"process {os.getpid()}" in str(error.value)
    with instance.served(folder):
        pass


def test_the_folder_is_free_again_when_its_server_was_killed(folder: Path) -> None:
    code = (
        "import sys, pathlib; from webpanel import instance\n"
        "with instance.served(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(instance.InstanceError, match=f"process {process.pid}"), instance.served(folder):
            pass
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    with instance.served(folder):
        pass


def test_two_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    found: list[instance.Keys] = []

    def start() -> None:
        instance.prepare(tmp_path / "instance")
        found.append(instance.keys(Config(instance=tmp_path / "instance")))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    assert len(set(found)) == 1

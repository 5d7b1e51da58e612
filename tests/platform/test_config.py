"""Settings: read from the environment, then the file, each checked, each documented."""

from pathlib import Path

import pytest

from webpanel.config import Config, SettingError

#: Of a form that is right. Always the same: names of tests are made of it.
KEY = f"{'A' * 43}="


def test_without_anything_each_setting_has_its_default(tmp_path: Path) -> None:
    assert Config.load({}, tmp_path) == Config(instance=tmp_path)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text(
        'WEBPANEL_PORT=8001\nWEBPANEL_HOST="127.0.0.2"\n# WEBPANEL_LIFETIME_HOURS=1\n'
    )
    config = Config.load({"WEBPANEL_PORT": "8002"}, tmp_path)
    assert (config.port, config.host, config.lifetime_hours) == (8002, "127.0.0.2", 24)
    assert config.place("WEBPANEL_PORT") == "the environment"
    for name in ("WEBPANEL_HOST", "WEBPANEL_LIFETIME_HOURS", "WEBPANEL_URL"):
        assert config.place(name) == str(tmp_path / "settings.env")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("PORT", "eighty", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "٣", "a whole number from 0 to 65535"),
        ("URL", "www.school.example/sms", "the address at which browsers reach the panel"),
        ("URL", "ftp://www.school.example/", "the address at which browsers reach the panel"),
        ("URL", "https://ada@www.school.example/", "the address at which browsers reach the panel"),
        ("URL", "https://www.school.example/?sms", "the address at which browsers reach the panel"),
        ("URL", "https://www.school.example:port/", "the address at which browsers reach the panel"),
        ("TRUSTED_PROXY", "proxy.school.example", "one IP address"),
        ("TRUSTED_PROXY", "10.0.0.0/8", "one IP address"),
        ("FRAME_ANCESTORS", "https://moodle.school.example/course", "origins"),
        ("FRAME_ANCESTORS", "https://*.school.example", "origins"),
        ("FRAME_ANCESTORS", "https://a.example;script-src", "origins"),
        ("EGRESS_PROXY", "proxy.school.example:3128", "the address of an HTTP proxy"),
        ("EGRESS_PROXY", "socks5://proxy.school.example", "the address of an HTTP proxy"),
        ("CA_BUNDLE", "/nowhere/ca.pem", "the path of a file that exists"),
        ("LIFETIME_HOURS", "0", "a whole number from 1 to 720"),
        ("SECRET_KEYS", f"{KEY}, tooshort", "number 2 is not a Fernet key"),
    ],
)
@pytest.mark.parametrize("place", ["the environment", "settings.env"])
def test_what_cannot_be_read_is_one_sentence_that_names_setting_and_place(
    tmp_path: Path, place: str, name: str, text: str, said: str
) -> None:
    environ = {f"WEBPANEL_{name}": text} if place == "the environment" else {}
    if not environ:
        (tmp_path / "settings.env").write_text(f"WEBPANEL_{name}={text}\n")
    with pytest.raises(SettingError) as error:
        Config.load(environ, tmp_path)
    sentence = str(error.value)
    assert sentence.startswith(f"WEBPANEL_{name} in ")
    assert place in sentence
    assert said in sentence
    assert "\n" not in sentence
    assert name != "SECRET_KEYS" or (KEY not in sentence and "tooshort" not in sentence)


@pytest.mark.parametrize("line", ["WEBPANEL_PROT=8001", "PORT=8001", "WEBPANEL_PORT"])
def test_the_file_holds_settings_only(tmp_path: Path, line: str) -> None:
    (tmp_path / "settings.env").write_text(f"{line}\n")
    with pytest.raises(SettingError, match=line.partition("=")[0]):
        Config.load({}, tmp_path)


@pytest.mark.parametrize(
    ("url", "host", "public", "prefix"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:8000/", ""),
        ("", "::1", "http://[::1]:8000/", ""),
        ("", "0.0.0.0", "http://127.0.0.1:8000/", ""),  # noqa: S104 - nothing listens here
        ("https://www.school.example/sms", "127.0.0.1", "https://www.school.example/sms/", "/sms"),
        ("https://www.school.example/sms/", "127.0.0.1", "https://www.school.example/sms/", "/sms"),
        ("https://sms.school.example", "127.0.0.1", "https://sms.school.example/", ""),
    ],
)
def test_where_browsers_reach_the_panel(
    tmp_path: Path, url: str, host: str, public: str, prefix: str
) -> None:
    config = Config.load({"WEBPANEL_URL": url, "WEBPANEL_HOST": host}, tmp_path)
    assert (config.public_url, config.prefix) == (public, prefix)


def test_what_is_secret_is_not_shown(tmp_path: Path) -> None:
    config = Config.load(
        {"WEBPANEL_SECRET_KEYS": KEY, "WEBPANEL_EGRESS_PROXY": "http://ada:hunter2@proxy.example:3128"},
        tmp_path,
    )
    assert KEY not in repr(config)
    assert "hunter2" not in repr(config)

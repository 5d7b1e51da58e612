"""Every setting of a panel: its name, its default and its meaning, each declared once.

A setting is read from the environment (``WEBPANEL_PORT``), then from ``settings.env`` in the instance
folder, then it has its default. ``docs/settings.md`` is tested against this file.
"""

import dataclasses
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values

PREFIX = "WEBPANEL_"
FILE = "settings.env"

#: Characters of a token that nobody guesses.
SHORTEST_TOKEN = 16


class SettingError(ValueError):
    """A setting cannot be used; the text is one sentence for whoever starts the panel."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is known of one setting: ``name`` in the environment, ``default`` as written there."""

    name: str
    default: str
    meaning: str


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise SettingError(f"must be a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _split(text: str, what: str, schemes: tuple[str, ...] = ("http", "https")) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise SettingError(f"must be {what}") from error
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
        raise SettingError(f"must be {what}")
    return parts


def _url(text: str) -> str:
    what = "the address at which browsers reach the panel, such as https://www.school.example/sms/"
    if text and _split(text, what).username is not None:
        raise SettingError(f"must be {what}")
    return text and text.rstrip("/") + "/"


def _address(text: str) -> str:
    try:
        return text and str(ipaddress.ip_address(text))
    except ValueError as error:
        raise SettingError("must be one IP address, such as 127.0.0.1") from error


def _egress_proxy(text: str) -> str:
    what = "the address of an HTTP proxy, such as http://proxy.school.example:3128"
    if text and _split(text, what, ("http",)).path not in ("", "/"):
        raise SettingError(f"must be {what}")
    return text


def _origins(text: str) -> tuple[str, ...]:
    what = "origins such as https://www.school.example, with blanks between them"
    for origin in text.split():
        parts = _split(origin, what)
        if parts.path or parts.username is not None or any(c in origin for c in ";,'\"*"):
            raise SettingError(f"must be {what}")
    return tuple(text.split())


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(text.replace(",", " ").split())
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            # The library's own words could carry a part of the key into a log.
            raise SettingError(f"holds {len(keys)} keys, and number {number} is not a Fernet key") from None
    return keys


def _token(text: str) -> str:
    if text and (len(text) < SHORTEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text):
        raise SettingError(
            f"must have {SHORTEST_TOKEN} characters or more: letters, digits and signs, no blank"
        )
    return text


def _file(text: str) -> str:
    if text and not Path(text).is_file():
        raise SettingError("must be the path of a file that exists")
    return text


def _setting(default: str, meaning: str, read: Callable[[str], Any] = str, *, shown: bool = True) -> Any:
    return dataclasses.field(
        default=read(default), repr=shown, metadata={"default": default, "meaning": meaning, "read": read}
    )


@dataclasses.dataclass(frozen=True)
class Config:
    """The settings of one panel, checked."""

    #: What :data:`INSTANCE` chose.
    instance: Path
    #: The names (``WEBPANEL_PORT``) of what was set in the environment, not in the file.
    from_environment: frozenset[str] = frozenset()
    #: A throw-away panel, whose settings its program chose.
    demonstration: bool = False

    host: str = _setting("127.0.0.1", "The address on which the panel listens.")
    port: int = _setting(
        "8000", "The port on which the panel listens; 0 takes any free one.", _whole(0, 65535)
    )
    url: str = _setting(
        "",
        "The address at which browsers reach the panel when a proxy stands in front of it, such as "
        "https://www.school.example/sms/. It gives scheme, host and path for links and cookies. "
        "Blank: http:// with host and port.",
        _url,
    )
    trusted_proxy: str = _setting(
        "",
        "The IP address of the proxy in front of the panel. Only from there X-Forwarded-For is "
        "believed, and only for the caller's address. Blank: from nobody.",
        _address,
    )
    frame_ancestors: tuple[str, ...] = _setting(
        "",
        "Origins, with blanks between them, whose pages may show the panel in a frame. Blank: none.",
        _origins,
    )
    allow_networks: str = _setting(
        "",
        "Addresses that are not public and that gateways may send to all the same: networks or single "
        "addresses, with an optional port, such as 192.168.7.0/24 or 127.0.0.1:9000, with commas or "
        "blanks between them. Blank: public addresses only.",
    )
    egress_proxy: str = _setting(
        "",
        "An HTTP proxy through which everything is sent to providers, such as "
        "http://proxy.school.example:3128. No other variable names a proxy. Blank: sent directly.",
        _egress_proxy,
        shown=False,
    )
    ca_bundle: str = _setting(
        "",
        "A file of certificates (PEM) to trust, instead of the well-known authorities, when sending to "
        "providers over https.",
        _file,
    )
    secret_keys: tuple[str, ...] = _setting(
        "",
        "Fernet keys for the gateways' secrets, with commas between them: the first encrypts, all of "
        "them decrypt. Blank: the key in the instance folder.",
        _keys,
        shown=False,
    )
    lifetime_hours: int = _setting(
        "24", "For how many hours a message may be tried before it is too late to send it.", _whole(1, 720)
    )
    resend_after_seconds: int = _setting(
        "60",
        "How many seconds pass before a message is sent once more when it is not certain whether the "
        "provider took it. Fewer than 60 make it likelier that it arrives twice.",
        _whole(1, 86400),
    )
    lease_seconds: int = _setting(
        "60",
        "After how many seconds a message that was taken up by a process that died is taken up again.",
        _whole(5, 3600),
    )

    metrics_token: str = _setting(
        "",
        "A word that /metrics asks for as Authorization: Bearer WORD. Blank: the figures are shown on this "
        "machine only, to whoever calls the panel directly.",
        _token,
        shown=False,
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], instance: Path) -> Self:
        """Reads ``environ``, then the instance's settings file. Raises :class:`SettingError`."""
        path = instance / FILE
        stored = _stored(path)
        values = {}
        for field in _fields():
            name = PREFIX + field.name.upper()
            text = environ.get(name, stored.get(name, field.metadata["default"])).strip()
            try:
                values[field.name] = field.metadata["read"](text)
            except SettingError as error:
                place = "the environment" if name in environ else path
                raise SettingError(f"{name} in {place} {error}.") from error
        set_there = frozenset(setting.name for setting in SETTINGS if setting.name in environ)
        return cls(instance=instance, from_environment=set_there, **values)

    @property
    def file(self) -> Path:
        return self.instance / FILE

    def place(self, name: str) -> str:
        """Where the setting ``name`` (``WEBPANEL_PORT``) is read, in words for whoever starts the panel."""
        return "the environment" if name in self.from_environment else str(self.file)

    @property
    def database(self) -> Path:
        return self.instance / "webpanel.sqlite"

    @property
    def public_url(self) -> str:
        """Where browsers reach the panel; always ends in ``/``."""
        if self.url:
            return self.url
        # A wildcard is no address that a browser can open.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @property
    def scheme(self) -> str:
        return urlsplit(self.public_url).scheme

    @property
    def prefix(self) -> str:
        """The path under which the panel stands, without a ``/`` at its end: ``/sms``, or blank."""
        return urlsplit(self.public_url).path.rstrip("/")


def _fields() -> Iterator[dataclasses.Field]:
    return (field for field in dataclasses.fields(Config) if "meaning" in field.metadata)


def _stored(path: Path) -> Mapping[str, str]:
    try:
        stored = dotenv_values(path, interpolate=False) if path.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from error
    known = {setting.name for setting in SETTINGS}
    for name, value in stored.items():
        if name not in known:
            raise SettingError(f"{path} names {name}, which is no setting of the panel.")
        if value is None:
            raise SettingError(f"{path} names {name} without a value: write {name}=value.")
    return {name: value for name, value in stored.items() if value is not None}


#: Chosen before the settings file can be read, so from the environment only.
INSTANCE = Setting(
    f"{PREFIX}INSTANCE",
    "",
    "The instance folder. In the environment only. Blank: instance/ in a checkout, a folder of the "
    "user's data directory for an installed package.",
)

SETTINGS: tuple[Setting, ...] = tuple(
    Setting(PREFIX + field.name.upper(), field.metadata["default"], field.metadata["meaning"])
    for field in _fields()
)

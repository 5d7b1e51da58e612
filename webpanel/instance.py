"""The instance folder: what one panel keeps on disk, and who may read it."""

import fcntl
import os
import secrets
import shlex
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from cryptography.fernet import Fernet

from webpanel import config as configuration
from webpanel.config import Config

FOLDER_MODE = 0o700
FILE_MODE = 0o600
LOCK = "webpanel.lock"


class InstanceError(Exception):
    """The folder cannot be used; the text is one sentence for whoever starts the panel."""


@dataclass(frozen=True)
class Keys:
    """``secrets``: Fernet keys, the first encrypts; ``session`` signs the browsers' cookies."""

    secrets: tuple[bytes, ...]
    session: str


def chosen(environ: Mapping[str, str]) -> Path:
    """The instance folder: ``WEBPANEL_INSTANCE``, or the default of a checkout or an installed package."""
    if name := environ.get(configuration.INSTANCE.name, "").strip():
        return Path(name).expanduser().absolute()
    checkout = Path(__file__).parents[1]
    if (checkout / "pyproject.toml").exists():
        return checkout / "instance"
    return platformdirs.user_data_path("webpanel", appauthor=False)


def prepare(folder: Path) -> None:
    """Creates what is missing of the folder, its keys and its settings file, and checks who may read them.

    Raises :class:`InstanceError`, with the command that mends it, when anybody else may.
    """
    if folder.is_relative_to(sys.prefix) and sys.prefix != sys.base_prefix:
        raise InstanceError(
            f"The instance folder {folder} is inside the virtual environment {sys.prefix}, which may be "
            "built anew at any time; set WEBPANEL_INSTANCE to another folder."
        )
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        check(folder)
        _create(folder / "secret.key", Fernet.generate_key())
        _create(folder / "session.key", secrets.token_urlsafe(32).encode())
        _create(folder / configuration.FILE, _settings_file().encode())
        check(folder)
    except OSError as error:
        raise InstanceError(f"The instance folder {folder} cannot be used: {error.strerror}.") from error


def check(folder: Path) -> None:
    """Raises :class:`InstanceError` when the folder or a file in it may be read by anybody else."""
    if not folder.is_dir():
        raise InstanceError(f"{folder} is not a folder.")
    for said in exposed(folder):
        raise InstanceError(said)


def exposed(folder: Path) -> Iterator[str]:
    """A sentence for each of folder and files that anybody else may read, with what mends it."""
    for path, widest in ((folder, FOLDER_MODE), *((p, FILE_MODE) for p in sorted(folder.iterdir()))):
        try:
            found = path.stat()
        except FileNotFoundError:
            # SQLite's own files come and go while a panel runs.
            continue
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            widest = FOLDER_MODE  # noqa: PLW2901 - a folder inside needs its x bit
        if mode & ~widest:
            yield (
                f"{path} has mode {mode:04o}, so others may read or change it; "
                f"run: chmod {mode & widest:04o} {shlex.quote(str(path))}"
            )


def keys(config: Config) -> Keys:
    """The keys of a prepared instance. Raises :class:`InstanceError` when one is missing or is no key."""
    try:
        session = (config.instance / "session.key").read_text().strip()
        stored = (config.instance / "secret.key").read_bytes().strip()
        Fernet(stored)
    except OSError as error:
        raise InstanceError(f"{error.filename} cannot be read: {error.strerror}.") from error
    except ValueError:
        # The library's own words could carry a part of the key into a log.
        raise InstanceError(f"{config.instance / 'secret.key'} does not hold a Fernet key.") from None
    return Keys(tuple(key.encode() for key in config.secret_keys) or (stored,), session)


class Lock:
    """The folder, held for one server."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def tell(self, text: str) -> None:
        """Lets the other processes of this machine know who holds the folder, and (:func:`url`) where."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()} {text}\n".encode(), 0)


@contextmanager
def served(folder: Path) -> Iterator[Lock]:
    """Holds the folder for one server. Raises :class:`InstanceError` when another one holds it.

    The kernel's lock: it ends with the process, however that ends.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        if not _held(descriptor):
            raise InstanceError(
                f"Another panel (process {_told(descriptor)[0] or 'unknown'}) is running on {folder}; "
                "stop it first, or give this one a folder of its own with WEBPANEL_INSTANCE."
            )
        lock = Lock(descriptor)
        lock.tell("")
        yield lock
    finally:
        os.close(descriptor)


def url(folder: Path) -> str:
    """Where browsers reach the server that runs on the folder; blank when none runs."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    try:
        # Shared: two that ask at once do not take each other for a server.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _told(descriptor)[1]
    else:
        return ""
    finally:
        os.close(descriptor)


def _held(descriptor: int) -> bool:
    # Who only asks where the server is (url) holds it too, for a moment.
    for _ in range(10):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def _told(descriptor: int) -> tuple[str, str]:
    holder, _, text = os.pread(descriptor, 4096, 0).decode("utf-8", "replace").strip().partition(" ")
    return holder, text


def _create(path: Path, content: bytes) -> None:
    """Writes a file that nobody else may read at any moment, and all at once; an existing one stays."""
    if path.exists():
        return
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink()


def _settings_file() -> str:
    lines = [
        "# The panel's settings, read when it starts. Take the # away in front of a name to set it.",
        "# A variable of the environment with the same name goes before this file.",
    ]
    for setting in configuration.SETTINGS:
        lines += ["", f"# {setting.meaning}", f"#{setting.name}={setting.default}"]
    return "\n".join(lines) + "\n"

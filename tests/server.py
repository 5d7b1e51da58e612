"""The panel as a process of the test: ``webpanel run`` on a free port, with an instance of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds: from the start to the printed address, and from SIGTERM to the end.
START, STOP = 60, 70

_ADDRESS = re.compile(r"^The panel: +(\S+)$", re.MULTILINE)
_LINK = re.compile(r"^Create the first administrator.*: (\S+)$", re.MULTILINE)


def environment(instance: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What the process finds: nothing of the panel's settings but ``env``, and a port that is free."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("WEBPANEL_")}
    return {
        **foreign,
        "WEBPANEL_INSTANCE": str(instance),
        "WEBPANEL_PORT": "0",
        "PYTHONUNBUFFERED": "1",
        **env,
    }


def webpanel(instance: Path, *words: str, env: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    """``webpanel WORDS...`` to its end, on ``instance``."""
    return subprocess.run(
        [sys.executable, "-m", "webpanel", *words],
        env=environment(instance, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Server:
    process: subprocess.Popen[str]
    instance: Path
    #: It may die before it listens.
    mortal: bool = False
    #: Where it listens, and where browsers reach it (``WEBPANEL_URL``): both end in ``/``.
    address: str = ""
    url: str = ""
    #: Creates the first administrator; blank once a user exists.
    setup_link: str = ""
    _output: list[str] = field(default_factory=list)
    _readers: list[threading.Thread] = field(default_factory=list)
    _listening: threading.Event = field(default_factory=threading.Event)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        """Everything that it wrote so far, standard output and standard error."""
        return "".join(self._output)

    def stop(self) -> int:
        """SIGTERM, and its exit status."""
        return self._end(signal.SIGTERM)

    def interrupt(self) -> int:
        """Ctrl-C, and its exit status."""
        return self._end(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL: it finishes nothing."""
        self._end(signal.SIGKILL)

    def ended(self, patience: float = STOP) -> int:
        """Its exit status, once it ended by itself; negative for a signal."""
        status = self.process.wait(timeout=patience)
        for reader in self._readers:
            reader.join()
        return status

    def _end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.ended()

    def _start(self) -> None:
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        self._readers.append(reader)
        self._listening.wait(START)
        found = _ADDRESS.search(self.output)
        if self.mortal and not found:
            return
        assert found, f"it printed no address:\n{self.output}"
        self.url = found[1]
        listening = re.search(r"^Listening on +(\S+)$", self.output, re.MULTILINE)
        self.address = listening[1] if listening else self.url
        if link := _LINK.search(self.output):
            self.setup_link = link[1]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._output.append(line)
            # The last line of what it says at the start.
            if line.startswith("Ctrl-C"):
                self._listening.set()
        self._listening.set()


@contextmanager
def running_server(
    instance: Path,
    env: Mapping[str, str] = {},
    *,
    command: str = "run",
    module: str = "webpanel",
    mortal: bool = False,
) -> Iterator[Server]:
    """A panel that listens; ended, if it still runs, when the block is left.

    ``instance`` may be missing, or be that of an earlier server. ``env``: settings (``WEBPANEL_...``).
    ``mortal``: whether it may die while it starts; its ``url`` is blank then.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, command],
        env=environment(instance, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = Server(process, instance, mortal)
    try:
        server._start()
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=STOP)
        assert process.stdout is not None
        for reader in server._readers:
            reader.join()
        process.stdout.close()

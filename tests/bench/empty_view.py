"""An empty Flask view on the panel's kind of server, in a process of its own: what accepting is held to."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress.server import create_server

from webpanel.server import CONNECTIONS, THREADS


def serve() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "{}", methods=["POST"], endpoint="empty")
    server = create_server(
        app,
        host="127.0.0.1",
        port=0,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
    )
    sys.stdout.write(f"http://127.0.0.1:{server.effective_port}/\n")
    sys.stdout.flush()
    server.run()


@contextmanager
def running_empty_view() -> Iterator[str]:
    """Its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.empty_view"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        found = re.match(r"http\S+", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.kill()
        process.wait(timeout=10)
        process.stdout.close()


if __name__ == "__main__":
    serve()

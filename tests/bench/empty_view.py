"""An empty Flask view on the panel's kind of server, in a process of its own: what accepting is held to."""

from flask import Flask
from waitress.server import create_server

from tests.bench.processes import tell
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
    tell(f"http://127.0.0.1:{server.effective_port}/")
    server.run()


if __name__ == "__main__":
    serve()

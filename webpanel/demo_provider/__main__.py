"""``python -m webpanel.demo_provider [--host HOST] [--port PORT] [--key KEY SECRET]...``"""

import click

from webpanel.demo_provider.server import KEYS, serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535))
@click.option("--key", "keys", nargs=2, multiple=True, metavar="KEY SECRET", help="For signed requests.")
def main(host: str, port: int, keys: tuple[tuple[str, str], ...]) -> None:
    """Run the demonstration provider until it is interrupted."""
    serve(host, port, {**KEYS, **dict(keys)})


if __name__ == "__main__":
    main()

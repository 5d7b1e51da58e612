"""``python -m webpanel.demo_provider [--host HOST] [--port PORT]``"""

import click

from webpanel.demo_provider.server import serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535))
def main(host: str, port: int) -> None:
    """Run the demonstration provider until it is interrupted."""
    serve(host, port)


if __name__ == "__main__":
    main()

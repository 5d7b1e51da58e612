"""What is left of a gateway's rate while something else is the matter; figures and nothing asserted.

One server sends 20,000 messages by a gateway whose provider takes 50 ms, 64 in flight. Each run looks
at it for some seconds alone, then beside a gateway whose provider never answers, and beside a burst of
delivery reports for 10,000 messages that were sent before. The share is that of its rate alone in the
same run.
"""

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from tests.bench.calls import answered, connected, in_threads, with_key
from tests.bench.figures import say, spread
from tests.bench.processes import running
from tests.bench.waiting import BATCH, batches, set_up
from tests.calling import add_gateway
from tests.instances import LOOPBACK, opened
from tests.server import running_server
from webpanel import gateways
from webpanel.models import Gateway
from webpanel.report_door import PATH

IN_FLIGHT = 64
#: Seconds until a request to the provider that never answers is given up, and messages for it.
HANGS, HANGING = 3, 500
#: Connections over which reports come.
REPORTING = 16


class Panel(NamedTuple):
    app: Flask
    url: str
    provider: str
    key: str
    hanging: int


class Figures(NamedTuple):
    alone: float
    hanging: float
    reports: float
    #: Reports a second.
    taken: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="of each look")
    asked = parser.parse_args()
    with running("tests.bench.quick_provider") as provider:
        runs = [run(provider, asked.seconds) for _ in range(asked.runs)]
    say("beside", "sent/s", "share of alone", "reports/s")
    say("nothing", spread([each.alone for each in runs]))
    for name in ("hanging", "reports"):
        rates = [getattr(each, name) for each in runs]
        shares = [rate / each.alone for rate, each in zip(rates, runs, strict=True)]
        taken = [spread([each.taken for each in runs])] if name == "reports" else []
        say(name, spread(rates), spread(shares, 2), *taken)


def run(provider: str, seconds: float) -> Figures:
    with (
        tempfile.TemporaryDirectory(prefix="webpanel-bench-") as folder,
        furnished(Path(folder) / "instance", provider) as panel,
    ):
        reported = sent_before(panel)
        hand_in(panel, itertools.islice(batches(gateway="Hanging"), 1), HANGING)
        hand_in(panel, batches())
        store = panel.app.extensions["webpanel"].store
        alone = look(panel, seconds)
        gateways.release(store, panel.hanging)
        hanging = look(panel, seconds)
        gateways.hold(store, panel.hanging, "bench")
        # Until the last of them is given up.
        time.sleep(HANGS)
        again = look(panel, seconds)
        hand_in(panel, batches())
        began = time.monotonic()
        taken = report(panel, reported)
        # The last one of those that wait may leave before the last report comes.
        reports = rate(panel, began, min(time.monotonic(), max(arrivals(panel).values())))
    return Figures((alone + again) / 2, hanging, reports, taken)


@contextmanager
def furnished(folder: Path, provider: str) -> Iterator[Panel]:
    """A running panel with three gateways: one that is looked at, one that hangs, and one of before."""
    key = set_up(folder, f"{provider}/50", IN_FLIGHT)
    with opened(folder) as app:
        hanging = add_gateway(
            app, "Hanging", f"{provider}/3600000", in_flight=IN_FLIGHT, timeout=HANGS, connect_timeout=HANGS
        )
        gateways.hold(app.extensions["webpanel"].store, hanging, "bench")
        add_gateway(
            app,
            "Before",
            f"{provider}/0",
            headers="X-Message: {{message_id}}",
            in_flight=IN_FLIGHT,
            report_id_kind="address",
            report_status_kind="field",
            report_status_rule="s",
            report_words="DONE = delivered",
        )
        with running_server(folder, LOOPBACK) as server:
            yield Panel(app, server.url, provider, key, hanging)


def hand_in(panel: Panel, bodies: Iterator[str], most: int = BATCH) -> None:
    with connected(panel.url) as connection:
        for body in bodies:
            messages = json.dumps({"messages": json.loads(body)["messages"][:most]})
            connection.request("POST", "/api/v1/messages/batch", messages, with_key(panel.key))
            answered(connection, 202)


def sent_before(panel: Panel) -> list[str]:
    """The ids of messages that all left, by the gateway that is reported to."""
    already = arrivals(panel).keys()
    hand_in(panel, itertools.islice(batches(gateway="Before"), 1))
    while len(found := arrivals(panel).keys() - already) < BATCH:
        time.sleep(0.2)
    return sorted(found)


def look(panel: Panel, seconds: float) -> float:
    began = time.monotonic()
    time.sleep(seconds)
    return rate(panel, began, time.monotonic())


def rate(panel: Panel, began: float, ended: float) -> float:
    """Messages a second that left meanwhile."""
    return sum(began <= at < ended for at in arrivals(panel).values()) / (ended - began)


def arrivals(panel: Panel) -> dict[str, float]:
    with connected(panel.provider) as connection:
        connection.request("GET", "/arrivals")
        return json.loads(answered(connection, 200))


def report(panel: Panel, message_ids: list[str]) -> float:
    """Tell of each that it was delivered, as fast as that is taken; reports a second."""
    with panel.app.extensions["webpanel"].store.engine.connect() as connection:
        token = connection.execute(select(Gateway.report_token).where(Gateway.name == "Before")).scalar_one()
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def tell(place: int) -> None:
        with connected(panel.url) as connection:
            for message_id in message_ids[place::REPORTING]:
                connection.request("POST", f"/{PATH}{token}/{message_id}", "s=DONE", form)
                answered(connection, 200)

    tasks = [lambda place=place: tell(place) for place in range(REPORTING)]
    return in_threads(tasks, lambda: len(message_ids))


if __name__ == "__main__":
    main()

"""The figures in Prometheus' form, counted from the tables when they are asked for.

A room of its own because prometheus-client is known here only. Nothing is counted along the way: what
is told survives a restart, and is the same whichever process of a panel is asked. No label holds what
somebody wrote in a message, a number, or a person's name.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine

from webpanel import heartbeat
from webpanel.figures import gateways, queue
from webpanel.figures.attempts import BOUNDS, Attempts, Sum, Sums
from webpanel.store import now
from webpanel.words.events import OUTCOMES, STANDINGS, STATES


def exposed(engine: Engine, instance: Path, attempts: Attempts, accept: str) -> tuple[bytes, str]:
    """All of them, and the content type; ``accept`` is the header of who asks, and chooses the form."""
    registry = CollectorRegistry()
    registry.register(_Panel(engine, instance, attempts))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Panel(Collector):
    def __init__(self, engine: Engine, instance: Path, attempts: Attempts) -> None:
        self._engine, self._instance, self._attempts = engine, instance, attempts

    def describe(self) -> list[Metric]:
        # Asked for when it is registered; what it would tell takes a look at every table.
        return []

    def collect(self) -> Iterator[Metric]:
        yield _gauge("build_info", "The version of the panel.", ["version"], {(version("webpanel"),): 1})
        alive = heartbeat.alive(self._instance)
        yield _gauge("sender_alive", "1 while the part that sends gives signs of life.", [], {(): alive})
        with self._engine.connect() as connection:
            present = now(connection)
            yield from _messages(connection, present)
            yield from _gateways(connection, present)
        # Rather none than those of a part of the table.
        if (sums := self._attempts.sums(self._engine)) is not None:
            yield from _attempts(sums)


def _messages(connection: Connection, present: datetime) -> Iterator[Metric]:
    known = queue.by_state(connection)
    counts = {(state,): known.get(state, 0) for state in STATES}
    yield _gauge("messages", "Messages that there are, by state.", ["state"], counts)
    waits = {(str(gateway), state): n for (gateway, state), n in queue.open_ones(connection).items()}
    what = "Messages that wait for their turn or for a person, by gateway and state."
    yield _gauge("gateway_messages", what, ["gateway", "state"], waits)
    standing = queue.standing(connection)
    what = "Messages that are to be sent and are not final: waiting, sending or on hold."
    yield _gauge("queue_messages", what, [], {(): standing.waiting})
    oldest = (present - standing.oldest_at).total_seconds() if standing.oldest_at else 0
    what = "Seconds since the oldest of them was accepted."
    yield _gauge("queue_oldest_seconds", what, [], {(): oldest})
    left = [(present - each.since).total_seconds() for each in queue.left(connection)]
    what = "Seconds for which a gateway that may send has left what is due; 0 while all goes on."
    yield _gauge("queue_left_seconds", what, [], {(): max(left, default=0)})


def _gateways(connection: Connection, present: datetime) -> Iterator[Metric]:
    found = gateways.doing(connection, present)
    names = {(str(each.id), each.name): 1 for each in found}
    yield _gauge("gateway_info", "The name of each gateway.", ["gateway", "name"], names)
    stands = {(str(each.id), word): each.stands == word for each in found for word in STANDINGS}
    what = "1 for how a gateway stands, 0 for how it does not."
    yield _gauge("gateway_standing", what, ["gateway", "standing"], stands)


def _attempts(sums: Sums) -> Iterator[Metric]:
    what = "Attempts, by gateway and by what they came to."
    totals = CounterMetricFamily("webpanel_attempts", what, labels=["gateway", "outcome"])
    by_gateway: dict[int, list[Sum]] = defaultdict(list)
    for (gateway, outcome), each in sorted(sums.items()):
        if outcome in OUTCOMES:
            totals.add_metric([str(gateway), outcome], each.number)
            by_gateway[gateway].append(each)
    yield totals
    what = "How long attempts took, from the look-up of the name to the end of the reply."
    durations = HistogramMetricFamily("webpanel_attempt_duration_seconds", what, labels=["gateway"])
    for gateway, several in by_gateway.items():
        buckets: list[tuple[str, float]] = [
            (str(bound / 1000), sum(each.within[number] for each in several))
            for number, bound in enumerate(BOUNDS)
        ]
        buckets.append(("+Inf", sum(each.number for each in several)))
        durations.add_metric([str(gateway)], buckets, sum(each.ms for each in several) / 1000)
    yield durations


def _gauge(name: str, what: str, labels: list[str], values: dict[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"webpanel_{name}", what, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), float(value))
    return family

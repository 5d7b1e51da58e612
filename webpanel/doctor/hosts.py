"""The gateways' hosts: looked up, connected to and asked for their certificates. No request is made."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from webpanel import gateway_secrets, models
from webpanel.config import Config
from webpanel.doctor.finding import Finding
from webpanel.doctor.tables import reading
from webpanel.sending.transport import Transport

#: Seconds for each host, and how many at once.
TIMEOUT, AT_ONCE = 8.0, 64

_gateway = models.Gateway.__table__


def hosts(config: Config, transport: Transport) -> Iterator[Finding]:
    """One finding for each host of a gateway that is on."""
    named: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    with reading(config) as connection:
        rows = connection.execute(
            select(_gateway.c.name, _gateway.c.url)
            .where(_gateway.c.enabled)
            .order_by(_gateway.c.position, _gateway.c.id)
        )
        for name, url in rows:
            origin = gateway_secrets.origin(url)
            if origin is None:
                yield Finding("hosts", "wrong", "doctor_host_unread", {"gateways": name})
            else:
                named[origin].append(name)
    if not named:
        yield Finding("hosts", "ok", "doctor_hosts_none")
        return
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as pool:
        problems = pool.map(lambda origin: transport.reach(*origin, timeout=TIMEOUT), named)
        for origin, problem in zip(named, problems, strict=True):
            scheme, host, port = origin
            values = {"gateways": ", ".join(named[origin]), "host": host, "port": port}
            if problem is None:
                # Of http only the proxy is there to be asked.
                behind = scheme == "http" and config.egress_proxy
                yield Finding(
                    "hosts", "ok", "doctor_host_proxy" if behind else f"doctor_host_{scheme}", values
                )
            else:
                why = {"code": problem.code, "values": problem.values}
                yield Finding("hosts", "wrong", "doctor_host_unreached", values, why)

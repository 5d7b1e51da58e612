"""From an origin to a connection: look up, judge, connect, TLS. No byte of a request is written here."""

import errno
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

from webpanel.sending.connection import Connection, Origin
from webpanel.sending.deadline import Deadline
from webpanel.sending.framing import ReplyReader
from webpanel.sending.names import Address, Names, literal
from webpanel.sending.networks import Networks
from webpanel.sending.proxy import Proxy
from webpanel.sending.tls import handshake_problem
from webpanel.wire.problem import Problem

_SUCCESS = range(200, 300)
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN)


class Unreached(Exception):  # noqa: N818 - an outcome, not a fault of the program
    """There is no connection; ``point`` says how far it got, ``problem`` why."""

    def __init__(self, point: Literal["refused", "dns", "connect", "tls"], problem: Problem) -> None:
        super().__init__(problem.code)
        self.point = point
        self.problem = problem


@dataclass(frozen=True)
class Dialler:
    networks: Networks
    names: Names
    context: ssl.SSLContext
    proxy: Proxy | None = None

    def dial(self, origin: Origin, deadline: Deadline) -> Connection:
        """A new connection, ready for a request. Raises Unreached."""
        scheme, host, port = origin
        host = host.strip("[]")
        if self.proxy:
            sock = self._dial_proxy(self.proxy, host, port, tunnel=scheme == "https", deadline=deadline)
        else:
            sock = self._connect(host, port, deadline, judged=True)
        if scheme == "https":
            sock = self._secure(sock, host, deadline)
        return Connection(sock)

    def _connect(self, host: str, port: int, deadline: Deadline, *, judged: bool) -> socket.socket:
        """To the first address that answers; each gets its share of the time that is left."""
        addresses = self._addresses(host, port, deadline)
        last: Unreached | None = None
        for tried, address in enumerate(addresses):
            try:
                share = deadline.within(deadline.left() / (len(addresses) - tried))
                return self._connect_address(address, port, share, judged=judged)
            except TimeoutError:
                last = Unreached("connect", Problem("connect_timeout", values={"host": host, "port": port}))
            except Unreached as unreached:
                # That an allowed address does not answer says more than that another is not allowed.
                last = last if last and unreached.point == "refused" else unreached
        assert last is not None, "a look-up gives one address at least"  # noqa: S101 - for the type checker
        raise last

    def _addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        values = {"host": host}
        try:
            return literal(host, port) or self.names.addresses(host, port, deadline)
        except TimeoutError:
            raise Unreached("dns", Problem("dns_timeout", values=values)) from None
        except socket.gaierror as error:
            unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
            raise Unreached(
                "dns", Problem("dns_unknown" if unknown else "dns_failed", values=values)
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            # The last of them when the system gives no more threads.
            raise Unreached("dns", Problem("dns_failed", values=values)) from error

    def _connect_address(
        self, address: Address, port: int, deadline: Deadline, *, judged: bool
    ) -> socket.socket:
        family, sockaddr = address
        if judged and (problem := self.networks.refusal(sockaddr[0], port)):
            raise Unreached("refused", problem)
        sock = None
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(deadline.left())
            sock.connect(sockaddr)
        except OSError as error:
            if sock:
                sock.close()
            if isinstance(error, TimeoutError):
                raise
            raise Unreached("connect", _connect_problem(error, sockaddr[0], port)) from error
        return sock

    def _dial_proxy(
        self, proxy: Proxy, host: str, port: int, *, tunnel: bool, deadline: Deadline
    ) -> socket.socket:
        self._judge_unresolved(host, port)
        values = {"proxy": proxy.host, "host": host}
        try:
            sock = self._connect(proxy.host, proxy.port, deadline, judged=False)
        except Unreached as unreached:
            raise Unreached(unreached.point, Problem("proxy_unreached", values=values)) from unreached
        if tunnel:
            try:
                status = _open_tunnel(sock, proxy.tunnel(host, port), deadline)
            except OSError as error:
                sock.close()
                raise Unreached("connect", Problem("proxy_silent", values=values)) from error
            if status:
                sock.close()
                raise Unreached("connect", Problem("proxy_refused", values={**values, "status": status}))
        return sock

    def _judge_unresolved(self, host: str, port: int) -> None:
        """What can be said of a host whose name the proxy will look up."""
        name = host.rstrip(".").lower()
        local = [(socket.AF_INET, ("127.0.0.1", port))] if name.split(".")[-1] == "localhost" else []
        for _, sockaddr in local or literal(host, port):
            if problem := self.networks.refusal(sockaddr[0], port):
                raise Unreached("refused", problem)

    def _secure(self, sock: socket.socket, host: str, deadline: Deadline) -> socket.socket:
        try:
            # The handshake as a whole keeps a socket's timeout, however slowly its bytes drip.
            sock.settimeout(deadline.left())
            return self.context.wrap_socket(sock, server_hostname=host.rstrip("."))
        except (OSError, ValueError) as error:
            sock.close()
            raise Unreached("tls", handshake_problem(error, host)) from error


def _open_tunnel(sock: socket.socket, request: bytes, deadline: Deadline) -> int:
    """Ask a proxy for a tunnel. Returns 0, or the status with which it refused; raises OSError."""
    connection = Connection(sock)
    connection.write(request, deadline)
    reply = ReplyReader("CONNECT")
    while not (reply.status or reply.done):
        data = connection.read(deadline)
        if not data:
            break
        reply.feed(data)
    if not reply.status:
        raise ConnectionError
    opened = reply.status in _SUCCESS and reply.reusable
    return 0 if opened else reply.status


def _connect_problem(error: OSError, address: str, port: int) -> Problem:
    values = {"address": address, "port": port}
    if isinstance(error, ConnectionRefusedError):
        return Problem("connect_refused", values=values)
    if error.errno in _UNREACHABLE:
        return Problem("connect_unreachable", values=values)
    return Problem("connect_failed", values={**values, "reason": os.strerror(error.errno or 0)})

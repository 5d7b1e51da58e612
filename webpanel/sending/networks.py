"""Which addresses the panel may connect to: the public internet, and what its owner allowed.

An administrator types any URL, and a name may lead anywhere, so an address is judged when it is
dialled. What is not globally routable is refused unless ``WEBPANEL_ALLOW_NETWORKS`` names it; the
addresses where clouds hand out credentials only when they are named singly.
Source of the tables: the IANA special-purpose address registries (RFC 6890) and the clouds' manuals.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from webpanel.wire.problem import Problem, Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SETTING = "WEBPANEL_ALLOW_NETWORKS"

#: Where the setting is read from, and so what a person does to allow one address more. A demonstration
#: sets it by itself, and nobody can change it there.
Source = Literal["file", "environment", "demonstration"]

#: AWS, Azure, Google and most others; then AWS DNS, containers and pods; Alibaba; Azure's wire server
#: (a public address); Oracle; Scaleway; OpenStack.
METADATA: frozenset[Address] = frozenset(
    ip_address(address)
    for address in (
        *("169.254.169.254", "fd00:ec2::254", "fd20:ce::254"),
        *("169.254.169.253", "fd00:ec2::253", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("169.254.42.42", "fd00:42::42", "fe80::a9fe:a9fe"),
    )
)

#: The first network that holds an address gives its kind.
_KINDS: tuple[tuple[str, tuple[Network, ...]], ...] = tuple(
    (kind, tuple(map(ip_network, networks.split())))
    for kind, networks in (
        ("loopback", "127.0.0.0/8 0.0.0.0/8 ::1/128 ::/128"),
        ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10"),
        ("link_local", "169.254.0.0/16 fe80::/10"),
        ("multicast", "224.0.0.0/4 ff00::/8"),
        (
            "special",
            "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
            "240.0.0.0/4 2001::/23 2001:db8::/32 3fff::/20",
        ),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
#: All that is handed out as global unicast (RFC 4291); the rest of IPv6 is not routed.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
#: The interface identifier of ISATAP (RFC 5214) begins so, with the universal bit or without.
_ISATAP = (0x00005EFE, 0x02005EFE)
_WORD = 0xFFFFFFFF

_BRACKETED = re.compile(r"\[([^\]]*)\](?::(.*))?")
_WITH_PORT = re.compile(r"([^:]*):([^:]*)")


@dataclass(frozen=True)
class _Allowed:
    network: Network
    #: None: every port.
    port: int | None

    def holds(self, address: Address, port: int) -> bool:
        return address in self.network and self.port in (None, port)

    def names(self, address: Address, port: int) -> bool:
        return self.network.num_addresses == 1 and self.holds(address, port)


@dataclass(frozen=True)
class Networks:
    """The networks allowed beside the public internet; ``text`` is the setting, written with commas.

    ``file`` is the path of the settings file, and ``source`` says whether the setting is read there.
    """

    allowed: tuple[_Allowed, ...] = ()
    text: str = ""
    source: Source = "file"
    file: str = "settings.env"

    @classmethod
    def parse(cls, text: str, source: Source = "file", file: str = "settings.env") -> "Networks":
        """Read ``10.0.0.5:8080, 192.168.7.0/24 [fd00::5]:8080``: addresses or networks, with a port or not.

        Raises Refused (``network_unreadable``, ``network_host_bits``, ``network_port``), one problem
        for each entry that cannot be read.
        """
        allowed: list[_Allowed] = []
        problems: list[Problem] = []
        entries = text.replace(",", " ").split()
        for entry in entries:
            try:
                allowed.append(_entry(entry))
            except Refused as refused:
                problems.extend(refused.problems)
        if problems:
            raise Refused(*problems)
        return cls(tuple(allowed), ",".join(entries), source, file)

    def refusal(self, ip: str | Address, port: int) -> Problem | None:
        """Why this address may not be dialled on this port; None when it may.

        An address that carries another one (mapped, 6to4, NAT64, Teredo, ISATAP) is judged by both.
        """
        outer = _plain(ip_address(ip) if isinstance(ip, str) else ip)
        for address in (outer, *_embedded(outer)):
            kind = _kind(address)
            if kind == "metadata":
                allowed = any(entry.names(address, port) for entry in self.allowed)
            else:
                allowed = kind is None or any(entry.holds(address, port) for entry in self.allowed)
            if not allowed:
                values = {"address": str(address), "line": self._line(address, port), "file": self.file}
                suffix = "" if self.source == "file" else f"_{self.source}"
                return Problem(f"network_{kind}{suffix}", values=values)
        return None

    def _line(self, address: Address, port: int) -> str:
        """The setting's whole new line: what is allowed already stays allowed."""
        host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
        return f"{SETTING}={self.text}{',' if self.text else ''}{host}:{port}"


def _entry(entry: str) -> _Allowed:
    parts = _BRACKETED.fullmatch(entry) or _WITH_PORT.fullmatch(entry)
    network, port = parts.groups() if parts else (entry, None)
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise Refused(_fault("network_port", entry))
    try:
        loose = ip_network(network, strict=False)
    except ValueError:
        raise Refused(_fault("network_unreadable", entry)) from None
    if loose.network_address != ip_address(network.partition("/")[0]):
        raise Refused(_fault("network_host_bits", entry, network=str(loose)))
    return _Allowed(loose, int(port) if port else None)


def _fault(code: str, entry: str, **values: str) -> Problem:
    return Problem(code, field="allow_networks", values={"entry": entry, **values})


def _plain(address: Address) -> Address:
    """Without a zone, and a mapped IPv4 address as what it is: that is what the system dials."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def _embedded(address: Address) -> Iterator[IPv4Address]:
    if not isinstance(address, IPv6Address):
        return
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & _WORD)
    if (int(address) >> 32) & _WORD in _ISATAP:
        yield IPv4Address(int(address) & _WORD)


def _kind(address: Address) -> str | None:
    """None for an address that anybody on the internet may have."""
    if address in METADATA:
        return "metadata"
    for kind, networks in _KINDS:
        if any(address in network for network in networks):
            return kind
    if isinstance(address, IPv6Address):
        return None if address in _GLOBAL_IPV6 or address in _NAT64 else "special"
    return None if address.is_global else "special"

"""Which addresses are refused, and what opens them."""

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.sending.networks import METADATA, Networks, Source
from webpanel.wire.problem import Refused
from webpanel.words import sentence

REFUSED = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("0.0.0.0", "loopback"),  # noqa: S104 - judged, not bound
    ("0.1.2.3", "loopback"),
    ("::1", "loopback"),
    ("::", "loopback"),
    ("10.0.0.5", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "private"),
    ("100.127.255.255", "private"),
    ("fd00::1", "private"),
    ("fc00::1", "private"),
    ("fec0::1", "private"),
    ("169.254.1.1", "link_local"),
    ("fe80::1", "link_local"),
    ("fe80::1%eth0", "link_local"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("ff02::1", "multicast"),
    ("ff0e::1", "multicast"),
    ("169.254.169.254", "metadata"),
    ("fd00:ec2::254", "metadata"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.192", "metadata"),
    ("192.0.0.1", "special"),
    ("192.0.2.1", "special"),
    ("198.18.0.1", "special"),
    ("198.51.100.7", "special"),
    ("203.0.113.9", "special"),
    ("240.0.0.1", "special"),
    ("255.255.255.255", "special"),
    ("2001:db8::1", "special"),
    ("2001:10::1", "special"),
    ("3fff::1", "special"),
    ("100::1", "special"),
    ("5f00::1", "special"),
    ("4000::1", "special"),
    ("64:ff9b:1::1", "special"),
    # Another address inside.
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:10.0.0.5", "private"),
    ("::ffff:169.254.169.254", "metadata"),
    ("2002:7f00:1::", "loopback"),
    ("2002:a00:5::1", "private"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "metadata"),
    ("2600::5efe:10.0.0.5", "private"),
    ("2600::200:5efe:192.168.0.1", "private"),
]

GLOBAL = [
    "1.1.1.1",
    "8.8.8.8",
    "11.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "192.31.196.1",
    "223.255.255.255",
    "2600::1",
    "2a00:1450:4001::200e",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize(("address", "kind"), REFUSED)
def test_what_is_not_the_public_internet_is_refused(address: str, kind: str) -> None:
    problem = Networks().refusal(address, 443)
    assert problem is not None
    assert problem.code == f"network_{kind}"


@pytest.mark.parametrize("address", GLOBAL)
def test_the_public_internet_is_allowed(address: str) -> None:
    assert Networks().refusal(address, 443) is None


@pytest.mark.parametrize("address", [address for address, _ in REFUSED])
def test_the_sentence_gives_the_line_that_allows_it(address: str) -> None:
    problem = Networks.parse("198.51.100.77:1").refusal(address, 8080)
    assert problem is not None
    line = problem.values["line"]
    assert line in sentence(problem.code, problem.values)
    name, _, value = line.partition("=")
    assert name == "WEBPANEL_ALLOW_NETWORKS"
    allowed = Networks.parse(value)
    inner = allowed.refusal(address, 8080)
    # An address within an address needs both of them allowed, so the first line may lead to a second.
    if inner is not None:
        allowed = Networks.parse(inner.values["line"].partition("=")[2])
    assert allowed.refusal(address, 8080) is None
    assert allowed.refusal(address, 8081) is not None, "only that port"
    assert allowed.refusal("198.51.100.77", 1) is None, "what was allowed stays so"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.1.1", "224.0.0.1", "169.254.169.254"])
@pytest.mark.parametrize(
    ("source", "how"),
    [
        (
            "file",
            "To allow it, put the line {line} into /srv/sms panel/settings.env and start the panel again.",
        ),
        (
            "environment",
            "To allow it, set {line} in the environment, where it is set now "
            "(so /srv/sms panel/settings.env does not count), and start the panel again.",
        ),
        (
            "demonstration",
            "A demonstration allows its own provider only; a panel that is started with “webpanel run” can "
            "be told to send there.",
        ),
    ],
)
def test_the_sentence_says_where_to_allow_it(source: Source, how: str, address: str) -> None:
    networks = Networks.parse("10.9.9.9", source, "/srv/sms panel/settings.env")
    problem = networks.refusal(address, 8080)
    assert problem is not None
    line = f"WEBPANEL_ALLOW_NETWORKS=10.9.9.9,{address}:8080"
    assert sentence(problem.code, problem.values).endswith(f". {how.format(line=line)}")


def test_entries_with_and_without_port() -> None:
    networks = Networks.parse(" 10.0.0.5:8080, 192.168.7.0/24 \n [fd00::5]:8080,fd01::/16,172.16.0.0/16:80 ")
    allowed = [
        ("10.0.0.5", 8080),
        ("::ffff:10.0.0.5", 8080),
        ("192.168.7.255", 1),
        ("fd00::5", 8080),
        ("fd01::9", 9),
        ("172.16.3.3", 80),
    ]
    refused = [("10.0.0.5", 80), ("10.0.0.6", 8080), ("192.168.8.1", 1), ("fd00::5", 80), ("172.16.3.3", 81)]
    assert [pair for pair in allowed if networks.refusal(*pair)] == []
    assert [pair for pair in refused if not networks.refusal(*pair)] == []


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
def test_metadata_only_by_naming_it_singly(address: str) -> None:
    everything = Networks.parse("0.0.0.0/0 ::/0")
    assert everything.refusal("10.0.0.5", 80) is None
    problem = everything.refusal(address, 80)
    assert problem is not None
    assert problem.code == "network_metadata"
    bits = 32 if "." in address else 128
    bracketed = f"[{address}]" if ":" in address else address
    for entry in (address, f"{address}/{bits}", f"{bracketed}:80"):
        assert Networks.parse(entry).refusal(address, 80) is None
    assert Networks.parse(f"{bracketed}:81").refusal(address, 80) is not None


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("localhost", "network_unreadable"),
        ("10.0.0", "network_unreadable"),
        ("10.0.0.0/33", "network_unreadable"),
        ("[::1", "network_unreadable"),
        ("[::1]80", "network_unreadable"),
        ("http://10.0.0.5", "network_port"),
        ("10.0.0.5:", "network_port"),
        ("10.0.0.5:0", "network_port"),
        ("10.0.0.5:65536", "network_port"),
        ("10.0.0.5:http", "network_port"),
        ("10.0.0.5:٨٠", "network_port"),
        ("[::1]:", "network_port"),
        ("10.0.0.5/8", "network_host_bits"),
        ("[fd00::1/64]:80", "network_host_bits"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(entry: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Networks.parse(f"10.0.0.1 {entry}")
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.values["entry"] == entry
    assert entry in sentence(problem.code, problem.values)


def test_every_bad_entry_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        Networks.parse("nonsense, 10.0.0.1 10.0.0.5/8")
    assert [problem.values["entry"] for problem in refused.value.problems] == ["nonsense", "10.0.0.5/8"]


@given(st.ip_addresses(v=4))
def test_no_address_is_allowed_that_python_knows_as_not_global(address: object) -> None:
    if Networks().refusal(str(address), 80) is None:
        assert ip_address(str(address)).is_global


@given(st.integers(0, 2**128 - 1))
def test_only_global_unicast_is_allowed_of_ipv6(number: int) -> None:
    address = IPv6Address(number)
    if Networks().refusal(address, 80) is None:
        assert number >> 125 == 1

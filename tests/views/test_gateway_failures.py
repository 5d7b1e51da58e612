"""Each way in which a test can fail, on real sockets: one sentence of its own on the card, and bounded."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import MakeApp, signed_in
from tests.pages import Page, words_of
from tests.sending.certificates import Certificate, authority, issue
from tests.sending.sockets import Peer, Script, Server, answer, silent_port, unanswered_port
from tests.views.test_gateway_settings import FRAGMENT, without
from webpanel import accounts

RULE = '"sent": true'
WHOLE = "from looking up the address to the end of the reply"
STOPPED = "from looking up the address to where reading the reply ended"
GAVE_UP = "from looking up the address to giving up"
LONGER = (
    f"The provider's reply is longer than the panel reads, and the condition {RULE} needs the rest, so it is "
    "not certain whether the provider took the message."
)
NO_SUCH_NAME = (
    "There is no machine named sms.invalid. Check the spelling of the API URL.",
    # Where there is no name service at all.
    "The name sms.invalid could not be looked up: this machine's name service did not answer properly.",
)
MEGABYTE = b"x" * (1 << 20)
#: Megabytes that nobody can take in the seconds of a test.
ENDLESS = 1 << 30
#: Megabytes that sockets may hold before it shows that nobody reads on.
UNDER_WAY = 32
#: Seconds that any of these may take, time-outs of one second included.
PATIENCE = 15


@dataclass(frozen=True)
class Case:
    """``said`` is the card's whole sentence, with PORT for the port and N for bytes that were counted."""

    said: str
    script: Script | None = None
    badge: str = "no reply"
    measure: str = GAVE_UP
    certificate: Callable[[Certificate], Certificate] | None = None
    host: str = "127.0.0.1"
    scheme: str = "http"
    #: A port on which no script runs.
    place: Callable[[], AbstractContextManager[int]] | None = None


def head(status: str, *lines: str, length: int | None = 0) -> bytes:
    lines = (f"HTTP/1.1 {status}", *lines, *([] if length is None else [f"Content-Length: {length}"]))
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def replied(status: str, said: str, *lines: str, body: bytes = b"") -> Case:
    reply = head(status, *lines, length=None if status.startswith("204") else len(body)) + body
    return Case(said, answer(reply), status, WHOLE)


def broken(reply: bytes, said: str, badge: str = "200 OK", measure: str = STOPPED) -> Case:
    return Case(said, answer(reply), badge, measure)


def begun(reply: bytes, said: str, badge: str, measure: str) -> Case:
    """A reply that begins, and goes on byte by byte for longer than anybody waits."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(reply)
        peer.drip(b"x" * 1000, 0.1)

    return Case(said, script, badge, measure)


def secure(said: str, certificate: Callable[[Certificate], Certificate]) -> Case:
    return Case(said, answer(head("200 OK")), certificate=certificate, host="localhost", scheme="https")


class Stream:
    """``start``, and then so many megabytes, for as long as the client listens."""

    def __init__(self, start: bytes, megabytes: int) -> None:
        self._start = start
        self._megabytes = megabytes
        self.sent = 0

    def __call__(self, peer: Peer) -> None:
        peer.request()
        peer.send(self._start)
        self.sent = 0
        while self.sent < self._megabytes:
            peer.send(MEGABYTE)
            self.sent += 1
        peer.hang()


def silent(peer: Peer) -> None:
    peer.request()
    peer.hang()


def moved(status: int) -> str:
    return (
        f"The provider answered {status} and points to https://sms.example/login. Redirects are not "
        "followed, so it is not certain whether it took the message; often such an address is a login page."
    )


def unmet(status: int) -> str:
    return f"The provider answered {status} with an empty reply, so the success condition {RULE} cannot hold."


TO_LOGIN = "Location: https://sms.example/login"
CASES = {
    "refused": Case("127.0.0.1 refused the connection: nothing listens on port PORT.", place=unanswered_port),
    "silent port": Case(
        "127.0.0.1 did not answer on port PORT in time: nothing could be sent.", place=silent_port
    ),
    "TLS expired": secure(
        "The certificate of localhost has expired. Only the provider can renew it.",
        lambda signer: issue(signer, "localhost", valid_days=(-30, -1)),
    ),
    "TLS wrong host": secure(
        "The certificate that was shown is not for localhost: Hostname mismatch, certificate is not "
        "valid for 'localhost'.",
        lambda signer: issue(signer, "other.example"),
    ),
    "TLS self-signed": secure(
        "The certificate of localhost is signed by nobody but itself, so it proves nothing.",
        lambda _: issue(None, "localhost"),
    ),
    "TLS unknown authority": secure(
        "The certificate of localhost comes from an authority that this machine does not know.",
        lambda _: issue(authority("Nobody"), "localhost"),
    ),
    "301": replied(
        "301 Moved Permanently",
        "The provider answered 301: the address has moved to https://sms.example/login. Redirects are not "
        "followed; if you trust that address, make it the API URL.",
        TO_LOGIN,
    ),
    "302": replied("302 Found", moved(302), TO_LOGIN),
    "303": replied("303 See Other", moved(303), TO_LOGIN),
    "empty": replied("200 OK", unmet(200)),
    "no content": replied("204 No Content", unmet(204)),
    "refused, empty": replied(
        "400 Bad Request", "The provider refused the message with 400 Bad Request and an empty reply."
    ),
    "binary": replied(
        "200 OK",
        f"The provider answered 200, but the success condition {RULE} does not hold: \ufffdPNG \ufffd\ufffd",
        body=b"\x89PNG\r\n\0\x01",
    ),
    "200 MB": Case(LONGER, Stream(head("200 OK", length=200 << 20), 200), "200 OK", STOPPED),
    "endless": Case(LONGER, Stream(head("200 OK", length=None), ENDLESS), "200 OK", STOPPED),
    "endless head": Case(
        "The headers of 127.0.0.1's reply do not end within 64 KB; reading stopped there.",
        Stream(b"HTTP/1.1 200 OK\r\nX-A: ", ENDLESS),
        "no complete reply",
    ),
    "no answer": Case("127.0.0.1 did not answer within 1 seconds.", silent),
    "dripped head": begun(
        b"HTTP/1.1 200 OK\r\nX-A: ",
        "127.0.0.1 began to answer, but its headers were not finished after 1 seconds.",
        "no complete reply",
        GAVE_UP,
    ),
    "dripped body": begun(
        head("200 OK", length=1000),
        "127.0.0.1 began to answer, but its reply was not finished after 1 seconds (N bytes came).",
        "200 OK",
        STOPPED,
    ),
    "closed": Case("127.0.0.1 closed the connection without answering.", answer(b"")),
    "half a head": broken(
        b"HTTP/1.1 200 OK\r\nContent-Le",
        "127.0.0.1 closed the connection in the middle of its reply's headers.",
        "no complete reply",
        GAVE_UP,
    ),
    "half a body": broken(
        head("200 OK", length=100) + b'{"sent": true',
        "127.0.0.1 closed the connection before its reply was whole (N bytes came).",
    ),
    "broken chunks": broken(
        head("200 OK", "Transfer-Encoding: chunked", length=None) + b"zz\r\n",
        "The reply of 127.0.0.1 comes in chunks that cannot be understood.",
    ),
    "broken length": broken(
        head("200 OK", "Content-Length: five", length=None),
        "The reply of 127.0.0.1 gives its length in a way that cannot be understood.",
    ),
    "not HTTP": broken(
        b"220 mail.example ESMTP\r\n",
        "What 127.0.0.1 answered is not HTTP. Check the port, or whether the URL should begin with https:.",
        "no complete reply",
        GAVE_UP,
    ),
}


@pytest.fixture(scope="module")
def trusted() -> Certificate:
    return authority()


@pytest.fixture
def tested(make_app: MakeApp, trusted: Certificate, tmp_path: Path) -> Callable[[str], Page]:
    """Tests a gateway at that URL, with time-outs of a second; the page is whole and of a usual size."""
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(trusted.pem())
    app = make_app(WEBPANEL_ALLOW_NETWORKS="127.0.0.0/8 ::1", WEBPANEL_CA_BUNDLE=str(bundle))
    ada = signed_in(app, "ada", accounts.ADMINISTRATOR)

    def test(url: str) -> Page:
        form = without(
            url=url,
            success_rule=RULE,
            timeout="1",
            connect_timeout="1",
            test_recipient="07911 123456",
            test_text="Hello",
        )
        began = time.monotonic()
        response = ada.post("/gateways/new/test", data=form, headers=FRAGMENT)
        assert time.monotonic() - began < PATIENCE
        assert response.status_code == 200
        assert len(response.text) < 60_000
        return Page(response.text)

    return test


def on_card(page: Page) -> tuple[str, str, str]:
    """The sentence, the badge and what the milliseconds measure."""
    assert words_of(page.by_id("trial-title")) == "Test failed"
    by_class = {each.get("class"): words_of(each) for each in page.by_id("trial").iter()}
    badge = by_class.get("badge badge-bad") or by_class["badge badge-good"]
    return by_class["trial-reason"], badge, by_class["trial-measure"]


@contextmanager
def port_of(case: Case, trusted: Certificate, folder: Path) -> Iterator[int]:
    if case.place:
        with case.place() as port:
            yield port
        return
    context = case.certificate(trusted).server_context(folder) if case.certificate else None
    with Server(case.script, context=context) as server:
        yield server.port


@pytest.mark.parametrize("name", CASES)
def test_each_failure_says_what_happened(
    tested: Callable[[str], Page], trusted: Certificate, tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    with port_of(case, trusted, tmp_path) as port:
        page = tested(f"{case.scheme}://{case.host}:{port}/")
    said, badge, measure = on_card(page)
    said = re.sub(r"\d+ bytes came", "N bytes came", said.replace(str(port), "PORT"))
    assert (said, badge, measure) == (case.said, case.badge, case.measure)
    if isinstance(case.script, Stream):
        assert case.script.sent < UNDER_WAY


def test_a_name_that_nobody_has(tested: Callable[[str], Page]) -> None:
    said, badge, measure = on_card(tested("http://sms.invalid/"))
    assert said in NO_SUCH_NAME
    assert (badge, measure) == ("no reply", GAVE_UP)


def test_no_two_failures_say_the_same() -> None:
    said = [*NO_SUCH_NAME, LONGER, *(case.said for case in CASES.values() if case.said != LONGER)]
    assert len(set(said)) == len(said)

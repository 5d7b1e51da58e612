"""The adapter stays one that ``responses`` can stand in for, as other tests need it."""

import pytest
import requests
import responses
from responses import matchers

from tests.sending.outgoing import exchange, outgoing
from tests.sending.sockets import Server, answer
from webpanel.sending.exchange import BODY_LIMIT
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Transport

URL = "http://sms.example:8080/v1/send"


@responses.activate
def test_the_composed_request_can_be_asserted() -> None:
    responses.post(
        URL,
        json={"sent": True},
        status=202,
        headers={"X-Id": "1"},
        match=[
            matchers.header_matcher({"X-Api-Key": "é"}),
            matchers.query_param_matcher({"to": "+447911123456"}),
            matchers.urlencoded_params_matcher({"text": "hello"}),
        ],
    )
    request = outgoing(
        8080,
        host="sms.example",
        target=b"/v1/send?to=%2B447911123456",
        headers=[(b"X-Api-Key", "é".encode()), (b"Content-Type", b"application/x-www-form-urlencoded")],
    )
    result = exchange(Transport(Networks()), request)
    assert result.point == "reply"
    assert result.written == request.raw
    assert result.reply is not None
    assert (result.reply.status, result.reply.body) == (202, b'{"sent": true}')
    assert ("X-Id", "1") in result.reply.headers
    assert len(responses.calls) == 1


@responses.activate
def test_repeated_headers_are_shown_together() -> None:
    responses.post(URL, match=[matchers.header_matcher({"x-a": "1, 2"})])
    request = outgoing(8080, host="sms.example", headers=[(b"X-A", b"1"), (b"x-a", b"2")])
    assert exchange(Transport(Networks()), request).problem is None


@responses.activate
def test_redirects_and_the_limit_hold_there_too() -> None:
    responses.post(
        URL, status=302, headers={"Location": "http://other.example/"}, body=b"x" * (BODY_LIMIT + 1)
    )
    result = exchange(Transport(Networks()), outgoing(8080, host="sms.example"))
    assert result.reply is not None
    assert (result.reply.status, len(result.reply.body), result.reply.cut) == (302, BODY_LIMIT, True)


@responses.activate
def test_what_a_mock_raises_is_the_tests_own() -> None:
    with pytest.raises(requests.ConnectionError, match="doesn't match any registered mock"):
        Transport(Networks()).send(outgoing(8080, host="sms.example"), connect_timeout=1, timeout=1)


@responses.activate
def test_what_is_passed_through_goes_over_the_network() -> None:
    with Server(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal")) as server:
        responses.add_passthru(f"http://127.0.0.1:{server.port}")
        transport = Transport(Networks.parse("127.0.0.1"))
        result = exchange(transport, outgoing(server.port))
        transport.close()
        assert result.reply is not None
        assert result.reply.body == b"real"

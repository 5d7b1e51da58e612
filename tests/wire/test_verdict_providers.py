"""Each provider's success condition on a success, an error and its trap."""

from typing import Any

import pytest

from tests.wire.verdicts import (
    AFRICAS_TALKING,
    CLICKATELL,
    INFOBIP,
    SMSGLOBAL,
    TELNYX,
    TWILIO,
    VONAGE,
    WAZIPER,
    ZENDER,
    said,
)
from webpanel.wire.gateway import Gateway


@pytest.mark.parametrize(
    ("kind", "rule", "body", "accepted"),
    [
        ("jmespath", TWILIO, {"sid": "SM1", "error_code": None, "status": "queued"}, True),
        ("jmespath", TWILIO, {"sid": "SM1", "error_code": None, "status": "accepted"}, True),
        ("jmespath", TWILIO, {"sid": "SM1", "error_code": 30007, "status": "queued"}, False),
        ("jmespath", TWILIO, {"sid": "SM1", "error_code": 0, "status": "queued"}, False),
        ("jmespath", TWILIO, {"sid": "SM1", "error_code": None, "status": "undelivered"}, False),
        ("jmespath", TWILIO, {"code": 21211, "message": "Invalid 'To'", "status": 400}, False),
        ("jmespath", WAZIPER, {"status": "success", "message": {"key": {"id": "3EB0"}}}, True),
        ("jmespath", WAZIPER, {"status": "success", "data": {"key": {"id": "3EB0"}}}, True),
        ("jmespath", WAZIPER, {"status": "error", "message": "Instance ID Invalidated"}, False),
        # over quota: success without a key
        ("jmespath", WAZIPER, {"status": "success", "message": "Over the quota"}, False),
        ("jmespath", WAZIPER, {"status": "success"}, False),
        ("jmespath", ZENDER, {"status": 200, "message": "Queued", "data": {"messageId": 7}}, True),
        ("jmespath", ZENDER, {"status": "200", "message": "Queued"}, True),
        ("jmespath", ZENDER, {"status": 200.0}, True),
        ("jmespath", ZENDER, {"status": 400, "message": "Invalid Parameters!", "data": False}, False),
        ("jmespath", ZENDER, {"message": "200"}, False),
        ("jmespath", VONAGE, {"message-count": "1", "messages": [{"status": "0", "message-id": "A"}]}, True),
        ("jmespath", VONAGE, {"messages": [{"status": "0"}, {"status": "0"}]}, True),
        ("jmespath", VONAGE, {"messages": [{"status": "4", "error-text": "Bad"}]}, False),
        ("jmespath", VONAGE, {"messages": [{"status": "0"}, {"status": "9"}]}, False),
        ("jmespath", VONAGE, {"message-count": "0", "messages": []}, False),
        ("jmespath", VONAGE, {}, False),
        (
            "jmespath",
            AFRICAS_TALKING,
            {"SMSMessageData": {"Recipients": [{"status": "Success", "messageId": "AT1"}]}},
            True,
        ),
        (
            "jmespath",
            AFRICAS_TALKING,
            {"SMSMessageData": {"Recipients": [{"status": "InvalidPhone"}]}},
            False,
        ),
        (
            "jmespath",
            AFRICAS_TALKING,
            {"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": []}},
            False,
        ),
        ("jmespath", TELNYX, {"data": {"id": "40385f64", "errors": []}}, True),
        ("jmespath", TELNYX, {"data": {"id": "40385f64"}}, True),
        ("jmespath", TELNYX, {"data": {"id": "40385f64", "errors": [{"code": "40310"}]}}, False),
        ("jmespath", TELNYX, {"errors": [{"code": "10005"}]}, False),
        ("jmespath", INFOBIP, {"messages": [{"messageId": "1", "status": {"groupName": "PENDING"}}]}, True),
        ("jmespath", INFOBIP, {"requestError": {"serviceException": {"messageId": "UNAUTHORIZED"}}}, False),
        ("jmespath", INFOBIP, {"messages": [{"messageId": "1", "status": {"groupName": "REJECTED"}}]}, False),
        ("jmespath", CLICKATELL, {"messages": [{"apiMessageId": "b5", "accepted": True}]}, True),
        ("jmespath", CLICKATELL, {"messages": [{"accepted": False, "error": {"code": 7}}]}, False),
        ("jmespath", CLICKATELL, {"messages": [], "error": {"code": 1}}, False),
        ("pattern", SMSGLOBAL, b"OK: 0; Sent queued message ID: 04b4 SMSGlobalMsgID:6613115713715266", True),
        ("pattern", SMSGLOBAL, b"ERROR: 88", False),
        ("pattern", SMSGLOBAL, b"ERROR: 102 SMSGlobalMsgID:", False),
        ("pattern", SMSGLOBAL, b"ERROR: OK: 0;", False),
        ("text", '"sent": true', {"sent": True}, True),
        ("text", '"sent": true', {"sent": False}, False),
    ],
)
def test_providers_conditions(kind: str, rule: str, body: Any, accepted: bool) -> None:
    verdict = said(Gateway(success_kind=kind, success_rule=rule), body)
    assert verdict.outcome == ("accepted" if accepted else "rejected")
    # Every one of them needs a 2xx as well.
    assert said(Gateway(success_kind=kind, success_rule=rule), body, 400).outcome == "rejected"
    # The same rule as failure condition.
    verdict = said(Gateway(failure_kind=kind, failure_rule=rule), body)
    assert verdict.outcome == ("rejected" if accepted else "accepted")

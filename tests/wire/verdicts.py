"""What the tests of verdicts share: judging a body, and the conditions of known providers."""

import json
from typing import Any

from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Reply, Verdict, judge
from webpanel.words.exchanges import SENTENCES

TWILIO = "sid && error_code==`null` && !contains(['failed','undelivered','canceled'], status)"
WAZIPER = "status=='success' && type(message.key.id || data.key.id)=='string'"
ZENDER = "to_number(status)==`200`"
VONAGE = "length(messages || `[]`)>`0` && length((messages || `[]`)[?status!='0'])==`0`"
AFRICAS_TALKING = "SMSMessageData.Recipients[0].status=='Success'"
TELNYX = "data.id && length(data.errors || `[]`)==`0`"
INFOBIP = "messages[0].status.groupName=='PENDING'"
CLICKATELL = "messages[0].accepted"
SMSGLOBAL = "^OK: 0;"


def said(gateway: Gateway, body: Any, status: int = 200) -> Verdict:
    """The verdict on a complete reply with ``body``, which can be stored and worded."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    verdict = judge(gateway, Reply(status, "OK", body=content))
    json.dumps(verdict.values).encode()
    for code, values in [(verdict.code, verdict.values)] + [
        (note["code"], note["values"]) for note in verdict.values.get("notes", ())
    ]:
        assert str(SENTENCES[code]) % values
    assert all(len(value) <= 201 for value in verdict.values.values() if isinstance(value, str))
    return verdict

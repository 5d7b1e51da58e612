"""Requests that nobody thought of: whatever comes, the answer is a documented one and no 5xx."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.calling import add_application, add_gateway
from webpanel.api import openapi
from webpanel.api.openapi import Endpoint

#: For each of the six operations that take anything: two thousand and more.
EXAMPLES = 350

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture
def api(app: Flask) -> tuple[Any, str]:
    """The document as it is served, and a key for what it describes."""
    add_gateway(app)
    app.testing = False
    key = add_application(app, test_state="sent", door_get=True)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), key


@pytest.mark.parametrize("endpoint", openapi.ENDPOINTS, ids=lambda each: each.name)
def test_nothing_undocumented(api: Any, endpoint: Endpoint) -> None:
    schema, key = api
    headers = {"Authorization": f"Bearer {key}"} if endpoint.key == "header" else {}
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(schema[endpoint.path][endpoint.method].as_strategy())
    def try_out(case: schemathesis.Case) -> None:
        nonlocal tried
        tried += 1
        if endpoint.key == "query":
            case.query = {**(case.query or {}), "key": key}
        case.call_and_validate(checks=list(CHECKS), headers=headers)

    try_out()
    # Where there is nothing to vary, one request is all.
    assert tried >= EXAMPLES or not (endpoint.body or endpoint.query or "{id}" in endpoint.path)

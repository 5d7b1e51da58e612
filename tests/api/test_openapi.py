"""The document says all that there is, and nothing else."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask

from webpanel.api import openapi, problems
from webpanel.words import api as vocabulary


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return app.test_client().get("/api/v1/openapi.json").json


def test_every_address_is_documented(app: Flask) -> None:
    doors = {*app.extensions["webpanel"].keyed, "api_public"}
    there = {
        (method, re.sub(r"<[^>]+>", "{id}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[0] in doors and rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == {(each.method, each.path) for each in openapi.ENDPOINTS}


def test_every_code_is_documented(document: dict[str, Any]) -> None:
    codes = {code for each in openapi.ENDPOINTS for code in each.codes}
    # 405 belongs to no method that there is.
    assert codes == problems.STATUSES.keys() - {"method_not_allowed"}
    assert problems.STATUSES.keys() == vocabulary.PROBLEMS.keys()
    assert all(code in str(document["paths"]) for code in codes)
    assert openapi.field_codes().keys() >= vocabulary.FIELDS.keys()


def test_every_field_of_a_request_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("NewMessage", "NewBatch", "BatchMessage"):
        for field, schema in schemas[name]["properties"].items():
            assert schema.get("description"), f"{name}.{field}"
    for path, methods in document["paths"].items():
        for method in methods.values():
            for parameter in method["parameters"]:
                assert parameter["description"], f"{path} {parameter['name']}"


def test_it_is_valid(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.validate()
    described = {(result.ok().method.upper(), result.ok().path) for result in schema.get_all_operations()}
    # The one that it was loaded from is left out.
    described.add(("GET", "/openapi.json"))
    assert described == {(each.method, each.path) for each in openapi.ENDPOINTS}

"""Bodies in parts, read back by a parser that is not ours."""

from io import BytesIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from tests.wire.composing import request
from webpanel.wire import lint
from webpanel.wire.compose import Fresh
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

BOUNDARY = "9f8e7d6c5b4a"
FRESH = Fresh(0, "n", BOUNDARY)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def parts(body_form: str, message: str = "Hello", **values: object) -> list[tuple[str, str]]:
    made = request({"body_format": "multipart", "body_form": body_form}, message, fresh=FRESH, **values)
    headers = dict(made.headers)
    environ = {
        "wsgi.input": BytesIO(made.body),
        "CONTENT_TYPE": headers[b"Content-Type"].decode(),
        "CONTENT_LENGTH": headers[b"Content-Length"].decode(),
    }
    _stream, form, files = parse_form_data(environ, silent=False)
    assert not files
    return list(form.items(multi=True))


def test_the_bytes() -> None:
    made = request({"body_format": "multipart", "body_form": "to={{recipient}}\nä b=x"}, fresh=FRESH)
    assert made.body == (
        b'--9f8e7d6c5b4a\r\nContent-Disposition: form-data; name="to"\r\n\r\n447911123456\r\n'
        b'--9f8e7d6c5b4a\r\nContent-Disposition: form-data; name="\xc3\xa4 b"\r\n\r\nx\r\n'
        b"--9f8e7d6c5b4a--\r\n"
    )
    assert (b"Content-Type", b"multipart/form-data; boundary=9f8e7d6c5b4a") in made.headers


@given(TEXTS, TEXTS)
def test_every_text_arrives_the_same(message: str, secret: str) -> None:
    assume(BOUNDARY not in message + secret)
    read = parts("a={{message}}\na=[{{secret.k}}]\nb=", message, secrets={"k": secret})
    assert read == [("a", message), ("a", f"[{secret}]"), ("b", "")]


def test_a_name_cannot_end_its_quotation() -> None:
    made = request({"body_format": "multipart", "body_form": "{{message}}=1"}, 'a"\r\nX: b', fresh=FRESH)
    assert b'name="a%22%0D%0AX: b"\r\n\r\n1' in made.body


def test_secrets_are_known_by_their_place() -> None:
    settings = {"body_format": "multipart", "body_form": "key={{secret.k}}"}
    made = request(settings, secrets={"k": "üx"}, fresh=FRESH)
    assert [made.raw[start:end] for start, end in made.secret_spans] == ["üx".encode()]


@pytest.mark.parametrize("header", ["Content-Type: multipart/form-data", "content-type: text/plain"])
def test_a_typed_content_type_is_refused(header: str) -> None:
    settings = {"body_format": "multipart", "body_form": "to={{recipient}}", "headers": header}
    with pytest.raises(Refused) as refused:
        request(settings)
    assert [problem.code for problem in refused.value.problems] == ["multipart_content_type"]
    problems = lint.check(Gateway(name="g", url="https://h/", **settings), ())
    assert [(problem.code, problem.field) for problem in problems] == [("multipart_content_type", "headers")]

"""The Send page's form as a browser sends it, and what its tests look up."""

from flask import Flask
from sqlalchemy import func, select

from tests.pages import Page
from webpanel import gateways
from webpanel.models import Message, db
from webpanel.services import Services
from webpanel.wire.gateway import Gateway as Settings

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
NUMBER = "+447911123456"
FORM = {"recipient": "07911 123456", "text": "Your book\r\nis ready"}


def add_gateway(
    parts: Services, url: str = "https://api.someprovider.com/v1/send", name: str = "Some"
) -> int:
    settings = Settings(
        name=name,
        url=url,
        body_form="destination={{recipient}}\ntext={{message}}",
        headers="X-API-Key: {{secret.api_key}}",
        success_kind="jmespath",
        success_rule="result.sent",
        message_id_kind="jmespath",
        message_id_rule="id",
    )
    return gateways.create(parts.store, parts.vault, settings, {"api_key": "canary-xyz123"}, "ada")


def form_of(page: Page, **typed: object) -> dict[str, object]:
    """The Send page's fields as a browser sends them, with what a person typed."""
    once = next(each.get("value") for each in page.all("input") if each.get("name") == "once")
    chosen = page.by_id("gateway").findall("option")
    return {"once": once, "gateway": chosen[0].get("value") if chosen else "", **FORM, **typed}


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Message))

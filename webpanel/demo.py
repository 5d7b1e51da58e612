"""``webpanel demo``: what a throw-away panel is given to try it with."""

from webpanel.gateways import create
from webpanel.services import Services
from webpanel.wire.gateway import Gateway

NAME = "Demonstration provider"


def environment(environ: dict[str, str], provider_port: int) -> dict[str, str]:
    """The settings that a demonstration takes from ``environ``, and its provider as the only network."""
    kept = ("WEBPANEL_HOST", "WEBPANEL_PORT", "WEBPANEL_URL", "WEBPANEL_TRUSTED_PROXY")
    return {
        **{name: environ[name] for name in kept if name in environ},
        "WEBPANEL_ALLOW_NETWORKS": f"127.0.0.1:{provider_port}",
    }


def add_gateway(parts: Services, provider_url: str) -> None:
    """One gateway, as an administrator would describe the demonstration provider."""
    settings = Gateway(
        name=NAME,
        url=f"{provider_url}/v1/send",
        method="POST",
        headers="X-API-Key: {{secret.api_key}}",
        body_format="form",
        body_form="destination={{recipient}}\ntext={{message}}",
        success_kind="jmespath",
        success_rule="result.sent",
        message_id_kind="jmespath",
        message_id_rule="id",
    )
    create(parts.store, parts.vault, settings, {"api_key": "xyz123"}, NAME)

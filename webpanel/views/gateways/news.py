"""What the settings page tells of the provider whose file a gateway was made from."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from webpanel.forms import GatewayForm
from webpanel.models import Gateway, KeptReply, Message, db
from webpanel.presets import Preset, newer
from webpanel.presets.newer import News, Value
from webpanel.presets.preset import ASK
from webpanel.views.gateways.draft import Draft
from webpanel.views.gateways.known import evidence
from webpanel.views.visible import visible

#: Characters shown of one setting.
SHOWN = 2000


@dataclass(frozen=True)
class Row:
    """One setting that a newer file says otherwise, in words."""

    label: str
    before: str
    after: str
    here: str
    #: It can be put into the form.
    can_be_put: bool


@dataclass(frozen=True)
class About:
    preset: Preset
    evidence: list[str]
    #: Its rules are not verified, and no reply was accepted yet.
    unverified: bool
    news: list[Row]

    @property
    def can_be_put(self) -> bool:
        return any(row.can_be_put for row in self.news)


def about(draft: Draft) -> About | None:
    """None for a gateway that was made from no file, or from one that is gone."""
    if draft.preset is None:
        return None
    return About(
        draft.preset,
        evidence(draft.preset),
        not draft.preset.verified and not (draft.gateway and _was_accepted(draft.gateway)),
        [_row(draft.form, draft.preset, each) for each in found(draft)],
    )


def found(draft: Draft) -> tuple[News, ...]:
    """What the file says otherwise than when the gateway was made, without what stands in the form."""
    base = draft.gateway.preset_base if draft.gateway else None
    if base is None or draft.preset is None:
        return ()
    return newer.news(base, draft.preset, draft.form.settings())


def put(draft: Draft) -> None:
    """Write into the form what the newer file would have there; nothing is saved."""
    for each in found(draft):
        if each.put is not None:
            field = draft.form[each.field]
            # What was sent is shown before what it was read as.
            field.data, field.raw_data = each.put, None


def _was_accepted(gateway: Gateway) -> bool:
    """By the provider itself: an example that came with the file proves nothing."""
    kept = select(KeptReply.id).where(
        KeptReply.gateway_id == gateway.id, KeptReply.means == "accepted", KeptReply.kept_by != ""
    )
    sent = select(Message.id).where(
        Message.gateway_id == gateway.id, Message.state.in_(("sent", "delivered"))
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in (kept, sent))


def _row(form: GatewayForm, preset: Preset, each: News) -> Row:
    field = form[each.field]
    shown = (_shown(field, preset, value) for value in (each.before, each.after, each.here))
    return Row(field.label.text, *shown, can_be_put=each.put is not None)


def _shown(field: object, preset: Preset, value: Value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    labels = {choice.value: str(choice.label) for choice in getattr(field, "choices", None) or ()}
    text = str(labels.get(value, value)).strip()
    for question in preset.questions:
        text = text.replace(f"{{{{{ASK}{question.id}}}}}", f"[{question.label}]")
    return visible(text[:SHOWN])
